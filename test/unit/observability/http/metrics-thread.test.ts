import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { newControlBlock, SEQUENCE } from '../../../../src/control-block.ts'
import { ScriptLedger } from '../../../../src/counting/scripts/ledger.ts'
import { MetricsThread } from '../../../../src/observability/http/metrics-thread.ts'
import { typescriptWorker } from '../../../support/typescript-worker.ts'
import { sampleSource } from '../fields/source.ts'

const ENTRY = typescriptWorker(new URL('../../../../src/observability/http/worker.ts', import.meta.url))

function newLedger(): ScriptLedger {
  return new ScriptLedger({ 'script-metrics-max-labels': 50, 'metrics-port': 1 })
}
const SILENT = { notice() {}, warning() {} }
const OPTIONS = { entry: ENTRY, host: '127.0.0.1', control: newControlBlock(), tokenHash: null, log: SILENT }

describe('the metrics server', () => {
  let server: MetricsThread

  before(async () => {
    server = await MetricsThread.start(sampleSource(), newLedger(), { ...OPTIONS, port: 0 })
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

  test('a script that runs is no sign of death, but none that others are welcome', async () => {
    Atomics.add(OPTIONS.control, SEQUENCE, 1)
    const response = await get('/healthz')
    const { status, engine_alive } = (await response.json()) as Record<string, unknown>
    assert.deepEqual([response.status, status, engine_alive], [200, 'busy', true])
    for (const query of ['?ready', '?ready=1']) assert.equal((await get(`/healthz${query}`)).status, 503)
    Atomics.add(OPTIONS.control, SEQUENCE, 1)
    assert.equal((await get('/healthz')).status, 503)
  })

  test('a server that is heard of is ready', async () => {
    const source = { ...sampleSource(), now: Date.now() + 60_000 }
    const lively = await MetricsThread.start(source, newLedger(), { ...OPTIONS, port: 0 })
    const response = await fetch(`http://127.0.0.1:${lively.port}/healthz?ready`)
    assert.equal(response.status, 200)
    assert.equal(((await response.json()) as { status: string }).status, 'ok')
    await lively.stop()
  })

  test('answers 404 to anything else', async () => {
    assert.equal((await get('/nothing')).status, 404)
  })

  test('says that a port is in use', async () => {
    const second = MetricsThread.start(sampleSource(), newLedger(), { ...OPTIONS, port: server.port })
    await assert.rejects(second, /EADDRINUSE/)
  })
})

/** Among so many, this connection may be one that makes room for others. */
async function answered(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      const response = await fetch(url, { headers: { connection: 'close' } })
      assert.equal(response.status, 200)
      await response.text()
      return
    } catch (error) {
      if (tries === 20) throw error
    }
  }
}

describe('whoever reaches the port', () => {
  test('cannot end the metrics by reading nothing', async () => {
    const warnings: string[] = []
    const log = { ...SILENT, warning: (text: string) => void warnings.push(text) }
    const server = await MetricsThread.start(sampleSource(), newLedger(), { ...OPTIONS, log, port: 0 })
    const sockets: Socket[] = []
    try {
      for (let i = 0; i < 200; i++) {
        const socket = connect(server.port, '127.0.0.1').on('error', () => {})
        socket.pause()
        socket.write('GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(500))
        sockets.push(socket)
      }
      for (let i = 0; i < 5; i++) {
        await answered(`http://127.0.0.1:${server.port}/metrics`)
        await pause(50)
      }
      assert.deepEqual(warnings, [])
    } finally {
      for (const socket of sockets) socket.destroy()
      await server.stop()
    }
  })
})

/** A thread that listens, counts what it is told, and the first time does not survive it. */
const MORTAL = `
import { parentPort, workerData } from 'node:worker_threads'
parentPort.on('message', ({ source }) => {
  if (source.text === 'return 1' && Atomics.add(workerData.control, 0, 1) === 0) throw new Error('it broke')
})
parentPort.postMessage({ listening: 4711 })`

describe('a thread that ends', () => {
  test('is followed by another, which is told all again', async () => {
    const warnings: string[] = []
    const control = newControlBlock()
    const ledger = newLedger()
    const text = Buffer.from('return 1')
    ledger.open({ record: null }, { kind: 1, id: 'a'.repeat(40), name: '', text })
    const server = await MetricsThread.start(sampleSource(), ledger, {
      ...OPTIONS,
      port: 0,
      control,
      log: { ...SILENT, warning: (text) => void warnings.push(text) },
      entry: new URL(`data:text/javascript,${encodeURIComponent(MORTAL)}`),
    })
    try {
      while (Atomics.load(control, 0) < 2) {
        await pause(20)
      }
      assert.deepEqual(warnings, ['The metrics thread ended: it broke. Another is started in 1 s.'])
    } finally {
      await server.stop()
    }
  })

  test('ends nothing else, and neither does a figure that cannot be read', async () => {
    const warnings: string[] = []
    let isBroken = true
    const source = Object.defineProperty(sampleSource(), 'errors', {
      get() {
        if (isBroken) throw new Error('broken')
        return new Map()
      },
    })
    const server = await MetricsThread.start(source, newLedger(), {
      ...OPTIONS,
      port: 0,
      log: { ...SILENT, warning: (text) => void warnings.push(text) },
    })
    try {
      for (const path of ['/metrics', '/healthz']) {
        const response = await fetch(`http://127.0.0.1:${server.port}${path}`)
        assert.deepEqual(
          [response.status, response.headers.get('retry-after'), await response.json()],
          [503, '1', { error: 'the figures of the server could not be gathered yet: its log says why' }],
        )
      }
      await pause(500)
      assert.deepEqual(warnings, ['The figures of the metrics cannot be gathered: broken'])
      isBroken = false
      const deadline = Date.now() + 10_000
      while ((await fetch(`http://127.0.0.1:${server.port}/metrics`)).status !== 200) {
        assert.ok(Date.now() < deadline)
      }
    } finally {
      await server.stop()
    }
  })
})
