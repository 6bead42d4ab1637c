/**
 * Every command's specification against that of a real Valkey: COMMAND INFO, and of COMMAND DOCS the group and version.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ALL_COMMANDS } from '../../../src/commands/all.ts'
import { FLAG_NAMES } from '../../../src/commands/flags.ts'
import type { KeySpec } from '../../../src/commands/key-spec.ts'
import { type Command, CommandTable } from '../../../src/commands/table.ts'
import { OUR_COMMANDS } from '../../support/our-commands.ts'
import {
  type Connection,
  connect,
  noOracle,
  type Reply,
  type RunningServer,
  startOracle,
} from '../../support/server.ts'

/** What both sides are brought to: plain objects, sets as sorted lists. */
interface Comparable {
  name: string
  arity: number
  flags: string[]
  acl: string[]
  tips: string[]
  keys: unknown[]
  group: unknown
  since: unknown
}

function ours(command: Command): Comparable {
  const { spec } = command
  return {
    name: command.name,
    arity: spec.arity,
    flags: FLAG_NAMES.filter(([bit]) => (spec.flags & bit) !== 0)
      .map(([, name]) => name)
      .sort(),
    acl: command.categories.map((name) => `@${name}`).sort(),
    tips: [...(spec.tips ?? [])].sort(),
    keys: spec.keys.map(plainKeySpec),
    group: spec.group,
    since: spec.since,
  }
}

function plainKeySpec(spec: KeySpec): unknown {
  const { begin, find } = spec
  return {
    ...(spec.notes === undefined ? {} : { notes: spec.notes }),
    flags: [...spec.flags].sort(),
    begin_search:
      begin === 'unknown'
        ? { type: 'unknown', spec: {} }
        : 'index' in begin
          ? { type: 'index', spec: begin }
          : { type: 'keyword', spec: { keyword: begin.keyword, startfrom: begin.startFrom } },
    find_keys:
      find === 'unknown'
        ? { type: 'unknown', spec: {} }
        : 'last' in find
          ? { type: 'range', spec: { lastkey: find.last, keystep: find.step, limit: find.limit } }
          : { type: 'keynum', spec: { keynumidx: find.numkeysAt, firstkey: find.first, keystep: find.step } },
  }
}

function theirs(info: Reply, docs: Record<string, unknown>): Comparable {
  const [name, arity, flags, , , , acl, tips, keys] = plain(info) as [string, number, ...unknown[]]
  return {
    name,
    arity,
    flags: flags as string[],
    acl: acl as string[],
    tips: tips as string[],
    keys: keys as unknown[],
    group: docs.group,
    since: docs.since,
  }
}

function plain(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(plain)
  if (typeof reply === 'object' && reply !== null) {
    if ('set' in reply) return reply.set.map(plain).sort()
    if ('map' in reply) return Object.fromEntries(reply.map.map(([key, value]) => [key, plain(value)]))
  }
  return reply
}

describe('command specifications', { skip: noOracle }, () => {
  let server: RunningServer
  let connection: Connection
  before(async () => {
    server = await startOracle()
    connection = await connect(server.port)
    await connection.send('hello', 3)
  })
  after(async () => {
    await connection?.close()
    await server?.stop()
  })

  async function describeCommand(name: string): Promise<[Reply[], Record<string, unknown>]> {
    const [info] = (await connection.send('command', 'info', name)) as Reply[][]
    const docs = plain(await connection.send('command', 'docs', name)) as Record<
      string,
      Record<string, unknown>
    >
    assert.ok(Array.isArray(info), `${name} is a command of Valkey`)
    return [info, docs[name]!]
  }

  for (const command of new CommandTable(ALL_COMMANDS).all) {
    if (OUR_COMMANDS.has(command.name)) continue
    test(command.name, async () => {
      assert.deepEqual(ours(command), theirs(...(await describeCommand(command.name))))
    })
  }
})
