/**
 * Hash commands that write, and the list of all hash commands.
 */
import { fail } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import { LongDouble } from '../../memory/long-double.ts'
import { INT64_MAX, INT64_MIN, parseInt64, putInteger } from '../../memory/numbers.ts'
import { failArity, int64Arg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { DENYOOM, FAST, WRITE } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { hashReadCommands } from './read.ts'

const INTEGER_DIGITS_MAX = 20
/** Where HINCRBY prints its result. */
const printed = new Bytes(Buffer.allocUnsafeSlow(INTEGER_DIGITS_MAX))

/** Sets all given fields; returns how many are new. */
function setFields(ctx: Context, args: Args, name: string): number {
  if (args.count % 2 === 1) failArity(name)
  const key = args.at(1)
  const fields = (args.count - 2) / 2
  const hash = ctx.db.openHash(key)
  hash.expect(fields)
  let created = 0
  for (let i = 2; i < args.count; i += 2) if (hash.set(args.at(i), args.at(i + 1))) created++
  ctx.db.changed(key, 'hset', fields)
  return created
}

const hset: Handler = (ctx, args, reply) => {
  reply.integer(setFields(ctx, args, 'hset'))
}

const hmset: Handler = (ctx, args, reply) => {
  setFields(ctx, args, 'hmset')
  reply.ok()
}

const hsetnx: Handler = (ctx, args, reply) => {
  const key = args.at(1)
  const field = args.at(2)
  const hash = ctx.db.findHash(key)
  if (hash?.has(field)) return reply.integer(0)
  const target = hash ?? ctx.db.openHash(key)
  target.set(field, args.at(3))
  ctx.db.changed(key, 'hset')
  reply.integer(1)
}

const hdel: Handler = (ctx, args, reply) => {
  const key = args.at(1)
  const hash = ctx.db.findHash(key)
  let deleted = 0
  for (let i = 2; hash !== undefined && hash.size > 0 && i < args.count; i++) {
    if (hash.delete(args.at(i))) deleted++
  }
  if (hash !== undefined && deleted > 0) {
    ctx.db.changed(key, 'hdel', deleted)
    ctx.db.deleteIfEmpty(key, hash)
  }
  reply.integer(deleted)
}

const hincrby: Handler = (ctx, args, reply) => {
  const key = args.at(1)
  const field = args.at(2)
  const increment = int64Arg(args.at(3))
  const hash = ctx.db.findHash(key)
  const old = hash?.get(field)
  const value = old === undefined ? 0 : (parseInt64(old) ?? fail('hashNotInteger'))
  const sum = addInt64(value, increment)
  const target = hash ?? ctx.db.openHash(key)
  target.set(field, printInteger(sum))
  ctx.db.changed(key, 'hincrby')
  reply.integer(sum)
}

function addInt64(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  const sum = BigInt(a) + BigInt(b)
  if (sum > INT64_MAX || sum < INT64_MIN) fail('overflow')
  return sum
}

function printInteger(value: number | bigint): Bytes {
  const { buf } = printed
  const end = typeof value === 'number' ? putInteger(buf, 0, value) : buf.write(String(value), 'latin1')
  return printed.set(buf, 0, end)
}

const hincrbyfloat: Handler = (ctx, args, reply) => {
  const key = args.at(1)
  const field = args.at(2)
  const increment = LongDouble.parse(args.at(3)) ?? fail('notFloat')
  if (!increment.isFinite) fail('valueNanOrInfinity')
  const hash = ctx.db.findHash(key)
  const old = hash?.get(field)
  const value = old === undefined ? LongDouble.ZERO : (LongDouble.parse(old) ?? fail('hashNotFloat'))
  const sum = Bytes.from(String(value.plus(increment) ?? fail('nanOrInfinity')))
  const target = hash ?? ctx.db.openHash(key)
  target.set(field, sum)
  ctx.db.changed(key, 'hincrbyfloat')
  reply.bulk(sum)
}

const HASH_WRITE = {
  group: 'hash',
  acl: ['hash'],
} as const

export const hashCommands: readonly CommandSpec[] = [
  {
    ...HASH_WRITE,
    name: 'hset',
    summary: 'Sets fields of a hash, creating the hash if there is none.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields given.',
    arity: -4,
    flags: WRITE | DENYOOM | FAST,
    keys: [keyAt(1, 'RW', 'update')],
    run: hset,
  },
  {
    ...HASH_WRITE,
    name: 'hsetnx',
    summary: 'Sets a field of a hash unless the hash has it already.',
    since: '2.0.0',
    complexity: 'O(1)',
    arity: 4,
    flags: WRITE | DENYOOM | FAST,
    keys: [keyAt(1, 'RW', 'insert')],
    run: hsetnx,
  },
  {
    ...HASH_WRITE,
    name: 'hmset',
    summary: 'Sets fields of a hash; HSET does the same and says how many are new.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields given.',
    arity: -4,
    flags: WRITE | DENYOOM | FAST,
    keys: [keyAt(1, 'RW', 'update')],
    run: hmset,
  },
  {
    ...HASH_WRITE,
    name: 'hdel',
    summary: 'Deletes fields of a hash, and the hash with its last field.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields given.',
    arity: -3,
    flags: WRITE | FAST,
    keys: [keyAt(1, 'RW', 'delete')],
    run: hdel,
  },
  {
    ...HASH_WRITE,
    name: 'hincrby',
    summary: 'Adds an integer to the value of a field, which counts as 0 where there is none.',
    since: '2.0.0',
    complexity: 'O(1)',
    arity: 4,
    flags: WRITE | DENYOOM | FAST,
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: hincrby,
  },
  {
    ...HASH_WRITE,
    name: 'hincrbyfloat',
    summary: 'Adds a float to the value of a field, which counts as 0 where there is none.',
    since: '2.6.0',
    complexity: 'O(1)',
    arity: 4,
    flags: WRITE | DENYOOM | FAST,
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: hincrbyfloat,
  },
  ...hashReadCommands,
]
