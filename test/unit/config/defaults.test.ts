import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Config } from '../../../src/config.ts'
import { type Connection, connect, noOracle, type RunningServer, startOracle } from '../../support/server.ts'

/** Directives of our own. */
const OURS = new Set([
  'lua-memory-limit',
  'metrics-bind',
  'metrics-port',
  'metrics-token',
  'script-metrics-max-labels',
])
/** What the test itself sets on the command line. */
const GIVEN = new Set(['dir', 'port', 'save'])

describe('directives and defaults are those of Valkey', { skip: noOracle }, () => {
  let server: RunningServer
  let connection: Connection

  before(async () => {
    server = await startOracle()
    connection = await connect(server.port)
  })
  after(async () => {
    await connection?.close()
    await server?.stop()
  })

  test('CONFIG GET *', async () => {
    const flat = ((await connection.send('config', 'get', '*')) as unknown[]).map(String)
    const theirs = new Map<string, string>()
    for (let i = 0; i < flat.length; i += 2) theirs.set(flat[i]!, flat[i + 1]!)
    const ours = new Map(new Config().get(['*']))
    for (const name of OURS) assert.ok(ours.delete(name), name)
    for (const name of GIVEN) {
      theirs.delete(name)
      ours.delete(name)
    }
    assert.deepEqual(new Map([...ours].sort()), new Map([...theirs].sort()))
  })
})
