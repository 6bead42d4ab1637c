/**
 * SORT and SORT_RO: the elements of a list, set or sorted set in order, or what keys named after them hold.
 */
import { hashSlot, patternSlot } from '../../cluster/hash-slot.ts'
import { fail, failWith } from '../../errors.ts'
import type { Database } from '../../keyspace/database.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import { parseDouble } from '../../memory/parse-double.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { MemberList } from '../collection/member-list.ts'
import type { Context } from '../context.ts'
import { DENYOOM, MOVABLE_KEYS, READONLY, WRITE } from '../flags.ts'
import { type KeySpec, keyAt } from '../key-spec.ts'
import type { CommandSpec } from '../spec.ts'
import { isElement, parseSortOptions, type SortOptions, sortKeys, starOf } from './sort-options.ts'

const EMPTY = new Bytes()
const DASH = 45
const GREATER = 62
const LEADING_SPACE = /^[ \t-\r]+/

/** A pattern of BY or GET, taken apart: `prefix*suffix` or `prefix*suffix->field`. */
interface KeyPattern {
  readonly isElement: boolean
  readonly prefix: Bytes
  /** Absent where the pattern is constant: nothing is looked up. */
  readonly suffix: Bytes | undefined
  readonly field: Bytes | undefined
}

function parsePattern(pattern: Bytes): KeyPattern {
  const star = starOf(pattern)
  if (star < 0) {
    return { isElement: isElement(pattern), prefix: pattern, suffix: undefined, field: undefined }
  }
  const prefix = pattern.slice(0, star)
  for (let i = star + 1; i + 2 < pattern.len; i++) {
    if (pattern.byteAt(i) === DASH && pattern.byteAt(i + 1) === GREATER) {
      return { isElement: false, prefix, suffix: pattern.slice(star + 1, i), field: pattern.slice(i + 2) }
    }
  }
  return { isElement: false, prefix, suffix: pattern.slice(star + 1), field: undefined }
}

/** What a pattern stands for at an element; valid until the next look-up. */
function resolve(db: Database, pattern: KeyPattern, element: Bytes): Bytes | undefined {
  if (pattern.isElement) return element
  if (pattern.suffix === undefined) return undefined
  const key = concat(pattern.prefix, element, pattern.suffix)
  if (pattern.field === undefined) return db.readStringIfAny(key)
  return db.type(key) === 'hash' ? db.readHash(key)?.get(pattern.field) : undefined
}

function concat(...parts: Bytes[]): Bytes {
  return new Bytes(Buffer.concat(parts.map((part) => part.buf.subarray(part.off, part.off + part.len))))
}

/** Copies the elements of the collection at `key`, in its own order. */
function load(db: Database, key: Bytes): MemberList {
  const elements = new MemberList()
  switch (db.type(key)) {
    case undefined:
      db.readExists(key)
      break
    case 'list': {
      const list = db.readList(key)!
      list.forEach(0, list.size, false, (value) => elements.push(value))
      break
    }
    case 'set':
      db.readSet(key)!.forEach((member) => {
        elements.push(member)
      })
      break
    case 'zset': {
      const set = db.readSortedSet(key)!
      // OBJECT ENCODING tells: Valkey sorts no listpack.
      set.unpack()
      set.range(0, set.size, false, (member) => elements.push(member))
      break
    }
    default:
      fail('wrongType')
  }
  return elements
}

/** A weight as `strtod` reads the start of a C string: spaces may lead, nothing at all is 0. */
function weightOf(value: Bytes): number {
  const text = value.latin1()
  const end = text.indexOf('\0')
  const number = (end < 0 ? text : text.slice(0, end)).replace(LEADING_SPACE, '')
  if (number === '' && (end === 0 || value.len === 0)) return 0
  return (
    parseDouble(Bytes.from(number, 'latin1')) ??
    failWith("ERR One or more scores can't be converted into double")
  )
}

/** The order of the elements by number; equal ones by their bytes. */
function numericOrder(db: Database, elements: MemberList, by: KeyPattern | undefined): Uint32Array {
  for (let i = 0; i < elements.size; i++) {
    const element = elements.at(i)
    const value = by === undefined ? element : resolve(db, by, element)
    elements.scores[i] = value === undefined ? 0 : weightOf(value)
  }
  return elements.sorted()
}

/** The order of the elements by the bytes of their weights, those without one first; equal ones stay as they were. */
function weightOrder(db: Database, elements: MemberList, by: KeyPattern, sign: 1 | -1): Uint32Array {
  const weights: (Buffer | undefined)[] = []
  for (let i = 0; i < elements.size; i++) weights.push(resolve(db, by, elements.at(i))?.copy())
  return ownOrder(elements).sort((a, b) => {
    const x = weights[a]
    const y = weights[b]
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? -sign : sign
    return sign * x.compare(y)
  })
}

function alphabeticOrder(elements: MemberList): Uint32Array {
  elements.scores.fill(0)
  return elements.sorted()
}

function ownOrder(elements: MemberList): Uint32Array {
  return Uint32Array.from({ length: elements.size }, (_, i) => i)
}

