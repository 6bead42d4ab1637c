import assert from 'node:assert/strict'
import { onEachServer } from '../support/server.ts'
import { converse, NOT_INTEGER, SYNTAX_ERROR, wrongArity } from '../support/transcript.ts'

const NO_SUCH_KEY = { error: 'ERR no such key' }
const SAME_OBJECT = { error: 'ERR source and destination objects are the same' }
const DB_RANGE = { error: 'ERR DB index is out of range' }
const INT32_RANGE = {
  error: 'ERR value is out of range, value must between -2147483648 and 2147483647',
}

onEachServer('keys', ({ it }) => {
  it('DEL, UNLINK, EXISTS, TOUCH, TYPE', async (call, connection) => {
    await converse(call, [
      ['MSET a 1 b 2 c 3 d 4', 'OK'],
      ['EXISTS a b missing a', 3],
      ['TOUCH a b missing', 2],
      ['DEL a missing b a', 2],
      ['UNLINK c missing', 1],
      ['EXISTS a b c d', 1],
      ['DBSIZE', 1],
      ['RPUSH list x', 1],
      ['SADD set x', 1],
      ['ZADD zset 1 x', 1],
      ['HSET hash f v', 1],
      ['TYPE d', 'string'],
      ['TYPE list', 'list'],
      ['TYPE set', 'set'],
      ['TYPE zset', 'zset'],
      ['TYPE hash', 'hash'],
      ['TYPE missing', 'none'],
      ['DEL list set zset hash', 4],
      ['DEL', wrongArity('del')],
      ['EXISTS', wrongArity('exists')],
    ])
    assert.equal(await connection.raw('TYPE', 'd'), '+string\r\n')
  })

  it('RENAME and RENAMENX', async (call) => {
    await converse(call, [
      ['RENAME missing a', NO_SUCH_KEY],
      ['RENAMENX missing missing', NO_SUCH_KEY],
      ['SET a 1 EX 100', 'OK'],
      ['RENAME a b', 'OK'],
      ['GET b', '1'],
      ['TTL b', 100],
      ['EXISTS a', 0],
      ['SET a 2', 'OK'],
      ['RENAMENX a b', 0],
      ['RENAME a b', 'OK'],
      ['GET b', '2'],
      ['TTL b', -1],
      ['RENAME b b', 'OK'],
      ['RENAMENX b b', 0],
      ['RENAMENX b c', 1],
      ['RPUSH list x y', 2],
      ['RENAME list c', 'OK'],
      ['LRANGE c 0 -1', ['x', 'y']],
      ['DBSIZE', 1],
    ])
  })

  it('COPY', async (call) => {
    await converse(call, [
      ['SET a 1 EX 100', 'OK'],
      ['COPY a b', 1],
      ['GET b', '1'],
      ['TTL b', 100],
      ['SET a 2', 'OK'],
      ['COPY a b', 0],
      ['COPY a b REPLACE', 1],
      ['GET b', '2'],
      ['TTL b', -1],
      ['COPY missing b', 0],
      ['GET b', '2'],
      ['COPY a a', SAME_OBJECT],
      ['COPY a a DB 1', 1],
      ['COPY a a DB 1', 0],
      ['COPY a a REPLACE DB 1', 1],
      ['COPY a b DB', SYNTAX_ERROR],
      ['COPY a b foo', SYNTAX_ERROR],
      ['COPY a b DB x', NOT_INTEGER],
      ['COPY a b DB 16', DB_RANGE],
      ['COPY a b DB -1', DB_RANGE],
      ['COPY a b DB 2147483648', INT32_RANGE],
      ['SELECT 1', 'OK'],
      ['GET a', '2'],
      ['SELECT 0', 'OK'],
    ])
  })

  it('COPY makes collections that live on their own', async (call) => {
    await converse(call, [
      ['RPUSH list a b c', 3],
      ['SADD set 1 2 3', 3],
      ['ZADD zset 1 a 2 b', 2],
      ['HSET hash f v g w', 2],
      ['COPY list list2', 1],
      ['COPY set set2', 1],
      ['COPY zset zset2', 1],
      ['COPY hash hash2', 1],
      ['RPUSH list2 d', 4],
      ['SADD set2 x', 1],
      ['ZADD zset2 9 a', 0],
      ['HSET hash2 f changed', 0],
      ['LRANGE list 0 -1', ['a', 'b', 'c']],
      ['SCARD set', 3],
      ['ZRANGE zset 0 -1 WITHSCORES', ['a', '1', 'b', '2']],
      ['HGETALL hash', ['f', 'v', 'g', 'w']],
      ['DEL list set zset hash', 4],
      ['LRANGE list2 0 -1', ['a', 'b', 'c', 'd']],
      ['SCARD set2', 4],
      ['ZRANGE zset2 0 -1 WITHSCORES', ['b', '2', 'a', '9']],
      ['HGETALL hash2', ['f', 'changed', 'g', 'w']],
    ])
  })

  it('COPY keeps the encoding, whatever the limits are now', async (call) => {
    const limits = ['hash-max-listpack-entries', 'zset-max-listpack-entries', 'set-max-listpack-entries']
    const values = ['512', '128', '128']
    const set = (to: readonly string[]) =>
      call('CONFIG', 'SET', ...limits.flatMap((name, i) => [name, to[i]!]), 'list-max-listpack-size', '-2')
    await call('HSET', 'hash', 'a', '1', 'b', '2', 'c', '3')
    await call('ZADD', 'zset', 1, 'a', 2, 'b', 3, 'c')
    await call('SADD', 'set', 'a', 'b', 'c')
    await call('RPUSH', 'list', ...Array.from({ length: 300 }, () => 'x'.repeat(100)))
    await call('APPEND', 'raw', 'x')
    await call('APPEND', 'raw', 'y')
    await set(['1', '1', '1'])
    await call('CONFIG', 'SET', 'list-max-listpack-size', '-5')
    for (const key of ['hash', 'zset', 'set', 'list', 'raw']) {
      const encoding = await call('OBJECT', 'ENCODING', key)
      assert.equal(await call('COPY', key, `${key}2`), 1)
      assert.equal(await call('OBJECT', 'ENCODING', `${key}2`), encoding, key)
      assert.deepEqual(await call('DUMP', `${key}2`), await call('DUMP', key))
    }
    await set(values)
    await call('DEL', 'hash', 'zset', 'set')
    await call('HSET', 'hash', 'long', 'x'.repeat(100))
    await call('HSET', 'hash', 'long', 'short')
    await call('COPY', 'hash', 'hash2', 'REPLACE')
    assert.equal(await call('OBJECT', 'ENCODING', 'hash2'), 'hashtable')
  })

  it('COPY of large collections', async (call) => {
    const members = Array.from({ length: 2000 }, (_, i) => `member:${i}`)
    await call('RPUSH', 'list', ...members)
    await call('SADD', 'set', ...members)
    await call('ZADD', 'zset', ...members.flatMap((member, i) => [i, member]))
    await call('HSET', 'hash', ...members.flatMap((member, i) => [member, i]))
    await converse(call, [
      ['COPY list list2', 1],
      ['COPY set set2', 1],
      ['COPY zset zset2', 1],
      ['COPY hash hash2', 1],
      ['DEL list set zset hash', 4],
      ['LRANGE list2 0 -1', members],
      ['SCARD set2', 2000],
      ['SISMEMBER set2 member:1999', 1],
      ['ZRANGE zset2 0 -1', members],
      ['HGET hash2 member:1234', '1234'],
    ])
  })

  it('MOVE', async (call) => {
    await converse(call, [
      ['SET a 1 EX 100', 'OK'],
      ['MOVE a 1', 1],
      ['EXISTS a', 0],
      ['MOVE a 1', 0],
      ['SET a 2', 'OK'],
      ['MOVE a 1', 0],
      ['MOVE a 0', SAME_OBJECT],
      ['MOVE a 16', DB_RANGE],
      ['MOVE a -1', DB_RANGE],
      ['MOVE a x', NOT_INTEGER],
      ['SELECT 1', 'OK'],
      ['GET a', '1'],
      ['TTL a', 100],
    ])
  })

  it('SWAPDB', async (call) => {
    await converse(call, [
      ['SET a 0', 'OK'],
      ['SELECT 1', 'OK'],
      ['MSET a 1 b 1', 'OK'],
      ['SWAPDB 0 1', 'OK'],
      ['GET a', '0'],
      ['DBSIZE', 1],
      ['SELECT 0', 'OK'],
      ['MGET a b', ['1', '1']],
      ['SWAPDB 0 0', 'OK'],
      ['DBSIZE', 2],
      ['SWAPDB x 1', { error: 'ERR invalid first DB index' }],
      ['SWAPDB 0 x', { error: 'ERR invalid second DB index' }],
      ['SWAPDB 0 16', DB_RANGE],
      ['SWAPDB -1 0', DB_RANGE],
    ])
  })

  it('FLUSHDB, FLUSHALL, DBSIZE', async (call) => {
    await converse(call, [
      ['MSET a 1 b 2', 'OK'],
      ['SELECT 1', 'OK'],
      ['SET c 3', 'OK'],
      ['FLUSHDB', 'OK'],
      ['DBSIZE', 0],
      ['SELECT 0', 'OK'],
      ['DBSIZE', 2],
      ['FLUSHDB ASYNC', 'OK'],
      ['DBSIZE', 0],
      ['SET a 1', 'OK'],
      ['SELECT 1', 'OK'],
      ['FLUSHALL SYNC', 'OK'],
      ['SELECT 0', 'OK'],
      ['DBSIZE', 0],
      ['FLUSHDB foo', SYNTAX_ERROR],
      ['FLUSHALL SYNC ASYNC', SYNTAX_ERROR],
    ])
  })

  it('WATCH sees renamed, moved, flushed and swapped keys', async (call, watcher) => {
    const changes = [
      'RENAME a b',
      'RENAME c a',
      'MOVE a 1',
      'FLUSHDB',
      'FLUSHALL',
      'SWAPDB 0 2',
      'DEL a',
      'COPY c a REPLACE',
    ]
    for (const change of changes) {
      await call('FLUSHALL')
      await converse(call, [
        ['MSET a 1 c 2', 'OK'],
        ['WATCH a', 'OK'],
      ])
      const reply = await call(...change.split(' '))
      assert.ok(reply === 'OK' || reply === 1, change)
      await converse(
        (...args) => watcher.send(...args),
        [
          ['MULTI', 'OK'],
          ['PING', 'QUEUED'],
          ['EXEC', null],
        ],
      )
    }
  })
})

