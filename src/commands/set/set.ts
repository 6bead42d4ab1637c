/**
 * The set commands on single members, and the list of all set commands.
 */
import { cursorArg, replyEmptyScan, replyScan } from '../collection/scan.ts'
import { DENYOOM, FAST, READONLY, WRITE } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { setAlgebraCommands } from './algebra.ts'
import { setRandomCommands } from './random.ts'

const sadd: Handler = (ctx, args, reply) => {
  const key = args.at(1)
  const set = ctx.db.openSet(key, args.at(2), args.count - 2)
  set.expect(args.count - 2)
  let added = 0
  for (let i = 2; i < args.count; i++) if (set.add(args.at(i))) added++
  if (added > 0) ctx.db.changed(key, 'sadd', added)
  reply.integer(added)
}

const srem: Handler = (ctx, args, reply) => {
  const key = args.at(1)
  const set = ctx.db.findSet(key)
  if (set === undefined) return reply.integer(0)
  let deleted = 0
  for (let i = 2; i < args.count && set.size > 0; i++) if (set.delete(args.at(i))) deleted++
  if (deleted > 0) {
    ctx.db.changed(key, 'srem', deleted)
    ctx.db.deleteIfEmpty(key, set)
  }
  reply.integer(deleted)
}

const smove: Handler = (ctx, args, reply) => {
  const from = args.at(1)
  const to = args.at(2)
  const member = args.at(3)
  const source = ctx.db.findSet(from)
  if (source === undefined) return reply.integer(0)
  const target = ctx.db.findSet(to)
  if (from.equals(to)) return reply.integer(source.has(member) ? 1 : 0)
  if (!source.delete(member)) return reply.integer(0)
  ctx.db.changed(from, 'srem')
  ctx.db.deleteIfEmpty(from, source)
  if ((target ?? ctx.db.openSet(to, member, 1)).add(member)) ctx.db.changed(to, 'sadd')
  reply.integer(1)
}

const sismember: Handler = (ctx, args, reply) => {
  reply.integer(ctx.db.readSet(args.at(1))?.has(args.at(2)) ? 1 : 0)
}

const smismember: Handler = (ctx, args, reply) => {
  const set = ctx.db.readSet(args.at(1))
  reply.array(args.count - 2)
  for (let i = 2; i < args.count; i++) reply.integer(set?.has(args.at(i)) ? 1 : 0)
}

const smembers: Handler = (ctx, args, reply) => {
  const set = ctx.db.readSet(args.at(1))
  reply.set(set?.size ?? 0)
  set?.forEach((member) => {
    reply.bulk(member)
  })
}

const scard: Handler = (ctx, args, reply) => {
  reply.integer(ctx.db.readSet(args.at(1))?.size ?? 0)
}

const sscan: Handler = (ctx, args, reply) => {
  const cursor = cursorArg(args.at(2))
  const set = ctx.db.readSet(args.at(1))
  if (set === undefined) return replyEmptyScan(reply)
  replyScan<void>(args, reply, 'set', (count, fn) => set.scan(cursor, count, fn))
}

export const setCommands: readonly CommandSpec[] = [
  {
    name: 'sadd',
    summary: 'Adds members to a set, creating the set if there is none.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of members given.',
    group: 'set',
    arity: -3,
    flags: WRITE | DENYOOM | FAST,
    acl: ['set'],
    keys: [keyAt(1, 'RW', 'insert')],
    run: sadd,
  },
  {
    name: 'srem',
    summary: 'Removes members from a set, and the set with its last member.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of members given.',
    group: 'set',
    arity: -3,
    flags: WRITE | FAST,
    acl: ['set'],
    keys: [keyAt(1, 'RW', 'delete')],
    run: srem,
  },
  {
    name: 'smove',
    summary: 'Moves a member from one set to another.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'set',
    arity: 4,
    flags: WRITE | FAST,
    acl: ['set'],
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
    run: smove,
  },
  {
    name: 'sismember',
    summary: 'Tells whether a set has a member.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'set',
    arity: 3,
    flags: READONLY | FAST,
    acl: ['set'],
    keys: [keyAt(1, 'RO')],
    run: sismember,
  },
  {
    name: 'smismember',
    summary: 'Tells of several members whether a set has them.',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of members asked for.',
    group: 'set',
    arity: -3,
    flags: READONLY | FAST,
    acl: ['set'],
    keys: [keyAt(1, 'RO', 'access')],
    run: smismember,
  },
  {
    name: 'smembers',
    summary: 'Returns all members of a set.',
    since: '1.0.0',
    complexity: 'O(N) where N is the size of the set.',
    group: 'set',
    arity: 2,
    flags: READONLY,
    acl: ['set'],
    tips: ['nondeterministic_output_order'],
    keys: [keyAt(1, 'RO', 'access')],
    run: smembers,
  },
  {
    name: 'scard',
    summary: 'Returns how many members a set has.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'set',
    arity: 2,
    flags: READONLY | FAST,
    acl: ['set'],
    keys: [keyAt(1, 'RO')],
    run: scard,
  },
  {
    name: 'sscan',
    summary: 'Walks the members of a set in steps.',
    since: '2.8.0',
    complexity: 'O(1) a call, O(N) for all calls of a complete walk, N being the size of the set.',
    group: 'set',
    arity: -3,
    flags: READONLY,
    acl: ['set'],
    tips: ['nondeterministic_output'],
    keys: [keyAt(1, 'RO', 'access')],
    run: sscan,
  },
  ...setRandomCommands,
  ...setAlgebraCommands,
]
