import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { refusal } from '../../../src/net/admission.ts'
import { ListenError } from '../../../src/net/listener.ts'
import { NetworkServer } from '../../../src/net/server.ts'
import { socketLayer } from '../../../src/net/socket-layer.ts'
import { type Endpoint, NO_OWNER, type Socket, type SocketLayer } from '../../../src/net/tcp.ts'
import { freePort } from '../../support/server.ts'
import { encode } from '../protocol/requests.ts'
import { LAYERS, RawClient, ToyEngine, until, withServer } from './toy-server.ts'

const PING = encode(['PING'])

async function withListeners(
  layer: SocketLayer,
  prepare: (engine: ToyEngine) => void,
  body: (server: NetworkServer, engine: ToyEngine) => Promise<void>,
): Promise<void> {
  const engine = new ToyEngine()
  engine.settings.port = await freePort()
  prepare(engine)
  const server = new NetworkServer(engine, layer)
  await server.open()
  try {
    await body(server, engine)
  } finally {
    await server.close()
  }
}

async function answers(where: net.NetConnectOpts): Promise<boolean> {
  try {
    const client = await RawClient.connect(where)
    client.send(PING)
    const text = (await client.take(7)).toString()
    client.destroy()
    return text === '+PONG\r\n'
  } catch {
    return false
  }
}

const hasIPv6 = await new Promise<boolean>((resolve) => {
  const probe = net.createServer()
  probe.once('error', () => resolve(false))
  probe.listen(0, '::1', () => probe.close(() => resolve(true)))
})

