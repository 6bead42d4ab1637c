/**
 * List commands over several keys: LMOVE, RPOPLPUSH, LMPOP.
 */
import { ERRORS, fail } from '../../errors.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { hasMore, integerInRange } from '../arguments.ts'
import type { Context } from '../context.ts'
import { DENYOOM, MOVABLE_KEYS, WRITE } from '../flags.ts'
import { hold } from '../held-bytes.ts'
import { type KeySpec, keyAt, numkeysAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { popElements, type Side } from './end.ts'

function sideArg(b: Bytes): Side {
  if (b.is('LEFT')) return 'left'
  if (b.is('RIGHT')) return 'right'
  fail('syntax')
}

function move(ctx: Context, from: Bytes, to: Bytes, pop: Side, push: Side, reply: ReplySink): void {
  const { db } = ctx
  const source = db.findList(from)
  if (source === undefined) {
    reply.null()
    return
  }
  const existing = db.findList(to)
  const value = hold((pop === 'left' ? source.popLeft() : source.popRight())!)
  const target = existing ?? db.openList(to)
  if (push === 'left') target.pushLeft(value)
  else target.pushRight(value)
  reply.bulk(value)
  // One change as far as replication is concerned, so only the second event counts.
  db.changed(to, push === 'left' ? 'lpush' : 'rpush', 0)
  db.changed(from, pop === 'left' ? 'lpop' : 'rpop')
  db.deleteIfEmpty(from, source)
}

const lmove: Handler = (ctx, args, reply) => {
  move(ctx, args.at(1), args.at(2), sideArg(args.at(3)), sideArg(args.at(4)), reply)
}

const rpoplpush: Handler = (ctx, args, reply) => {
  move(ctx, args.at(1), args.at(2), 'right', 'left', reply)
}

const lmpop: Handler = (ctx, args, reply) => {
  const numkeys = integerInRange(args.at(1), 1, Infinity, ERRORS.numkeysPositive)
  const sideAt = 2 + numkeys
  if (sideAt >= args.count) fail('syntax')
  const side = sideArg(args.at(sideAt))
  let count: number | undefined
  for (let i = sideAt + 1; i < args.count; i += 2) {
    if (count !== undefined || !args.at(i).is('COUNT') || !hasMore(args, i)) fail('syntax')
    count = integerInRange(args.at(i + 1), 1, Infinity, ERRORS.countPositive)
  }
  for (let i = 2; i < sideAt; i++) {
    const key = args.at(i)
    const list = ctx.db.findList(key)
    if (list === undefined) continue
    const popped = Math.min(count ?? 1, list.size)
    reply.array(2)
    reply.bulk(key)
    reply.array(popped)
    popElements(list, side, popped, reply)
    ctx.db.changed(key, side === 'left' ? 'lpop' : 'rpop', popped)
    ctx.db.deleteIfEmpty(key, list)
    return
  }
  reply.nullArray()
}

const MOVE_KEYS: readonly KeySpec[] = [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')]

export const listMoveCommands: readonly CommandSpec[] = [
  {
    name: 'lmove',
    summary: 'Moves an element from an end of one list to an end of another and returns it.',
    since: '6.2.0',
    complexity: 'O(1)',
    group: 'list',
    arity: 5,
    flags: WRITE | DENYOOM,
    acl: ['list'],
    keys: MOVE_KEYS,
    run: lmove,
  },
  {
    name: 'rpoplpush',
    summary: 'Moves the last element of a list to the head of another and returns it.',
    since: '1.2.0',
    complexity: 'O(1)',
    group: 'list',
    arity: 3,
    flags: WRITE | DENYOOM,
    acl: ['list'],
    keys: MOVE_KEYS,
    run: rpoplpush,
  },
  {
    name: 'lmpop',
    summary: 'Removes and returns elements of the first of several lists that has any.',
    since: '7.0.0',
    complexity: 'O(N+M), N being the number of keys given and M the number of elements returned.',
    group: 'list',
    arity: -4,
    flags: WRITE | MOVABLE_KEYS,
    acl: ['list'],
    keys: [numkeysAt(1, 'RW', 'access', 'delete')],
    run: lmpop,
  },
]
