/**
 * The sorted set commands that change single members, and the list of all sorted set commands.
 */
import { fail } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { SortedSet } from '../../types/sorted-set.ts'
import { floatArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { DENYOOM, FAST, WRITE } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { sortedSetAlgebraCommands } from './algebra.ts'
import { sortedSetPopCommands } from './pop.ts'
import { sortedSetRangeCommands } from './range.ts'
import { sortedSetReadCommands } from './read.ts'
import { sortedSetRemoveCommands } from './remove.ts'

/** Options of ZADD, or-ed. */
const NX = 1
const XX = 2
const GT = 4
const LT = 8
const CH = 16
const INCR = 32

/** Scores kept between commands for the next ones; longer commands take memory of their own. */
const SCORES_KEPT = 256
const keptScores = new Float64Array(SCORES_KEPT)

/** What became of one member. */
const REFUSED = 0
const UNCHANGED = 1
const UPDATED = 2
const ADDED = 3

function optionOf(b: Bytes): number {
  if (b.is('NX')) return NX
  if (b.is('XX')) return XX
  if (b.is('GT')) return GT
  if (b.is('LT')) return LT
  if (b.is('CH')) return CH
  if (b.is('INCR')) return INCR
  return 0
}

function checkOptions(options: number, pairs: number): void {
  if (options & NX && options & XX) fail('zaddNxXx')
  const exclusive = options & (NX | GT | LT)
  if (exclusive & (exclusive - 1)) fail('zaddGtLtNx')
  if (options & INCR && pairs > 1) fail('zaddIncrPair')
}

/** ZADD, and ZINCRBY, which is ZADD with INCR. All scores are read before anything changes. */
function add(ctx: Context, args: Args, reply: ReplySink, initial: number): void {
  let options = initial
  let first = 2
  for (; first < args.count; first++) {
    const option = optionOf(args.at(first))
    if (option === 0) break
    options |= option
  }
  const pairs = (args.count - first) / 2
  if (pairs === 0 || !Number.isInteger(pairs)) fail('syntax')
  checkOptions(options, pairs)
  const scores = pairs <= SCORES_KEPT ? keptScores : new Float64Array(pairs)
  let longest = 0
  for (let i = 0; i < pairs; i++) {
    scores[i] = floatArg(args.at(first + 2 * i))
    longest = Math.max(longest, args.at(first + 2 * i + 1).len)
  }
  const key = args.at(1)
  const set = options & XX ? ctx.db.findSortedSet(key) : ctx.db.openSortedSet(key, pairs, longest)
  set?.expect(pairs, longest)
  let added = 0
  let updated = 0
  let outcome = REFUSED
  for (let i = 0; set !== undefined && i < pairs; i++) {
    outcome = setScore(set, args.at(first + 2 * i + 1), scores, i, options)
    if (outcome === ADDED) added++
    if (outcome === UPDATED) updated++
  }
  if (added + updated > 0) ctx.db.changed(key, options & INCR ? 'zincr' : 'zadd', added + updated)
  if (options & INCR) {
    if (set === undefined || outcome === REFUSED) reply.null()
    else reply.double(scores[0]!)
  } else {
    reply.integer(options & CH ? added + updated : added)
  }
}

/** Applies scores[i] to the member; where that is an increment, scores[i] becomes the new score. */
function setScore(set: SortedSet, member: Bytes, scores: Float64Array, i: number, options: number): number {
  const given = scores[i]!
  const current = set.score(member)
  if (current === undefined) {
    if (options & XX) return REFUSED
    set.set(member, given)
    return ADDED
  }
  if (options & NX) return REFUSED
  const score = options & INCR ? current + given : given
  if (Number.isNaN(score)) fail('scoreNan')
  if ((options & LT && score >= current) || (options & GT && score <= current)) return REFUSED
  scores[i] = score
  if (score === current) return UNCHANGED
  set.set(member, score)
  return UPDATED
}

const zadd: Handler = (ctx, args, reply) => add(ctx, args, reply, 0)

const zincrby: Handler = (ctx, args, reply) => add(ctx, args, reply, INCR)

const zrem: Handler = (ctx, args, reply) => {
  const key = args.at(1)
  const set = ctx.db.findSortedSet(key)
  if (set === undefined) return reply.integer(0)
  let deleted = 0
  for (let i = 2; i < args.count && set.size > 0; i++) if (set.delete(args.at(i))) deleted++
  if (deleted > 0) {
    ctx.db.changed(key, 'zrem', deleted)
    ctx.db.deleteIfEmpty(key, set)
  }
  reply.integer(deleted)
}

export const sortedSetCommands: readonly CommandSpec[] = [
  {
    name: 'zadd',
    summary: 'Adds members to a sorted set or changes their scores, creating the set if there is none.',
    since: '1.2.0',
    complexity: 'O(log(N)) for each member given, N being the size of the sorted set.',
    group: 'sorted-set',
    arity: -4,
    flags: WRITE | DENYOOM | FAST,
    acl: ['sortedset'],
    keys: [keyAt(1, 'RW', 'update')],
    run: zadd,
  },
  {
    name: 'zincrby',
    summary: 'Adds to the score of a member, which counts as 0 where there is none.',
    since: '1.2.0',
    complexity: 'O(log(N)) where N is the size of the sorted set.',
    group: 'sorted-set',
    arity: 4,
    flags: WRITE | DENYOOM | FAST,
    acl: ['sortedset'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: zincrby,
  },
  {
    name: 'zrem',
    summary: 'Removes members from a sorted set, and the set with its last member.',
    since: '1.2.0',
    complexity: 'O(M*log(N)), N being the size of the sorted set and M the number of members given.',
    group: 'sorted-set',
    arity: -3,
    flags: WRITE | FAST,
    acl: ['sortedset'],
    keys: [keyAt(1, 'RW', 'delete')],
    run: zrem,
  },
  ...sortedSetReadCommands,
  ...sortedSetRangeCommands,
  ...sortedSetRemoveCommands,
  ...sortedSetPopCommands,
  ...sortedSetAlgebraCommands,
]