/** All indexes of the elements in the order asked for. */
function orderOf(ctx: Context, key: Bytes, elements: MemberList, options: SortOptions): Uint32Array {
  const { db } = ctx
  const { alpha, unsorted, descending } = options
  // What scripts and stored lists get of a set must not depend on the order a set happens to be in.
  const isSet = db.type(key) === 'set'
  const isForced = unsorted && isSet && (options.store !== undefined || ctx.inScript)
  const by = options.by === undefined || unsorted ? undefined : parsePattern(options.by)
  if (alpha && by !== undefined) return weightOrder(db, elements, by, descending ? -1 : 1)
  let order: Uint32Array
  if (unsorted && !isForced) {
    order = ownOrder(elements)
    // Nor has a set an order to be turned round.
    if (isSet) return order
  } else if (alpha || isForced) order = alphabeticOrder(elements)
  else order = numericOrder(db, elements, by)
  return descending ? order.reverse() : order
}

function limited(order: Uint32Array, options: SortOptions): Uint32Array {
  return order.subarray(options.start, options.count < 0 ? undefined : options.start + options.count)
}

/** Calls fn for each value of the result. */
function forEachResult(
  db: Database,
  elements: MemberList,
  order: Uint32Array,
  gets: readonly KeyPattern[],
  fn: (value: Bytes | undefined) => void,
): void {
  for (const index of order) {
    if (gets.length === 0) fn(elements.at(index))
    for (const pattern of gets) fn(resolve(db, pattern, elements.at(index)))
  }
}

/** Puts the result as a list at `key`; an empty one deletes it. */
function storeResult(db: Database, key: Bytes, result: MemberList): void {
  const existed = db.delete(key)
  if (result.size === 0) {
    if (existed) db.changed(key, 'del')
    return
  }
  const list = db.openList(key)
  for (let i = 0; i < result.size; i++) list.pushRight(result.at(i))
  db.changed(key, 'sortstore', result.size)
}

/** Keys that elements name are in nobody's list of keys: they are looked at here. */
function checkPattern({ server, client }: Context, args: Args, option: string, pattern: Bytes): void {
  if (server.cluster !== null && !isElement(pattern) && patternSlot(pattern) !== hashSlot(args.at(1))) {
    failWith(
      `ERR ${option} option of SORT denied in Cluster mode when keys formed by the pattern may be in different slots.`,
    )
  }
  if (!server.access.mayReadEveryKey(client, server.commands.resolve(args)!, args)) {
    failWith(`ERR ${option} option of SORT denied due to insufficient ACL permissions.`)
  }
}

function sort(ctx: Context, args: Args, reply: ReplySink, isReadOnly: boolean): void {
  const { db } = ctx
  const options = parseSortOptions(args, isReadOnly, (option, pattern) =>
    checkPattern(ctx, args, option, pattern),
  )
  const elements = load(db, args.at(1))
  const order = limited(orderOf(ctx, args.at(1), elements, options), options)
  const gets = options.gets.map(parsePattern)
  if (options.store !== undefined) {
    const result = new MemberList()
    forEachResult(db, elements, order, gets, (value) => result.push(value ?? EMPTY))
    storeResult(db, options.store, result)
    reply.integer(result.size)
    return
  }
  reply.array(order.length * Math.max(1, gets.length))
  forEachResult(db, elements, order, gets, (value) => {
    if (value === undefined) reply.null()
    else reply.bulk(value)
  })
}

const COMPLEXITY =
  'O(N+M*log(M)) where N is the number of elements and M the number of those answered; O(N) where nothing is sorted'

const SORTED_KEY = keyAt(1, 'RO', 'access')
const WEIGHT_KEYS: KeySpec = {
  notes:
    "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
  flags: ['RO', 'access'],
  begin: 'unknown',
  find: 'unknown',
}
const STORE_KEY: KeySpec = {
  notes:
    "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
  flags: ['OW', 'update'],
  begin: 'unknown',
  find: 'unknown',
}

export const sortCommands: readonly CommandSpec[] = [
  {
    name: 'sort',
    summary: 'Sorts the elements of a list, set or sorted set, and answers or stores them.',
    since: '1.0.0',
    complexity: COMPLEXITY,
    group: 'generic',
    arity: -2,
    flags: WRITE | DENYOOM | MOVABLE_KEYS,
    acl: ['set', 'sortedset', 'list', 'dangerous'],
    keys: [SORTED_KEY, WEIGHT_KEYS, STORE_KEY],
    findKeys: sortKeys,
    keyFlags: () => [
      ['RO', 'access'],
      ['OW', 'update'],
    ],
    run: (ctx, args, reply) => sort(ctx, args, reply, false),
  },
  {
    name: 'sort_ro',
    summary: 'Sorts the elements of a list, set or sorted set, and answers them.',
    since: '7.0.0',
    complexity: COMPLEXITY,
    group: 'generic',
    arity: -2,
    flags: READONLY | MOVABLE_KEYS,
    acl: ['set', 'sortedset', 'list', 'dangerous'],
    keys: [SORTED_KEY, WEIGHT_KEYS],
    findKeys: () => [1],
    keyFlags: () => [['RO', 'access']],
    run: (ctx, args, reply) => sort(ctx, args, reply, true),
  },
]
