import fc from 'fast-check'
import {
  ABSENT,
  anyType,
  badCursor,
  command,
  index,
  key,
  LONG,
  maybe,
  member,
  options,
  row,
  some,
  word,
} from '../support/command-arbitraries.ts'
import { type Command, differential, isValkey } from '../support/differential.ts'

const field = word('f', 'g', 'h', '1', '2', '', LONG)
const value = fc.oneof(
  member,
  word('1.5', '-2.25', '3.0e3', '1e400', 'nan', '0x1p3', '1e-20', '99999999999999999999.5', '+5', ' 5'),
)
const pairs = some(row(field, value), 6)
const increment = fc.oneof(index, word('9223372036854775806', '-9223372036854775807', '12345678901234567'))
const float = fc.oneof(
  word(
    '0.1',
    '0.2',
    '1',
    '-1',
    '3.0e3',
    '1e-17',
    '1e-20',
    '1e300',
    '-1e4900',
    '1e4900',
    '123456789012345678',
  ),
  word('inf', '-inf', 'nan', 'abc', '', '0x10', '1e5000', ' 1', '+1'),
  fc.double({ noNaN: true, min: -1e20, max: 1e20 }).map(String),
)
const pattern = word('*', 'f', '[fg]', '?', '', '\\1', 'long*')

const commands: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: command('hset', key, pairs) },
  command('hset', key, some(field)),
  command('hmset', key, pairs),
  command('hsetnx', key, field, value),
  command('hget', key, field),
  command('hmget', key, some(field)),
  command('hgetall', key),
  command('hkeys', key),
  command('hvals', key),
  command('hlen', key),
  command('hexists', key, field),
  command('hstrlen', key, field),
  { weight: 2, arbitrary: command('hdel', key, some(field)) },
  { weight: 3, arbitrary: command('hincrby', key, field, increment) },
  { weight: 4, arbitrary: command('hincrbyfloat', key, field, float) },
  command('hscan', key, '0', 'count', '1000', maybe(row('match', pattern))),
  ...(isValkey ? [command('hscan', key, '0', 'count', '1000', 'novalues')] : []),
  command('hscan', key, badCursor, options('count', '5', '0', 'match')),
  command(
    'hrandfield',
    key,
    word('0', '100', 'abc', '-9223372036854775808'),
    maybe(word('withvalues', 'bad')),
  ),
  command('hrandfield', ABSENT, options('0', '1', '-1', 'withvalues')),
  { weight: 3, arbitrary: anyType },
)

differential('hash commands', commands)
