import assert from 'node:assert/strict'
import {
  assertDistinctFrom,
  assertFrom,
  assertReachesAll,
  names,
  scanAll,
} from '../support/random-elements.ts'
import { onEachServer } from '../support/server.ts'
import {
  converse,
  NOT_FLOAT,
  NOT_INTEGER,
  SYNTAX_ERROR,
  WRONG_TYPE,
  wrongArity,
} from '../support/transcript.ts'

const SMALL = 20
const LARGE = 3000

onEachServer('hashes', ({ it }) => {
  it('fields are set, read and deleted', async (call, connection) => {
    await converse(call, [
      ['hset h f 1 g 2 f 3', 2],
      ['hget h f', '3'],
      ['hget h none', null],
      ['hget none f', null],
      ['hmget h g none f', ['2', null, '3']],
      ['hmget none a b', [null, null]],
      ['hmset h k v', 'OK'],
      ['hsetnx h k w', 0],
      ['hsetnx h l w', 1],
      ['hlen h', 4],
      ['hexists h l', 1],
      ['hexists h none', 0],
      ['hstrlen h k', 1],
      ['hstrlen h none', 0],
      ['hdel h f g none f', 2],
      ['hdel h k l', 2],
      ['exists h', 0],
      ['hgetall h', []],
      ['hset h f', wrongArity('hset')],
      ['hset h f 1 g', wrongArity('hset')],
      ['hmset h f 1 g', wrongArity('hmset')],
      ['set s x', 'OK'],
      ['hset s f 1', WRONG_TYPE],
      ['hmget s f', WRONG_TYPE],
      ['hlen s', WRONG_TYPE],
    ])
    assert.equal(await connection.raw('hgetall', 'none'), '*0\r\n')
    await call('hello', 3)
    await call('hset', 'h', 'f', 'v')
    assert.equal(await connection.raw('hgetall', 'h'), '%1\r\n$1\r\nf\r\n$1\r\nv\r\n')
    assert.equal(await connection.raw('hget', 'h', 'none'), '_\r\n')
  })

  it('any bytes are fields and values', async (call) => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    await call('hset', 'h', bytes, bytes, '', '')
    assert.equal(await call('hget', 'h', bytes), bytes.toString('latin1'))
    assert.equal(await call('hget', 'h', ''), '')
  })

  it('HINCRBY is exact over 64 bits', async (call) => {
    await converse(call, [
      ['hincrby h f 9223372036854775806', 9223372036854775806n],
      ['hincrby h f 1', 9223372036854775807n],
      ['hincrby h f 1', { error: 'ERR increment or decrement would overflow' }],
      ['hget h f', '9223372036854775807'],
      ['hincrby h f -9223372036854775807', 0],
      ['hincrby h f x', NOT_INTEGER],
      ['hset h f 01', 0],
      ['hincrby h f 1', { error: 'ERR hash value is not an integer' }],
    ])
  })

  it('HINCRBYFLOAT adds decimals without surprises', async (call) => {
    await converse(call, [
      ['hincrbyfloat h f 0.1', '0.1'],
      ['hincrbyfloat h f 0.2', '0.3'],
      ['hincrbyfloat h f 3.0e3', '3000.30000000000000004'],
      ['hincrbyfloat h g 1.5', '1.5'],
      ['hincrbyfloat h g -1.5', '0'],
      ['hincrbyfloat h f abc', NOT_FLOAT],
      ['hincrbyfloat h f inf', { error: 'ERR value is NaN or Infinity' }],
      ['hset h f abc', 0],
      ['hincrbyfloat h f 1', { error: 'ERR hash value is not a float' }],
    ])
  })

  it('HRANDFIELD answers fields that exist, different ones unless the count is negative', async (call) => {
    for (const size of [SMALL, LARGE]) {
      const fields = names(size)
      const all = new Set(fields)
      await call('del', 'h')
      await call('hset', 'h', ...fields.flatMap((field) => [field, `value of ${field}`]))
      for (const count of [1, 2, Math.ceil(size / 4), Math.ceil(size / 2), size - 1, size]) {
        assertDistinctFrom(await call('hrandfield', 'h', count), count, all)
      }
      assertDistinctFrom(await call('hrandfield', 'h', size + 1), size, all)
      assertFrom(await call('hrandfield', 'h', -size * 2), size * 2, all)
      const flat = (await call('hrandfield', 'h', 3, 'withvalues')) as string[]
      for (let i = 0; i < 6; i += 2) assert.equal(flat[i + 1], `value of ${flat[i]}`)
    }
  })

  it('HRANDFIELD reaches every field', async (call) => {
    const fields = names(SMALL)
    await call('hset', 'h', ...fields.flatMap((field) => [field, '']))
    const all = new Set(fields)
    await assertReachesAll(all, 1000, async () => [(await call('hrandfield', 'h')) as string])
    await assertReachesAll(all, 1000, async () => (await call('hrandfield', 'h', 3)) as string[])
  })

  it('HRANDFIELD pairs are nested in RESP3', async (call) => {
    await call('hset', 'h', 'f', 'v')
    await call('hello', 3)
    await converse(call, [
      ['hrandfield h 5 withvalues', [['f', 'v']]],
      [
        'hrandfield h -2 withvalues',
        [
          ['f', 'v'],
          ['f', 'v'],
        ],
      ],
      ['hrandfield h 1 2', SYNTAX_ERROR],
      ['hrandfield h 1 withvalues 3', SYNTAX_ERROR],
      ['hrandfield none', null],
      ['hrandfield none 1', []],
      ['hrandfield h 9223372036854775807 withvalues', { error: 'ERR value is out of range' }],
    ])
  })

  it('HSCAN shows every pair', async (call) => {
    for (const size of [SMALL, LARGE]) {
      await call('del', 'h')
      const fields = names(size)
      await call('hset', 'h', ...fields.flatMap((field) => [field, `value of ${field}`]))
      const flat = await scanAll((cursor) => call('hscan', 'h', cursor, 'count', 17))
      const found = new Map<string, string>()
      for (let i = 0; i < flat.length; i += 2) found.set(flat[i]!, flat[i + 1]!)
      assert.deepEqual([...found.keys()].sort(), fields.sort())
      for (const [field, value] of found) assert.equal(value, `value of ${field}`)
      const alone = await scanAll((cursor) => call('hscan', 'h', cursor, 'novalues', 'match', 'm1*'))
      assert.deepEqual([...new Set(alone)].sort(), fields.filter((field) => field.startsWith('m1')).sort())
    }
  })

  it('HSCAN refuses what it does not know', async (call) => {
    await converse(call, [
      ['hscan none 0 nonsense', ['0', []]],
      ['hset h f v', 1],
      ['hscan h 0 nonsense', SYNTAX_ERROR],
      ['hscan h 0 count 0', SYNTAX_ERROR],
      ['hscan h 0 count x', NOT_INTEGER],
      ['hscan h 0 noscores', { error: 'ERR NOSCORES option can only be used in ZSCAN' }],
      ['hscan h x', { error: 'ERR invalid cursor' }],
      ['hscan h 18446744073709551616', { error: 'ERR invalid cursor' }],
    ])
  })
})
