/**
 * A real Prometheus scrapes the server, and every query of ours and of redis_exporter's dashboards and alerts has a value.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ASKED_COUNTERS, ASKED_GAUGES, ASKED_TOGETHER } from '../support/exporter-names.ts'
import { exampleQueries } from '../support/metrics-page.ts'
import { type Connection, connect, freePort, type RunningServer, startPerilune } from '../support/server.ts'

const OPS = join(import.meta.dirname, '../../ops')
const START_MS = 60_000

const noPrometheus: string | false =
  spawnSync('prometheus', ['--version']).status === 0 && spawnSync('promtool', ['--version']).status === 0
    ? false
    : 'there is no prometheus (apt install prometheus)'

function promtool(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync('promtool', args)
  assert.equal(status, 0, `${stdout}${stderr}`)
}

interface Panel {
  readonly title: string
  readonly targets: readonly { readonly expr: string }[]
}

/** The queries of the dashboard, with its variables filled in. */
function dashboardQueries(): string[] {
  const { panels } = JSON.parse(readFileSync(join(OPS, 'dashboard.json'), 'utf8')) as { panels: Panel[] }
  return panels.flatMap(({ targets }) =>
    targets.map(({ expr }) =>
      expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(?:instance|script)/g, '.*'),
    ),
  )
}

/** What the alerts compare. */
function alertQueries(): string[] {
  const text = readFileSync(join(OPS, 'alerts.yml'), 'utf8')
  return [...text.matchAll(/^ +expr: (?:>-\n)?([\s\S]*?) > [\d.]+$/gm)].map((match) =>
    match[1]!
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/\[\w+\]/g, '[1m]')
      .trim(),
  )
}

describe('configuration', { skip: noPrometheus }, () => {
  test('passes the checks of promtool', () => {
    promtool('check', 'config', join(OPS, 'prometheus.yml'))
    promtool('check', 'rules', join(OPS, 'alerts.yml'))
  })

  test('alerts fire when they should, and not before', () => {
    promtool('test', 'rules', join(import.meta.dirname, 'alerts.test.yml'))
  })
})

describe('Prometheus', { skip: noPrometheus }, () => {
  let server: RunningServer
  let connection: Connection
  let prometheus: ChildProcess
  let port: number
  const folder = mkdtempSync(join(tmpdir(), 'perilune-prometheus-'))

  before(async () => {
    const metrics = await freePort()
    port = await freePort()
    server = await startPerilune(['--metrics-port', String(metrics), '--maxmemory', '1gb'])
    connection = await connect(server.port)
    await work()
    const file = join(folder, 'prometheus.yml')
    const config = readFileSync(join(OPS, 'prometheus.yml'), 'utf8')
    writeFileSync(
      file,
      config
        .replaceAll('15s', '1s')
        .replace('localhost:9121', `127.0.0.1:${metrics}`)
        .replace('- alerts.yml', `- ${join(OPS, 'alerts.yml')}`),
    )
    const options = [`--config.file=${file}`, `--storage.tsdb.path=${folder}`]
    prometheus = spawn('prometheus', [...options, `--web.listen-address=127.0.0.1:${port}`], {
      stdio: 'ignore',
    })
    await untilScraped()
  })
  after(async () => {
    if (prometheus !== undefined) {
      const ended = new Promise((resolve) => prometheus.once('exit', resolve))
      prometheus.kill('SIGKILL')
      await ended
    }
    await connection?.close()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  /** Something of everything that is counted, and a script that goes on. */
  async function work(): Promise<void> {
    await connection.send('set', 'a', '1', 'ex', '1000')
    for (const key of ['a', 'b']) await connection.send('get', key)
    const write = "-- name: write\nredis.call('set', KEYS[1], ARGV[1]) return redis.call('get', 'other')"
    for (let i = 0; i < 20; i++) await connection.send('eval', write, '1', 'k', 'v')
    await connection.send('eval', "redis.call('lpush', 'a', 'b')", '0')
    await connection.send('config', 'set', 'latency-monitor-threshold', '1')
    await connection.send('eval', 'for i = 1, 3e6 do end', '0')
  }

  async function query(expression: string): Promise<readonly unknown[]> {
    const address = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`
    const answer = (await (await fetch(address)).json()) as { data?: { result: unknown[] }; error?: string }
    if (answer.data === undefined) assert.fail(`${expression}: ${answer.error}`)
    return answer.data.result
  }

  async function untilScraped(): Promise<void> {
    const deadline = Date.now() + START_MS
    for (;;) {
      await work()
      const scraped = await query('count_over_time(redis_up[1m]) >= 4').catch(() => [])
      if (scraped.length > 0) return
      if (Date.now() > deadline) assert.fail('nothing was scraped')
      await pause(250)
    }
  }

  async function withoutValue(expressions: readonly string[]): Promise<string[]> {
    const empty: string[] = []
    for (const expression of expressions) if ((await query(expression)).length === 0) empty.push(expression)
    return empty
  }

  test('has what the dashboards and alerts of redis_exporter ask for', async () => {
    const gauges = ASKED_GAUGES.map((name) => `sum(${name}{job="redis",instance=~".*"})`)
    const counters = ASKED_COUNTERS.flatMap((name) => [`sum(irate(${name}[1m]))`, `sum(rate(${name}[1m]))`])
    assert.deepEqual(await withoutValue([...gauges, ...counters, ...ASKED_TOGETHER]), [])
  })

  test('has what our dashboard, alerts and page ask for', async () => {
    const long = (expression: string) => expression.includes('perilune_script_running_')
    const examples = exampleQueries()
      .filter((expression) => !expression.startsWith('absent('))
      .map((expression) => expression.replaceAll(/\[\w+\]/g, '[1m]'))
    const all = [...dashboardQueries(), ...alertQueries(), ...examples]
    assert.ok(all.length > 150, String(all.length))
    assert.deepEqual(await withoutValue(all.filter((expression) => !long(expression))), [])
  })

  test('sees the script that runs', async () => {
    const ended = connection.send('eval', '-- name: forever\nwhile true do end', '0')
    const deadline = Date.now() + START_MS
    while ((await query('perilune_script_running_seconds{name="forever"} > 1')).length === 0) {
      assert.ok(Date.now() < deadline)
      await pause(100)
    }
    assert.deepEqual(
      await withoutValue([
        'redis_up',
        'perilune_engine_heartbeat_age_seconds > 1',
        'perilune_script_running_killable == 1',
      ]),
      [],
    )
    process.kill(server.pid, 'SIGKILL')
    await assert.rejects(ended)
  })
})
