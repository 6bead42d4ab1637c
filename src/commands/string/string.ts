/**
 * Commands that read and replace whole strings: GET, SET and their relatives.
 */
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { failArity } from '../arguments.ts'
import type { Context } from '../context.ts'
import { DENYOOM, FAST, READONLY, WRITE } from '../flags.ts'
import { type KeyFlag, keyAt, keysFrom } from '../key-spec.ts'
import { MILLISECONDS, positiveExpireTime, SECONDS, type TimeUnit } from '../keys/expire-time.ts'
import type { CommandSpec } from '../spec.ts'
import { ABSOLUTE, EXPIRY, GET, IFEQ, KEEPTTL, NX, PERSIST, StringOptions, XX } from './options.ts'

const options = new StringOptions()

/** Answers the string at key, or null. */
function replyString(ctx: Context, key: Bytes, reply: ReplySink): void {
  const value = ctx.db.readString(key)
  if (value === undefined) reply.null()
  else reply.bulk(value)
}

function runSet(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count > 3) {
    setWithOptions(ctx, args, reply)
    return
  }
  const { db } = ctx
  const key = args.at(1)
  db.writeString(key, args.at(2))
  db.changed(key, 'set')
  reply.ok()
}

/** Without GET the old value is not looked at. */
function setKeyFlags(args: Args): (readonly KeyFlag[])[] {
  for (let i = 3; i < args.count; i++) if (args.at(i).is('GET')) return [['RW', 'access', 'update']]
  return [['OW', 'update']]
}

function setWithOptions(ctx: Context, args: Args, reply: ReplySink): void {
  const key = args.at(1)
  options.parseSet(args)
  const until = options.has(EXPIRY) ? options.expiry(args, ctx.now, 'set') : 0
  const answersOld = options.has(GET)
  if (answersOld) replyString(ctx, key, reply)
  if (!mayBeSet(ctx, args)) {
    if (!answersOld) reply.null()
    return
  }
  if (until === 0) {
    ctx.db.writeString(key, args.at(2), options.has(KEEPTTL))
    ctx.db.changed(key, 'set')
  } else {
    writeUntil(ctx, key, args.at(2), until)
  }
  if (!answersOld) reply.ok()
}

/** Whether NX, XX or IFEQ let the key be set. */
function mayBeSet(ctx: Context, args: Args): boolean {
  const key = args.at(1)
  if (options.has(IFEQ)) return ctx.db.findString(key)?.equals(options.comparison(args)) ?? false
  if (options.has(NX)) return !ctx.db.exists(key)
  if (options.has(XX)) return ctx.db.exists(key)
  return true
}

/** A time that has passed only removes what is there. */
function writeUntil(ctx: Context, key: Bytes, value: Bytes, until: number): void {
  const { db } = ctx
  if (until <= ctx.now) {
    db.deleteExpired(key)
    return
  }
  db.writeStringUntil(key, value, until)
  db.changed(key, 'set')
  db.notify(key, 'expire')
}

function runSetnx(ctx: Context, args: Args, reply: ReplySink): void {
  const { db } = ctx
  const key = args.at(1)
  if (db.exists(key)) {
    reply.integer(0)
    return
  }
  db.writeString(key, args.at(2))
  db.changed(key, 'set')
  reply.integer(1)
}

function setex(command: string, unit: TimeUnit) {
  return (ctx: Context, args: Args, reply: ReplySink): void => {
    const until = positiveExpireTime(args.at(2), unit, ctx.now, command)
    writeUntil(ctx, args.at(1), args.at(3), until)
    reply.ok()
  }
}

function runGetset(ctx: Context, args: Args, reply: ReplySink): void {
  const key = args.at(1)
  replyString(ctx, key, reply)
  ctx.db.writeString(key, args.at(2))
  ctx.db.changed(key, 'set')
}

function runGetdel(ctx: Context, args: Args, reply: ReplySink): void {
  const key = args.at(1)
  replyString(ctx, key, reply)
  if (ctx.db.delete(key)) ctx.db.changed(key, 'del')
}

function runGetex(ctx: Context, args: Args, reply: ReplySink): void {
  const { db } = ctx
  const key = args.at(1)
  options.parseGetex(args)
  const value = db.readString(key)
  if (value === undefined) {
    reply.null()
    return
  }
  const until = options.has(EXPIRY) ? options.expiry(args, ctx.now, 'getex') : 0
  reply.bulk(value)
  if (options.has(ABSOLUTE) && until <= ctx.now) {
    db.deleteExpired(key)
  } else if (until !== 0) {
    db.setExpiry(key, until)
    db.changed(key, 'expire')
  } else if (options.has(PERSIST) && db.persist(key)) {
    db.changed(key, 'persist')
  }
}

