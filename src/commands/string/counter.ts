/**
 * Commands that count: INCR, DECR and their relatives.
 */
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import { LongDouble } from '../../memory/long-double.ts'
import { INT64_MIN } from '../../memory/numbers.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { int64Arg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { DENYOOM, FAST, WRITE } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec } from '../spec.ts'

function add(ctx: Context, key: Bytes, delta: number | bigint, reply: ReplySink): void {
  const sum = ctx.db.incrementBy(key, delta)
  ctx.db.changed(key, 'incrby')
  reply.integer(sum)
}

function runDecrby(ctx: Context, args: Args, reply: ReplySink): void {
  const delta = int64Arg(args.at(2))
  if (delta === INT64_MIN) failWith('ERR decrement would overflow')
  // Not -0, which is an integer of its own to JavaScript.
  add(ctx, args.at(1), -delta || 0, reply)
}

function runIncrbyfloat(ctx: Context, args: Args, reply: ReplySink): void {
  const { db } = ctx
  const key = args.at(1)
  const stored = db.findString(key)
  const value = stored === undefined ? LongDouble.ZERO : (LongDouble.parse(stored) ?? fail('notFloat'))
  const delta = LongDouble.parse(args.at(2)) ?? fail('notFloat')
  const sum = Bytes.from(String(value.plus(delta) ?? fail('nanOrInfinity')), 'latin1')
  db.writeText(key, sum)
  db.changed(key, 'incrbyfloat')
  reply.bulk(sum)
}

const INTEGER_FLAGS = WRITE | DENYOOM | FAST

export const counterCommands: readonly CommandSpec[] = [
  {
    name: 'incr',
    summary: 'Adds one to the integer stored at a key, 0 if there is none.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'string',
    arity: 2,
    flags: INTEGER_FLAGS,
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: (ctx, args, reply) => add(ctx, args.at(1), 1, reply),
  },
  {
    name: 'decr',
    summary: 'Takes one from the integer stored at a key, 0 if there is none.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'string',
    arity: 2,
    flags: INTEGER_FLAGS,
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: (ctx, args, reply) => add(ctx, args.at(1), -1, reply),
  },
  {
    name: 'incrby',
    summary: 'Adds a number to the integer stored at a key, 0 if there is none.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'string',
    arity: 3,
    flags: INTEGER_FLAGS,
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: (ctx, args, reply) => add(ctx, args.at(1), int64Arg(args.at(2)), reply),
  },
  {
    name: 'decrby',
    summary: 'Takes a number from the integer stored at a key, 0 if there is none.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'string',
    arity: 3,
    flags: INTEGER_FLAGS,
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: runDecrby,
  },
  {
    name: 'incrbyfloat',
    summary: 'Adds a number to the floating point number stored at a key, 0 if there is none.',
    since: '2.6.0',
    complexity: 'O(1)',
    group: 'string',
    arity: 3,
    flags: INTEGER_FLAGS,
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: runIncrbyfloat,
  },
]
