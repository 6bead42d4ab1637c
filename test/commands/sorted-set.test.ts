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

const SMALL = 50
const LARGE = 3000
const NOT_A_RANGE = { error: 'ERR min or max is not a float' }
const NOT_A_LEX_RANGE = { error: 'ERR min or max not valid string range item' }
const NUMKEYS = { error: 'ERR numkeys should be greater than 0' }

onEachServer('sorted sets', ({ it }) => {
  it('ZADD and its options', async (call) => {
    await converse(call, [
      ['zadd z 1 a 2 b', 2],
      ['zadd z 3 a 4 c', 1],
      ['zadd z ch 5 a 4 c 1 d', 2],
      ['zadd z nx 9 a 9 e', 1],
      ['zadd z xx ch 6 a 9 f', 1],
      ['zadd z gt ch 5 a 7 b', 1],
      ['zadd z lt ch 9 a 1 b', 1],
      ['zadd z gt xx ch 8 a 8 x', 1],
      ['zadd z incr 1.5 a', '9.5'],
      ['zadd z nx incr 1 a', null],
      ['zadd z gt incr -1 a', null],
      ['zadd none xx 1 a', 0],
      ['zadd none xx incr 1 a', null],
      ['exists none', 0],
      ['zadd z nx xx 1 a', { error: 'ERR XX and NX options at the same time are not compatible' }],
      ['zadd z gt lt 1 a', { error: 'ERR GT, LT, and/or NX options at the same time are not compatible' }],
      ['zadd z incr 1 a 2 b', { error: 'ERR INCR option supports a single increment-element pair' }],
      ['zadd z 1', wrongArity('zadd')],
      ['zadd z 1 a 2', SYNTAX_ERROR],
      ['zadd z x a', NOT_FLOAT],
      ['zadd z 1 g nan h', NOT_FLOAT],
      ['zscore z g', null],
      ['zadd z inf i', 1],
      ['zincrby z -inf i', { error: 'ERR resulting score is not a number (NaN)' }],
      ['zincrby z 2.5 new', '2.5'],
      ['zrem z a none b', 2],
      ['zmscore z a c i', [null, '4', 'inf']],
      ['set s x', 'OK'],
      ['zadd s 1 a', WRONG_TYPE],
    ])
  })

  it('scores are printed as Valkey prints them', async (call) => {
    const printed: [string, string][] = [
      ['3', '3'],
      ['0.1', '0.1'],
      ['1e20', '1e+20'],
      ['-1.5e-9', '-1.5e-9'],
      ['1234567.1234567', '1.2345671234567e+6'],
      ['4611686018427387904', '4611686018427387904'],
      ['0.000123456789', '1.23456789e-4'],
      ['12345678901234567890', '12345678901234567000'],
    ]
    for (const [given, expected] of printed) {
      await call('zadd', 'z', given, 'm')
      assert.equal(await call('zscore', 'z', 'm'), expected)
    }
    await call('hello', 3)
    assert.deepEqual(await call('zscore', 'z', 'm'), { double: '12345678901234567000' })
  })

  it('ranges by rank', async (call) => {
    await converse(call, [
      ['zadd z 1 a 2 b 3 c', 3],
      ['zrange z 0 -1', ['a', 'b', 'c']],
      ['zrange z 0 0 rev withscores', ['c', '3']],
      ['zrange z -2 10', ['b', 'c']],
      ['zrange z 2 1', []],
      ['zrevrange z 0 1', ['c', 'b']],
      [
        'zrange z 0 -1 limit 0 1',
        {
          error: 'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
        },
      ],
      ['zrange z a 1', NOT_INTEGER],
      ['zrevrange z 0 1 rev', SYNTAX_ERROR],
      ['zrank z b', 1],
      ['zrevrank z a', 2],
      ['zrank z none', null],
      ['zrank z b withscore', [1, '2']],
      ['zrank z none withscore', null],
      ['zrank z b with', SYNTAX_ERROR],
      ['zrank z b withscore x', wrongArity('zrank')],
      ['zremrangebyrank z 1 -1', 2],
      ['zcard z', 1],
      ['zremrangebyrank z 0 0', 1],
      ['exists z', 0],
    ])
  })

  it('ranges by score', async (call) => {
    await converse(call, [
      ['zadd z -inf n 1 a 2 b 2 c 3 d inf i', 6],
      ['zrangebyscore z 1 2', ['a', 'b', 'c']],
      ['zrangebyscore z (1 (3', ['b', 'c']],
      ['zrangebyscore z -inf +inf limit 1 2', ['a', 'b']],
      ['zrangebyscore z -inf +inf limit 4 -1', ['d', 'i']],
      ['zrevrangebyscore z 2 (-inf withscores', ['c', '2', 'b', '2', 'a', '1']],
      ['zrange z 3 1 byscore rev limit 0 1', ['d']],
      ['zrange z 3 1 byscore', []],
      ['zcount z -inf +inf', 6],
      ['zcount z (2 (2', 0],
      ['zcount z x 2', NOT_A_RANGE],
      ['zcount z (nan 2', NOT_A_RANGE],
      ['zremrangebyscore z (1 2', 2],
      ['zrange z 0 -1', ['n', 'a', 'd', 'i']],
    ])
  })

  it('ranges by member', async (call) => {
    await converse(call, [
      ['zadd z 0 a 0 b 0 ba 0 c 0 d', 5],
      ['zrangebylex z - +', ['a', 'b', 'ba', 'c', 'd']],
      ['zrangebylex z [b (c', ['b', 'ba']],
      ['zrevrangebylex z + (b limit 1 2', ['c', 'ba']],
      ['zrange z [c [b bylex rev', ['c', 'ba', 'b']],
      [
        'zrange z - + bylex withscores',
        {
          error: 'ERR syntax error, WITHSCORES not supported in combination with BYLEX',
        },
      ],
      ['zlexcount z [b +', 4],
      ['zlexcount z + -', 0],
      ['zlexcount z b +', NOT_A_LEX_RANGE],
      ['zremrangebylex z (a [c', 3],
      ['zrange z 0 -1', ['a', 'd']],
    ])
  })

  it('ZRANGESTORE', async (call) => {
    await converse(call, [
      ['zadd z 1 a 2 b 3 c', 3],
      ['zrangestore d z 0 1', 2],
      ['zrange d 0 -1 withscores', ['a', '1', 'b', '2']],
      ['zrangestore z z (1 +inf byscore limit 1 1', 1],
      ['zrange z 0 -1', ['c']],
      ['zrangestore d none 0 -1', 0],
      ['exists d', 0],
      ['zrangestore d z 0 -1 withscores', SYNTAX_ERROR],
    ])
  })

  it('popping', async (call) => {
    await converse(call, [
      ['zadd z 1 a 2 b 3 c 4 d 5 e', 5],
      ['zpopmin z', ['a', '1']],
      ['zpopmax z 2', ['e', '5', 'd', '4']],
      ['zpopmin z 0', []],
      ['zpopmin none', []],
      ['zpopmin z 1 2', SYNTAX_ERROR],
      ['zmpop 2 none z max', ['z', [['c', '3']]]],
      ['zmpop 2 none z min count 10', ['z', [['b', '2']]]],
      ['zmpop 1 z min', null],
      ['zmpop 0 z min', NUMKEYS],
      ['zmpop 1 z min count 0', { error: 'ERR count should be greater than 0' }],
      ['zadd z 1 a 2 b', 2],
    ])
    await call('hello', 3)
    await converse(call, [
      ['zpopmin z', ['a', { double: '1' }]],
      ['zpopmin z 1', [['b', { double: '2' }]]],
    ])
  })

  it('unions, intersections and differences', async (call) => {
    await converse(call, [
      ['zadd a 1 x 2 y', 2],
      ['zadd b 10 y 20 z', 2],
      ['sadd s x z', 2],
      ['zunion 3 a b s withscores', ['x', '2', 'y', '12', 'z', '21']],
      ['zunion 2 a b weights 2 1 aggregate max withscores', ['x', '2', 'y', '10', 'z', '20']],
      ['zinter 2 a b withscores', ['y', '12']],
      ['zinter 2 a a aggregate min withscores', ['x', '1', 'y', '2']],
      ['zdiff 2 a b', ['x']],
      ['zdiff 2 a a', []],
      ['zintercard 2 a s', 1],
      ['zintercard 2 a s limit 1', 1],
      ['zunionstore a 2 a b', 3],
      ['zinterstore d 2 a s weights 1 0', 2],
      ['zrange d 0 -1 withscores', ['x', '1', 'z', '20']],
      ['zdiffstore d 2 d a', 0],
      ['exists d', 0],
      ['zunionstore d 0 a', { error: "ERR at least 1 input key is needed for 'zunionstore' command" }],
      ['zunion 3 a b', SYNTAX_ERROR],
      ['zunion 1 a weights x', { error: 'ERR weight value is not a float' }],
      ['zunionstore d 1 a withscores', SYNTAX_ERROR],
      ['zdiff 1 a weights 1', SYNTAX_ERROR],
      ['zintercard 1 a limit -1', { error: "ERR LIMIT can't be negative" }],
      ['set t x', 'OK'],
      ['zunion 2 a t', WRONG_TYPE],
    ])
  })

  it('infinities that cancel out count as 0', async (call) => {
    await converse(call, [
      ['zadd a inf x', 1],
      ['zadd b -inf x', 1],
      ['zunion 2 a b withscores', ['x', '0']],
      ['zinter 2 a b withscores', ['x', '0']],
      ['zunion 1 a weights 0 withscores', ['x', '0']],
    ])
  })

  it('a large sorted set', async (call) => {
    const members = names(LARGE)
    await call('zadd', 'z', ...members.flatMap((member, i) => [i % 100, member]))
    const expected = members
      .map((member, i) => ({ member, score: i % 100 }))
      .sort((a, b) => a.score - b.score || (a.member < b.member ? -1 : 1))
      .map(({ member }) => member)
    assert.deepEqual(await call('zrange', 'z', 0, -1), expected)
    assert.deepEqual(await call('zrange', 'z', 100, 120, 'rev'), expected.slice(-121, -100).reverse())
    assert.equal(await call('zrank', 'z', expected[1234]!), 1234)
    assert.equal(await call('zcount', 'z', 10, '(20'), 300)
    assert.equal(await call('zremrangebyscore', 'z', 10, 19), 300)
    assert.deepEqual(await call('zrange', 'z', 0, -1), [...expected.slice(0, 300), ...expected.slice(600)])
  })

  it('ZRANDMEMBER answers members, different ones unless the count is negative', async (call) => {
    for (const size of [SMALL, LARGE]) {
      const members = names(size)
      const all = new Set(members)
      await call('del', 'z')
      await call('zadd', 'z', ...members.flatMap((member, i) => [i, member]))
      for (const count of [1, 2, Math.ceil(size / 4), Math.ceil(size / 2), size - 1, size]) {
        assertDistinctFrom(await call('zrandmember', 'z', count), count, all)
      }
      assertFrom(await call('zrandmember', 'z', -2 * size), 2 * size, all)
      const flat = (await call('zrandmember', 'z', 3, 'withscores')) as string[]
      for (let i = 0; i < 6; i += 2) assert.equal(flat[i], `m${flat[i + 1]}`)
    }
    await call('zremrangebyrank', 'z', SMALL, -1)
    const few = new Set(names(SMALL))
    await assertReachesAll(few, 5000, async () => [(await call('zrandmember', 'z')) as string])
  })

  it('ZSCAN shows every member', async (call) => {
    for (const size of [SMALL, LARGE]) {
      const members = names(size)
      await call('del', 'z')
      await call('zadd', 'z', ...members.flatMap((member, i) => [i, member]))
      const flat = await scanAll((cursor) => call('zscan', 'z', cursor, 'count', 31))
      const found = new Set<string>()
      for (let i = 0; i < flat.length; i += 2) {
        found.add(flat[i]!)
        assert.equal(flat[i], `m${flat[i + 1]}`)
      }
      assert.deepEqual([...found].sort(), members.sort())
    }
  })
})
