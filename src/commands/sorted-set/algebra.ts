/**
 * Union, intersection and difference of sorted sets: ZUNION, ZINTER, ZDIFF, ZINTERCARD and the forms that store the result.
 */
import { ERRORS, fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import { parseInt64 } from '../../memory/numbers.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { floatArg, integerArg, positiveCount } from '../arguments.ts'
import { MemberList, MemberTable } from '../collection/member-list.ts'
import { openPair, openPairs } from '../collection/pair-reply.ts'
import type { Context } from '../context.ts'
import { DENYOOM, MOVABLE_KEYS, READONLY, WRITE } from '../flags.ts'
import { keyAt, numkeysAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { openSource, type Source } from './source.ts'
import { replaceSortedSet } from './store.ts'

type Aggregate = 'sum' | 'min' | 'max'

interface Request {
  readonly sources: Source[]
  aggregate: Aggregate
  withScores: boolean
  /** Of ZINTERCARD: how many members are enough. */
  limit: number
}

/** Which options a command takes beside its keys. */
interface Form {
  readonly name: string
  /** Position of the number of keys. */
  readonly numkeysAt: number
  readonly weights: boolean
  readonly withScores: boolean
  readonly limit: boolean
}

function requestOf(ctx: Context, args: Args, form: Form): Request {
  const numkeys = integerArg(args.at(form.numkeysAt))
  if (numkeys < 1) failWith(`ERR at least 1 input key is needed for '${form.name}' command`)
  const first = form.numkeysAt + 1
  if (numkeys > args.count - first) fail('syntax')
  const sources: Source[] = []
  for (let i = 0; i < numkeys; i++) sources.push(openSource(ctx.db, args.at(first + i)))
  const request: Request = { sources, aggregate: 'sum', withScores: false, limit: Infinity }
  for (let i = first + numkeys; i < args.count; ) i = readOption(args, i, form, request)
  return request
}

/** Reads the option at `i` into the request; returns the position behind it. */
function readOption(args: Args, i: number, form: Form, request: Request): number {
  const option = args.at(i)
  const left = args.count - i - 1
  if (form.weights && option.is('WEIGHTS') && left >= request.sources.length) {
    for (const source of request.sources) source.weight = floatArg(args.at(++i), ERRORS.weightNotFloat)
    return i + 1
  }
  if (form.weights && option.is('AGGREGATE') && left >= 1) {
    request.aggregate = aggregateArg(args.at(i + 1))
    return i + 2
  }
  if (form.withScores && option.is('WITHSCORES')) {
    request.withScores = true
    return i + 1
  }
  if (form.limit && option.is('LIMIT') && left >= 1) {
    request.limit = positiveCount(args.at(i + 1), ERRORS.limitNegative) || Infinity
    return i + 2
  }
  fail('syntax')
}

function aggregateArg(b: Bytes): Aggregate {
  if (b.is('SUM')) return 'sum'
  if (b.is('MIN')) return 'min'
  if (b.is('MAX')) return 'max'
  fail('syntax')
}

/** Infinity minus infinity, and infinity times zero, count as 0. */
function zeroIfNan(score: number): number {
  return Number.isNaN(score) ? 0 : score
}

function combine(aggregate: Aggregate, a: number, b: number): number {
  if (aggregate === 'sum') return zeroIfNan(a + b)
  // NaN, which infinity times zero gives, replaces nothing.
  const replaces = aggregate === 'min' ? b < a : b > a
  return replaces ? b : a
}

function bySize(a: Source, b: Source): number {
  return a.size - b.size
}

function unite({ sources, aggregate }: Request): MemberList {
  const result = new MemberTable()
  for (const source of sources.sort(bySize)) {
    source.forEach((member, score) => {
      const weighted = zeroIfNan(source.weight * score)
      if (result.add(member, weighted)) return
      result.scores[result.last] = combine(aggregate, result.scores[result.last]!, weighted)
    })
  }
  return result
}

/** Shows the members that all sources have, with their combined scores. */
function forEachCommon(
  { sources, aggregate, limit }: Request,
  emit: (member: Bytes, score: number) => void,
): void {
  sources.sort(bySize)
  const [smallest, ...others] = sources
  if (smallest === undefined || smallest.size === 0) return
  let shown = 0
  const show = (member: Bytes, score: number) => {
    if (shown === limit) return
    let combined = zeroIfNan(smallest.weight * score)
    for (const other of others) {
      // A sorted set being walked is not to be asked.
      const found = other.key.equals(smallest.key) ? score : other.score(member)
      if (found === undefined) return
      combined = combine(aggregate, combined, found * other.weight)
    }
    emit(member, combined)
    shown++
  }
  if (limit === Infinity) smallest.forEach(show)
  else smallest.forSome(show, () => shown === limit)
}

function intersect(request: Request): MemberList {
  const result = new MemberList()
  forEachCommon(request, (member, score) => result.push(member, score))
  return result
}

/** The members of the first source that no other has. */
function subtract({ sources }: Request): MemberList {
  const result = new MemberList()
  const [minuend, ...others] = sources
  if (minuend === undefined || others.some((other) => other.key.equals(minuend.key))) return result
  const isSubtracted = membershipIn(others, minuend.size)
  minuend.forEach((member, score) => {
    if (!isSubtracted(member)) result.push(member, score)
  })
  return result
}

/**
 * Asking each of many small sources about every member costs more than one question to the union of them, once that has
 * been gathered. The larger sources come first: they are the likeliest to have the member.
 */
function membershipIn(others: Source[], questions: number): (member: Bytes) => boolean {
  let total = 0
  for (const other of others) total += other.size
  if (questions * (others.length - 1) <= total) {
    others.sort((a, b) => b.size - a.size)
    return (member) => others.some((other) => other.score(member) !== undefined)
  }
  const gathered = new MemberTable()
  for (const other of others) {
    other.forEach((member) => {
      gathered.add(member)
    })
  }
  return (member) => gathered.has(member)
}

type Operation = (request: Request) => MemberList

function answer(name: string, operation: Operation): Handler {
  const form = { name, numkeysAt: 1, weights: operation !== subtract, withScores: true, limit: false }
  return (ctx, args, reply) => {
    const request = requestOf(ctx, args, form)
    replySorted(operation(request), request.withScores, reply)
  }
}

function replySorted(members: MemberList, withScores: boolean, reply: ReplySink): void {
  openPairs(reply, members.size, withScores)
  for (const i of members.sorted()) {
    openPair(reply, withScores)
    reply.bulk(members.at(i))
    if (withScores) reply.double(members.scores[i]!)
  }
}

function store(name: 'zunionstore' | 'zinterstore' | 'zdiffstore', operation: Operation): Handler {
  const form = { name, numkeysAt: 2, weights: operation !== subtract, withScores: false, limit: false }
  return (ctx, args, reply) => {
    const members = operation(requestOf(ctx, args, form))
    replaceSortedSet(ctx.db, args.at(1), members, name)
    reply.integer(members.size)
  }
}

const ZINTERCARD: Form = { name: 'zintercard', numkeysAt: 1, weights: false, withScores: false, limit: true }

const zintercard: Handler = (ctx, args, reply) => {
  const request = requestOf(ctx, args, ZINTERCARD)
  let count = 0
  forEachCommon(request, () => {
    count++
  })
  reply.integer(count)
}

const UNION_COST = 'O(N)+O(M*log(M)), N being the size of all inputs together and M that of the result.'
const INTERSECTION_COST =
  'O(N*K)+O(M*log(M)) at worst, N being the size of the smallest input, K the number of inputs and M the size of the result.'
const DIFFERENCE_COST =
  'O(L + (N-K)log(N)) at worst, L being the size of all inputs together, N that of the first and K that of the result.'
const READ_FORM = {
  since: '6.2.0',
  group: 'sorted-set',
  arity: -3,
  flags: READONLY | MOVABLE_KEYS,
  acl: ['sortedset'],
  keys: [numkeysAt(1, 'RO', 'access')],
} as const
/** The sources before the destination: a cluster says first what is wrong with them. */
function storeKeys(args: Args): number[] {
  const numkeys = Number(parseInt64(args.at(2)) ?? 0)
  if (numkeys < 1 || numkeys > args.count - 3) return []
  return [...Array.from({ length: numkeys }, (_, i) => 3 + i), 1]
}

const STORE_FORM = {
  group: 'sorted-set',
  arity: -4,
  flags: WRITE | DENYOOM | MOVABLE_KEYS,
  acl: ['sortedset'],
  keys: [keyAt(1, 'OW', 'update'), numkeysAt(2, 'RO', 'access')],
  findKeys: storeKeys,
} as const

export const sortedSetAlgebraCommands: readonly CommandSpec[] = [
  {
    ...READ_FORM,
    name: 'zunion',
    summary: 'Returns the members of all given sorted sets, their scores combined.',
    complexity: UNION_COST,
    run: answer('zunion', unite),
  },
  {
    ...READ_FORM,
    name: 'zinter',
    summary: 'Returns the members that all given sorted sets have, their scores combined.',
    complexity: INTERSECTION_COST,
    run: answer('zinter', intersect),
  },
  {
    ...READ_FORM,
    name: 'zdiff',
    summary: 'Returns the members of the first sorted set that the others do not have.',
    complexity: DIFFERENCE_COST,
    run: answer('zdiff', subtract),
  },
  {
    ...STORE_FORM,
    name: 'zunionstore',
    summary: 'Stores the members of all given sorted sets, their scores combined.',
    since: '2.0.0',
    complexity: UNION_COST,
    run: store('zunionstore', unite),
  },
  {
    ...STORE_FORM,
    name: 'zinterstore',
    summary: 'Stores the members that all given sorted sets have, their scores combined.',
    since: '2.0.0',
    complexity: INTERSECTION_COST,
    run: store('zinterstore', intersect),
  },
  {
    ...STORE_FORM,
    name: 'zdiffstore',
    summary: 'Stores the members of the first sorted set that the others do not have.',
    since: '6.2.0',
    complexity: DIFFERENCE_COST,
    run: store('zdiffstore', subtract),
  },
  {
    ...READ_FORM,
    name: 'zintercard',
    summary: 'Returns how many members all given sorted sets have in common.',
    since: '7.0.0',
    complexity: 'O(N*K) at worst, N being the size of the smallest input and K the number of inputs.',
    run: zintercard,
  },
]
