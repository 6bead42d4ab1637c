/**
 * List commands that go by index, and the list of all list commands.
 */
import { fail } from '../../errors.ts'
import { integerArg } from '../arguments.ts'
import { DENYOOM, FAST, READONLY, WRITE } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { listElementCommands } from './element.ts'
import { listEndCommands } from './end.ts'
import { listMoveCommands } from './move.ts'

const llen: Handler = (ctx, args, reply) => {
  reply.integer(ctx.db.readList(args.at(1))?.size ?? 0)
}

/** A position counted from the head, or from the tail where negative; it may lie outside. */
function positionOf(index: number, size: number): number {
  return index < 0 ? size + index : index
}

const lindex: Handler = (ctx, args, reply) => {
  const list = ctx.db.readList(args.at(1))
  if (list === undefined) return reply.null()
  const index = positionOf(integerArg(args.at(2)), list.size)
  const value = index >= 0 && index < list.size ? list.get(index) : undefined
  if (value === undefined) reply.null()
  else reply.bulk(value)
}

const lset: Handler = (ctx, args, reply) => {
  const key = args.at(1)
  const list = ctx.db.findList(key) ?? fail('noSuchKey')
  const index = positionOf(integerArg(args.at(2)), list.size)
  list.expect(1, args.at(3).len)
  if (index < 0 || index >= list.size) fail('outOfRange')
  list.set(index, args.at(3))
  ctx.db.changed(key, 'lset')
  reply.ok()
}

const lrange: Handler = (ctx, args, reply) => {
  const start = integerArg(args.at(2))
  const stop = integerArg(args.at(3))
  const list = ctx.db.readList(args.at(1))
  if (list === undefined) return reply.array(0)
  const first = Math.max(0, positionOf(start, list.size))
  const count = Math.min(positionOf(stop, list.size), list.size - 1) - first + 1
  if (count <= 0) return reply.array(0)
  reply.array(count)
  list.forEach(first, count, false, (value) => reply.bulk(value))
}

const ltrim: Handler = (ctx, args, reply) => {
  const start = integerArg(args.at(2))
  const stop = integerArg(args.at(3))
  const key = args.at(1)
  const list = ctx.db.findList(key)
  if (list === undefined) return reply.ok()
  const { size } = list
  const first = Math.max(0, positionOf(start, size))
  const kept = Math.max(0, Math.min(positionOf(stop, size), size - 1) - first + 1)
  if (kept === 0) list.deleteRange(0, size)
  else {
    list.deleteRange(first + kept, size - first - kept)
    list.deleteRange(0, first)
  }
  ctx.db.changed(key, 'ltrim', size - kept)
  ctx.db.deleteIfEmpty(key, list)
  reply.ok()
}

export const listCommands: readonly CommandSpec[] = [
  ...listEndCommands,
  {
    name: 'llen',
    summary: 'Returns the length of a list.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'list',
    arity: 2,
    flags: READONLY | FAST,
    acl: ['list'],
    keys: [keyAt(1, 'RO')],
    run: llen,
  },
  {
    name: 'lindex',
    summary: 'Returns the element at an index of a list.',
    since: '1.0.0',
    complexity: 'O(N) where N is the distance of the element from the nearer end.',
    group: 'list',
    arity: 3,
    flags: READONLY,
    acl: ['list'],
    keys: [keyAt(1, 'RO', 'access')],
    run: lindex,
  },
  {
    name: 'lset',
    summary: 'Replaces the element at an index of a list.',
    since: '1.0.0',
    complexity: 'O(N) where N is the distance of the element from the nearer end.',
    group: 'list',
    arity: 4,
    flags: WRITE | DENYOOM,
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'update')],
    run: lset,
  },
  {
    name: 'lrange',
    summary: 'Returns the elements between two indexes of a list.',
    since: '1.0.0',
    complexity:
      'O(S+N), S being the distance of the first element from the nearer end and N the number returned.',
    group: 'list',
    arity: 4,
    flags: READONLY,
    acl: ['list'],
    keys: [keyAt(1, 'RO', 'access')],
    run: lrange,
  },
  {
    name: 'ltrim',
    summary: 'Removes the elements outside two indexes of a list, and the list if none remain.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of elements removed.',
    group: 'list',
    arity: 4,
    flags: WRITE,
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'delete')],
    run: ltrim,
  },
  ...listElementCommands,
  ...listMoveCommands,
]
