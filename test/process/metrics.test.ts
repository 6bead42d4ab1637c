import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { readExposition } from '../support/exposition.ts'
import { type Connection, connect, freePort, type RunningServer, startPerilune } from '../support/server.ts'
import { until } from '../support/until.ts'

/** How long the figures may lag behind. */
const FRESH_MS = 5000

/** `script-metrics-max-labels`. */
const LABELS_MAX = 50

/** What the linter says of names that are redis_exporter's. */
const COMPATIBLE_NAMES = [
  'redis_current_eviction_exceeded_time_ms metric names should not contain abbreviated units',
  'redis_eviction_exceeded_time_ms_total metric names should not contain abbreviated units',
  'redis_expire_cycle_cpu_time_ms_total metric names should not contain abbreviated units',
  'redis_instantaneous_ops_per_sec metric names should not contain abbreviated units',
]

const noPromtool: string | false =
  spawnSync('promtool', ['--version']).status === 0 ? false : 'there is no promtool (apt install prometheus)'

/** EVAL scripts that are cached. */
const EVAL_SCRIPTS_MAX = 500

type Families = ReturnType<typeof readExposition>

/** Of all scripts together. */
function callsIn(families: Families): number {
  return sum([...families.get('perilune_script_calls_total')!.samples.values()])
}

