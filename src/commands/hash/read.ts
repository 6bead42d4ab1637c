/**
 * Hash commands that only look: HGET, HMGET, HGETALL, HKEYS, HVALS, HLEN, HEXISTS, HSTRLEN, HRANDFIELD, HSCAN.
 */
import { fail } from '../../errors.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { signedCount } from '../arguments.ts'
import { openPair, openPairs } from '../collection/pair-reply.ts'
import { PAIRS_MAX, sample, sampleSize } from '../collection/random.ts'
import { cursorArg, replyEmptyScan, replyScan } from '../collection/scan.ts'
import { FAST, READONLY } from '../flags.ts'
import { type KeySpec, keyAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'

/** The key is looked at; its data is returned (ACCESS) or only described (LOOK). */
const ACCESS: readonly KeySpec[] = [keyAt(1, 'RO', 'access')]
const LOOK: readonly KeySpec[] = [keyAt(1, 'RO')]

function replyField(value: Bytes | undefined, reply: ReplySink): void {
  if (value === undefined) reply.null()
  else reply.bulk(value)
}

const hget: Handler = (ctx, args, reply) => {
  replyField(ctx.db.readHash(args.at(1))?.get(args.at(2)), reply)
}

const hmget: Handler = (ctx, args, reply) => {
  const hash = ctx.db.readHash(args.at(1))
  reply.array(args.count - 2)
  for (let i = 2; i < args.count; i++) replyField(hash?.get(args.at(i)), reply)
}

const hgetall: Handler = (ctx, args, reply) => {
  const hash = ctx.db.readHash(args.at(1))
  reply.map(hash?.size ?? 0)
  hash?.forEach((field, value) => {
    reply.bulk(field)
    reply.bulk(value)
  })
}

const hkeys: Handler = (ctx, args, reply) => {
  const hash = ctx.db.readHash(args.at(1))
  reply.array(hash?.size ?? 0)
  hash?.forEach((field) => {
    reply.bulk(field)
  })
}

const hvals: Handler = (ctx, args, reply) => {
  const hash = ctx.db.readHash(args.at(1))
  reply.array(hash?.size ?? 0)
  hash?.forEach((_, value) => {
    reply.bulk(value)
  })
}

const hlen: Handler = (ctx, args, reply) => {
  reply.integer(ctx.db.readHash(args.at(1))?.size ?? 0)
}

const hexists: Handler = (ctx, args, reply) => {
  reply.integer(ctx.db.readHash(args.at(1))?.has(args.at(2)) ? 1 : 0)
}

const hstrlen: Handler = (ctx, args, reply) => {
  reply.integer(ctx.db.readHash(args.at(1))?.get(args.at(2))?.len ?? 0)
}

const hrandfield: Handler = (ctx, args, reply) => {
  if (args.count === 2) {
    const hash = ctx.db.readHash(args.at(1))
    if (hash === undefined) reply.null()
    else hash.random((field) => reply.bulk(field))
    return
  }
  const count = signedCount(args.at(2))
  const withValues = args.count === 4 && args.at(3).is('WITHVALUES')
  if (args.count > 3 && !withValues) fail('syntax')
  if (withValues && Math.abs(count) >= PAIRS_MAX) fail('valueRange')
  const hash = ctx.db.readHash(args.at(1))
  if (hash === undefined) return reply.array(0)
  openPairs(reply, sampleSize(hash, count), withValues)
  sample(hash, count, (field, value) => {
    openPair(reply, withValues)
    reply.bulk(field)
    if (withValues) reply.bulk(value)
  })
}

const hscan: Handler = (ctx, args, reply) => {
  const cursor = cursorArg(args.at(2))
  const hash = ctx.db.readHash(args.at(1))
  if (hash === undefined) return replyEmptyScan(reply)
  replyScan<Bytes>(
    args,
    reply,
    'hash',
    (count, fn) => hash.scan(cursor, count, fn),
    (value) => value,
  )
}

export const hashReadCommands: readonly CommandSpec[] = [
  {
    name: 'hget',
    summary: 'Returns the value of one field of a hash.',
    since: '2.0.0',
    complexity: 'O(1)',
    group: 'hash',
    arity: 3,
    flags: READONLY | FAST,
    acl: ['hash'],
    keys: ACCESS,
    run: hget,
  },
  {
    name: 'hmget',
    summary: 'Returns the values of the given fields of a hash.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields asked for.',
    group: 'hash',
    arity: -3,
    flags: READONLY | FAST,
    acl: ['hash'],
    keys: ACCESS,
    run: hmget,
  },
  {
    name: 'hgetall',
    summary: 'Returns all fields of a hash with their values.',
    since: '2.0.0',
    complexity: 'O(N) where N is the size of the hash.',
    group: 'hash',
    arity: 2,
    flags: READONLY,
    acl: ['hash'],
    tips: ['nondeterministic_output_order'],
    keys: ACCESS,
    run: hgetall,
  },
  {
    name: 'hkeys',
    summary: 'Returns all fields of a hash.',
    since: '2.0.0',
    complexity: 'O(N) where N is the size of the hash.',
    group: 'hash',
    arity: 2,
    flags: READONLY,
    acl: ['hash'],
    tips: ['nondeterministic_output_order'],
    keys: ACCESS,
    run: hkeys,
  },
  {
    name: 'hvals',
    summary: 'Returns all values of a hash.',
    since: '2.0.0',
    complexity: 'O(N) where N is the size of the hash.',
    group: 'hash',
    arity: 2,
    flags: READONLY,
    acl: ['hash'],
    tips: ['nondeterministic_output_order'],
    keys: ACCESS,
    run: hvals,
  },
  {
    name: 'hlen',
    summary: 'Returns how many fields a hash has.',
    since: '2.0.0',
    complexity: 'O(1)',
    group: 'hash',
    arity: 2,
    flags: READONLY | FAST,
    acl: ['hash'],
    keys: LOOK,
    run: hlen,
  },
  {
    name: 'hexists',
    summary: 'Tells whether a hash has a field.',
    since: '2.0.0',
    complexity: 'O(1)',
    group: 'hash',
    arity: 3,
    flags: READONLY | FAST,
    acl: ['hash'],
    keys: LOOK,
    run: hexists,
  },
  {
    name: 'hstrlen',
    summary: 'Returns the length of the value of a field.',
    since: '3.2.0',
    complexity: 'O(1)',
    group: 'hash',
    arity: 3,
    flags: READONLY | FAST,
    acl: ['hash'],
    keys: LOOK,
    run: hstrlen,
  },
  {
    name: 'hrandfield',
    summary: 'Returns random fields of a hash, with their values if asked for.',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of fields returned.',
    group: 'hash',
    arity: -2,
    flags: READONLY,
    acl: ['hash'],
    tips: ['nondeterministic_output'],
    keys: ACCESS,
    run: hrandfield,
  },
  {
    name: 'hscan',
    summary: 'Walks the fields and values of a hash in steps.',
    since: '2.8.0',
    complexity: 'O(1) a call, O(N) for all calls of a complete walk, N being the size of the hash.',
    group: 'hash',
    arity: -3,
    flags: READONLY,
    acl: ['hash'],
    tips: ['nondeterministic_output'],
    keys: ACCESS,
    run: hscan,
  },
]
