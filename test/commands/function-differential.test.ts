/**
 * Conversations about functions, held with Perilune and with a real server: every reply must be the same to the byte.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type Argument,
  type Connection,
  connect,
  noOracle,
  type RunningServer,
  startOracle,
  startPerilune,
} from '../support/server.ts'
import { CALLS, HOSTILE_LIBRARIES, LIBRARIES, SUBCOMMANDS } from './function-samples.ts'

type Command = readonly Argument[]

function load(code: string, ...options: string[]): Command {
  return ['function', 'load', ...options, code]
}

/** One library at a time, whose functions are listed in no particular order. */
const groups: Readonly<Record<string, readonly Command[]>> = {
  'libraries that load': LIBRARIES.flatMap((code) => [
    load(code),
    ['function', 'list', 'withcode'],
    ['function', 'stats'],
    ['function', 'dump'],
    load(code),
    load(code, 'replace'),
    ['fcall', 'f', '0'],
    ['fcall', 'f', '1', 'a', 'b'],
    ['fcall_ro', 'f', '1', 'a', 'b'],
    ['function', 'delete', 'lib'],
    ['fcall', 'f', '0'],
  ]),
  'libraries that do not': [
    load("#!lua name=lib\nredis.register_function('kept', function() return 'kept' end)"),
    ...HOSTILE_LIBRARIES.flatMap((code) => [
      load(code),
      load(code, 'REPLACE'),
      ['function', 'list', 'libraryname', 'lib'] as Command,
      ['fcall', 'kept', '0'] as Command,
    ]),
  ],
  subcommands: SUBCOMMANDS.map((line) => line.split(' ')),
  calls: CALLS.flatMap((body) => [
    load(`#!lua name=lib\nserver.register_function('f', function(keys, args) ${body} end)`, 'replace'),
    ['fcall', 'f', '2', 'k1', 'k2', 'a1', 'a2'],
    ['fcall_ro', 'F', '0'],
  ]),
}

describe('functions as in Valkey', { skip: noOracle }, () => {
  const servers: RunningServer[] = []
  const connections: Connection[] = []
  before(async () => {
    for (const start of [startPerilune, startOracle]) {
      const server = await start()
      servers.push(server)
      connections.push(await connect(server.port))
    }
  })
  after(async () => {
    for (const connection of connections) await connection.close()
    for (const server of servers) await server.stop()
  })

  for (const [title, commands] of Object.entries(groups)) {
    for (const protocol of [2, 3]) {
      test(`${title}, RESP${protocol}`, async () => {
        for (const connection of connections) {
          await connection.send('hello', protocol)
          await connection.send('flushall')
          await connection.send('function', 'flush')
        }
        for (const command of commands) {
          const [ours, theirs] = await Promise.all(connections.map((one) => one.raw(...command)))
          assert.equal(ours, theirs, JSON.stringify(command))
        }
      })
    }
  }
})
