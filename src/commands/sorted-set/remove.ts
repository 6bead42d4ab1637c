/**
 * Removing a range of a sorted set: ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX.
 */
import type { Bytes } from '../../memory/bytes.ts'
import { WRITE } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { type Bounds, lexBounds, rankBounds, scoreBounds } from './bounds.ts'

type RemoveEvent = 'zremrangebyrank' | 'zremrangebyscore' | 'zremrangebylex'

function removeRange(event: RemoveEvent, boundsOf: (min: Bytes, max: Bytes) => Bounds): Handler {
  return (ctx, args, reply) => {
    const bounds = boundsOf(args.at(2), args.at(3))
    const key = args.at(1)
    const set = ctx.db.findSortedSet(key)
    if (set === undefined) return reply.integer(0)
    const first = bounds.first(set)
    const count = Math.max(0, bounds.end(set) - first)
    if (count > 0) {
      set.deleteRange(first, count)
      ctx.db.changed(key, event, count)
      ctx.db.deleteIfEmpty(key, set)
    }
    reply.integer(count)
  }
}

const REMOVE_RANGE = {
  complexity: 'O(log(N)+M), N being the size of the sorted set and M the number of members removed.',
  group: 'sorted-set',
  arity: 4,
  flags: WRITE,
  acl: ['sortedset'],
  keys: [keyAt(1, 'RW', 'delete')],
} as const

export const sortedSetRemoveCommands: readonly CommandSpec[] = [
  {
    ...REMOVE_RANGE,
    name: 'zremrangebyrank',
    summary: 'Removes the members within a range of ranks, and the sorted set with its last member.',
    since: '2.0.0',
    run: removeRange('zremrangebyrank', (start, stop) => rankBounds(start, stop)),
  },
  {
    ...REMOVE_RANGE,
    name: 'zremrangebyscore',
    summary: 'Removes the members within a range of scores, and the sorted set with its last member.',
    since: '1.2.0',
    run: removeRange('zremrangebyscore', scoreBounds),
  },
  {
    ...REMOVE_RANGE,
    name: 'zremrangebylex',
    summary: 'Removes the members between two members, and the sorted set with its last member.',
    since: '2.8.9',
    run: removeRange('zremrangebylex', lexBounds),
  },
]
