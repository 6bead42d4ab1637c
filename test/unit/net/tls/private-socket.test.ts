import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, test } from 'node:test'
import { Switchboard } from '../../../../src/net/switchboard.ts'
import { writePreamble } from '../../../../src/net/tls/preamble.ts'
import { openPrivateSocket, type PrivateSocket } from '../../../../src/net/tls/private-socket.ts'
import { encode } from '../../protocol/requests.ts'
import { LAYERS, RawClient, ToyEngine, until } from '../toy-server.ts'

const PING = encode(['PING'])
const ENDS = {
  remote: { address: '192.0.2.7', port: 4711 },
  local: { address: '2001:db8::1', port: 6380 },
}

async function withPrivateSocket(
  layer: (typeof LAYERS)[number],
  body: (opened: PrivateSocket, engine: ToyEngine, board: Switchboard) => Promise<void>,
  platform?: NodeJS.Platform,
): Promise<void> {
  const engine = new ToyEngine()
  engine.settings['protected-mode'] = false
  const board = new Switchboard(engine)
  const opened = openPrivateSocket(layer, board, platform)
  await opened.listening.ready
  try {
    await body(opened, engine, board)
  } finally {
    opened.close()
    board.closeAll()
  }
}

for (const layer of LAYERS) {
  describe(`the private socket: ${layer.name}`, () => {
    test('has the addresses of who is behind it', () =>
      withPrivateSocket(layer, async ({ path, secret }, engine, board) => {
        const client = await RawClient.connect({ path })
        const preamble = writePreamble(secret, ENDS)
        client.send(preamble.slice(0, 10))
        await until(() => board.arrivals.size === 1)
        assert.equal(engine.connected.size, 0)
        client.send(preamble.slice(10) + encode(['ADDRESS']).toString('latin1').slice(0, 5))
        await until(() => engine.connected.size === 1)
        client.send(encode(['ADDRESS']).subarray(5), PING)
        await client.expect('$14\r\n192.0.2.7:4711\r\n+PONG\r\n')
        const { transport } = [...engine.connected.values()][0]!
        assert.equal(transport!.localAddress, '[2001:db8::1]:6380')
        assert.equal(transport!.isUnix, false)
        assert.equal(transport!.isLocal, false)
        assert.equal(board.arrivals.size, 0)
        client.destroy()
      }))

    test('lets nobody in without the secret', () =>
      withPrivateSocket(layer, async ({ path, secret }, engine, board) => {
        const preamble = writePreamble(secret, ENDS)
        for (const wrong of [
          PING,
          '\n',
          preamble.replace(secret, secret.replace(/[0-9]/g, '0')),
          preamble.replace(' 4711', ''),
          'x'.repeat(300),
        ]) {
          const client = await RawClient.connect({ path })
          client.send(wrong)
          assert.equal(await client.rest(), '')
        }
        const silent = await RawClient.connect({ path })
        silent.end()
        assert.equal(await silent.rest(), '')
        assert.equal(engine.connected.size, 0)
        assert.equal(board.arrivals.size, 0)
      }))

    test('protected mode looks at who is behind it', () =>
      withPrivateSocket(layer, async ({ path, secret }, { settings }) => {
        settings['protected-mode'] = true
        const stranger = await RawClient.connect({ path })
        stranger.send(writePreamble(secret, ENDS))
        assert.match(await stranger.rest(), /^-DENIED /)
        const local = await RawClient.connect({ path })
        local.send(writePreamble(secret, { ...ENDS, remote: { ...ENDS.remote, address: '127.0.0.1' } }), PING)
        await local.expect('+PONG\r\n')
        local.destroy()
      }))

    test('lies in a folder of its own where it needs a file', () => {
      let folder = ''
      return withPrivateSocket(
        layer,
        async ({ path, secret }) => {
          folder = dirname(path)
          assert.equal(statSync(folder).mode & 0o777, 0o700)
          const client = await RawClient.connect({ path })
          client.send(writePreamble(secret, ENDS), PING)
          await client.expect('+PONG\r\n')
          client.destroy()
        },
        'darwin',
      ).then(() => assert.equal(existsSync(folder), false))
    })
  })
}
