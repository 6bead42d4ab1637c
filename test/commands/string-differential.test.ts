import fc from 'fast-check'
import {
  anyType,
  command,
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
import { type Command, differentialWithValkey, isValkey } from '../support/differential.ts'

const LARGE = 'x'.repeat(20_000)
const value = fc.oneof(
  { weight: 10, arbitrary: member },
  word('1.5', '-2.25', '3.0e3', '0x1p3', '1e-20', '99999999999999999999.5', '9223372036854775806', LARGE),
  fc.integer().map(String),
)
const delta = mostly(
  ['0', '1', '-1', '12345', '9007199254740993', '-9007199254740993', '9223372036854775807'],
  ['-9223372036854775808', '9223372036854775808', 'x', '', '1.0', ' 1', '+1'],
)
const float = fc.oneof(
  word('0.1', '0.2', '-0.3', '1', '3.0e3', '1e-17', '1e-20', '1e300', '-1e4900', '1e4900', '-1e18'),
  word('inf', '-inf', 'nan', 'abc', '', '0x10', '1e5000', ' 1', '+1'),
  fc.double({ noNaN: true, min: -1e20, max: 1e20 }).map(String),
)
const floatKey = mostly(['f', 'g'], ['text'])
const offset = mostly(['0', '1', '3', '10', '100', '20000'], ['-1', '600000000', 'x', '9223372036854775807'])
const position = mostly(
  ['0', '1', '2', '5', '100', '-1', '-2', '-5', '-100'],
  ['9223372036854775807', '-9223372036854775808', 'x', ''],
)
/** Far enough from now for both servers to answer the same TTL in seconds. */
const seconds = mostly(['1000', '99999'], ['0', '-5', '9223372036854775807', '9223372036854775', 'x'])
const past = word('1', '1000')
const future = word('4000000000', '5000000000')
const expiryOptions = [
  row('ex', seconds),
  row('px', word('1000000', '0', '9223372036854775807')),
  row('exat', fc.oneof(past, future)),
  row('pxat', word('1000', '4000000000123')),
] as const

const commands: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: command('set', key, value) },
  {
    weight: 4,
    arbitrary: command('set', key, value, options(...expiryOptions, 'nx', 'xx', 'get', 'keepttl', 'persist')),
  },
  ...(isValkey
    ? [command('set', key, value, 'ifeq', value, options('get', 'nx', row('ex', '1000'), 'keepttl'))]
    : []),
  command('setnx', key, value),
  command('setex', key, seconds, value),
  command('psetex', key, word('1000000', '0', 'x'), value),
  command('get', key),
  command('getset', key, value),
  command('getdel', key),
  command('getex', key, options(...expiryOptions, 'persist', 'nx')),
  command('mget', some(key)),
  command('mset', some(row(key, value))),
  command('mset', some(key)),
  command('msetnx', some(row(word('m', 'n', 'a'), value), 2)),
  { weight: 3, arbitrary: command('append', key, value) },
  command('strlen', key),
  { weight: 2, arbitrary: command('setrange', key, offset, fc.oneof(word('', 'xyz', '0'), value)) },
  command('getrange', key, position, position),
  command('substr', key, position, position),
  { weight: 2, arbitrary: command('incr', key) },
  { weight: 2, arbitrary: command('decr', key) },
  { weight: 2, arbitrary: command('incrby', key, delta) },
  { weight: 2, arbitrary: command('decrby', key, delta) },
  { weight: 4, arbitrary: command('incrbyfloat', floatKey, float) },
  command('set', floatKey, value),
  command('append', floatKey, word('0', '1', '.5')),
  command('incr', floatKey),
  { weight: 2, arbitrary: command('get', floatKey) },
  command('object', 'encoding', floatKey),
  command('set', key, word('hello', LONG, '12')),
  command('lcs', key, key, options('len', 'idx', 'withmatchlen', row('minmatchlen', word('0', '2', 'x')))),
  command('rpush', 'text', 'x'),
  command('pexpiretime', fc.constant('absent')),
  command('object', maybe('encoding'), key),
  { weight: 3, arbitrary: anyType },
)

differentialWithValkey('string commands', commands)
