/**
 * Every command's specification against that of a real Valkey: COMMAND INFO, and of COMMAND DOCS the group and version.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { counterCommands } from '../../../src/commands/counter.ts'
import { expireCommands } from '../../../src/commands/expire.ts'
import { hashCommands } from '../../../src/commands/hash.ts'
import { keyCommands } from '../../../src/commands/keys.ts'
import { databaseCommands } from '../../../src/commands/keys-database.ts'
import { listCommands } from '../../../src/commands/list.ts'
import { objectCommands } from '../../../src/commands/object.ts'
import { memoryCommands } from '../../../src/commands/object-memory.ts'
import { scanCommands } from '../../../src/commands/scan.ts'
import { setCommands } from '../../../src/commands/set.ts'
import { sortCommands } from '../../../src/commands/sort.ts'
import { sortedSetCommands } from '../../../src/commands/sorted-set.ts'
import {
  type AclCategory,
  ADMIN,
  BLOCKING,
  type CommandSpec,
  FAST,
  FLAG_NAMES,
  type KeySpec,
  PUBSUB,
  READONLY,
  WRITE,
} from '../../../src/commands/spec.ts'
import { stringCommands } from '../../../src/commands/string.ts'
import { lcsCommands } from '../../../src/commands/string-lcs.ts'
import { stringRangeCommands } from '../../../src/commands/string-range.ts'
import {
  type Connection,
  connect,
  noOracle,
  type Reply,
  type RunningServer,
  startOracle,
} from '../../support/server.ts'

const ALL: readonly CommandSpec[] = [
  ...stringCommands,
  ...stringRangeCommands,
  ...lcsCommands,
  ...counterCommands,
  ...keyCommands,
  ...databaseCommands,
  ...expireCommands,
  ...scanCommands,
  ...objectCommands,
  ...memoryCommands,
  ...sortCommands,
  ...hashCommands,
  ...setCommands,
  ...sortedSetCommands,
  ...listCommands,
]

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

function impliedCategories(flags: number): AclCategory[] {
  const has = (flag: number) => (flags & flag) !== 0
  const implied: AclCategory[] = [has(FAST) ? 'fast' : 'slow']
  if (has(WRITE)) implied.push('write')
  if (has(READONLY)) implied.push('read')
  if (has(ADMIN)) implied.push('admin', 'dangerous')
  if (has(PUBSUB)) implied.push('pubsub')
  if (has(BLOCKING)) implied.push('blocking')
  return implied
}

function ours(spec: CommandSpec, parent?: string): Comparable {
  return {
    name: parent === undefined ? spec.name : `${parent}|${spec.name}`,
    arity: spec.arity,
    flags: FLAG_NAMES.filter(([bit]) => (spec.flags & bit) !== 0)
      .map(([, name]) => name)
      .sort(),
    acl: [...new Set([...spec.acl, ...impliedCategories(spec.flags)])].map((name) => `@${name}`).sort(),
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

  for (const spec of ALL) {
    test(spec.name, async () => {
      const [info, docs] = await describeCommand(spec.name)
      assert.deepEqual(ours(spec), theirs(info, docs))
      for (const subcommand of spec.subcommands ?? []) {
        const found = await describeCommand(`${spec.name}|${subcommand.name}`)
        assert.deepEqual(ours(subcommand, spec.name), theirs(...found))
      }
    })
  }
})
