import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Connection, connect, freePort, type RunningServer, startPerilune } from '../support/server.ts'

/** How long the figures may lag behind. */
const FRESH_MS = 5000
const START_MS = 20_000

describe('metrics of a running server', () => {
  let server: RunningServer
  let connection: Connection
  let port: number

  before(async () => {
    port = await freePort()
    server = await startPerilune(['--metrics-port', String(port), '--enable-debug-command', 'yes'])
    connection = await connect(server.port)
    // The thread of the metrics starts behind the server.
    const deadline = Date.now() + START_MS
    while (!server.output().includes('Metrics at ') && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
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
      await new Promise((resolve) => setTimeout(resolve, 50))
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
})
