import assert from 'node:assert/strict'
import {
  type Argument,
  type Connection,
  connect,
  onEachServer,
  type RunningServer,
} from '../support/server.ts'
import { converse, wrongArity } from '../support/transcript.ts'
import { until } from '../support/until.ts'

async function withOther(server: RunningServer, use: (other: Connection) => Promise<void>): Promise<void> {
  const other = await connect(server.port)
  try {
    await use(other)
  } finally {
    await other.close()
  }
}

/** The raw bytes that answer a command and those that follow: all up to the reply of a last PING. */
async function messages(connection: Connection, count: number) {
  const list = []
  for (let i = 0; i < count; i++) list.push(await connection.next())
  return list
}

async function untilPush(connection: Connection, count: number) {
  await until(() => connection.unsolicited.length >= count)
  return connection.unsolicited.splice(0)
}

onEachServer('pubsub', ({ it }) => {
  it('SUBSCRIBE and UNSUBSCRIBE count, and answer once a channel', async (call, connection) => {
    assert.deepEqual(await call('SUBSCRIBE', 'a', 'b', 'a'), ['subscribe', 'a', 1])
    assert.deepEqual(await messages(connection, 2), [
      ['subscribe', 'b', 2],
      ['subscribe', 'a', 2],
    ])
    assert.deepEqual(await call('PSUBSCRIBE', 'p*'), ['psubscribe', 'p*', 3])
    assert.deepEqual(await call('SSUBSCRIBE', 's'), ['ssubscribe', 's', 1])
    assert.deepEqual(await call('UNSUBSCRIBE', 'b', 'nothing'), ['unsubscribe', 'b', 2])
    assert.deepEqual(await messages(connection, 1), [['unsubscribe', 'nothing', 2]])
    assert.deepEqual(await call('PUNSUBSCRIBE'), ['punsubscribe', 'p*', 1])
    assert.deepEqual(await call('SUNSUBSCRIBE'), ['sunsubscribe', 's', 0])
    assert.deepEqual(await call('UNSUBSCRIBE'), ['unsubscribe', 'a', 0])
    assert.deepEqual(await call('UNSUBSCRIBE'), ['unsubscribe', null, 0])
    assert.deepEqual(await call('PUNSUBSCRIBE'), ['punsubscribe', null, 0])
    assert.deepEqual(await call('SUNSUBSCRIBE'), ['sunsubscribe', null, 0])
  })

  it('messages reach channels and patterns', async (call, connection, server) => {
    await call('SUBSCRIBE', 'news')
    await call('PSUBSCRIBE', 'n*')
    await call('PSUBSCRIBE', 'x*')
    await withOther(server, async (other) => {
      assert.equal(await other.send('PUBLISH', 'news', 'hi\r\n\xff'), 2)
      assert.equal(await other.send('PUBLISH', 'old', 'hi'), 0)
      assert.equal(await other.send('SPUBLISH', 'news', 'hi'), 0)
    })
    assert.deepEqual(await messages(connection, 2), [
      ['message', 'news', 'hi\r\n\xff'],
      ['pmessage', 'n*', 'news', 'hi\r\n\xff'],
    ])
  })

  it('shard messages', async (call, connection, server) => {
    await call('SSUBSCRIBE', 'news')
    await withOther(server, async (other) => {
      assert.equal(await other.send('PUBLISH', 'news', 'no'), 0)
      assert.equal(await other.send('SPUBLISH', 'news', 'yes'), 1)
    })
    assert.deepEqual(await messages(connection, 1), [['smessage', 'news', 'yes']])
  })

  it('RESP2 allows few commands while subscribed', async (call, connection) => {
    const refused = (name: string) => ({
      error: `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    })
    await call('SUBSCRIBE', 'a')
    await converse(call, [
      ['GET k', refused('get')],
      ['MULTI', refused('multi')],
      ['CLIENT ID', refused('client|id')],
      ['PUBLISH a b', refused('publish')],
      ['GET', wrongArity('get')],
      ['PING', ['pong', '']],
      ['PING hello', ['pong', 'hello']],
      ['UNSUBSCRIBE', ['unsubscribe', 'a', 0]],
      ['PING', 'PONG'],
      ['GET k', null],
      ['SSUBSCRIBE s', ['ssubscribe', 's', 1]],
      ['GET k', refused('get')],
      ['RESET', 'RESET'],
      ['GET k', null],
    ])
    assert.ok(!connection.closed)
  })

  it('RESP3 pushes, and allows everything', async (call, connection, server) => {
    await call('HELLO', 3)
    connection.write('SUBSCRIBE a\r\nPSUBSCRIBE b*\r\nSSUBSCRIBE s\r\nUNSUBSCRIBE\r\nSUNSUBSCRIBE x\r\n')
    assert.deepEqual(await untilPush(connection, 5), [
      { push: ['subscribe', 'a', 1] },
      { push: ['psubscribe', 'b*', 2] },
      { push: ['ssubscribe', 's', 1] },
      { push: ['unsubscribe', 'a', 1] },
      { push: ['sunsubscribe', 'x', 1] },
    ])
    assert.equal(await call('PING'), 'PONG')
    assert.equal(await call('GET', 'k'), null)
    await withOther(server, async (other) => {
      assert.equal(await other.send('PUBLISH', 'bc', 'hi'), 1)
    })
    assert.deepEqual(await untilPush(connection, 1), [{ push: ['pmessage', 'b*', 'bc', 'hi'] }])
  })

  it('a message to oneself comes behind the reply of its PUBLISH', async (call, connection) => {
    await call('HELLO', 3)
    connection.write('SUBSCRIBE a\r\n')
    await untilPush(connection, 1)
    const order: unknown[] = []
    const replies = await connection.pipeline([
      ['PUBLISH', 'a', 'one'],
      ['PUBLISH', 'a', 'two'],
      ['ECHO', 'end'],
    ])
    assert.deepEqual(replies, [1, 1, 'end'])
    order.push(...(await untilPush(connection, 2)))
    assert.deepEqual(order, [{ push: ['message', 'a', 'one'] }, { push: ['message', 'a', 'two'] }])
  })

  it('in a transaction', async (call, connection) => {
    await converse(call, [
      ['MULTI', 'OK'],
      ['SUBSCRIBE a', 'QUEUED'],
      ['PUBLISH b x', 'QUEUED'],
      ['SSUBSCRIBE s', 'QUEUED'],
      [
        'EXEC',
        [['subscribe', 'a', 1], 0, { error: "ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client" }],
      ],
      ['UNSUBSCRIBE', ['unsubscribe', 'a', 0]],
    ])
    assert.ok(!connection.closed)
  })

  it('PUBSUB', async (call, _connection, server) => {
    await withOther(server, async (other) => {
      const send = (...args: Argument[]) => other.send(...args)
      await send('SUBSCRIBE', 'news.a')
      await send('SUBSCRIBE', 'news.b')
      await send('PSUBSCRIBE', 'p*')
      await send('SSUBSCRIBE', 'shard')
      assert.deepEqual(((await call('PUBSUB', 'CHANNELS')) as string[]).sort(), ['news.a', 'news.b'])
      await converse(call, [
        ['PUBSUB CHANNELS *.b', ['news.b']],
        ['PUBSUB CHANNELS x*', []],
        ['PUBSUB NUMSUB', []],
        ['PUBSUB NUMSUB news.a nothing p* shard', ['news.a', 1, 'nothing', 0, 'p*', 0, 'shard', 0]],
        ['PUBSUB NUMPAT', 1],
        ['PUBSUB SHARDCHANNELS', ['shard']],
        ['PUBSUB SHARDCHANNELS x', []],
        ['PUBSUB SHARDNUMSUB shard news.a', ['shard', 1, 'news.a', 0]],
        [
          'PUBSUB CHANNELS a b',
          {
            error: "ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.",
          },
        ],
        ['PUBSUB NUMPAT x', wrongArity('pubsub|numpat')],
        ['PUBSUB nothing', { error: "ERR unknown subcommand 'nothing'. Try PUBSUB HELP." }],
      ])
    })
    await until(async () => (await call('PUBSUB', 'NUMPAT')) === 0)
    assert.deepEqual(await call('PUBSUB', 'CHANNELS'), [])
  })

  it('keyspace events are messages', async (call, connection, server) => {
    await call('CONFIG', 'SET', 'notify-keyspace-events', 'KEA')
    await call('PSUBSCRIBE', '__key*@*__:*')
    await withOther(server, async (other) => {
      await other.send('SELECT', 9)
      await other.send('SET', 'k', 'v')
      await other.send('DEL', 'k')
      await other.send('DEL', 'k')
      await other.send('CONFIG', 'SET', 'notify-keyspace-events', '')
      await other.send('SET', 'k', 'v')
      await other.send('PUBLISH', '__key end@0__:', 'x')
    })
    const pattern = '__key*@*__:*'
    assert.deepEqual(await messages(connection, 5), [
      ['pmessage', pattern, '__keyspace@9__:k', 'set'],
      ['pmessage', pattern, '__keyevent@9__:set', 'k'],
      ['pmessage', pattern, '__keyspace@9__:k', 'del'],
      ['pmessage', pattern, '__keyevent@9__:del', 'k'],
      ['pmessage', pattern, '__key end@0__:', 'x'],
    ])
  })
})
