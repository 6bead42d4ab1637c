/**
 * The TLS thread as the server has it, with a few commands behind it.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ListenError } from '../../../../src/net/listener.ts'
import { NetworkServer } from '../../../../src/net/server.ts'
import { openTls, TLS, tlsClient, writeTlsFiles } from '../../../support/access.ts'
import { whenOpen } from '../../../support/resp-client.ts'
import { freePort } from '../../../support/server.ts'
import { encode } from '../../protocol/requests.ts'
import { LAYERS, RawClient, ToyEngine, until } from '../toy-server.ts'

const PING = encode(['PING'])

let dir: string

before(() => {
  dir = mkdtempSync(join(tmpdir(), 'perilune-tls-'))
  writeTlsFiles(dir)
})

after(() => rmSync(dir, { recursive: true, force: true }))

class TlsToyEngine extends ToyEngine {
  readonly tlsEntry = new URL('../../../../dist/net/tls/worker.js', import.meta.url)
}

async function withServer(
  layer: (typeof LAYERS)[number],
  body: (server: NetworkServer, engine: ToyEngine) => Promise<void>,
): Promise<void> {
  const engine = new TlsToyEngine()
  Object.assign(engine.settings, {
    'tls-port': await freePort(),
    'tls-cert-file': join(dir, 'server.crt'),
    'tls-key-file': join(dir, 'server.key'),
    'tls-ca-cert-file': join(dir, 'ca.crt'),
  })
  const server = new NetworkServer(engine, layer)
  try {
    await server.open()
    await body(server, engine)
  } finally {
    await server.close()
  }
}

async function connect(port: number): Promise<RawClient> {
  return RawClient.over(await whenOpen(TLS.open(port)))
}

async function answers(port: number): Promise<boolean> {
  try {
    const client = await connect(port)
    client.send(PING)
    await client.expect('+PONG\r\n')
    client.destroy()
    return true
  } catch {
    return false
  }
}

for (const layer of LAYERS) {
  describe(`TLS: ${layer.name}`, () => {
    test('clients have their own addresses', () =>
      withServer(layer, async (server, { settings, connected, stats }) => {
        const port = settings['tls-port']
        assert.deepEqual(server.listeners, [{ name: 'tls', addresses: ['127.0.0.1'], port }])
        const client = await connect(port)
        client.send(PING)
        await client.expect('+PONG\r\n')
        const { transport } = [...connected.values()][0]!
        assert.equal(transport!.address, `127.0.0.1:${client.localPort}`)
        assert.equal(transport!.localAddress, `127.0.0.1:${port}`)
        assert.equal(transport!.isUnix, false)
        assert.equal(stats.connectionsReceived, 1)
        client.destroy()
        await until(() => connected.size === 0)
      }))

    test('much goes both ways at once', () =>
      withServer(layer, async (_server, { settings }) => {
        const client = await connect(settings['tls-port'])
        const value = Buffer.alloc(3_000_000, 'perilune ')
        client.send(encode(['SET', 'key', value]))
        await client.expect('+OK\r\n')
        client.pause()
        const requests = Array.from({ length: 20 }, (_, i) => [
          encode(['GET', 'key']),
          encode(['ECHO', `${i}`]),
        ])
        client.send(...requests.flat())
        await pause(50)
        client.read()
        for (let i = 0; i < 20; i++) {
          await client.expect(`$${value.length}\r\n`)
          assert.ok((await client.take(value.length)).equals(value))
          await client.expect(`\r\n$${String(i).length}\r\n${i}\r\n`)
        }
        client.destroy()
      }))

    test('a reply reaches a client that is then disconnected', () =>
      withServer(layer, async (_server, { settings, connected }) => {
        for (let i = 0; i < 20; i++) {
          const client = await connect(settings['tls-port'])
          client.send(encode(['QUIT']))
          assert.equal(await client.rest(), '+OK\r\n')
        }
        await until(() => connected.size === 0)
      }))

    test('another port while the server runs; its connections stay', () =>
      withServer(layer, async (server, { settings }) => {
        const old = settings['tls-port']
        const client = await connect(old)
        settings['tls-port'] = await freePort()
        server.rebind('tls')
        assert.ok(await answers(settings['tls-port']))
        assert.equal(await answers(old), false)
        client.send(PING)
        await client.expect('+PONG\r\n')
        client.destroy()
      }))

    test('a port that is taken', () =>
      withServer(layer, async (_server, { settings }) => {
        const engine = new TlsToyEngine()
        Object.assign(engine.settings, settings)
        const second = new NetworkServer(engine, layer)
        const failed = `Failed listening on port ${settings['tls-port']} (tls), aborting.`
        await assert.rejects(
          async () => second.open(),
          (error) => error instanceof ListenError && error.message === failed,
        )
        assert.match(engine.logged[0]!, /bind: Address already in use$/)
        await second.close()
        assert.ok(await answers(settings['tls-port']))
      }))

    test('a thread that dies is followed by another', () =>
      withServer(layer, async ({ tls }, { settings, connected, logged }) => {
        const client = await connect(settings['tls-port'])
        client.send(PING)
        await client.expect('+PONG\r\n')
        kill(tls)
        assert.equal(await client.rest(), '')
        await until(() => connected.size === 0)
        await until(() => logged.includes('The new TLS thread is ready to accept connections'))
        assert.match(logged[0]!, /^The TLS thread died: TypeError/)
        assert.ok(tls.isConfigured)
        assert.ok(await answers(settings['tls-port']))
      }))

    test('a port that is opened when the thread has died', () =>
      withServer(layer, async (server, { settings, logged }) => {
        const port = settings['tls-port']
        settings['tls-port'] = 0
        server.rebind('tls')
        kill(server.tls)
        await until(() => logged.length > 0)
        assert.equal(server.tls.isConfigured, false)
        settings['tls-port'] = port
        server.tls.configure()
        server.rebind('tls')
        assert.ok(await answers(port))
      }))
  })
}

/** It cannot make sense of nothing. */
function kill(front: NetworkServer['tls']): void {
  ;(front as unknown as { thread: { tell(message: null): void } }).thread.tell(null)
}

test('a client that is not let in gets no reply', () =>
  withServer(LAYERS[0]!, async (_server, { settings, connected, logged }) => {
    const socket = openTls(settings['tls-port'], { ...tlsClient(), cert: undefined, key: undefined })
    const client = RawClient.over(socket)
    client.send(PING)
    assert.equal(await client.rest(), '')
    await until(() => logged.length > 0)
    assert.match(logged[0]!, /^Error accepting a client connection: .*peer did not return a certificate/)
    assert.equal(connected.size, 0)
  }))
