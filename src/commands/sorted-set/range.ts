/**
 * ZRANGE in all its forms: by rank, score or member, forward or reverse, answered (ZRANGE and its six older relatives) or
 * stored (ZRANGESTORE).
 */
import { fail } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { SortedSet } from '../../types/sorted-set.ts'
import { hasMore, integerArg } from '../arguments.ts'
import { MemberList } from '../collection/member-list.ts'
import { openPair, openPairs } from '../collection/pair-reply.ts'
import { DENYOOM, READONLY, WRITE } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { type Bounds, lexBounds, rankBounds, scoreBounds } from './bounds.ts'
import { replaceSortedSet } from './store.ts'

type By = 'rank' | 'score' | 'lex'

/** What a command's name fixes; ZRANGE itself leaves both to options. */
interface Form {
  readonly by?: By
  readonly reverse?: boolean
  readonly store?: boolean
}

interface RangeOptions {
  by: By
  reverse: boolean
  withScores: boolean
  offset: number
  /** Negative: no limit. */
  limit: number
}

interface Range extends RangeOptions {
  readonly bounds: Bounds
}

/** Reads `min max [options]`, min being args[first]. */
function rangeOf(args: Args, first: number, form: Form): Range {
  const options = rangeOptions(args, first + 2, form)
  const { by, reverse } = options
  if (by === 'rank' && options.limit !== -1) fail('rangeLimit')
  if (by === 'lex' && options.withScores) fail('rangeLexScores')
  if (by === 'rank') {
    // `LIMIT x -1` gets this far, and is ignored.
    return { ...options, offset: 0, bounds: rankBounds(args.at(first), args.at(first + 1), reverse) }
  }
  // Reverse ranges are given with the maximum first.
  const min = args.at(reverse ? first + 1 : first)
  const max = args.at(reverse ? first : first + 1)
  return { ...options, bounds: by === 'score' ? scoreBounds(min, max) : lexBounds(min, max) }
}

function rangeOptions(args: Args, first: number, form: Form): RangeOptions {
  let by = form.by
  let reverse = form.reverse
  let withScores = false
  let offset = 0
  let limit = -1
  for (let i = first; i < args.count; i++) {
    const option = args.at(i)
    if (form.store !== true && option.is('WITHSCORES')) withScores = true
    else if (option.is('LIMIT') && hasMore(args, i, 2)) {
      offset = integerArg(args.at(++i))
      limit = integerArg(args.at(++i))
    } else if (reverse === undefined && option.is('REV')) reverse = true
    else if (by === undefined && option.is('BYLEX')) by = 'lex'
    else if (by === undefined && option.is('BYSCORE')) by = 'score'
    else fail('syntax')
  }
  return { by: by ?? 'rank', reverse: reverse ?? false, withScores, offset, limit }
}

/** How many members the range selects, its offset and limit applied. */
function countIn(range: Range, first: number, end: number): number {
  if (range.offset < 0) return 0
  const count = Math.max(0, end - first - range.offset)
  return range.limit < 0 ? count : Math.min(count, range.limit)
}

/** Shows the selected members in the order of the range; `open` is told how many there are before. */
function select(
  set: SortedSet,
  range: Range,
  open: (count: number) => void,
  emit: (member: Bytes, score: number) => void,
): void {
  const first = range.bounds.first(set)
  const end = range.bounds.end(set)
  const count = countIn(range, first, end)
  open(count)
  if (count > 0)
    set.range((range.reverse ? set.size - end : first) + range.offset, count, range.reverse, emit)
}

function replyRange(set: SortedSet, range: Range, reply: ReplySink): void {
  const { withScores } = range
  select(
    set,
    range,
    (count) => openPairs(reply, count, withScores),
    (member, score) => {
      openPair(reply, withScores)
      reply.bulk(member)
      if (withScores) reply.double(score)
    },
  )
}

function answer(form: Form): Handler {
  return (ctx, args, reply) => {
    const range = rangeOf(args, 2, form)
    const set = ctx.db.readSortedSet(args.at(1))
    if (set === undefined) reply.array(0)
    else replyRange(set, range, reply)
  }
}

const zrangestore: Handler = (ctx, args, reply) => {
  const range = rangeOf(args, 3, { store: true })
  const set = ctx.db.readSortedSet(args.at(2))
  const members = new MemberList()
  if (set !== undefined) {
    select(
      set,
      range,
      () => {},
      (member, score) => members.push(member, score),
    )
  }
  replaceSortedSet(ctx.db, args.at(1), members, 'zrangestore')
  reply.integer(members.size)
}

const RANGE_COST = 'O(log(N)+M), N being the size of the sorted set and M the number of members returned.'
const OLD_FORM = {
  complexity: RANGE_COST,
  group: 'sorted-set',
  arity: -4,
  flags: READONLY,
  acl: ['sortedset'],
  keys: [keyAt(1, 'RO', 'access')],
} as const

export const sortedSetRangeCommands: readonly CommandSpec[] = [
  {
    ...OLD_FORM,
    name: 'zrange',
    summary: 'Returns the members within a range of ranks, scores or members.',
    since: '1.2.0',
    run: answer({}),
  },
  {
    ...OLD_FORM,
    name: 'zrevrange',
    summary: 'Returns the members within a range of ranks, the highest first.',
    since: '1.2.0',
    run: answer({ by: 'rank', reverse: true }),
  },
  {
    ...OLD_FORM,
    name: 'zrangebyscore',
    summary: 'Returns the members within a range of scores.',
    since: '1.0.5',
    run: answer({ by: 'score', reverse: false }),
  },
  {
    ...OLD_FORM,
    name: 'zrevrangebyscore',
    summary: 'Returns the members within a range of scores, the highest first.',
    since: '2.2.0',
    run: answer({ by: 'score', reverse: true }),
  },
  {
    ...OLD_FORM,
    name: 'zrangebylex',
    summary: 'Returns the members between two members, in a sorted set of equal scores.',
    since: '2.8.9',
    run: answer({ by: 'lex', reverse: false }),
  },
  {
    ...OLD_FORM,
    name: 'zrevrangebylex',
    summary: 'Returns the members between two members, the highest first, in a sorted set of equal scores.',
    since: '2.8.9',
    run: answer({ by: 'lex', reverse: true }),
  },
  {
    name: 'zrangestore',
    summary: 'Stores the members within a range of ranks, scores or members.',
    since: '6.2.0',
    complexity: 'O(log(N)+M), N being the size of the sorted set and M the number of members stored.',
    group: 'sorted-set',
    arity: -5,
    flags: WRITE | DENYOOM,
    acl: ['sortedset'],
    keys: [keyAt(1, 'OW', 'update'), keyAt(2, 'RO', 'access')],
    run: zrangestore,
  },
]
