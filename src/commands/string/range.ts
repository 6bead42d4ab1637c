/**
 * Commands on parts of a string: APPEND, STRLEN, SETRANGE, GETRANGE.
 */
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { DENYOOM, FAST, READONLY, WRITE } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec } from '../spec.ts'

const EMPTY = new Bytes()
/** The part GETRANGE answers. */
const part = new Bytes()

function checkLength(ctx: Context, length: number): void {
  if (length > ctx.config['proto-max-bulk-len']) fail('stringTooLong')
}

function runAppend(ctx: Context, args: Args, reply: ReplySink): void {
  const { db } = ctx
  const key = args.at(1)
  const suffix = args.at(2)
  const length = db.findString(key)?.len
  if (length === undefined) {
    db.writeString(key, suffix)
  } else {
    checkLength(ctx, length + suffix.len)
    db.appendString(key, suffix)
  }
  db.changed(key, 'append')
  reply.integer((length ?? 0) + suffix.len)
}

function runStrlen(ctx: Context, args: Args, reply: ReplySink): void {
  reply.integer(ctx.db.readString(args.at(1))?.len ?? 0)
}

function runSetrange(ctx: Context, args: Args, reply: ReplySink): void {
  const { db } = ctx
  const key = args.at(1)
  const offset = integerArg(args.at(2))
  const patch = args.at(3)
  if (offset < 0) failWith('ERR offset is out of range')
  const length = db.findString(key)?.len ?? 0
  if (patch.len === 0) {
    reply.integer(length)
    return
  }
  checkLength(ctx, offset + patch.len)
  db.overwriteString(key, offset, patch)
  db.changed(key, 'setrange')
  reply.integer(Math.max(length, offset + patch.len))
}

function runGetrange(ctx: Context, args: Args, reply: ReplySink): void {
  const from = integerArg(args.at(2))
  const to = integerArg(args.at(3))
  const value = ctx.db.readString(args.at(1))
  const length = value?.len ?? 0
  const start = Math.max(0, from < 0 ? length + from : from)
  const end = Math.min(length - 1, Math.max(0, to < 0 ? length + to : to))
  const isReversed = from < 0 && to < 0 && from > to
  if (value === undefined || isReversed || start > end) reply.bulk(EMPTY)
  else reply.bulk(part.set(value.buf, value.off + start, end - start + 1))
}

const GETRANGE_COMPLEXITY = 'O(N) where N is the length of the part'

export const stringRangeCommands: readonly CommandSpec[] = [
  {
    name: 'append',
    summary: 'Appends to the string stored at a key, which is made if there is none.',
    since: '2.0.0',
    complexity: 'O(1) amortized over many appends',
    group: 'string',
    arity: 3,
    flags: WRITE | DENYOOM | FAST,
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'insert')],
    run: runAppend,
  },
  {
    name: 'strlen',
    summary: 'Answers the length of the string stored at a key.',
    since: '2.2.0',
    complexity: 'O(1)',
    group: 'string',
    arity: 2,
    flags: READONLY | FAST,
    acl: ['string'],
    keys: [keyAt(1, 'RO')],
    run: runStrlen,
  },
  {
    name: 'setrange',
    summary: 'Overwrites a part of the string stored at a key, which is made if there is none.',
    since: '2.2.0',
    complexity: 'O(N) where N is the length of the part, beside making the string longer',
    group: 'string',
    arity: 4,
    flags: WRITE | DENYOOM,
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'update')],
    run: runSetrange,
  },
  {
    name: 'getrange',
    summary: 'Answers a part of the string stored at a key.',
    since: '2.4.0',
    complexity: GETRANGE_COMPLEXITY,
    group: 'string',
    arity: 4,
    flags: READONLY,
    acl: ['string'],
    keys: [keyAt(1, 'RO', 'access')],
    run: runGetrange,
  },
  {
    name: 'substr',
    summary: 'Answers a part of the string stored at a key; the former name of GETRANGE.',
    since: '1.0.0',
    complexity: GETRANGE_COMPLEXITY,
    group: 'string',
    arity: 4,
    flags: READONLY,
    acl: ['string'],
    keys: [keyAt(1, 'RO', 'access')],
    run: runGetrange,
  },
]
