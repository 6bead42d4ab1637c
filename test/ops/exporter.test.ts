/**
 * What the real redis_exporter finds out by INFO and other commands is what `GET /metrics` says: the same names and labels, and
 * the same values.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { NOT_HERE } from '../support/exporter-names.ts'
import { type ExposedFamily, readExposition } from '../support/exposition.ts'
import { type Connection, connect, freePort, type RunningServer, startPerilune } from '../support/server.ts'

const EXPORTER = 'prometheus-redis-exporter'
const START_MS = 20_000
/** Figures are published at least so often. */
const FRESH_MS = 500

const noExporter: string | false =
  spawnSync(EXPORTER, ['-version']).status === 0 ? false : `there is no ${EXPORTER} (apt install ${EXPORTER})`

/** What changes while the exporter looks, or by its looking. */
const CHANGING =
  /allocator|_cpu_|fragmentation|_rss_|memory_used|_mem_|net_|reads_processed|writes_processed|connected_clients|uptime|avg_ttl|last_input|connections_received|slowlog|commands_processed|recent_max|cmd="(?:info|client|config|latency|slowlog)/

/** Counters and gauges are told apart by their names here. */
const COMPOUND = new Set(['histogram', 'summary'])

/** What INFO rounds. */
const ROUNDED = /_ratio|duration_seconds_total|percentage/

describe('redis_exporter', { skip: noExporter }, () => {
  let server: RunningServer
  let connection: Connection
  let exporter: ChildProcess
  let metrics: number
  let port: number

  before(async () => {
    metrics = await freePort()
    port = await freePort()
    server = await startPerilune(['--metrics-port', String(metrics)])
    connection = await connect(server.port)
    await connection.send('config', 'set', 'latency-monitor-threshold', '1')
    for (const key of ['a', 'b', 'c']) await connection.send('set', key, '1', 'ex', '1000')
    await connection.send('get', 'a')
    await connection.send('lpush', 'a', '1')
    await connection.send('get')
    await connection.send('eval', 'for i = 1, 3e6 do end', '0')
    const options = [`-redis.addr=redis://127.0.0.1:${server.port}`, '-include-system-metrics']
    exporter = spawn(EXPORTER, [...options, `-web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' })
  })
  after(async () => {
    const ended = new Promise((resolve) => exporter?.once('exit', resolve) ?? resolve(null))
    exporter?.kill('SIGKILL')
    await ended
    await connection?.close()
    await server?.stop()
  })

  async function read(from: number): Promise<Map<string, ExposedFamily>> {
    const deadline = Date.now() + START_MS
    for (;;) {
      const text = await fetch(`http://127.0.0.1:${from}/metrics`).then((answer) => answer.text(), String)
      if (text.includes('redis_up 1')) return readExposition(withoutGo(text))
      assert.ok(Date.now() < deadline, text)
      await pause(50)
    }
  }

  test('says what the server says itself', async () => {
    const theirs = await read(port)
    await pause(FRESH_MS)
    const ours = await read(metrics)
    const isMissing = (name: string) => Object.keys(NOT_HERE).some((beginning) => name.startsWith(beginning))
    const wrong: string[] = []
    let compared = 0
    for (const [name, { samples, type }] of theirs) {
      if (isMissing(name) || name === 'redis_instance_info') continue
      const family = ours.get(name)
      if (family === undefined) wrong.push(`no ${name}`)
      else if (COMPOUND.has(type)) assert.equal(family.type, type, name)
      for (const [sample, value] of samples) {
        const known = family?.samples.get(sample)
        compared++
        if (known === undefined) wrong.push(`no ${sample}`)
        else if (!CHANGING.test(sample) && !isSame(name, known, value))
          wrong.push(`${sample}: ${known}, ${value}`)
      }
    }
    assert.deepEqual(wrong, [])
    assert.ok(compared > 150, String(compared))
  })

  test('describes the server as it does itself', async () => {
    const [theirs, ours] = [await read(port), await read(metrics)]
    const [own] = [...ours.get('redis_instance_info')!.samples.keys()]
    const [found] = [...theirs.get('redis_instance_info')!.samples.keys()]
    const labels = [...found!.matchAll(/[a-z_]+="[^"]*"/g)].map(([label]) => label)
    // Valkey calls it server_mode, which exporters of that age do not know.
    assert.deepEqual(
      labels.filter((label) => !own!.includes(label) && label !== 'redis_mode=""'),
      [],
    )
  })
})

function isSame(name: string, known: number, value: number): boolean {
  return ROUNDED.test(name) ? Math.abs(known - value) <= 0.01 * Math.max(1e-4, value) : known === value
}

/** Without what the exporter's runtime says of itself. */
function withoutGo(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^(?:# \w+ )?(?:go|process|promhttp)_/.test(line))
    .join('\n')
}