function runMget(ctx: Context, args: Args, reply: ReplySink): void {
  reply.array(args.count - 1)
  for (let i = 1; i < args.count; i++) {
    const value = ctx.db.readStringIfAny(args.at(i))
    if (value === undefined) reply.null()
    else reply.bulk(value)
  }
}

function writePairs(ctx: Context, args: Args): void {
  for (let i = 1; i < args.count; i += 2) {
    const key = args.at(i)
    ctx.db.writeString(key, args.at(i + 1))
    ctx.db.changed(key, 'set')
  }
}

function runMset(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count % 2 === 0) failArity('mset')
  writePairs(ctx, args)
  reply.ok()
}

function runMsetnx(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count % 2 === 0) failArity('msetnx')
  const isNew = !anyExists(ctx, args)
  if (isNew) writePairs(ctx, args)
  reply.integer(isNew ? 1 : 0)
}

function anyExists(ctx: Context, args: Args): boolean {
  for (let i = 1; i < args.count; i += 2) if (ctx.db.exists(args.at(i))) return true
  return false
}

export const stringCommands: readonly CommandSpec[] = [
  {
    name: 'get',
    summary: 'Answers the string stored at a key.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'string',
    arity: 2,
    flags: READONLY | FAST,
    acl: ['string'],
    keys: [keyAt(1, 'RO', 'access')],
    run: (ctx, args, reply) => replyString(ctx, args.at(1), reply),
  },
  {
    name: 'set',
    summary: 'Stores a string at a key, whatever the key held before.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'string',
    arity: -3,
    flags: WRITE | DENYOOM,
    acl: ['string'],
    keys: [
      {
        ...keyAt(1, 'RW', 'access', 'update', 'variable_flags'),
        notes: 'RW and ACCESS due to the optional `GET` argument',
      },
    ],
    keyFlags: setKeyFlags,
    run: runSet,
  },
  {
    name: 'setnx',
    summary: 'Stores a string at a key that does not exist yet.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'string',
    arity: 3,
    flags: WRITE | DENYOOM | FAST,
    acl: ['string'],
    keys: [keyAt(1, 'OW', 'insert')],
    run: runSetnx,
  },
  {
    name: 'setex',
    summary: 'Stores a string that expires after some seconds.',
    since: '2.0.0',
    complexity: 'O(1)',
    group: 'string',
    arity: 4,
    flags: WRITE | DENYOOM,
    acl: ['string'],
    keys: [keyAt(1, 'OW', 'update')],
    run: setex('setex', SECONDS),
  },
  {
    name: 'psetex',
    summary: 'Stores a string that expires after some milliseconds.',
    since: '2.6.0',
    complexity: 'O(1)',
    group: 'string',
    arity: 4,
    flags: WRITE | DENYOOM,
    acl: ['string'],
    keys: [keyAt(1, 'OW', 'update')],
    run: setex('psetex', MILLISECONDS),
  },
  {
    name: 'getset',
    summary: 'Stores a string and answers the one it replaces.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'string',
    arity: 3,
    flags: WRITE | DENYOOM | FAST,
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: runGetset,
  },
  {
    name: 'getdel',
    summary: 'Answers the string stored at a key and deletes the key.',
    since: '6.2.0',
    complexity: 'O(1)',
    group: 'string',
    arity: 2,
    flags: WRITE | FAST,
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    run: runGetdel,
  },
  {
    name: 'getex',
    summary: 'Answers the string stored at a key and sets or removes its expiry.',
    since: '6.2.0',
    complexity: 'O(1)',
    group: 'string',
    arity: -2,
    flags: WRITE | FAST,
    acl: ['string'],
    keys: [{ ...keyAt(1, 'RW', 'access', 'update'), notes: 'RW and UPDATE because it changes the TTL' }],
    run: runGetex,
  },
  {
    name: 'mget',
    summary: 'Answers the strings stored at several keys.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of keys',
    group: 'string',
    arity: -2,
    flags: READONLY | FAST,
    acl: ['string'],
    tips: ['request_policy:multi_shard'],
    keys: [keysFrom(1, 1, 'RO', 'access')],
    run: runMget,
  },
  {
    name: 'mset',
    summary: 'Stores strings at several keys in one step.',
    since: '1.0.1',
    complexity: 'O(N) where N is the number of keys',
    group: 'string',
    arity: -3,
    flags: WRITE | DENYOOM,
    acl: ['string'],
    tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
    keys: [keysFrom(1, 2, 'OW', 'update')],
    run: runMset,
  },
  {
    name: 'msetnx',
    summary: 'Stores strings at several keys if none of them exists.',
    since: '1.0.1',
    complexity: 'O(N) where N is the number of keys',
    group: 'string',
    arity: -3,
    flags: WRITE | DENYOOM,
    acl: ['string'],
    keys: [keysFrom(1, 2, 'OW', 'insert')],
    run: runMsetnx,
  },
]
