import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Bytes } from '../../../src/memory/bytes.ts'
import { encode } from '../protocol/requests.ts'
import { LAYERS, settle, type ToyServer, until, withServer } from './toy-server.ts'

const PING = encode(['PING'])

test('there are two implementations', () => {
  assert.deepEqual(
    LAYERS.map((layer) => layer.name),
    ['handles', 'public'],
  )
})

for (const layer of LAYERS) {
  const it = (name: string, body: (server: ToyServer) => Promise<void>) =>
    test(name, { timeout: 60_000 }, () => withServer(layer, body))

  describe(`commands over sockets: ${layer.name}`, () => {
    it('answers a pipeline in order', async ({ connect, engine }) => {
      const client = await connect()
      const words = Array.from({ length: 5000 }, (_, i) => `word ${i}`)
      client.send(Buffer.concat(words.map((word) => encode(['ECHO', word]))))
      await client.expect(words.map((word) => `$${word.length}\r\n${word}\r\n`).join(''))
      assert.equal(engine.executed, 5000)
      assert.ok(engine.windows.length > 0 && engine.windows.every((n) => n > 1 && n <= 16))
    })

    it('puts commands together that come in pieces', async ({ connect }) => {
      const client = await connect()
      const stream = Buffer.concat([
        encode(['ECHO', 'a\r\nb']),
        Buffer.from('PING\r\n'),
        encode(['ECHO', '']),
      ])
      await client.sendSlowly(Array.from(stream, (byte) => Buffer.from([byte])))
      await client.expect('$4\r\na\r\nb\r\n+PONG\r\n$0\r\n\r\n')
    })

    it('takes and returns a value of 64 MB', async ({ connect, engine }) => {
      const client = await connect()
      const value = Buffer.alloc(64 * 1024 * 1024)
      for (let i = 0; i < value.length; i += 4096) value[i] = i >> 12
      client.send(encode(['SET', 'key', value]), PING, encode(['GET', 'key']), PING)
      await client.expect('+OK\r\n+PONG\r\n$67108864\r\n')
      assert.ok((await client.take(value.length)).equals(value))
      await client.expect('\r\n+PONG\r\n')
      assert.equal(engine.executed, 4)
    })

    it('takes commands with very many arguments', async ({ connect }) => {
      const client = await connect()
      client.send(encode(['ARGC', ...Array(200_000).fill('argument')]))
      await client.expect(':200001\r\n')
    })

    it('serves many connections at the same time and one after the other', async ({ connect, engine }) => {
      for (let round = 0; round < 3; round++) {
        const clients = await Promise.all(Array.from({ length: 100 }, connect))
        for (const client of clients) client.send(PING, PING)
        for (const client of clients) await client.expect('+PONG\r\n+PONG\r\n')
        for (const client of clients) client.destroy()
        await until(() => engine.connected.size === 0)
      }
      assert.equal(engine.stats.connectionsReceived, 300)
    })

    it('counts bytes, reads and writes', async ({ connect, engine }) => {
      const client = await connect()
      client.send(PING)
      await client.expect('+PONG\r\n')
      const { stats } = engine
      assert.deepEqual([stats.bytesIn, stats.readsProcessed], [PING.length, 1])
      assert.deepEqual([stats.bytesOut, stats.writesProcessed], [7, 1])
      const [session] = engine.connected.values()
      assert.deepEqual([session!.bytesIn, session!.bytesOut], [PING.length, 7])
      assert.match(session!.transport!.address, /^127\.0\.0\.1:\d+$/)
      assert.match(session!.transport!.localAddress, /^127\.0\.0\.1:\d+$/)
      assert.ok(session!.transport!.isLocal)
    })

    it('tells how much input is held', async ({ connect, engine }) => {
      const client = await connect()
      client.send(Buffer.concat([encode(['INPUT']), PING]))
      await client.expect(`:${PING.length}\r\n+PONG\r\n`)
      client.send('*2\r\n$4\r\nECHO\r\n$100000\r\n', Buffer.alloc(40_000))
      const [session] = engine.connected.values()
      await until(() => session!.transport!.inputBytes === 40_004)
    })
  })

  describe(`the end of a connection: ${layer.name}`, () => {
    it('comes behind the reply of QUIT; later commands are dropped', async ({ connect, engine }) => {
      const client = await connect()
      client.send(Buffer.concat([PING, encode(['QUIT']), PING]))
      assert.equal(await client.rest(), '+PONG\r\n+OK\r\n')
      assert.equal(engine.executed, 2)
      assert.deepEqual(engine.disconnected, [1])
    })

    it('comes behind a large reply', async ({ connect }) => {
      const client = await connect()
      client.send(encode(['SET', 'big', Buffer.alloc(20_000_000, 'x')]))
      await client.expect('+OK\r\n')
      client.pause()
      client.send(Buffer.concat([encode(['GET', 'big']), encode(['QUIT'])]))
      await settle()
      client.read()
      assert.equal((await client.rest()).length, '$20000000\r\n'.length + 20_000_000 + 2 + 5)
    })

    it('comes behind the error of a request that is none', async ({ connect, engine }) => {
      const client = await connect()
      client.send(Buffer.concat([PING, Buffer.from('*1\r\n+PING\r\n'), PING]))
      assert.equal(await client.rest(), "+PONG\r\n-ERR Protocol error: expected '$', got '+'\r\n")
      assert.deepEqual(engine.stats.errors, ["ERR Protocol error: expected '$', got '+'"])
    })

    it('repeats the wrong byte of such a request as it came', async ({ connect }) => {
      const client = await connect()
      client.send('*1\r\n\xe9\r\n')
      assert.equal(await client.rest(), "-ERR Protocol error: expected '$', got '\xe9'\r\n")
    })

    it('comes without such an error when the client wants no replies', async ({ connect, engine }) => {
      const client = await connect()
      client.send(PING)
      await client.expect('+PONG\r\n')
      engine.connected.get(1)!.replyMode = 'off'
      client.send('*x\r\n')
      assert.equal(await client.rest(), '')
      assert.equal(engine.stats.errors.length, 1)
    })

    it('is noticed when the peer ends its half; its commands have run', async ({ connect, engine }) => {
      const client = await connect()
      client.send(PING)
      client.end()
      assert.equal(await client.rest(), '+PONG\r\n')
      assert.deepEqual(engine.disconnected, [1])
    })

    it('is noticed when the peer resets it', async ({ connect, engine }) => {
      const client = await connect()
      client.send(PING)
      await client.expect('+PONG\r\n')
      client.reset()
      await until(() => engine.disconnected.length === 1)
    })

    it('is noticed while output waits', async ({ connect, engine }) => {
      const client = await connect()
      client.send(encode(['SET', 'big', Buffer.alloc(20_000_000)]))
      await client.expect('+OK\r\n')
      client.pause()
      client.send(encode(['GET', 'big']))
      await until(() => [...engine.connected.values()].some((c) => c.transport!.outputBytes > 0))
      client.reset()
      await until(() => engine.disconnected.length === 1)
    })

    it('comes at once when another client asks for it', async ({ connect, engine }) => {
      const [one, two] = [await connect(), await connect()]
      two.send(encode(['KILL', '1']))
      await two.expect(':1\r\n')
      assert.equal(await one.rest(), '')
      assert.deepEqual(engine.disconnected, [1])
    })

    it('comes behind the reply when a client asks for its own', async ({ connect }) => {
      const client = await connect()
      client.send(Buffer.concat([encode(['KILL', '1']), PING]))
      assert.equal(await client.rest(), ':1\r\n')
    })

    it('comes when it was idle too long, unless it subscribes', async ({ connect, engine, board }) => {
      engine.settings.timeout = 10
      const [one, two] = [await connect(), await connect()]
      one.send(PING)
      await one.expect('+PONG\r\n')
      two.send(encode(['SUBSCRIBE']))
      await two.expect('+SUBSCRIBED\r\n')
      engine.clock.now += 10_999
      board.sweep()
      assert.equal(engine.connected.size, 2)
      engine.clock.now += 1
      board.sweep()
      assert.equal(await one.rest(), '')
      assert.deepEqual(engine.disconnected, [1])
    })
  })

  describe(`clients that wait: ${layer.name}`, () => {
    it('run their pipeline when they are resumed', async ({ connect, engine, resume }) => {
      const client = await connect()
      client.send(Buffer.concat([encode(['WAIT']), PING, encode(['WAIT']), encode(['ECHO', 'x'])]))
      await client.expect('+WAITED\r\n')
      client.send('PI')
      await settle()
      client.send('NG\r\n')
      await settle()
      assert.equal(engine.executed, 1)
      resume(1)
      await client.expect('+PONG\r\n+WAITED\r\n')
      resume(1)
      await client.expect('$1\r\nx\r\n+PONG\r\n')
      client.send(PING)
      await client.expect('+PONG\r\n')
    })

    it('run the command that was held back first', async ({ connect, resume }) => {
      const client = await connect()
      client.send(encode(['LATER']))
      await settle()
      client.send(PING)
      await settle()
      assert.equal(client.receivedBytes, 0)
      resume(1)
      await client.expect('+LATER\r\n+PONG\r\n')
    })

    it('run many commands in the end', async ({ connect, resume }) => {
      const client = await connect()
      const words = Array.from({ length: 20_000 }, (_, i) => `${i}`.padStart(40))
      client.send(Buffer.concat([encode(['WAIT']), ...words.map((word) => encode(['ECHO', word]))]))
      await client.expect('+WAITED\r\n')
      await settle()
      resume(1)
      await client.expect(words.map((word) => `$40\r\n${word}\r\n`).join(''))
    })

    it('may not send without end', async ({ connect, engine }) => {
      engine.settings['client-query-buffer-limit'] = 1_000_000
      const client = await connect()
      client.send(encode(['WAIT']))
      await client.expect('+WAITED\r\n')
      client.send(Buffer.alloc(1_000_000, 'x'))
      await settle()
      assert.equal(engine.connected.size, 1)
      client.send('x')
      assert.equal(await client.rest(), '')
      assert.equal(engine.stats.clientsClosedForQueryBuffer, 1)
      assert.match(engine.logged[0]!, /^Closing client that reached max query buffer length: id=1/)
    })

    it('end when their peer does', async ({ connect, engine }) => {
      const client = await connect()
      client.send(encode(['WAIT']), PING)
      await client.expect('+WAITED\r\n')
      client.destroy()
      await until(() => engine.disconnected.length === 1)
      assert.equal(engine.executed, 1)
    })
  })

  describe(`requests that are too large: ${layer.name}`, () => {
    it('end the connection', async ({ connect, engine }) => {
      engine.settings['client-query-buffer-limit'] = 1_000_000
      const client = await connect()
      client.send(encode(['ECHO', Buffer.alloc(1_100_000)]))
      assert.equal(await client.rest(), '')
      assert.equal(engine.stats.clientsClosedForQueryBuffer, 1)
    })

    it('are refused as proto-max-bulk-len says', async ({ connect, engine }) => {
      engine.settings['proto-max-bulk-len'] = 100
      const client = await connect()
      client.send(Buffer.concat([encode(['ECHO', 'x'.repeat(100)]), encode(['ECHO', 'x'.repeat(101)])]))
      assert.equal(
        await client.rest(),
        `$100\r\n${'x'.repeat(100)}\r\n-ERR Protocol error: invalid bulk length\r\n`,
      )
    })
  })

  describe(`messages: ${layer.name}`, () => {
    const MESSAGE = Bytes.from('>message\r\n')

    it('reach others at the end of the turn, in one write', async ({ connect, engine }) => {
      const [one, two] = [await connect(), await connect()]
      one.send(encode(['SUBSCRIBE']))
      await one.expect('+SUBSCRIBED\r\n')
      const before = engine.stats.writesProcessed
      two.send(Buffer.concat(Array.from({ length: 100 }, () => encode(['PUBLISH', '+x\r\n']))))
      await two.expect(':1\r\n'.repeat(100))
      await one.expect('+x\r\n'.repeat(100))
      assert.equal(engine.stats.writesProcessed, before + 2)
    })

    it('come behind the reply of the command that sent them', async ({ connect }) => {
      const client = await connect()
      client.send(Buffer.concat([encode(['SUBSCRIBE']), encode(['PUBLISH', '+x\r\n']), PING]))
      await client.expect('+SUBSCRIBED\r\n:1\r\n+x\r\n+PONG\r\n')
    })

    it('come before the replies of later commands', async ({ connect, engine }) => {
      const client = await connect()
      client.send(encode(['SUBSCRIBE']))
      await client.expect('+SUBSCRIBED\r\n')
      for (let i = 0; i < 200; i++) {
        client.send(PING)
        await until(() => engine.executed === 2 + i || client.receivedBytes > 0)
        engine.publish(MESSAGE)
        const order = (await client.take(17)).toString()
        assert.ok(order === '+PONG\r\n>message\r\n' || order === '>message\r\n+PONG\r\n', order)
      }
    })

    it('wait for a slow reader, and for the replies before them', async ({ connect, engine }) => {
      const client = await connect()
      client.send(encode(['SET', 'big', Buffer.alloc(10_000_000, 'v')]), encode(['SUBSCRIBE']))
      await client.expect('+OK\r\n+SUBSCRIBED\r\n')
      client.pause()
      client.send(encode(['GET', 'big']))
      await until(() => engine.executed === 3)
      const lines = Array.from({ length: 10_000 }, (_, i) => `+${i}\r\n`)
      for (const line of lines) engine.publish(Bytes.from(line))
      await settle()
      client.read()
      await client.take('$10000000\r\n'.length + 10_000_000 + 2)
      await client.expect(lines.join(''))
    })

    it('end a subscriber beyond its limit, while others get them', async ({ connect, engine }) => {
      const limits = engine.settings['client-output-buffer-limit']
      const hard = { hard: 500_000, soft: 0, softSeconds: 0 }
      engine.settings['client-output-buffer-limit'] = { ...limits, pubsub: hard }
      const [one, two] = [await connect(), await connect()]
      for (const client of [one, two]) {
        client.send(encode(['SUBSCRIBE']))
        await client.expect('+SUBSCRIBED\r\n')
      }
      one.pause()
      const message = new Bytes(Buffer.alloc(100_000, 'm'))
      for (let i = 0; engine.connected.size === 2; i++) {
        assert.ok(i < 1000, 'the subscriber is still there')
        engine.publish(message)
        await two.take(message.len)
      }
      assert.deepEqual(engine.disconnected, [1])
      assert.equal(engine.stats.clientsClosedForOutputBuffer, 1)
    })
  })
}