onEachServer('OBJECT and MEMORY', ({ it }) => {
  it('OBJECT', async (call) => {
    await converse(call, [
      ['SET a 1', 'OK'],
      ['OBJECT REFCOUNT a', 1],
      ['OBJECT IDLETIME a', 0],
      ['OBJECT ENCODING missing', null],
      ['OBJECT IDLETIME missing', null],
      ['OBJECT REFCOUNT missing', null],
      ['OBJECT FREQ missing', null],
      [
        'OBJECT FREQ a',
        {
          error:
            'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
        },
      ],
      ['OBJECT', wrongArity('object')],
      ['OBJECT ENCODING', wrongArity('object|encoding')],
      ['OBJECT foo a', { error: "ERR unknown subcommand 'foo'. Try OBJECT HELP." }],
    ])
    const help = (await call('OBJECT', 'HELP')) as string[]
    assert.equal(help[0], 'OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:')
    assert.deepEqual(help.slice(-2), ['HELP', '    Print this help.'])
    assert.equal(help.length, 15)
  })

  it('OBJECT under an LFU policy', async (call) => {
    await call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu')
    try {
      await call('SET', 'a', '1')
      const frequency = await call('OBJECT', 'FREQ', 'a')
      assert.ok(typeof frequency === 'number' && frequency > 0 && frequency < 20, String(frequency))
      await converse(call, [
        [
          'OBJECT IDLETIME a',
          {
            error:
              'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
          },
        ],
      ])
    } finally {
      await call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    }
  })

  it('MEMORY USAGE', async (call) => {
    await call('SET', 'a', 'x'.repeat(1000))
    const usage = await call('MEMORY', 'USAGE', 'a')
    assert.ok(typeof usage === 'number' && usage >= 1000 && usage < 2000, String(usage))
    assert.equal(await call('MEMORY', 'USAGE', 'a', 'SAMPLES', '0'), usage)
    await converse(call, [
      ['MEMORY USAGE missing', null],
      ['MEMORY USAGE a SAMPLES -1', SYNTAX_ERROR],
      ['MEMORY USAGE a SAMPLES x', NOT_INTEGER],
      ['MEMORY USAGE a SAMPLES', SYNTAX_ERROR],
      ['MEMORY USAGE a foo 1', SYNTAX_ERROR],
      ['MEMORY USAGE', wrongArity('memory|usage')],
    ])
  })
})
