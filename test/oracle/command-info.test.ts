/**
 * COMMAND INFO of every command, against that of a real Valkey: a command that exists in both is described alike.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { OUR_COMMANDS } from '../support/our-commands.ts'
import {
  type Connection,
  connect,
  noOracle,
  type Reply,
  type RunningServer,
  startOracle,
  startPerilune,
} from '../support/server.ts'

const BATCH = 50

/** Sets have no order. */
function comparable(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(comparable)
  if (typeof reply !== 'object' || reply === null) return reply
  if ('set' in reply) {
    return { set: reply.set.map(comparable).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) }
  }
  if ('map' in reply) return { map: reply.map.map(comparable) }
  return reply
}

/** A description without its last element: the subcommands are asked for by their own names. */
async function describeAll(connection: Connection, names: readonly string[]): Promise<Map<string, unknown>> {
  const all = new Map<string, unknown>()
  for (let i = 0; i < names.length; i += BATCH) {
    const some = names.slice(i, i + BATCH)
    const infos = (await connection.send('COMMAND', 'INFO', ...some)) as (Reply[] | null)[]
    for (const [j, info] of infos.entries()) all.set(some[j]!, info && comparable(info.slice(0, -1)))
  }
  return all
}

describe('COMMAND INFO', { skip: noOracle }, () => {
  const servers: RunningServer[] = []
  const connections: Connection[] = []
  before(async () => {
    for (const start of [startPerilune, startOracle]) {
      const server = await start()
      servers.push(server)
      const connection = await connect(server.port)
      connections.push(connection)
      await connection.send('HELLO', 3)
    }
  })
  after(async () => {
    for (const connection of connections) await connection.close()
    for (const server of servers) await server.stop()
  })

  test('every command is one of Valkey, and described alike', async () => {
    const [ours, theirs] = connections as [Connection, Connection]
    const names = ((await ours.send('COMMAND', 'LIST')) as string[])
      .filter((name) => !OUR_COMMANDS.has(name))
      .sort()
    assert.ok(names.length > 200)
    const expected = await describeAll(theirs, names)
    for (const [name, info] of await describeAll(ours, names))
      assert.deepEqual(info, expected.get(name), name)
  })
})
