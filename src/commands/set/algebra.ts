/**
 * Intersection, union and difference of sets: SINTER, SINTERCARD, SUNION, SDIFF and the forms that store the result.
 */
import { ERRORS, fail } from '../../errors.ts'
import type { Database } from '../../keyspace/database.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import { parseInt64 } from '../../memory/numbers.ts'
import type { SetValue } from '../../types/set.ts'
import { hasMore, integerInRange, positiveCount } from '../arguments.ts'
import { MemberList, MemberTable } from '../collection/member-list.ts'
import { DENYOOM, MOVABLE_KEYS, READONLY, WRITE } from '../flags.ts'
import { keyAt, keysFrom, numkeysAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'

type Emit = (member: Bytes) => void
/** Members looked at before asking whether there are enough. */
const LIMITED_STEP = 100

type Operation = (db: Database, args: Args, first: number, end: number, emit: Emit) => void

/** Shows the members, at most `limit`, that all sets named by args[first .. end-1] have; no key is an empty set. */
function intersect(db: Database, args: Args, first: number, end: number, emit: Emit, limit = Infinity): void {
  const sources: { readonly key: Bytes; readonly set: SetValue }[] = []
  for (let i = first; i < end; i++) {
    const set = db.readSet(args.at(i))
    if (set !== undefined) sources.push({ key: args.at(i), set })
  }
  if (sources.length < end - first) return
  sources.sort((a, b) => a.set.size - b.set.size)
  const smallest = sources[0]!
  // A set being walked is not to be asked, and would only say yes.
  const others = sources.filter(({ key }) => !key.equals(smallest.key)).map(({ set }) => set)
  let found = 0
  let cursor = 0
  do {
    cursor = smallest.set.scan(cursor, limit === Infinity ? smallest.set.size : LIMITED_STEP, (member) => {
      if (found === limit) return
      for (const other of others) if (!other.has(member)) return
      emit(member)
      found++
    })
  } while (cursor !== 0 && found < limit)
}

/** Shows each member of any of the sets once. */
function unite(db: Database, args: Args, first: number, end: number, emit: Emit): void {
  const sets: SetValue[] = []
  for (let i = first; i < end; i++) {
    const set = db.readSet(args.at(i))
    if (set !== undefined) sets.push(set)
  }
  const seen = new MemberTable()
  const emitNew = (member: Bytes) => {
    if (seen.add(member)) emit(member)
  }
  for (const set of sets) set.forEach(sets.length > 1 ? emitNew : emit)
}

/** Shows the members of the first set that no other has. */
function subtract(db: Database, args: Args, first: number, end: number, emit: Emit): void {
  const minuend = db.readSet(args.at(first))
  const others: SetValue[] = []
  let nothingLeft = false
  for (let i = first + 1; i < end; i++) {
    const set = db.readSet(args.at(i))
    if (args.at(i).equals(args.at(first))) nothingLeft = true
    if (set !== undefined) others.push(set)
  }
  if (minuend === undefined || nothingLeft) return
  const subtrahends = gatherIfCheaper(minuend, others)
  minuend.forEach((member) => {
    for (const other of subtrahends) if (other.has(member)) return
    emit(member)
  })
}

interface Membership {
  has(member: Bytes): boolean
}

/**
 * Asking each of many small sets about every member costs more than one question to the union of the small sets, once that
 * has been gathered. The larger sets come first: they are the likeliest to have the member.
 */
function gatherIfCheaper(minuend: SetValue, others: SetValue[]): Membership[] {
  let total = 0
  for (const other of others) total += other.size
  if (minuend.size * (others.length - 1) <= total) return others.sort((a, b) => b.size - a.size)
  const gathered = new MemberTable()
  for (const other of others) {
    other.forEach((member) => {
      gathered.add(member)
    })
  }
  return [gathered]
}

function answer(operation: Operation): Handler {
  return (ctx, args, reply) => {
    let count = 0
    const mark = reply.beginArray()
    operation(ctx.db, args, 1, args.count, (member) => {
      reply.bulk(member)
      count++
    })
    reply.endSet(mark, count)
  }
}

type StoreEvent = 'sinterstore' | 'sunionstore' | 'sdiffstore'

/** Opens an empty set in the encoding that a command gives its result. */
type OpenResult = (db: Database, key: Bytes, members: MemberList) => SetValue

/** An intset, until a member does not fit. */
const openIntset: OpenResult = (db, key) => db.openSet(key, ANY_INTEGER, 1)

/** What fits all members. */
const openFitting: OpenResult = (db, key, members) =>
  db.openSet(key, members.at(firstNonInteger(members)), members.size)

const ANY_INTEGER = Bytes.from('0')

function firstNonInteger(members: MemberList): number {
  for (let i = 0; i < members.size; i++) if (parseInt64(members.at(i)) === undefined) return i
  return 0
}

/** Makes the result the set at the first key, whatever was there; an empty result removes the key. */
function store(operation: Operation, event: StoreEvent, openResult: OpenResult): Handler {
  return ({ db }, args, reply) => {
    const members = new MemberList()
    operation(db, args, 2, args.count, (member) => members.push(member))
    const key = args.at(1)
    const existed = db.delete(key)
    if (members.size > 0) {
      const set = openResult(db, key, members)
      for (let i = 0; i < members.size; i++) set.add(members.at(i))
      db.changed(key, event)
    } else if (existed) {
      db.changed(key, 'del')
    }
    reply.integer(members.size)
  }
}

const sintercard: Handler = (ctx, args, reply) => {
  const numkeys = integerInRange(args.at(1), 1, Infinity, ERRORS.numkeysPositive)
  if (numkeys > args.count - 2) fail('numkeysTooMany')
  let limit = Infinity
  for (let i = 2 + numkeys; i < args.count; i++) {
    if (!args.at(i).is('LIMIT') || !hasMore(args, i)) fail('syntax')
    limit = positiveCount(args.at(++i), ERRORS.limitNegative) || Infinity
  }
  let count = 0
  const countMember = () => {
    count++
  }
  intersect(ctx.db, args, 2, 2 + numkeys, countMember, limit)
  reply.integer(count)
}

const INTERSECTION_COST = 'O(N*M) at worst, N being the size of the smallest set and M the number of sets.'
const SUM_COST = 'O(N) where N is the size of all given sets together.'
const SOURCES = keysFrom(1, 1, 'RO', 'access')
const STORE_KEYS = [keyAt(1, 'OW', 'update'), keysFrom(2, 1, 'RO', 'access')]

export const setAlgebraCommands: readonly CommandSpec[] = [
  {
    name: 'sinter',
    summary: 'Returns the members that all given sets have.',
    since: '1.0.0',
    complexity: INTERSECTION_COST,
    group: 'set',
    arity: -2,
    flags: READONLY,
    acl: ['set'],
    tips: ['nondeterministic_output_order'],
    keys: [SOURCES],
    run: answer(intersect),
  },
  {
    name: 'sinterstore',
    summary: 'Stores the members that all given sets have.',
    since: '1.0.0',
    complexity: INTERSECTION_COST,
    group: 'set',
    arity: -3,
    flags: WRITE | DENYOOM,
    acl: ['set'],
    keys: STORE_KEYS,
    run: store(intersect, 'sinterstore', openFitting),
  },
  {
    name: 'sintercard',
    summary: 'Returns how many members all given sets have in common.',
    since: '7.0.0',
    complexity: INTERSECTION_COST,
    group: 'set',
    arity: -3,
    flags: READONLY | MOVABLE_KEYS,
    acl: ['set'],
    keys: [numkeysAt(1, 'RO', 'access')],
    run: sintercard,
  },
  {
    name: 'sunion',
    summary: 'Returns the members of all given sets.',
    since: '1.0.0',
    complexity: SUM_COST,
    group: 'set',
    arity: -2,
    flags: READONLY,
    acl: ['set'],
    tips: ['nondeterministic_output_order'],
    keys: [SOURCES],
    run: answer(unite),
  },
  {
    name: 'sunionstore',
    summary: 'Stores the members of all given sets.',
    since: '1.0.0',
    complexity: SUM_COST,
    group: 'set',
    arity: -3,
    flags: WRITE | DENYOOM,
    acl: ['set'],
    keys: STORE_KEYS,
    run: store(unite, 'sunionstore', openIntset),
  },
  {
    name: 'sdiff',
    summary: 'Returns the members of the first set that the other sets do not have.',
    since: '1.0.0',
    complexity: SUM_COST,
    group: 'set',
    arity: -2,
    flags: READONLY,
    acl: ['set'],
    tips: ['nondeterministic_output_order'],
    keys: [SOURCES],
    run: answer(subtract),
  },
  {
    name: 'sdiffstore',
    summary: 'Stores the members of the first set that the other sets do not have.',
    since: '1.0.0',
    complexity: SUM_COST,
    group: 'set',
    arity: -3,
    flags: WRITE | DENYOOM,
    acl: ['set'],
    keys: STORE_KEYS,
    run: store(subtract, 'sdiffstore', openIntset),
  },
]