for (const layer of LAYERS) {
  describe(`listeners: ${layer.name}`, () => {
    test('several addresses of both kinds', { skip: !hasIPv6 && 'no IPv6 here' }, () =>
      withListeners(
        layer,
        (engine) => {
          engine.settings.bind = ['127.0.0.1', '-::1', '127.0.0.2']
        },
        async (server, { settings: { port, bind } }) => {
          for (const host of ['127.0.0.1', '127.0.0.2', '::1']) assert.ok(await answers({ host, port }), host)
          assert.equal(await answers({ host: '127.0.0.3', port }), false)
          assert.deepEqual(server.listeners, [{ name: 'tcp', addresses: bind, port }])
        },
      ),
    )

    test('IPv6 addresses stand in brackets', { skip: !hasIPv6 && 'no IPv6 here' }, () =>
      withListeners(
        layer,
        (engine) => {
          engine.settings.bind = ['::1']
        },
        async (_server, { settings: { port }, connected }) => {
          const client = await RawClient.connect({ host: '::1', port })
          await until(() => connected.size === 1)
          const { transport } = [...connected.values()][0]!
          assert.match(transport!.address, /^\[::1\]:\d+$/)
          assert.equal(transport!.localAddress, `[::1]:${port}`)
          client.destroy()
        },
      ),
    )

    test('a star is every address', () =>
      withListeners(
        layer,
        (engine) => {
          engine.settings.bind = ['*', '-::*']
        },
        async (_server, { settings: { port } }) => {
          assert.ok(await answers({ host: '127.0.0.1', port }))
          if (hasIPv6) assert.ok(await answers({ host: '::1', port }))
        },
      ))

    test('a host name is its address', () =>
      withListeners(
        layer,
        (engine) => {
          engine.settings.bind = ['localhost']
        },
        async (server, { settings: { port } }) => {
          assert.ok(await answers({ host: '127.0.0.1', port }))
          assert.deepEqual(server.listeners, [{ name: 'tcp', addresses: ['localhost'], port }])
        },
      ))

    test('a port that is taken', async () => {
      await withListeners(
        layer,
        () => {},
        async (_server, first) => {
          const engine = new ToyEngine()
          engine.settings.port = first.settings.port
          const second = new NetworkServer(engine, layer)
          const failed = new RegExp(`^Failed listening on port ${engine.settings.port}`)
          await assert.rejects(
            async () => second.open(),
            (error) => {
              return error instanceof ListenError && failed.test(error.message)
            },
          )
          assert.match(engine.logged[0]!, /Address already in use/)
          assert.ok(await answers({ host: '127.0.0.1', port: first.settings.port }))
        },
      )
    })

    test('nowhere to listen', async () => {
      const server = new NetworkServer(new ToyEngine(), layer)
      await assert.rejects(async () => server.open(), /^Error: Configured to not listen anywhere, exiting\.$/)
    })

    test('a Unix socket with its permissions, over one that was left behind', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'perilune-net-'))
      const path = join(folder, 'socket')
      const prepare = (engine: ToyEngine) => {
        engine.settings.port = 0
        engine.settings.unixsocket = path
        engine.settings.unixsocketperm = 0o600
      }
      try {
        await withListeners(layer, prepare, async (server, { connected }) => {
          assert.equal(statSync(path).mode & 0o777, 0o600)
          assert.deepEqual(server.listeners, [{ name: 'unix', addresses: [path], port: 0 }])
          const client = await RawClient.connect({ path })
          client.send(PING, encode(['ADDRESS']))
          await client.expect(`+PONG\r\n$${path.length + 2}\r\n${path}:0\r\n`)
          const { transport } = [...connected.values()][0]!
          assert.ok(transport!.isUnix && transport!.isLocal)
          assert.equal(transport!.localAddress, `${path}:0`)
          client.destroy()
        })
        assert.equal(existsSync(path), false)
        await withListeners(layer, prepare, async () => assert.ok(await answers({ path })))
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })

    test('another port while the server runs; its connections stay', () =>
      withListeners(
        layer,
        () => {},
        async (server, { settings }) => {
          const old = settings.port
          const client = await RawClient.connect({ host: '127.0.0.1', port: old })
          settings.port = await freePort()
          server.rebind('tcp')
          assert.ok(await answers({ host: '127.0.0.1', port: settings.port }))
          assert.equal(await answers({ host: '127.0.0.1', port: old }), false)
          client.send(PING)
          await client.expect('+PONG\r\n')
          client.destroy()
        },
      ))

    test('closing ends the connections', async () => {
      let client: RawClient | undefined
      await withListeners(
        layer,
        () => {},
        async (_server, { settings: { port }, connected }) => {
          client = await RawClient.connect({ host: '127.0.0.1', port })
          await until(() => connected.size === 1)
        },
      )
      assert.equal(await client!.rest(), '')
    })
  })

  describe(`admission: ${layer.name}`, () => {
    test('maxclients', () =>
      withServer(layer, async ({ connect, engine }) => {
        engine.settings.maxclients = 2
        const clients = [await connect(), await connect()]
        await until(() => engine.connected.size === 2)
        const third = await connect()
        assert.equal(await third.rest(), '-ERR max number of clients reached\r\n')
        assert.equal(engine.stats.connectionsRejected, 1)
        assert.equal(engine.stats.connectionsReceived, 2)
        clients[0]!.destroy()
        await until(() => engine.connected.size === 1)
        const fourth = await connect()
        fourth.send(PING)
        await fourth.expect('+PONG\r\n')
      }))
  })
}

describe('protected mode', () => {
  const peer = (address: string | undefined): Socket => {
    const remote: Endpoint | undefined = address === undefined ? undefined : { address, port: 1 }
    return {
      owner: NO_OWNER,
      fd: 1,
      isUnix: address === undefined,
      proxied: null,
      remote,
      local: remote,
      unwritten: 0,
      startReading() {},
      stopReading() {},
      write: () => 0,
      end() {},
      close() {},
      lend() {},
    }
  }

  test('keeps strangers out as long as there is no password', () => {
    const { settings, clients } = new ToyEngine()
    for (const local of ['127.0.0.1', '127.9.9.9', '::1', undefined]) {
      assert.equal(refusal(peer(local), 0, settings, clients), undefined)
    }
    for (const remote of ['10.0.0.1', '2001:db8::1', '128.0.0.1']) {
      assert.match(
        refusal(peer(remote), 0, settings, clients)!,
        /^-DENIED Running in protected mode because .* outside\.\r\n$/,
      )
    }
    clients.isPasswordless = false
    assert.equal(refusal(peer('10.0.0.1'), 0, settings, clients), undefined)
    clients.isPasswordless = true
    settings['protected-mode'] = false
    assert.equal(refusal(peer('10.0.0.1'), 0, settings, clients), undefined)
  })
})

test('the environment chooses the implementation', () => {
  assert.equal(socketLayer('public').name, 'public')
  assert.equal(socketLayer(undefined).name, 'handles')
})
