/**
 * What strangers may take of the metrics thread's server.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { CONNECTIONS_MAX, Connections, WAITING_MAX } from '../../../../src/observability/http/connections.ts'

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

const opened: { close(): void }[] = []
afterEach(() => {
  for (const one of opened.splice(0)) one.close()
})

async function serve(listener: RequestListener, connections = new Connections()) {
  const server = connections.serve(listener)
  opened.push({
    close() {
      server.close()
      server.closeAllConnections()
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { connections, server, port }
}

/** A client that sends, and reads nothing unless it is asked to. */
async function client(port: number, text = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  opened.push({ close: () => socket.destroy() })
  socket.on('error', () => {})
  socket.pause()
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

async function isAnswered(socket: Socket): Promise<boolean> {
  const answered = new Promise<boolean>((resolve) => {
    socket.once('data', () => resolve(true))
    socket.once('close', () => resolve(false))
  })
  socket.resume()
  return answered
}

test('one request after the other is answered on one connection', async () => {
  const { port } = await serve((_request, response) => setImmediate(() => response.end('ok')))
  const socket = await client(port)
  for (let i = 0; i < 3; i++) {
    socket.write(REQUEST)
    assert.ok(await isAnswered(socket))
  }
})

test('who sends the next request before the last is answered is cut off', async () => {
  let requests = 0
  const { port } = await serve((_request, response) => {
    requests++
    setTimeout(() => response.end('ok'), 10)
  })
  assert.equal(await isAnswered(await client(port, REQUEST.repeat(100))), false)
  assert.equal(requests, 1)
  assert.ok(await isAnswered(await client(port, REQUEST)))
})

test('there is always room for another connection: that of who asked last the longest ago', async () => {
  const { connections, port } = await serve(({ socket, url }, response) => {
    if (url === '/page') connections.keep(socket)
    else response.end('ok')
  })
  const page = await client(port, REQUEST.replace('/', '/page'))
  const sockets: Socket[] = []
  for (let i = 0; i < CONNECTIONS_MAX; i++) sockets.push(await client(port))
  const [first, second] = sockets as [Socket, Socket]
  // It is not the oldest any more.
  first.write(REQUEST)
  assert.ok(await isAnswered(first))
  const gone = once(second, 'close')
  second.resume()
  const next = await client(port, REQUEST)
  assert.ok(await isAnswered(next))
  await gone
  assert.deepEqual([first.destroyed, page.destroyed, sockets[2]!.destroyed], [false, false, false])
})

test('answers that nobody takes make room for others', async () => {
  // More than the system takes for a connection that is not read.
  const answer = Buffer.alloc(WAITING_MAX)
  const taken: Promise<unknown>[] = []
  const { port } = await serve(({ socket, url }, response) => {
    if (url === '/small') return void response.end('ok')
    taken.push(once(socket, 'close'))
    response.end(answer)
  })
  await client(port, REQUEST)
  await client(port, REQUEST)
  while (taken.length < 2) await pause(5)
  assert.ok(await isAnswered(await client(port, REQUEST.replace('/', '/small'))))
  await taken[0]
})

test('what comes behind a second request at once takes no memory', async () => {
  const { server, port } = await serve((_request, response) => setImmediate(() => response.end('ok')))
  const requests = new Set<unknown>()
  server.on('request', (request) => requests.add(request))
  const socket = await client(port, REQUEST.repeat(2000))
  socket.resume()
  await once(socket, 'close')
  assert.equal(requests.size, 3)
})

test('who takes nothing of an answer for a while is cut off', async () => {
  const STALLED_MS = 200
  // More than the system takes for a connection that is not read.
  const answer = Buffer.alloc(WAITING_MAX)
  let closed: Promise<unknown> | undefined
  const { port } = await serve(({ socket }, response) => {
    closed = once(socket, 'close')
    response.end(answer)
  }, new Connections(STALLED_MS))
  const stalled = await client(port, REQUEST)
  while (closed === undefined) await pause(5)
  await closed
  let taken = 0
  stalled.on('data', (bytes: Buffer) => {
    taken += bytes.length
  })
  const gone = once(stalled, 'close')
  stalled.resume()
  await gone
  assert.ok(taken < answer.length)
})