/** Runs that the histograms of durations have. */
function timedIn(families: Families): number {
  const samples = [...families.get('perilune_script_duration_seconds')!.samples]
  return sum(samples.filter(([series]) => series.includes('_count{')).map(([, value]) => value))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

interface Running {
  readonly id: string
  readonly name: string
  readonly killable: boolean
}

interface Scripts {
  readonly running: Running | null
}

describe('metrics of a running server', () => {
  let server: RunningServer
  let connection: Connection
  let port: number

  before(async () => {
    port = await freePort()
    server = await startPerilune([
      ...['--metrics-port', String(port), '--enable-debug-command', 'yes'],
      ...['--busy-reply-threshold', '100'],
    ])
    connection = await connect(server.port)
    // The thread of the metrics starts behind the server.
    await until(() => server.output().includes('Metrics at '), server.output)
  })
  after(async () => {
    await connection?.close()
    await server?.stop()
  })

  const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text()

  async function untilItHas(line: string): Promise<void> {
    const deadline = Date.now() + FRESH_MS
    for (;;) {
      const text = await get('/metrics')
      if (text.includes(`\n${line}\n`)) return
      if (Date.now() > deadline) assert.fail(`no '${line}' in\n${text}`)
      await pause(50)
    }
  }

  test('follow what clients do', async () => {
    await connection.send('set', 'a', '1')
    await connection.send('set', 'b', '1', 'ex', '100')
    await connection.send('get', 'a')
    await connection.send('get', 'nothing')
    await connection.send('lpush', 'a', '1').catch(() => {})
    await untilItHas('redis_commands_total{cmd="lpush"} 1')
    await untilItHas('redis_db_keys{db="db0"} 2')
    await untilItHas('redis_db_keys_expiring{db="db0"} 1')
    await untilItHas('redis_keyspace_misses_total 1')
    await untilItHas('redis_errors_total{err="WRONGTYPE"} 1')
    await untilItHas('redis_connected_clients 1')
  })

  test('agree with INFO', async () => {
    const info = String(await connection.send('info', 'stats'))
    const received = /total_connections_received:(\d+)/.exec(info)![1]!
    await untilItHas(`redis_connections_received_total ${received}`)
  })

  test('are answered while the engine is blocked', async () => {
    const sleeping = connection.send('debug', 'sleep', '3')
    let age = 0
    const deadline = Date.now() + 2500
    while (age < 1000 && Date.now() < deadline) {
      const health = JSON.parse(await get('/healthz')) as { engine_heartbeat_age_ms: number }
      age = health.engine_heartbeat_age_ms
      await get('/metrics')
    }
    assert.ok(age >= 1000)
    await sleeping
    const health = JSON.parse(await get('/healthz')) as { status: string }
    assert.ok(['ok', 'busy'].includes(health.status))
  })

  const scripts = async () => (await fetch(`http://127.0.0.1:${port}/scripts`)).json() as Promise<Scripts>

  test('come compressed where the scraper takes that', async () => {
    for (const [taken, encoding] of [
      ['gzip', 'gzip'],
      ['identity', null],
    ] as const) {
      const headers = { 'accept-encoding': taken }
      const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers })
      assert.equal(response.headers.get('content-encoding'), encoding)
      assert.match(await response.text(), /^redis_up 1$/m)
    }
  })

  test('tell what scripts do', async () => {
    await connection.send('config', 'resetstat')
    const source = "-- name: acquireLock\nreturn redis.call('set', KEYS[1], ARGV[1])"
    const sha = String(await connection.send('script', 'load', source))
    for (let i = 0; i < 3; i++) await connection.send('evalsha', sha, '1', 'key', 'value')
    await connection.send('evalsha', sha, '0', 'value')
    const labels = `script="${sha.slice(0, 12)}",name="acquireLock"`
    await untilItHas(`perilune_script_calls_total{${labels}} 4`)
    await untilItHas(`perilune_script_errors_total{${labels},code="ERR"} 1`)
    await untilItHas(`perilune_script_commands_total{${labels}} 3`)
    await untilItHas(`perilune_script_input_bytes_total{${labels}} 29`)
    await untilItHas(`perilune_script_duration_seconds_count{${labels}} 4`)
    const answer = await fetch(`http://127.0.0.1:${port}/scripts/${sha.slice(0, 12)}`)
    const { id, name, calls, profiled, source: shown } = (await answer.json()) as Record<string, unknown>
    assert.deepEqual([id, name, calls, profiled, shown], [sha, 'acquireLock', 4, 4, source])
    assert.equal((await fetch(`http://127.0.0.1:${port}/scripts/nothing`)).status, 404)
  })

  test('tell what functions do, and which keys were not declared', async () => {
    const code =
      "#!lua name=lib\nredis.register_function('peek', function() return redis.call('get', 'gr\\195\\182\\195\\159e') end)"
    await connection.send('function', 'load', code)
    await connection.send('fcall', 'peek', '0')
    await untilItHas('perilune_script_calls_total{script="lib.peek"} 1')
    await untilItHas('perilune_script_undeclared_keys_total{script="lib.peek"} 1')
    await untilItHas('perilune_script_profiled_total{script="lib.peek"} 1')
    let keys: unknown
    while (JSON.stringify(keys) !== '["größe"]') {
      const answer = await fetch(`http://127.0.0.1:${port}/scripts/lib.peek`)
      keys = ((await answer.json()) as { undeclaredKeys: unknown }).undeclaredKeys
    }
    await connection.send('function', 'flush')
    const deadline = Date.now() + FRESH_MS
    while ((await get('/metrics')).includes('lib.peek')) assert.ok(Date.now() < deadline)
  })

  test('show the script that does not end, and that it was killed', async () => {
    const ended = connection.send('eval', '-- name: forever\nwhile true do end', '0')
    const deadline = Date.now() + FRESH_MS
    let age = 0
    while (age < 0.5 && Date.now() < deadline) {
      const sample = /^perilune_script_running_seconds\{script="\w{12}",name="forever"\} (\S+)$/m
      age = Number(sample.exec(await get('/metrics'))?.[1] ?? 0)
    }
    assert.ok(age >= 0.5)
    const { running } = await scripts()
    assert.deepEqual([running?.name, running?.killable], ['forever', true])
    const shown = (await (await fetch(`http://127.0.0.1:${port}/scripts/${running!.id}`)).json()) as {
      source: string
    }
    assert.match(shown.source, /while true/)
    const killer = await connect(server.port)
    assert.equal(await killer.send('script', 'kill'), 'OK')
    await killer.close()
    await ended
    const labels = `script="${running!.id.slice(0, 12)}",name="forever"`
    await untilItHas(`perilune_script_kills_total{${labels},reason="user"} 1`)
    await untilItHas(`perilune_script_busy_total{${labels}} 1`)
    assert.equal((await scripts()).running, null)
  })

  test('say when a script cannot be killed', async () => {
    const script = "redis.call('set', 'a', 'b') for i = 1, tonumber(ARGV[1]) do end"
    const ended = connection.send('eval', script, '0', '60000000')
    const deadline = Date.now() + FRESH_MS
    let running: Running | null = null
    while (running === null && Date.now() < deadline) running = (await scripts()).running
    while (running?.killable && Date.now() < deadline) running = (await scripts()).running
    assert.equal(running?.killable, false)
    await ended
  })

  test('stay few with thousands of scripts, and follow the rules of both formats', async () => {
    // They take all labels, and keep them: what is run after them is seen as `other`.
    await connection.send('script', 'flush')
    for (let i = 0; i < LABELS_MAX; i++) {
      const sha = String(await connection.send('script', 'load', `return -${i}`))
      await connection.send('evalsha', sha, '0')
    }
    const before = readExposition(await get('/metrics'))
    for (let i = 0; i < 120; i++) {
      const some = Array.from({ length: 30 }, (_, j) => ['eval', `return ${i * 30 + j}`, '0'])
      await connection.pipeline(some)
    }
    const deadline = Date.now() + FRESH_MS
    let families = before
    while (callsIn(families) - callsIn(before) < 3600 && Date.now() < deadline) {
      families = readExposition(await get('/metrics'))
    }
    const calls = families.get('perilune_script_calls_total')!.samples
    assert.equal(calls.size, LABELS_MAX + 1)
    const runs = callsIn(families) - callsIn(before)
    const timed = timedIn(families) - timedIn(before)
    assert.equal(runs, 3600)
    // A run that was not timed is counted with the next that is, or when its script leaves the cache.
    assert.ok(timed <= runs && timed >= runs - EVAL_SCRIPTS_MAX, String(timed))
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
      headers: { accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' },
    })
    assert.match(response.headers.get('content-type')!, /^application\/openmetrics-text/)
    const text = await response.text()
    assert.ok(text.endsWith('# EOF\n'))
    assert.ok(text.includes('\nredis_total_error_replies '))
    assert.equal(readExposition(text).get('perilune_script_calls')!.type, 'counter')
  })

  test('pass the linter of Prometheus', { skip: noPromtool }, async () => {
    const { stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input: await get('/metrics') })
    const problems = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
    assert.deepEqual(problems.sort(), COMPATIBLE_NAMES)
  })
})
