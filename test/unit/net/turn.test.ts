import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { Switchboard } from '../../../src/net/switchboard.ts'
import { NO_OWNER, type Socket, WRITTEN } from '../../../src/net/tcp.ts'
import { encode } from '../protocol/requests.ts'
import { ToyEngine } from './toy-server.ts'

interface Peer {
  readonly written: string[]
  send(...words: string[]): void
  end(): void
}

/** A server in one turn of the event loop, and its peers. */
function serve(): { readonly engine: ToyEngine; readonly board: Switchboard; connect(): Peer } {
  const engine = new ToyEngine()
  const board = new Switchboard(engine)
  let fd = 0
  const connect = (): Peer => {
    const written: string[] = []
    const socket: Socket = {
      owner: NO_OWNER,
      fd: ++fd,
      isUnix: false,
      proxied: null,
      remote: { address: '127.0.0.1', port: fd },
      local: undefined,
      unwritten: 0,
      startReading() {},
      stopReading() {},
      write(buffer, length) {
        written.push(buffer.latin1Slice(0, length))
        return WRITTEN
      },
      end() {},
      close() {},
      lend() {},
    }
    board.accept(socket)
    return {
      written,
      send(...words) {
        const request = encode(words)
        socket.owner.onData(request, request.length)
      },
      end: () => socket.owner.onEnd(null),
    }
  }
  return { engine, board, connect }
}

test('replies wait for the end of the turn, and are written at once', async () => {
  const { connect } = serve()
  const [one, two] = [connect(), connect()]
  one.send('ECHO', 'a')
  two.send('PING')
  one.send('ECHO', 'b')
  assert.deepEqual([one.written, two.written], [[], []])
  await endOfTurn()
  assert.deepEqual(one.written, ['$1\r\na\r\n$1\r\nb\r\n'])
  assert.deepEqual(two.written, ['+PONG\r\n'])
})

test('replies do not wait for more than a millisecond for commands of others', async () => {
  const { engine, connect } = serve()
  const [one, two, three] = [connect(), connect(), connect()]
  one.send('PING')
  engine.clock.now++
  two.send('PING')
  assert.deepEqual([one.written.length, two.written.length], [1, 0])
  three.send('PING')
  assert.deepEqual([two.written.length, three.written.length], [0, 0])
  engine.clock.now++
  one.send('PING')
  assert.deepEqual([one.written.length, two.written.length, three.written.length], [1, 1, 1])
  await endOfTurn()
  assert.equal(one.written.length, 2)
})

test('of very many connections the first do not wait for the last', async () => {
  const { connect } = serve()
  const peers = Array.from({ length: 200 }, connect)
  for (const peer of peers) peer.send('PING')
  const count = () => peers.filter(({ written }) => written.length > 0).length
  assert.equal(count(), 192)
  // The first has more to say.
  peers[0]!.send('ECHO', 'a')
  assert.deepEqual(peers[0]!.written, ['+PONG\r\n'])
  await endOfTurn()
  assert.equal(count(), 200)
  assert.deepEqual(peers[0]!.written, ['+PONG\r\n', '$1\r\na\r\n'])
})

test('large replies do not wait, unless others wait before them', async () => {
  const { connect } = serve()
  const [one, two] = [connect(), connect()]
  const large = 'x'.repeat(100_000)
  const reply = `$100000\r\n${large}\r\n`
  one.send('ECHO', large)
  two.send('PING')
  two.send('ECHO', large)
  assert.deepEqual([one.written.join(''), two.written.join('')], [reply, ''])
  await endOfTurn()
  assert.deepEqual([one.written.join(''), two.written.join('')], [reply, `+PONG\r\n${reply}`])
})

test('replies do not wait for a command that takes its time', async () => {
  const { board, connect } = serve()
  const one = connect()
  one.send('PING')
  board.turn.sendReplies()
  assert.deepEqual(one.written, ['+PONG\r\n'])
  await endOfTurn()
  assert.equal(one.written.length, 1)
})

test('who ends its half has the replies to what it sent before', () => {
  const { connect } = serve()
  const one = connect()
  one.send('PING')
  one.end()
  assert.deepEqual(one.written, ['+PONG\r\n'])
})

test('when all connections are closed, they have their replies', () => {
  const { board, connect } = serve()
  const one = connect()
  one.send('PING')
  board.closeAll()
  assert.deepEqual(one.written, ['+PONG\r\n'])
})

test('a failure of the engine reaches no other client', async () => {
  const { engine, connect } = serve()
  const [one, two] = [connect(), connect()]
  assert.throws(() => one.send('THROW'), /broken/)
  two.send('PING')
  await endOfTurn()
  assert.deepEqual([one.written, two.written], [[], ['+PONG\r\n']])
  assert.deepEqual(engine.disconnected, [1])
})
