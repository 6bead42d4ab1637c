/**
 * Which commands are a use of a key: OBJECT IDLETIME and FREQ tell, and so decide what is evicted.
 */
import assert from 'node:assert/strict'
import { type Call, onEachServer } from '../support/server.ts'

const IDLE_SECONDS = 1000

/** Key, and the command that makes it. */
const KEYS: readonly (readonly [string, string])[] = [
  ['string', 'SET string 10'],
  ['hash', 'HSET hash f 1 g 2'],
  ['list', 'RPUSH list a b c d e f'],
  ['set', 'SADD set a b c d e f'],
  ['zset', 'ZADD zset 1 a 2 b 3 c 4 d 5 e'],
]

/** Commands, the keys they use, and those they do not. */
const COMMANDS: readonly (readonly [command: string, used: string, untouched?: string])[] = [
  ['GET string', 'string'],
  ['MGET string hash', 'string hash'],
  ['STRLEN string', 'string'],
  ['GETRANGE string 0 1', 'string'],
  ['INCR string', 'string'],
  ['APPEND string x', 'string'],
  ['SETRANGE string 0 x', 'string'],
  ['SETBIT string 1 1', 'string'],
  ['GETEX string', 'string'],
  ['SET string x', 'string'],
  ['SET string x NX', 'string'],
  ['SET string x XX', 'string'],
  ['SETNX string x', 'string'],
  ['MSETNX string x other y', 'string'],
  ['INCRBYFLOAT string 1', 'string'],
  ['HSET hash f 2', 'hash'],
  ['HGET hash f', 'hash'],
  ['HDEL hash f', 'hash'],
  ['HINCRBY hash f 1', 'hash'],
  ['HSETNX hash f 1', 'hash'],
  ['HSCAN hash 0', 'hash'],
  ['RPUSH list x', 'list'],
  ['LPUSHX list x', 'list'],
  ['LPOP list', 'list'],
  ['LSET list 0 x', 'list'],
  ['LTRIM list 0 3', 'list'],
  ['LINSERT list BEFORE a x', 'list'],
  ['LREM list 0 a', 'list'],
  ['LRANGE list 0 -1', 'list'],
  ['LMPOP 1 list LEFT', 'list'],
  ['SADD set x', 'set'],
  ['SREM set a', 'set'],
  ['SPOP set', 'set'],
  ['SISMEMBER set a', 'set'],
  ['SRANDMEMBER set', 'set'],
  ['SUNIONSTORE other set', 'set'],
  ['ZADD zset 9 a', 'zset'],
  ['ZADD zset XX 9 a', 'zset'],
  ['ZINCRBY zset 1 a', 'zset'],
  ['ZREM zset a', 'zset'],
  ['ZPOPMIN zset', 'zset'],
  ['ZREMRANGEBYRANK zset 0 0', 'zset'],
  ['ZRANGE zset 0 -1', 'zset'],
  ['ZUNIONSTORE other 2 zset set', 'zset set'],
  ['EXPIRE string 100', 'string'],
  ['PERSIST string', 'string'],
  ['TOUCH string hash', 'string hash'],
  ['COPY string other', 'string'],
  ['COPY string hash', 'string hash'],
  ['RENAMENX string hash', 'string hash'],
  ['SORT list ALPHA', 'list'],
  ['DUMP list', 'list'],
  ['EXISTS string', '', 'string'],
  ['TYPE string', '', 'string'],
  ['TTL string', '', 'string'],
  ['EXPIRETIME string', '', 'string'],
  ['OBJECT ENCODING string', '', 'string'],
  ['MEMORY USAGE string', '', 'string'],
  ['SCAN 0', '', 'string'],
  ['KEYS *', '', 'string'],
  ['RANDOMKEY', '', 'string'],
  ['DEBUG DIGEST', '', 'string hash'],
  ['DEBUG DIGEST-VALUE string', '', 'string'],
]

async function makeIdle(call: Call): Promise<void> {
  await call('DEL', 'other')
  for (const [key, command] of KEYS) {
    await call('DEL', key)
    await call(...command.split(' '))
    const payload = Buffer.from((await call('DUMP', key)) as string, 'latin1')
    await call('RESTORE', key, 0, payload, 'REPLACE', 'IDLETIME', IDLE_SECONDS)
  }
}

onEachServer(
  'access clocks',
  ({ it }) => {
    it('know the commands that use a key', async (call) => {
      const isIdle = async (key: string) => Number(await call('OBJECT', 'IDLETIME', key)) >= IDLE_SECONDS
      for (const [command, used, untouched = ''] of COMMANDS) {
        await makeIdle(call)
        await call(...command.split(' '))
        for (const key of used.split(' ').filter(Boolean)) {
          assert.equal(await isIdle(key), false, `${command} uses ${key}`)
        }
        for (const key of untouched.split(' ').filter(Boolean)) {
          assert.equal(await isIdle(key), true, `${command} does not use ${key}`)
        }
      }
    })

    it('stay under CLIENT NO-TOUCH, but for TOUCH', async (call) => {
      const isIdle = async (key: string) => Number(await call('OBJECT', 'IDLETIME', key)) >= IDLE_SECONDS
      await makeIdle(call)
      await call('CLIENT', 'NO-TOUCH', 'ON')
      await call('GET', 'string')
      await call('INCR', 'string')
      await call('HSET', 'hash', 'f', '5')
      assert.equal(await isIdle('string'), true)
      assert.equal(await isIdle('hash'), true)
      await call('TOUCH', 'string')
      assert.equal(await isIdle('string'), false)
      await call('CLIENT', 'NO-TOUCH', 'OFF')
    })

    it('move with a renamed key; a copy has its own', async (call) => {
      await makeIdle(call)
      await call('COPY', 'hash', 'other')
      assert.ok(Number(await call('OBJECT', 'IDLETIME', 'other')) < IDLE_SECONDS)
    })

    it('count uses under an LFU policy', async (call) => {
      await call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu', 'lfu-log-factor', '0')
      try {
        await call('SET', 'string', '10')
        assert.equal(await call('OBJECT', 'FREQ', 'string'), 5)
        for (let i = 0; i < 10; i++) await call('INCR', 'string')
        assert.equal(await call('OBJECT', 'FREQ', 'string'), 15)
        await call('HSET', 'hash', 'f', '1')
        for (let i = 0; i < 300; i++) await call('HSET', 'hash', 'f', '2')
        assert.equal(await call('OBJECT', 'FREQ', 'hash'), 255)
      } finally {
        await call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'lfu-log-factor', '10')
      }
    })
  },
  ['--enable-debug-command', 'yes'],
)
