/**
 * List commands that look for an element: LINSERT, LREM, LPOS.
 */
import { ERRORS, fail } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { List } from '../../types/list.ts'
import { hasMore, positiveCount, signedCount } from '../arguments.ts'
import { DENYOOM, READONLY, WRITE } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'

const linsert: Handler = (ctx, args, reply) => {
  const after = args.at(2).is('AFTER')
  if (!after && !args.at(2).is('BEFORE')) fail('syntax')
  const key = args.at(1)
  const list = ctx.db.findList(key)
  if (list === undefined) return reply.integer(0)
  // Room is made whether there will be an insertion or not, as OBJECT ENCODING of Valkey shows.
  list.expect(1, args.at(4).len)
  const pivot = indexOf(list, args.at(3))
  if (pivot < 0) return reply.integer(-1)
  list.insert(after ? pivot + 1 : pivot, args.at(4))
  ctx.db.changed(key, 'linsert')
  reply.integer(list.size)
}

function indexOf(list: List, value: Bytes): number {
  let found = -1
  list.forEach(0, list.size, false, (element, index) => {
    if (!element.equals(value)) return true
    found = index
    return false
  })
  return found
}

const lrem: Handler = (ctx, args, reply) => {
  const count = signedCount(args.at(2))
  const key = args.at(1)
  const list = ctx.db.findList(key)
  if (list === undefined) return reply.integer(0)
  const removed = list.deleteEqual(args.at(3), Math.abs(count), count < 0)
  if (removed > 0) {
    ctx.db.changed(key, 'lrem', removed)
    ctx.db.deleteIfEmpty(key, list)
  }
  reply.integer(removed)
}

interface PositionOptions {
  /** Which match is the first to be answered; negative: counted from the tail. */
  rank: number
  /** How many matches to answer, 0: all, undefined: one, not as an array. */
  count: number | undefined
  /** How many elements to compare, 0: all. */
  maxlen: number
}

function positionOptions(args: Args): PositionOptions {
  const options: PositionOptions = { rank: 1, count: undefined, maxlen: 0 }
  for (let i = 3; i < args.count; i += 2) {
    const option = args.at(i)
    if (!hasMore(args, i)) fail('syntax')
    if (option.is('RANK')) {
      options.rank = signedCount(args.at(i + 1))
      if (options.rank === 0) fail('rankZero')
    } else if (option.is('COUNT')) {
      options.count = positiveCount(args.at(i + 1), ERRORS.countNegative)
    } else if (option.is('MAXLEN')) {
      options.maxlen = positiveCount(args.at(i + 1), ERRORS.maxlenNegative)
    } else {
      fail('syntax')
    }
  }
  return options
}

const lpos: Handler = (ctx, args, reply) => {
  const { rank, count, maxlen } = positionOptions(args)
  const list = ctx.db.readList(args.at(1))
  if (list === undefined) return count === undefined ? reply.null() : reply.array(0)
  const value = args.at(2)
  const fromTail = rank < 0
  const compared = maxlen === 0 ? list.size : Math.min(maxlen, list.size)
  const wanted = count ?? 1
  let skip = Math.abs(rank) - 1
  let found = 0
  const mark = count === undefined ? -1 : reply.beginArray()
  list.forEach(fromTail ? list.size - 1 : 0, compared, fromTail, (element, index) => {
    if (!element.equals(value) || skip-- > 0) return true
    reply.integer(index)
    return ++found !== wanted
  })
  if (count !== undefined) reply.endArray(mark, found)
  else if (found === 0) reply.null()
}

export const listElementCommands: readonly CommandSpec[] = [
  {
    name: 'linsert',
    summary: 'Inserts an element before or after another element of a list.',
    since: '2.2.0',
    complexity: 'O(N) where N is the number of elements before the one looked for.',
    group: 'list',
    arity: 5,
    flags: WRITE | DENYOOM,
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'insert')],
    run: linsert,
  },
  {
    name: 'lrem',
    summary: 'Removes elements equal to a value, and the list with its last element.',
    since: '1.0.0',
    complexity: 'O(N+M), N being the length of the list and M the number of elements removed.',
    group: 'list',
    arity: 4,
    flags: WRITE,
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'delete')],
    run: lrem,
  },
  {
    name: 'lpos',
    summary: 'Returns the indexes of elements equal to a value.',
    since: '6.0.6',
    complexity: 'O(N) where N is the number of elements compared.',
    group: 'list',
    arity: -3,
    flags: READONLY,
    acl: ['list'],
    keys: [keyAt(1, 'RO', 'access')],
    run: lpos,
  },
]
