import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { infoText } from '../../../../src/observability/fields/info.ts'
import {
  type Connection,
  connect,
  noOracle,
  type RunningServer,
  startOracle,
} from '../../../support/server.ts'
import { sampleSource } from './source.ts'

function titles(...names: string[]): string[] {
  return [...infoText(sampleSource(), names).matchAll(/^# (\w+)\r$/gm)].map((match) => match[1]!)
}

const DEFAULT =
  'Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace'.split(' ')

test('sections by name', () => {
  assert.deepEqual(titles(), DEFAULT)
  assert.deepEqual(titles('default'), DEFAULT)
  assert.equal(titles('ALL').length, DEFAULT.length + 2)
  assert.deepEqual(titles('keyspace', 'CPU', 'nonsense'), ['CPU', 'Keyspace'])
  assert.deepEqual(titles('nonsense'), [])
})

test('lines of counted things', () => {
  const text = infoText(sampleSource(), ['everything'])
  for (const line of [
    'cmdstat_get:calls=4,usec=10,usec_per_call=2.50,rejected_calls=0,failed_calls=1',
    'cmdstat_config|get:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0',
    'latency_percentiles_usec_get:p50=2.015,p99=2.015,p99.9=2.015',
    'errorstat_ERR:count=2\r\nerrorstat_WRONGTYPE:count=1',
    'db0:keys=5,expires=1,avg_ttl=1500\r\ndb3:keys=2,expires=0,avg_ttl=0',
    'listener0:name=tcp,bind=*,bind=-::*,port=6379',
    'used_memory_human:1.91M',
    'uptime_in_seconds:100',
  ]) {
    assert.ok(text.includes(`\r\n${line}\r\n`), line)
  }
  assert.ok(!text.includes('cmdstat_set'))
})

describe('fields are those of Valkey', { skip: noOracle }, () => {
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

  /** Of the compiler and allocator that Valkey was built with. */
  const NOT_OURS = new Set(['gcc_version'])
  const OURS = new Set([
    'perilune_version',
    'lua_version',
    'lua_source',
    'lua_patches',
    'lua_compiler',
    'lua_flags_hash',
    'node_version',
  ])

  test('in their order', async () => {
    const names = (text: string) =>
      [...text.matchAll(/^(?:# )?([a-zA-Z0-9_]+)(?::|\r$)/gm)]
        .map((match) => match[1]!)
        .filter((name) => !/^(?:db\d|cmdstat|errorstat|latency_percentiles|listener)/.test(name))
    const theirs = names(String(await connection.send('info', 'everything')))
    const ours = names(infoText(sampleSource(), ['everything']))
    assert.deepEqual(
      ours.filter((name) => !OURS.has(name)),
      theirs.filter((name) => !NOT_OURS.has(name)),
    )
  })
})
