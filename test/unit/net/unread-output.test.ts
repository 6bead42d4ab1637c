import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Bytes } from '../../../src/memory/bytes.ts'
import { encode } from '../protocol/requests.ts'
import { LAYERS, settle, type ToyServer, until, withServer } from './toy-server.ts'

const PING = encode(['PING'])

for (const layer of LAYERS) {
  const it = (name: string, body: (server: ToyServer) => Promise<void>) =>
    test(name, { timeout: 60_000 }, () => withServer(layer, body))

  describe(`clients that do not read: ${layer.name}`, () => {
    const VALUE = Buffer.alloc(100_000, 'v')
    const REPLY_BYTES = '$100000\r\n'.length + VALUE.length + 2

    it('are made to wait, and get everything when they read again', async ({ connect, engine }) => {
      const client = await connect()
      client.send(encode(['SET', 'key', VALUE]))
      await client.expect('+OK\r\n')
      client.pause()
      const count = 500
      client.send(
        Buffer.concat(Array.from({ length: count }, () => encode(['GET', 'key']))),
        encode(['PING']),
      )
      await settle()
      const ran = engine.executed
      assert.ok(ran < count / 2, `${ran} commands ran`)
      await settle()
      assert.equal(engine.executed, ran)
      const [session] = engine.connected.values()
      assert.ok(session!.transport!.outputBytes < 2_000_000)
      const other = await connect()
      other.send(PING)
      await other.expect('+PONG\r\n')
      client.read()
      await client.take(count * REPLY_BYTES)
      await client.expect('+PONG\r\n')
      assert.equal(session!.transport!.outputBytes, 0)
      client.send(PING)
      await client.expect('+PONG\r\n')
    })

    it('are not read from either', async ({ connect, engine }) => {
      const client = await connect()
      client.pause()
      const count = 4000
      const word = 'w'.repeat(10_000)
      client.send(Buffer.concat(Array(count).fill(encode(['ECHO', word]))))
      await until(() => engine.executed > 0)
      const [session] = engine.connected.values()
      for (let i = 0; i < 10; i++) {
        await settle()
        assert.ok(session!.transport!.inputBytes < 1_000_000)
        assert.ok(session!.transport!.outputBytes < 3_000_000)
      }
      const before = engine.executed
      client.read()
      const reply = `$10000\r\n${word}\r\n`
      for (let i = 0; i < count; i += 100) {
        await client.expect(reply.repeat(100))
        assert.ok(session!.transport!.inputBytes < 4_000_000)
      }
      assert.ok(before < count && engine.executed === count)
    })

    it('are closed beyond a hard limit, and get nothing of it', async ({ connect, engine }) => {
      const limits = engine.settings['client-output-buffer-limit']
      engine.settings['client-output-buffer-limit'] = {
        ...limits,
        normal: { hard: 250_000, soft: 0, softSeconds: 0 },
      }
      const client = await connect()
      client.send(encode(['SET', 'key', VALUE]))
      await client.expect('+OK\r\n')
      client.send(Buffer.concat(Array.from({ length: 3 }, () => encode(['GET', 'key']))))
      assert.equal(await client.rest(), '')
      assert.equal(engine.stats.clientsClosedForOutputBuffer, 1)
      assert.match(
        engine.logged[0]!,
        /^Client id=1 scheduled to be closed ASAP for overcoming of output buffer limits/,
      )
      assert.deepEqual(engine.disconnected, [1])
    })

    it('are closed when they are beyond a soft limit for too long', async ({ connect, engine, board }) => {
      const limits = engine.settings['client-output-buffer-limit']
      const soft = { hard: 0, soft: 1_000_000, softSeconds: 5 }
      engine.settings['client-output-buffer-limit'] = { ...limits, pubsub: soft }
      const client = await connect()
      client.send(encode(['SUBSCRIBE']))
      await client.expect('+SUBSCRIBED\r\n')
      client.pause()
      const message = new Bytes(Buffer.alloc(100_000))
      for (let i = 0; i < 100; i++) {
        engine.publish(message)
        await new Promise((resolve) => setImmediate(resolve))
      }
      engine.clock.now += 5000
      board.sweep()
      assert.equal(engine.connected.size, 1)
      engine.clock.now += 1000
      board.sweep()
      assert.equal(engine.connected.size, 0)
      assert.equal(engine.stats.clientsClosedForOutputBuffer, 1)
    })

    it('may not keep much before they have authenticated', async ({ connect, engine }) => {
      engine.clients.isPasswordless = false
      const client = await connect()
      client.send(Buffer.concat([encode(['ECHO', 'x'.repeat(16000)]), encode(['ECHO', 'x'.repeat(2000)])]))
      assert.equal(await client.rest(), '')
      assert.equal(engine.stats.clientsClosedForOutputBuffer, 1)
    })

    it('may not send much before they have authenticated', async ({ connect, engine }) => {
      engine.clients.isPasswordless = false
      const client = await connect()
      client.send(
        Buffer.concat([encode(['ECHO', 'x'.repeat(8000)]), encode(['ARGC', ...Array(10).fill('x')])]),
      )
      assert.match(
        await client.rest(),
        /^\$8000\r\nx{8000}\r\n-ERR Protocol error: unauthenticated multibulk length\r\n$/,
      )
      const other = await connect()
      other.send(Buffer.concat([encode(['AUTH', 'secret']), encode(['ARGC', ...Array(11).fill('x')])]))
      await other.expect('+OK\r\n:12\r\n')
    })
  })
}
