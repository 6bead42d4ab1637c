/**
 * ZPOPMIN, ZPOPMAX and ZMPOP.
 */
import { ERRORS, fail } from '../../errors.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { SortedSet } from '../../types/sorted-set.ts'
import { hasMore, integerInRange, positiveCount } from '../arguments.ts'
import type { Context } from '../context.ts'
import { FAST, MOVABLE_KEYS, WRITE } from '../flags.ts'
import { keyAt, numkeysAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'

type End = 'min' | 'max'

/** Answers `count` members and scores from one end, the outermost first, and deletes them. */
function popMembers(
  ctx: Context,
  key: Bytes,
  set: SortedSet,
  end: End,
  count: number,
  nested: boolean,
  reply: ReplySink,
): void {
  set.range(0, count, end === 'max', (member, score) => {
    if (nested) reply.array(2)
    reply.bulk(member)
    reply.double(score)
  })
  set.deleteRange(end === 'min' ? 0 : set.size - count, count)
  ctx.db.changed(key, end === 'min' ? 'zpopmin' : 'zpopmax', count)
  ctx.db.deleteIfEmpty(key, set)
}

function pop(end: End): Handler {
  return (ctx, args, reply) => {
    if (args.count > 3) fail('syntax')
    const hasCount = args.count === 3
    const count = hasCount ? positiveCount(args.at(2)) : 1
    const key = args.at(1)
    const set = ctx.db.findSortedSet(key)
    if (set === undefined || count === 0) return reply.array(0)
    const popped = Math.min(count, set.size)
    const nested = hasCount && reply.protocol > 2
    reply.array(nested ? popped : popped * 2)
    popMembers(ctx, key, set, end, popped, nested, reply)
  }
}

function endArg(b: Bytes): End {
  if (b.is('MIN')) return 'min'
  if (b.is('MAX')) return 'max'
  fail('syntax')
}

const zmpop: Handler = (ctx, args, reply) => {
  const numkeys = integerInRange(args.at(1), 1, Infinity, ERRORS.numkeysPositive)
  const endAt = 2 + numkeys
  if (endAt >= args.count) fail('syntax')
  const end = endArg(args.at(endAt))
  let count: number | undefined
  for (let i = endAt + 1; i < args.count; i += 2) {
    if (count !== undefined || !args.at(i).is('COUNT') || !hasMore(args, i)) fail('syntax')
    count = integerInRange(args.at(i + 1), 1, Infinity, ERRORS.countPositive)
  }
  for (let i = 2; i < endAt; i++) {
    const key = args.at(i)
    const set = ctx.db.findSortedSet(key)
    if (set === undefined) continue
    const popped = Math.min(count ?? 1, set.size)
    reply.array(2)
    reply.bulk(key)
    reply.array(popped)
    popMembers(ctx, key, set, end, popped, true, reply)
    return
  }
  reply.nullArray()
}

const POP = {
  since: '5.0.0',
  complexity: 'O(log(N)*M), N being the size of the sorted set and M the number of members popped.',
  group: 'sorted-set',
  arity: -2,
  flags: WRITE | FAST,
  acl: ['sortedset'],
  keys: [keyAt(1, 'RW', 'access', 'delete')],
} as const

export const sortedSetPopCommands: readonly CommandSpec[] = [
  {
    ...POP,
    name: 'zpopmin',
    summary: 'Removes and returns the lowest members, and removes the sorted set with its last member.',
    run: pop('min'),
  },
  {
    ...POP,
    name: 'zpopmax',
    summary: 'Removes and returns the highest members, and removes the sorted set with its last member.',
    run: pop('max'),
  },
  {
    name: 'zmpop',
    summary:
      'Removes and returns the lowest or highest members of the first of several sorted sets that has any.',
    since: '7.0.0',
    complexity:
      'O(K) + O(M*log(N)), K being the number of keys given, N the size of the sorted set and M the number of members popped.',
    group: 'sorted-set',
    arity: -4,
    flags: WRITE | MOVABLE_KEYS,
    acl: ['sortedset'],
    keys: [numkeysAt(1, 'RW', 'access', 'delete')],
    run: zmpop,
  },
]
