import fc from 'fast-check'
import {
  anyType,
  command,
  count,
  index,
  key,
  LONG,
  maybe,
  member,
  mostly,
  nearIndex,
  options,
  row,
  signedCount,
  some,
  word,
} from '../support/command-arbitraries.ts'
import { type Command, differential } from '../support/differential.ts'
import type { Argument } from '../support/resp-client.ts'

const element = fc.oneof(member, word('x', 'y', LONG))
/** LSET of Valkey cuts its index to 32 bits, so that indexes beyond are not compared. */
const side = mostly(['left', 'RIGHT'], ['middle'])
/**
 * A list that is moved onto itself: its elements are compared, not its encoding, since Valkey decides that after both the
 * pop and the push.
 */
const ROTATED = 'rotated'
const KEYS = ['a', 'b', 'c', 'd', 'text', ROTATED]
const MOVES = KEYS.flatMap((from) => KEYS.map((to) => `${from} ${to}`)).filter(
  (move) => move === `${ROTATED} ${ROTATED}` || new Set(move.split(' ')).size === 2,
)
const move = fc.constantFrom(...MOVES).map((words): Argument[] => words.split(' '))
const numkeys = word('1', '2', '3', '0', '-1', 'abc')

const commands: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: command('rpush', key, some(element, 6)) },
  { weight: 4, arbitrary: command('lpush', key, some(element, 6)) },
  command('rpushx', key, some(element)),
  command('lpushx', key, some(element)),
  { weight: 2, arbitrary: command('lpop', key, maybe(count)) },
  { weight: 2, arbitrary: command('rpop', key, maybe(count)) },
  command('lpop', key, count, count),
  command('llen', key),
  command('lindex', key, index),
  { weight: 2, arbitrary: command('lset', key, nearIndex, element) },
  { weight: 3, arbitrary: command('lrange', key, index, index) },
  { weight: 3, arbitrary: command('lrange', key, '0', '-1') },
  command('ltrim', key, index, index),
  { weight: 2, arbitrary: command('linsert', key, mostly(['before', 'AFTER'], ['at']), element, element) },
  { weight: 2, arbitrary: command('lrem', key, signedCount, element) },
  {
    weight: 3,
    arbitrary: command(
      'lpos',
      key,
      element,
      options(row('rank', signedCount), row('count', count), row('maxlen', count), 'count', 'other'),
    ),
  },
  { weight: 3, arbitrary: command('lmove', move, side, side) },
  { weight: 2, arbitrary: command('rpoplpush', move) },
  command('rpush', ROTATED, some(element, 6)),
  command('lrange', ROTATED, '0', '-1'),
  {
    weight: 2,
    arbitrary: command('lmpop', numkeys, some(key, 3), side, options(row('count', count), 'count')),
  },
  { weight: 3, arbitrary: anyType },
)

differential('list commands', commands)
