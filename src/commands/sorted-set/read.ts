/**
 * Sorted set commands that only look at members: ZSCORE, ZMSCORE, ZCARD, ZCOUNT, ZLEXCOUNT, ZRANK, ZREVRANK, ZRANDMEMBER,
 * ZSCAN.
 */
import { fail } from '../../errors.ts'
import { Bytes } from '../../memory/bytes.ts'
import { formatDouble } from '../../memory/numbers.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { SortedSet } from '../../types/sorted-set.ts'
import { failArity, signedCount } from '../arguments.ts'
import { openPair, openPairs } from '../collection/pair-reply.ts'
import { PAIRS_MAX, type Source, sample, sampleSize } from '../collection/random.ts'
import { cursorArg, replyEmptyScan, replyScan } from '../collection/scan.ts'
import { FAST, READONLY } from '../flags.ts'
import { type KeySpec, keyAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { type Bounds, lexBounds, scoreBounds } from './bounds.ts'

const ACCESS: readonly KeySpec[] = [keyAt(1, 'RO', 'access')]
/** `%.17Lg`. */
const SCAN_DIGITS = 17

function replyScore(score: number | undefined, reply: ReplySink): void {
  if (score === undefined) reply.null()
  else reply.double(score)
}

const zscore: Handler = (ctx, args, reply) => {
  replyScore(ctx.db.readSortedSet(args.at(1))?.score(args.at(2)), reply)
}

const zmscore: Handler = (ctx, args, reply) => {
  const set = ctx.db.readSortedSet(args.at(1))
  reply.array(args.count - 2)
  for (let i = 2; i < args.count; i++) replyScore(set?.score(args.at(i)), reply)
}

const zcard: Handler = (ctx, args, reply) => {
  reply.integer(ctx.db.readSortedSet(args.at(1))?.size ?? 0)
}

function countWithin(boundsOf: (min: Bytes, max: Bytes) => Bounds): Handler {
  return (ctx, args, reply) => {
    const bounds = boundsOf(args.at(2), args.at(3))
    const set = ctx.db.readSortedSet(args.at(1))
    reply.integer(set === undefined ? 0 : Math.max(0, bounds.end(set) - bounds.first(set)))
  }
}

function rank(name: string, fromHighest: boolean): Handler {
  return (ctx, args, reply) => {
    if (args.count > 4) failArity(name)
    const withScore = args.count === 4
    if (withScore && !args.at(3).is('WITHSCORE')) fail('syntax')
    const set = ctx.db.readSortedSet(args.at(1))
    const ascending = set === undefined ? -1 : set.rank(args.at(2))
    if (set === undefined || ascending < 0) return withScore ? reply.nullArray() : reply.null()
    if (withScore) reply.array(2)
    reply.integer(fromHighest ? set.size - 1 - ascending : ascending)
    if (withScore) reply.double(set.score(args.at(2))!)
  }
}

/** A sorted set as the samplers see it. */
function sourceOf(set: SortedSet): Source<number> {
  return {
    size: set.size,
    encoding: set.encoding,
    forEach: (fn) => set.range(0, set.size, false, fn),
    random: (fn) => set.random(fn),
  }
}

const zrandmember: Handler = (ctx, args, reply) => {
  if (args.count === 2) {
    const set = ctx.db.readSortedSet(args.at(1))
    if (set === undefined) reply.null()
    else set.random((member) => reply.bulk(member))
    return
  }
  const count = signedCount(args.at(2))
  const withScores = args.count === 4 && args.at(3).is('WITHSCORES')
  if (args.count > 3 && !withScores) fail('syntax')
  if (withScores && Math.abs(count) >= PAIRS_MAX) fail('valueRange')
  const set = ctx.db.readSortedSet(args.at(1))
  if (set === undefined) return reply.array(0)
  openPairs(reply, sampleSize(set, count), withScores)
  sample(sourceOf(set), count, (member, score) => {
    openPair(reply, withScores)
    reply.bulk(member)
    if (withScores) reply.double(score)
  })
}

/** ZSCAN prints the scores of a large set with all 17 digits, those of a small one in the shortest form. */
function scanText(score: number, isLarge: boolean): Bytes {
  return Bytes.from(isLarge && Number.isFinite(score) ? allDigits(score) : formatDouble(score))
}

function allDigits(score: number): string {
  const [mantissa, exponent] = score.toExponential(SCAN_DIGITS - 1).split('e')
  const power = Number(exponent)
  if (power < -4 || power >= SCAN_DIGITS) {
    const digits = String(Math.abs(power)).padStart(2, '0')
    return `${withoutTrailingZeros(mantissa!)}e${power < 0 ? '-' : '+'}${digits}`
  }
  const text = withoutTrailingZeros(score.toFixed(Math.max(0, SCAN_DIGITS - 1 - power)))
  return Object.is(score, -0) ? '-0' : text
}

function withoutTrailingZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
}

