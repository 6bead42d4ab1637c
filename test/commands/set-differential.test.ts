import fc from 'fast-check'
import {
  ABSENT,
  anyType,
  badCursor,
  command,
  integerMember,
  key,
  maybe,
  member,
  options,
  row,
  some,
  word,
} from '../support/command-arbitraries.ts'
import { type Command, differential } from '../support/differential.ts'

const anyMember = fc.oneof(member, integerMember)
const keys = some(key)
const numkeys = word('1', '2', '3', '0', '-1', 'abc', '100')

/**
 * SDIFFSTORE gets two sets at most: with more, Valkey may remove members from a result that stays as large as it was
 * encoded.
 */
const commands: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: command('sadd', key, some(anyMember)) },
  { weight: 4, arbitrary: command('sadd', key, some(integerMember, 6)) },
  { weight: 3, arbitrary: command('srem', key, some(anyMember)) },
  { weight: 2, arbitrary: command('smove', key, key, anyMember) },
  command('sismember', key, anyMember),
  command('smismember', key, some(anyMember)),
  command('smembers', key),
  command('scard', key),
  command('sscan', key, '0', 'count', '1000', maybe(row('match', word('*', '[0-3]*', 'f?o', '')))),
  command('sscan', key, badCursor, options('count', 'match', 'novalues')),
  command('spop', key, word('0', '100', '-1', 'abc')),
  command('spop', ABSENT, options('0', '1')),
  command('srandmember', key, word('0', '100', 'abc', '-9223372036854775808')),
  command('srandmember', ABSENT, options('0', '1', '-1')),
  command('sinter', keys),
  command('sunion', keys),
  command('sdiff', keys),
  { weight: 2, arbitrary: command('sinterstore', key, keys) },
  { weight: 2, arbitrary: command('sunionstore', key, keys) },
  { weight: 2, arbitrary: command('sdiffstore', key, some(key, 2)) },
  command('sintercard', numkeys, keys, options(row('limit', word('0', '1', '2', '-1', 'x')), 'limit')),
  { weight: 3, arbitrary: anyType },
)

differential('set commands', commands)
