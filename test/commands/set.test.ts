import assert from 'node:assert/strict'
import {
  assertDistinctFrom,
  assertFrom,
  assertReachesAll,
  names,
  scanAll,
} from '../support/random-elements.ts'
import { type Call, onEachServer } from '../support/server.ts'
import { converse, NOT_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from '../support/transcript.ts'

const NOT_POSITIVE = { error: 'ERR value is out of range, must be positive' }
/** One size for each encoding: intset (integers), listpack, hashtable. */
const KINDS = [
  { encoding: 'intset', members: names(100, '1') },
  { encoding: 'listpack', members: names(100) },
  { encoding: 'hashtable', members: names(3000) },
]

async function sorted(call: Call, ...args: string[]): Promise<string[]> {
  return ((await call(...args)) as string[]).sort()
}

onEachServer('sets', ({ it }) => {
  it('members are added, found and removed', async (call) => {
    await converse(call, [
      ['sadd s a b a', 2],
      ['sadd s b', 0],
      ['scard s', 2],
      ['sismember s a', 1],
      ['sismember none a', 0],
      ['smismember s a x b', [1, 0, 1]],
      ['smismember none a b', [0, 0]],
      ['srem s a x a', 1],
      ['srem s b', 1],
      ['exists s', 0],
      ['smembers s', []],
      ['set t x', 'OK'],
      ['sadd t a', WRONG_TYPE],
      ['smove t s a', WRONG_TYPE],
      ['smove none t a', 0],
    ])
  })

  it('SMOVE moves, and keeps its hands off when there is nothing to move', async (call) => {
    await converse(call, [
      ['sadd a x y', 2],
      ['smove a b z', 0],
      ['exists b', 0],
      ['smove a a x', 1],
      ['smove a b x', 1],
      ['sismember b x', 1],
      ['smove a b y', 1],
      ['exists a', 0],
    ])
  })

  it('encodings are those of Valkey', async (call) => {
    for (const { encoding, members } of KINDS) {
      await call('sadd', encoding, ...members)
      assert.equal(await call('object', 'encoding', encoding), encoding)
      await call('sunionstore', 'copy', encoding, 'none')
      assert.equal(await call('object', 'encoding', 'copy'), encoding)
      await call('sinterstore', 'copy', encoding, 'copy')
      assert.equal(await call('object', 'encoding', 'copy'), encoding)
    }
    await call('sinterstore', 'few', 'hashtable', 'listpack')
    assert.equal(await call('object', 'encoding', 'few'), 'listpack')
  })

  it('SPOP removes what it answers', async (call) => {
    for (const { members } of KINDS) {
      const all = new Set(members)
      await call('sadd', 's', ...members)
      const left = new Set(members)
      const single = (await call('spop', 's')) as string
      assert.ok(left.delete(single))
      for (const count of [3, Math.ceil(members.length / 2), members.length]) {
        const popped = assertDistinctFrom(await call('spop', 's', count), Math.min(count, left.size), all)
        for (const member of popped) assert.ok(left.delete(member), 'not popped twice')
        assert.deepEqual(await sorted(call, 'smembers', 's'), [...left].sort())
      }
      assert.equal(await call('exists', 's'), 0)
    }
    await converse(call, [
      ['spop none', null],
      ['spop none 3', []],
      ['spop none -1', NOT_POSITIVE],
      ['spop none 1 2', SYNTAX_ERROR],
    ])
  })

  it('SRANDMEMBER answers members, different ones unless the count is negative', async (call) => {
    for (const { members } of KINDS) {
      const all = new Set(members)
      await call('del', 's')
      await call('sadd', 's', ...members)
      const { length } = members
      for (const count of [1, 2, Math.ceil(length / 4), Math.ceil(length / 2), length - 1, length]) {
        assertDistinctFrom(await call('srandmember', 's', count), count, all)
      }
      assertDistinctFrom(await call('srandmember', 's', length + 5), length, all)
      assertFrom(await call('srandmember', 's', -2 * length), 2 * length, all)
      assert.deepEqual(await sorted(call, 'smembers', 's'), [...members].sort())
    }
    await converse(call, [
      ['srandmember none', null],
      ['srandmember none 3', []],
      ['srandmember none x', NOT_INTEGER],
      ['srandmember none 1 2', SYNTAX_ERROR],
    ])
  })

  it('random members reach the whole set', async (call) => {
    for (const { members } of KINDS.slice(0, 2)) {
      const all = new Set(members)
      await call('del', 's')
      await call('sadd', 's', ...members)
      await assertReachesAll(all, 5000, async () => [(await call('srandmember', 's')) as string])
      await assertReachesAll(all, 1000, async () => (await call('srandmember', 's', 7)) as string[])
    }
  })

  it('intersections, unions and differences', async (call) => {
    await call('sadd', 'a', '1', '2', '3', 'x')
    await call('sadd', 'b', '2', '3', 'y')
    await call('sadd', 'c', '3')
    assert.deepEqual(await sorted(call, 'sinter', 'a', 'b'), ['2', '3'])
    assert.deepEqual(await sorted(call, 'sunion', 'a', 'b', 'none'), ['1', '2', '3', 'x', 'y'])
    assert.deepEqual(await sorted(call, 'sdiff', 'a', 'b', 'none', 'c'), ['1', 'x'])
    await converse(call, [
      ['sinter a none', []],
      ['sdiff none a', []],
      ['sdiff a b a', []],
      ['sinter a a c', ['3']],
      ['sinterstore d a b', 2],
      ['sinterstore a a b', 2],
      ['sdiffstore d d d', 0],
      ['exists d', 0],
      ['set d x', 'OK'],
      ['sunionstore d a b c', 3],
      ['set t x', 'OK'],
      ['sinter a none t', WRONG_TYPE],
      ['sunionstore d a t', WRONG_TYPE],
      ['sintercard 2 d b', 3],
      ['sintercard 2 d b limit 2', 2],
      ['sintercard 2 d b limit 0', 3],
      ['sintercard 0 d', { error: 'ERR numkeys should be greater than 0' }],
      ['sintercard x d', { error: 'ERR numkeys should be greater than 0' }],
      ['sintercard 2 d', { error: "ERR Number of keys can't be greater than number of args" }],
      ['sintercard 1 d limit -1', { error: "ERR LIMIT can't be negative" }],
      ['sintercard 1 d limit', SYNTAX_ERROR],
    ])
  })

  it('a difference with many small sets', async (call) => {
    const members = names(500)
    await call('sadd', 'big', ...members)
    const small = names(30, 'small')
    for (const [i, key] of small.entries()) await call('sadd', key, members[i]!, 'other')
    assert.deepEqual(await sorted(call, 'sdiff', 'big', ...small), members.slice(30).sort())
  })

  it('sets are sets in RESP3', async (call) => {
    await call('sadd', 's', 'a')
    await call('hello', 3)
    await converse(call, [
      ['smembers s', { set: ['a'] }],
      ['sinter s s', { set: ['a'] }],
      ['sunion s none', { set: ['a'] }],
      ['sdiff s none', { set: ['a'] }],
      ['srandmember s 1', ['a']],
      ['spop s 1', { set: ['a'] }],
      ['smembers s', { set: [] }],
      ['sinter s s', { set: [] }],
    ])
  })

  it('SSCAN shows every member', async (call) => {
    for (const { members } of KINDS) {
      await call('del', 's')
      await call('sadd', 's', ...members)
      const found = await scanAll((cursor) => call('sscan', 's', cursor, 'count', 23))
      assert.deepEqual([...new Set(found)].sort(), [...members].sort())
    }
    await converse(call, [['sscan s 0 novalues', { error: 'ERR NOVALUES option can only be used in HSCAN' }]])
  })
})
