/**
 * List commands at the two ends: LPUSH, RPUSH, LPUSHX, RPUSHX, LPOP, RPOP.
 */
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { List } from '../../types/list.ts'
import { failArity, positiveCount } from '../arguments.ts'
import { DENYOOM, FAST, WRITE } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'

export type Side = 'left' | 'right'

/** LPUSH and RPUSH; with `onlyIfExists` LPUSHX and RPUSHX. */
function push(side: Side, onlyIfExists: boolean): Handler {
  return (ctx, args, reply) => {
    const key = args.at(1)
    const list = onlyIfExists ? ctx.db.findList(key) : ctx.db.openList(key)
    if (list === undefined) return reply.integer(0)
    if (args.count > 3) list.expect(args.count - 2, totalLength(args, 2))
    for (let i = 2; i < args.count; i++) {
      if (side === 'left') list.pushLeft(args.at(i))
      else list.pushRight(args.at(i))
    }
    ctx.db.changed(key, side === 'left' ? 'lpush' : 'rpush', args.count - 2)
    reply.integer(list.size)
  }
}

function totalLength(args: Args, first: number): number {
  let total = 0
  for (let i = first; i < args.count; i++) total += args.at(i).len
  return total
}

/** LPOP and RPOP. */
function pop(side: Side): Handler {
  return (ctx, args, reply) => {
    if (args.count > 3) failArity(side === 'left' ? 'lpop' : 'rpop')
    const hasCount = args.count === 3
    const count = hasCount ? positiveCount(args.at(2)) : 1
    const key = args.at(1)
    const list = ctx.db.findList(key)
    if (list === undefined) return hasCount ? reply.nullArray() : reply.null()
    if (count === 0) return reply.array(0)
    const popped = Math.min(count, list.size)
    if (hasCount) reply.array(popped)
    popElements(list, side, popped, reply)
    ctx.db.changed(key, side === 'left' ? 'lpop' : 'rpop', popped)
    ctx.db.deleteIfEmpty(key, list)
  }
}

/** Answers `count` elements, the outermost first, and deletes them. */
export function popElements(list: List, side: Side, count: number, reply: ReplySink): void {
  if (count === 1) {
    reply.bulk((side === 'left' ? list.popLeft() : list.popRight())!)
    return
  }
  const first = side === 'left' ? 0 : list.size - 1
  list.forEach(first, count, side === 'right', (value) => reply.bulk(value))
  list.deleteRange(side === 'left' ? 0 : list.size - count, count)
}

export const listEndCommands: readonly CommandSpec[] = [
  {
    name: 'lpush',
    summary: 'Puts elements before the head of a list, creating the list if there is none.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of elements given.',
    group: 'list',
    arity: -3,
    flags: WRITE | DENYOOM | FAST,
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'insert')],
    run: push('left', false),
  },
  {
    name: 'rpush',
    summary: 'Puts elements behind the tail of a list, creating the list if there is none.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of elements given.',
    group: 'list',
    arity: -3,
    flags: WRITE | DENYOOM | FAST,
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'insert')],
    run: push('right', false),
  },
  {
    name: 'lpushx',
    summary: 'Puts elements before the head of a list that exists.',
    since: '2.2.0',
    complexity: 'O(N) where N is the number of elements given.',
    group: 'list',
    arity: -3,
    flags: WRITE | DENYOOM | FAST,
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'insert')],
    run: push('left', true),
  },
  {
    name: 'rpushx',
    summary: 'Puts elements behind the tail of a list that exists.',
    since: '2.2.0',
    complexity: 'O(N) where N is the number of elements given.',
    group: 'list',
    arity: -3,
    flags: WRITE | DENYOOM | FAST,
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'insert')],
    run: push('right', true),
  },
  {
    name: 'lpop',
    summary:
      'Removes and returns elements from the head of a list, and removes the list with its last element.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of elements returned.',
    group: 'list',
    arity: -2,
    flags: WRITE | FAST,
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    run: pop('left'),
  },
  {
    name: 'rpop',
    summary:
      'Removes and returns elements from the tail of a list, and removes the list with its last element.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of elements returned.',
    group: 'list',
    arity: -2,
    flags: WRITE | FAST,
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    run: pop('right'),
  },
]