const zscan: Handler = (ctx, args, reply) => {
  const cursor = cursorArg(args.at(2))
  const set = ctx.db.readSortedSet(args.at(1))
  if (set === undefined) return replyEmptyScan(reply)
  const isLarge = set.encoding === 'skiplist'
  replyScan<number>(
    args,
    reply,
    'zset',
    (count, fn) => set.scan(cursor, count, fn),
    (score) => scanText(score, isLarge),
  )
}

export const sortedSetReadCommands: readonly CommandSpec[] = [
  {
    name: 'zscore',
    summary: 'Returns the score of a member.',
    since: '1.2.0',
    complexity: 'O(1)',
    group: 'sorted-set',
    arity: 3,
    flags: READONLY | FAST,
    acl: ['sortedset'],
    keys: ACCESS,
    run: zscore,
  },
  {
    name: 'zmscore',
    summary: 'Returns the scores of several members.',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of members asked for.',
    group: 'sorted-set',
    arity: -3,
    flags: READONLY | FAST,
    acl: ['sortedset'],
    keys: ACCESS,
    run: zmscore,
  },
  {
    name: 'zcard',
    summary: 'Returns how many members a sorted set has.',
    since: '1.2.0',
    complexity: 'O(1)',
    group: 'sorted-set',
    arity: 2,
    flags: READONLY | FAST,
    acl: ['sortedset'],
    keys: [keyAt(1, 'RO')],
    run: zcard,
  },
  {
    name: 'zcount',
    summary: 'Returns how many members have a score within a range.',
    since: '2.0.0',
    complexity: 'O(log(N)) where N is the size of the sorted set.',
    group: 'sorted-set',
    arity: 4,
    flags: READONLY | FAST,
    acl: ['sortedset'],
    keys: ACCESS,
    run: countWithin(scoreBounds),
  },
  {
    name: 'zlexcount',
    summary: 'Returns how many members lie between two members, in a sorted set of equal scores.',
    since: '2.8.9',
    complexity: 'O(log(N)) where N is the size of the sorted set.',
    group: 'sorted-set',
    arity: 4,
    flags: READONLY | FAST,
    acl: ['sortedset'],
    keys: ACCESS,
    run: countWithin(lexBounds),
  },
  {
    name: 'zrank',
    summary: 'Returns the rank of a member, the lowest score having rank 0.',
    since: '2.0.0',
    complexity: 'O(log(N)) where N is the size of the sorted set.',
    group: 'sorted-set',
    arity: -3,
    flags: READONLY | FAST,
    acl: ['sortedset'],
    keys: ACCESS,
    run: rank('zrank', false),
  },
  {
    name: 'zrevrank',
    summary: 'Returns the rank of a member, the highest score having rank 0.',
    since: '2.0.0',
    complexity: 'O(log(N)) where N is the size of the sorted set.',
    group: 'sorted-set',
    arity: -3,
    flags: READONLY | FAST,
    acl: ['sortedset'],
    keys: ACCESS,
    run: rank('zrevrank', true),
  },
  {
    name: 'zrandmember',
    summary: 'Returns random members of a sorted set, with their scores if asked for.',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of members returned.',
    group: 'sorted-set',
    arity: -2,
    flags: READONLY,
    acl: ['sortedset'],
    tips: ['nondeterministic_output'],
    keys: ACCESS,
    run: zrandmember,
  },
  {
    name: 'zscan',
    summary: 'Walks the members and scores of a sorted set in steps.',
    since: '2.8.0',
    complexity: 'O(1) a call, O(N) for all calls of a complete walk, N being the size of the sorted set.',
    group: 'sorted-set',
    arity: -3,
    flags: READONLY,
    acl: ['sortedset'],
    tips: ['nondeterministic_output'],
    keys: ACCESS,
    run: zscan,
  },
]
