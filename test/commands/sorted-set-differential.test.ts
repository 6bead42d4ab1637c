import fc from 'fast-check'
import {
  anyType,
  command,
  count,
  index,
  integerMember,
  key,
  LONG,
  maybe,
  member,
  mostly,
  options,
  row,
  some,
  word,
} from '../support/command-arbitraries.ts'
import { type Command, differential, isValkey } from '../support/differential.ts'

const score = fc.oneof(
  {
    weight: 12,
    arbitrary: word('0', '1', '2', '-1', '1.5', '-3.25', '100', '1e10', 'inf', '-inf', '+5', '0x10'),
  },
  { weight: 1, arbitrary: word('nan', 'abc', '', ' 1', '1e400', '1e-400') },
)
/** Scores that redis-server 7.0 prints otherwise than Valkey. */
const digits = word(
  '0.1',
  '3.14',
  '1e20',
  '1e-7',
  '123456789.123',
  '4611686018427387905',
  '1e17',
  '12345678901234567890',
)
const anyScore = isValkey
  ? fc.oneof({ weight: 4, arbitrary: score }, { weight: 1, arbitrary: digits })
  : score
const anyMember = fc.oneof(member, integerMember)
const pairs = some(row(anyScore, anyMember), 5)
const bound = fc.oneof(
  anyScore,
  anyScore.map((text) => `(${text}`),
  word('-inf', '+inf'),
)
const lexBound = mostly(['-', '+', '[a', '(foo', '[hello', '(x', '[z', '[', '('], ['a', '', '+x'])
/** A negative offset selects nothing, or in a large set of Valkey 8.1, by mistake, members from the other end. */
const limit = row('limit', word('0', '1', '2', '5', 'abc'), index)
const flags = options('nx', 'xx', 'gt', 'lt', 'ch', 'incr')
const rangeOptions = options('rev', 'byscore', 'withscores', limit, 'limit', 'bad')
const numkeys = word('1', '2', '3', '0', '-1', 'abc', '100')
const combination = options(
  row('weights', some(anyScore, 3)),
  row('aggregate', mostly(['sum', 'min', 'MAX'], ['avg'])),
  'withscores',
  row('limit', count),
)
/** Only here all scores are the same, so that ranges by member are specified. */
const LEX = 'lex'

const writes: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: command('zadd', key, pairs) },
  { weight: 3, arbitrary: command('zadd', key, flags, pairs) },
  { weight: 2, arbitrary: command('zadd', key, flags, anyScore, anyMember) },
  { weight: 2, arbitrary: command('zincrby', key, anyScore, anyMember) },
  { weight: 2, arbitrary: command('zrem', key, some(anyMember)) },
  command('zremrangebyrank', key, index, index),
  command('zremrangebyscore', key, bound, bound),
  command('zpopmin', key, maybe(count)),
  command('zpopmax', key, maybe(count)),
  command('zpopmax', key, count, count),
  command(
    'zmpop',
    numkeys,
    some(key, 3),
    mostly(['min', 'MAX'], ['mid']),
    options(row('count', count), 'count'),
  ),
  command('zrangestore', key, key, index, index, options('rev', limit)),
  command('zrangestore', key, key, bound, bound, 'byscore', options('rev', limit, 'withscores')),
  { weight: 2, arbitrary: command('zunionstore', key, numkeys, some(key, 3), combination) },
  { weight: 2, arbitrary: command('zinterstore', key, numkeys, some(key, 3), combination) },
  { weight: 2, arbitrary: command('zdiffstore', key, numkeys, some(key, 3)) },
  { weight: 2, arbitrary: command('sadd', 'd', some(anyMember)) },
)

const reads: fc.Arbitrary<Command> = fc.oneof(
  command('zscore', key, anyMember),
  command('zmscore', key, some(anyMember)),
  command('zcard', key),
  command('zcount', key, bound, bound),
  command('zrank', key, anyMember, ...(isValkey ? [options('withscore', 'bad')] : [])),
  command('zrevrank', key, anyMember, ...(isValkey ? [maybe('withscore')] : [])),
  { weight: 3, arbitrary: command('zrange', key, '0', '-1', 'withscores') },
  { weight: 2, arbitrary: command('zrange', key, index, index, rangeOptions) },
  { weight: 2, arbitrary: command('zrange', key, bound, bound, 'byscore', rangeOptions) },
  command('zrevrange', key, index, index, options('withscores', 'rev')),
  command('zrangebyscore', key, bound, bound, options('withscores', limit)),
  command('zrevrangebyscore', key, bound, bound, options('withscores', limit)),
  { weight: 2, arbitrary: command('zunion', numkeys, some(key, 3), combination) },
  { weight: 2, arbitrary: command('zinter', numkeys, some(key, 3), combination) },
  { weight: 2, arbitrary: command('zdiff', numkeys, some(key, 3), options('withscores', 'weights')) },
  command('zintercard', numkeys, some(key, 3), options(row('limit', count))),
  command('zscan', key, '0', 'count', '1000', maybe(row('match', word('*', '[0-3]*', 'f?o')))),
  ...(isValkey ? [command('zscan', key, '0', 'count', '1000', 'noscores')] : []),
  command(
    'zrandmember',
    key,
    word('0', '100', 'abc', '-9223372036854775808'),
    maybe(word('withscores', 'bad')),
  ),
)

const lexical: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: command('zadd', LEX, some(row('0', anyMember))) },
  command('zadd', LEX, '0', LONG),
  command('zrem', LEX, some(anyMember)),
  command('zlexcount', LEX, lexBound, lexBound),
  {
    weight: 2,
    arbitrary: command('zrange', LEX, lexBound, lexBound, 'bylex', options('rev', limit, 'withscores')),
  },
  command('zrangebylex', LEX, lexBound, lexBound, options(limit)),
  command('zrevrangebylex', LEX, lexBound, lexBound, options(limit)),
  command('zremrangebylex', LEX, lexBound, lexBound),
  command('zrangestore', key, LEX, lexBound, lexBound, 'bylex', options('rev', limit)),
)

differential(
  'sorted set commands',
  fc.oneof(
    { weight: 4, arbitrary: writes },
    { weight: 4, arbitrary: reads },
    { weight: 2, arbitrary: lexical },
    { weight: 1, arbitrary: anyType },
  ),
)
