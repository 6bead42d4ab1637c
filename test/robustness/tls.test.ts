/**
 * Clients that do not go on where TLS expects them to, thousands of them, and what is left of them.
 */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ENDLESS, untilBusy } from '../scripting/late.ts'
import { openTls, PLAIN, tlsClient } from '../support/access.ts'
import { whenOpen } from '../support/resp-client.ts'
import { type Connection, type RunningServer, startPerilune, TLS } from '../support/server.ts'
import { until } from '../support/until.ts'
import { assertClosed, assertSteady, descriptors, residentMiB } from './process.ts'

const CONNECTIONS = 2000
const AT_ONCE = 20
/** What memory may grow by, as it depends on when garbage is collected: a tenth of what the connections would take. */
const GROWTH_MIB = 64

let server: RunningServer

before(async () => {
  server = await startPerilune(['--busy-reply-threshold', '50', '--loglevel', 'warning'], TLS)
})

after(() => server.stop())

/** The ways of clients that come and go. */
const VISITS: readonly (() => Promise<void>)[] = [
  /** As it should be. */
  async () => {
    const connection = await server.connect()
    assert.equal(await connection.send('ping'), 'PONG')
    await connection.close()
  },
  /** Vanishes after the handshake, in the middle of a command. */
  async () => {
    const socket = await whenOpen(server.open())
    socket.write('*2\r\n$4\r\nECHO\r\n$1')
    await pause(1)
    socket.resetAndDestroy()
  },
  /** Vanishes in the handshake. */
  async () => {
    const socket = openTls(server.port, tlsClient())
    socket.on('error', () => {})
    await pause(2)
    socket.resetAndDestroy()
  },
  /** Has nothing to say. */
  async () => {
    const socket = await whenOpen(PLAIN.open(server.port))
    socket.destroy()
  },
  /** Does not speak TLS. */
  async () => {
    const socket = await whenOpen(PLAIN.open(server.port))
    socket.write('PING\r\n')
    await untilClosed(socket)
  },
  /** Has no certificate. */
  async () => {
    const socket = openTls(server.port, { ...tlsClient(), cert: undefined, key: undefined })
    socket.resume()
    await untilClosed(socket)
  },
  /** Asks for much and reads nothing of it. */
  async () => {
    const socket = await whenOpen(server.open())
    socket.pause()
    socket.write(`*2\r\n$4\r\nECHO\r\n$100000\r\n${'x'.repeat(100_000)}\r\n`)
    await pause(1)
    socket.destroy()
  },
]

function untilClosed(socket: Socket): Promise<void> {
  socket.on('error', () => {})
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

async function visit(count: number): Promise<void> {
  let next = 0
  const visitor = async () => {
    while (next < count) await VISITS[next++ % VISITS.length]!()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, visitor))
}

async function untilAlone(connection: Connection): Promise<void> {
  const clients = async () =>
    String(await connection.send('client', 'list'))
      .trimEnd()
      .split('\n')
  await until(async () => (await clients()).length === 1, clients)
}

test(`nothing is left of ${CONNECTIONS} connections`, { timeout: 120_000 }, async (t) => {
  const connection = await server.connect()
  await visit(CONNECTIONS / 4)
  await untilAlone(connection)
  const { pid } = server
  const [opened, resident] = [descriptors(pid), residentMiB(pid)]
  await visit(CONNECTIONS)
  await untilAlone(connection)
  await assertClosed(pid, opened, 2)
  t.diagnostic(`${assertSteady(pid, resident, GROWTH_MIB).toFixed(1)} MiB more`)
  await connection.close()
})

test('handshakes that stand still keep nobody from being served, nor from ending a script', async () => {
  const waiting = await Promise.all(Array.from({ length: 50 }, () => whenOpen(PLAIN.open(server.port))))
  for (const socket of waiting) socket.write('\x16\x03\x01')
  const caller = await server.connect()
  const other = await server.connect()
  const ended = caller.send('eval', ENDLESS, '0')
  await untilBusy((...words) => other.send(...words))
  const killer = await server.connect()
  assert.equal(await killer.send('script', 'kill'), 'OK')
  assert.match(JSON.stringify(await ended), /Script killed by user/)
  for (const connection of [caller, other, killer]) await connection.close()
  for (const socket of waiting) socket.destroy()
})

test('replies that nobody reads wait for the client, not in the server', async () => {
  const socket = await whenOpen(server.open())
  const value = 'v'.repeat(1_000_000)
  const count = 100
  const connection = await server.connect()
  await connection.send('set', 'large', value)
  const before = residentMiB(server.pid)
  socket.pause()
  socket.write('*2\r\n$3\r\nGET\r\n$5\r\nlarge\r\n'.repeat(count))
  await pause(300)
  assert.equal(await connection.send('ping'), 'PONG')
  const held = residentMiB(server.pid) - before
  assert.ok(held < count / 2, `the server holds ${held.toFixed(1)} MiB`)
  let received = 0
  const all = count * (value.length + '$1000000\r\n\r\n'.length)
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (received >= all) resolve()
    })
    socket.resume()
  })
  assert.equal(received, all)
  socket.destroy()
  await connection.close()
})
