/**
 * SPOP and SRANDMEMBER.
 */
import { fail } from '../../errors.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { SetValue } from '../../types/set.ts'
import { positiveCount, signedCount } from '../arguments.ts'
import { MemberList } from '../collection/member-list.ts'
import { prefersWalk, type Source, sample, sampleSize } from '../collection/random.ts'
import { FAST, READONLY, WRITE } from '../flags.ts'
import { hold } from '../held-bytes.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'

/** A set as the samplers see it. */
function sourceOf(set: SetValue): Source<void> {
  return {
    size: set.size,
    encoding: set.encoding,
    forEach: (fn) => set.forEach(fn),
    random: (fn) => fn(set.random()),
  }
}

const spop: Handler = (ctx, args, reply) => {
  if (args.count > 3) fail('syntax')
  if (args.count === 3) return spopCount(ctx, args, reply)
  const key = args.at(1)
  const set = ctx.db.findSet(key)
  if (set === undefined) return reply.null()
  popRandom(set, reply)
  ctx.db.changed(key, 'spop')
  ctx.db.deleteIfEmpty(key, set)
}

const spopCount: Handler = (ctx, args, reply) => {
  const count = positiveCount(args.at(2))
  const key = args.at(1)
  const set = ctx.db.findSet(key)
  if (set === undefined || count === 0) return reply.set(0)
  const popped = Math.min(count, set.size)
  reply.set(popped)
  if (popped === set.size) {
    set.forEach((member) => {
      reply.bulk(member)
    })
    ctx.db.delete(key)
    ctx.db.changed(key, 'spop', popped)
    ctx.db.notify(key, 'del')
    return
  }
  if (prefersWalk(set, popped)) popSample(set, popped, reply)
  else for (let i = 0; i < popped; i++) popRandom(set, reply)
  ctx.db.changed(key, 'spop', popped)
}

/** The set's own view of a member does not survive the set's change, so deleting takes a copy of it. */
function popRandom(set: SetValue, reply: ReplySink): void {
  const member = hold(set.random())
  reply.bulk(member)
  set.delete(member)
}

function popSample(set: SetValue, count: number, reply: ReplySink): void {
  const chosen = new MemberList()
  sample(sourceOf(set), count, (member) => chosen.push(member))
  for (let i = 0; i < chosen.size; i++) {
    reply.bulk(chosen.at(i))
    set.delete(chosen.at(i))
  }
}

const srandmember: Handler = (ctx, args, reply) => {
  if (args.count > 3) fail('syntax')
  if (args.count === 2) {
    const member: Bytes | undefined = ctx.db.readSet(args.at(1))?.random()
    if (member === undefined) reply.null()
    else reply.bulk(member)
    return
  }
  const count = signedCount(args.at(2))
  const set = ctx.db.readSet(args.at(1))
  if (set === undefined) return reply.array(0)
  reply.array(sampleSize(set, count))
  sample(sourceOf(set), count, (member) => reply.bulk(member))
}

export const setRandomCommands: readonly CommandSpec[] = [
  {
    name: 'spop',
    summary: 'Removes and returns random members of a set, and removes the set with its last member.',
    since: '1.0.0',
    complexity: 'O(1) without a count, otherwise O(N) where N is the count.',
    group: 'set',
    arity: -2,
    flags: WRITE | FAST,
    acl: ['set'],
    tips: ['nondeterministic_output'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    run: spop,
  },
  {
    name: 'srandmember',
    summary: 'Returns random members of a set.',
    since: '1.0.0',
    complexity: 'O(1) without a count, otherwise O(N) where N is the magnitude of the count.',
    group: 'set',
    arity: -2,
    flags: READONLY,
    acl: ['set'],
    tips: ['nondeterministic_output'],
    keys: [keyAt(1, 'RO', 'access')],
    run: srandmember,
  },
]
