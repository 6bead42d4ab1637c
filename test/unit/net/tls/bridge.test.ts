/**
 * Bridges between fake sockets, which take what they are told to and say what they are told to.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  FAILED,
  NO_OWNER,
  PENDING,
  type Socket,
  type SocketOwner,
  WRITTEN,
  type WriteResult,
} from '../../../../src/net/tcp.ts'
import { Bridge } from '../../../../src/net/tls/bridge.ts'

const KB = 1024

class FakeSocket implements Socket {
  owner: SocketOwner = NO_OWNER
  fd = 1
  isUnix = false
  proxied = null
  remote = undefined
  local = undefined
  unwritten = 0
  reading = false
  ended = false
  closed = false
  /** How the next writes go. */
  result: WriteResult = WRITTEN
  private readonly chunks: Buffer[] = []

  startReading(): void {
    this.reading = true
  }

  stopReading(): void {
    this.reading = false
  }

  write(buffer: Buffer, length: number): WriteResult {
    if (this.closed) return FAILED
    if (this.result === FAILED) return FAILED
    this.chunks.push(Buffer.from(buffer.subarray(0, length)))
    if (this.result === PENDING) this.unwritten = length
    return this.result
  }

  /** A pending write is done. */
  drain(): void {
    this.result = WRITTEN
    this.unwritten = 0
    this.owner.onDrain()
  }

  end(): void {
    this.ended = true
  }

  close(): void {
    this.closed = true
    this.owner = NO_OWNER
  }

  lend(): void {}

  /** Something comes from the peer. */
  says(text: string): void {
    const bytes = Buffer.from(text)
    this.owner.onData(bytes, bytes.length)
  }

  get written(): string {
    return Buffer.concat(this.chunks).toString()
  }
}

function bridged(): { client: FakeSocket; engine: FakeSocket; bridge: Bridge; closed: () => number } {
  const client = new FakeSocket()
  const engine = new FakeSocket()
  let closed = 0
  const bridge = new Bridge(client, Buffer.from('preamble\n'), () => closed++)
  return { client, engine, bridge, closed: () => closed }
}

function connected(): ReturnType<typeof bridged> {
  const all = bridged()
  all.bridge.connect(all.engine)
  return all
}

describe('a bridge', () => {
  test('passes on what comes, both ways, behind the preamble', () => {
    const { client, engine, bridge } = bridged()
    assert.equal(client.reading, false)
    client.says('early ')
    bridge.connect(engine)
    assert.ok(client.reading && engine.reading)
    client.says('late')
    engine.says('reply')
    assert.equal(engine.written, 'preamble\nearly late')
    assert.equal(client.written, 'reply')
  })

  for (const [from, to] of [
    ['client', 'engine'],
    ['engine', 'client'],
  ] as const) {
    test(`does not read the ${from} while the ${to} takes nothing`, () => {
      const sides = connected()
      const [source, sink] = [sides[from], sides[to]]
      const before = sink.written
      sink.result = PENDING
      source.says('a'.repeat(10))
      assert.ok(source.reading, 'a little may wait')
      source.says('b'.repeat(60 * KB))
      source.says('c'.repeat(60 * KB))
      assert.equal(source.reading, false)
      assert.ok(sides[to].reading, 'the other way is not concerned')
      sink.drain()
      assert.ok(source.reading)
      const passed = sink.written.slice(before.length)
      assert.equal(passed, 'a'.repeat(10) + 'b'.repeat(60 * KB) + 'c'.repeat(60 * KB))
    })
  }

  test('tells the engine that the client sends no more, behind what it has sent', () => {
    const { client, engine, closed } = connected()
    engine.result = PENDING
    client.says('last')
    client.owner.onEnd(null)
    assert.equal(engine.ended, false)
    engine.drain()
    assert.ok(engine.ended)
    engine.says('reply')
    assert.equal(client.written, 'reply')
    engine.owner.onEnd(null)
    assert.ok(client.closed && engine.closed)
    assert.equal(closed(), 1)
  })

  test('delivers what is left when the engine has ended the connection', () => {
    const { client, engine, closed } = connected()
    client.result = PENDING
    engine.says('+OK\r\n')
    engine.owner.onEnd(null)
    assert.equal(client.ended, false)
    client.drain()
    assert.equal(client.written, '+OK\r\n')
    assert.ok(client.ended, 'the client is told')
    assert.equal(closed(), 0)
    client.owner.onEnd(null)
    assert.equal(closed(), 1)
  })

  test('ends with a client that breaks off, once the engine has noticed', () => {
    const { client, engine, closed } = connected()
    client.owner.onEnd('ECONNRESET')
    assert.ok(client.closed && engine.ended)
    engine.owner.onEnd(null)
    assert.equal(closed(), 1)
  })

  test('ends with a client that goes before there is a connection to the engine', () => {
    const { client, engine, bridge, closed } = bridged()
    client.owner.onEnd('ECONNRESET')
    assert.equal(closed(), 1)
    bridge.connect(engine)
    assert.ok(engine.closed)
    assert.equal(closed(), 1)
  })

  test('notices an engine that has gone though nothing is read of it', () => {
    const { client, engine, bridge } = connected()
    client.result = PENDING
    engine.says('x'.repeat(200 * KB))
    assert.equal(engine.reading, false)
    engine.result = FAILED
    bridge.sweep()
    client.drain()
    assert.ok(engine.reading, 'what was sent before is still to be read')
    engine.owner.onEnd(null)
    assert.ok(client.ended)
  })

  test('closes once', () => {
    const { client, engine, bridge, closed } = connected()
    bridge.close()
    bridge.close()
    assert.ok(client.closed && engine.closed)
    assert.equal(closed(), 1)
  })
})
