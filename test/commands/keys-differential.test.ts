import fc from 'fast-check'
import { command, LONG, mostly, options, row, some, word } from '../support/command-arbitraries.ts'
import { type Command, differentialWithValkey } from '../support/differential.ts'

/** Two of each type, so that a command meets all of them. */
const key = mostly(['s1', 's2', 'l1', 'l2', 'set1', 'z1', 'h1', 'h2'], ['absent', '', '\0', LONG])
const db = mostly(['0', '1'], ['2', '16', '-1', 'x', '2147483648'])
const seconds = mostly(
  ['1000', '2000', '99999'],
  ['0', '-1', '-9223372036854775808', '9223372036854775807', '9223372036854775', 'x', '1.0'],
)
const at = mostly(['4000000000', '5000000000'], ['0', '1', '-1', '9223372036854775807', 'x'])
const milliseconds = mostly(['1000000', '2000000'], ['0', '-1', '9223372036854775807', 'x'])
const condition = options('nx', 'xx', 'gt', 'lt', 'bad')
/** A time from now is greater than the same time asked for a millisecond ago: nothing to compare by. */
const unordered = options('nx', 'xx', 'bad')
const number = word('3', '10', '-2', '1.5', '1e1', '7', '22')
const pattern = word('w_*', 'h*->f', 's*', 'nosort', '#', '*', 'h1->f', '*->f', 'w_*->')

const commands: fc.Arbitrary<Command> = fc.oneof(
  command('set', word('s1', 's2', 'w_3', 'w_10', 'w_7'), word('5', '1', 'x', 'abc', LONG)),
  command('rpush', word('l1', 'l2'), some(number)),
  command('sadd', 'set1', some(number)),
  command('zadd', 'z1', number, number),
  command('hset', word('h1', 'h2', 'h3', 'h7'), 'f', number),
  command('del', some(key)),
  command('unlink', some(key)),
  command('exists', some(key)),
  command('touch', some(key)),
  command('type', key),
  { weight: 2, arbitrary: command('rename', key, key) },
  { weight: 2, arbitrary: command('renamenx', key, key) },
  { weight: 3, arbitrary: command('copy', key, key, options('replace', row('db', db), 'bad')) },
  { weight: 2, arbitrary: command('move', key, db) },
  command('select', word('0', '1')),
  command('swapdb', db, db),
  command('dbsize'),
  command('flushdb', options('async', 'sync', 'bad')),
  { weight: 2, arbitrary: command('expire', key, seconds, unordered) },
  { weight: 2, arbitrary: command('pexpire', key, milliseconds, unordered) },
  { weight: 2, arbitrary: command('expireat', key, at, condition) },
  { weight: 2, arbitrary: command('pexpireat', key, at, condition) },
  command('ttl', key),
  command('persist', key),
  command('object', word('refcount', 'freq'), key),
  // Not of sorted sets, whose encoding SORT changes in Valkey.
  command('object', 'encoding', word('s1', 'l1', 'set1', 'h1', 'absent')),
  {
    weight: 4,
    arbitrary: command(
      'sort',
      mostly(['l1', 'l2', 'z1', 'set1'], ['s1', 'h1', 'absent']),
      options(
        row('by', pattern),
        row('get', pattern),
        row('limit', word('0', '1', '-1', '5'), word('0', '2', '-1', '9')),
        'desc',
        'alpha',
      ),
      options(row('store', key)),
    ),
  },
  command('lrange', word('l1', 'l2', 's1', 'z1'), '0', '-1'),
  command('zrange', 'z1', '0', '-1', 'withscores'),
  command('scan', word('x', '-1', ''), options('count', '5', '0', 'match')),
  command('scan', '0', row('type', word('nothing', 'x'))),
)

differentialWithValkey('key commands', commands)
