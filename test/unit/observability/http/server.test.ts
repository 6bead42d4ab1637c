import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newControlBlock } from '../../../../src/control-block.ts'
import { ScriptLedger } from '../../../../src/counting/scripts/ledger.ts'
import { type MetricsServer, startMetricsServer } from '../../../../src/observability/http/server.ts'
import { typescriptWorker } from '../../../support/typescript-worker.ts'
import { sampleSource } from '../fields/source.ts'

const ENTRY = typescriptWorker(new URL('../../../../src/observability/http/worker.ts', import.meta.url))

function newLedger(): ScriptLedger {
  return new ScriptLedger({ 'script-metrics-max-labels': 50, 'metrics-port': 1 })
}
const OPTIONS = { entry: ENTRY, host: '127.0.0.1', control: newControlBlock(), tokenHash: null }

describe('the metrics server', () => {
  let server: MetricsServer

  before(async () => {
    server = await startMetricsServer(sampleSource(), newLedger(), { ...OPTIONS, port: 0 })
  })
  after(() => server.stop())

  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`)

  test('answers /metrics with a type for every metric', async () => {
    const response = await get('/metrics')
    assert.match(response.headers.get('content-type')!, /^text\/plain/)
    const text = await response.text()
    for (const line of [
      'redis_up 1',
      '# TYPE redis_commands_processed_total counter',
      'redis_commands_processed_total 1234',
      '# TYPE redis_connected_clients gauge',
      'redis_connected_clients 31',
      'redis_db_keys{db="db0"} 5',
      'redis_db_keys_expiring{db="db0"} 1',
      'redis_db_keys{db="db3"} 2',
      'redis_commands_total{cmd="get"} 4',
      'redis_commands_duration_seconds_total{cmd="get"} 0.00001',
      'redis_commands_rejected_calls_total{cmd="config|get"} 1',
      'redis_errors_total{err="WRONGTYPE"} 1',
      'redis_memory_used_bytes 2000000',
      'redis_uptime_in_seconds 100',
      'redis_keyspace_hits_total 61',
      'redis_net_input_bytes_total 1000',
    ]) {
      assert.ok(`\n${text}`.includes(`\n${line}\n`), line)
    }
    assert.match(text, /redis_instance_info\{role="master",redis_version="7\.2\.4".*\} 1/)
    assert.ok(!text.includes('cmd="set"'))
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    const typed = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]))
    for (const sample of samples)
      assert.ok(typed.has(/^[a-z_:]+?(?=(?:_bucket|_sum|_count)?[{ ])/.exec(sample)![0]), sample)
  })

  test('counters go by their names', async () => {
    const text = await (await get('/metrics')).text()
    for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
      if (name!.endsWith('_total')) {
        assert.equal(type, name === 'redis_memory_used_vm_total' ? 'untyped' : 'counter', name)
      }
    }
  })

  test('answers /healthz', async () => {
    const response = await get('/healthz')
    const body = (await response.json()) as Record<string, unknown>
    assert.equal(body.status, 'busy') // the sample's clock stands still, long ago
    assert.equal(body.engine_alive, false)
    assert.equal(response.status, 503)
    assert.equal(typeof body.uptime_seconds, 'number')
  })

  test('answers 404 to anything else', async () => {
    assert.equal((await get('/nothing')).status, 404)
  })

  test('says that a port is in use', async () => {
    const second = startMetricsServer(sampleSource(), newLedger(), { ...OPTIONS, port: server.port })
    await assert.rejects(second, /EADDRINUSE/)
  })
})
