/**
 * Commands on keys whatever they hold: DEL, EXISTS, TYPE, RENAME, COPY and their relatives.
 */
import { fail, failWith } from '../../errors.ts'
import type { Database } from '../../keyspace/database.ts'
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { hasMore, int32Arg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { DENYOOM, FAST, READONLY, WRITE } from '../flags.ts'
import { keyAt, keysFrom } from '../key-spec.ts'
import type { CommandSpec } from '../spec.ts'

/** Deletes all keys named, `lazily` or not, and answers how many there were. */
function deleteKeys({ db }: Context, args: Args, lazily: boolean, reply: ReplySink): void {
  let deleted = 0
  for (let i = 1; i < args.count; i++) {
    const key = args.at(i)
    if (!db.delete(key, lazily)) continue
    db.changed(key, 'del')
    deleted++
  }
  reply.integer(deleted)
}

function runExists(ctx: Context, args: Args, reply: ReplySink): void {
  let found = 0
  for (let i = 1; i < args.count; i++) if (ctx.db.readExists(args.at(i))) found++
  reply.integer(found)
}

function runTouch(ctx: Context, args: Args, reply: ReplySink): void {
  let found = 0
  for (let i = 1; i < args.count; i++) if (ctx.db.touch(args.at(i))) found++
  reply.integer(found)
}

function runType(ctx: Context, args: Args, reply: ReplySink): void {
  const key = args.at(1)
  reply.status(ctx.db.readExists(key) ? ctx.db.type(key)! : 'none')
}

/** Renames unless the keys are the same or, with `onlyNew`, the new one exists; returns whether it did. */
function rename(ctx: Context, from: Bytes, to: Bytes, onlyNew: boolean): boolean {
  const { db } = ctx
  if (!db.exists(from)) fail('noSuchKey')
  if (from.equals(to) || (onlyNew && db.exists(to))) return false
  db.move(from, db, to)
  db.changed(from, 'rename_from')
  db.changed(to, 'rename_to', 0)
  return true
}

function runRename(ctx: Context, args: Args, reply: ReplySink): void {
  rename(ctx, args.at(1), args.at(2), false)
  reply.ok()
}

function runRenamenx(ctx: Context, args: Args, reply: ReplySink): void {
  reply.integer(rename(ctx, args.at(1), args.at(2), true) ? 1 : 0)
}

/** The database an argument names. */
function databaseArg(ctx: Context, b: Bytes): Database {
  const index = int32Arg(b)
  if (index < 0 || index >= ctx.config.databases) fail('dbIndexRange')
  return ctx.database(index)
}

function runMove(ctx: Context, args: Args, reply: ReplySink): void {
  if (ctx.server.cluster !== null) failWith('ERR MOVE is not allowed in cluster mode')
  const { db } = ctx
  const key = args.at(1)
  const target = databaseArg(ctx, args.at(2))
  if (target === db) fail('sameObject')
  if (!db.exists(key) || target.exists(key)) {
    reply.integer(0)
    return
  }
  db.move(key, target, key)
  db.changed(key, 'move_from')
  target.changed(key, 'move_to', 0)
  reply.integer(1)
}

function runCopy(ctx: Context, args: Args, reply: ReplySink): void {
  const { db } = ctx
  const from = args.at(1)
  const to = args.at(2)
  let target = db
  let replace = false
  for (let i = 3; i < args.count; i++) {
    const option = args.at(i)
    if (option.is('REPLACE')) replace = true
    else if (option.is('DB') && hasMore(args, i)) target = databaseArg(ctx, args.at(++i))
    else fail('syntax')
  }
  if (target === db && from.equals(to)) fail('sameObject')
  if (!db.touch(from) || (!replace && target.exists(to))) {
    reply.integer(0)
    return
  }
  db.copy(from, target, to)
  target.changed(to, 'copy_to')
  reply.integer(1)
}

const MANY_KEYS_TIPS = ['request_policy:multi_shard', 'response_policy:agg_sum']

export const keyCommands: readonly CommandSpec[] = [
  {
    name: 'del',
    summary: 'Deletes keys.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of keys and of elements in the collections among them',
    group: 'generic',
    arity: -2,
    flags: WRITE,
    acl: ['keyspace'],
    tips: MANY_KEYS_TIPS,
    keys: [keysFrom(1, 1, 'RM', 'delete')],
    run: (ctx, args, reply) => deleteKeys(ctx, args, ctx.config['lazyfree-lazy-user-del'], reply),
  },
  {
    name: 'unlink',
    summary: 'Deletes keys; the memory of large collections goes back later.',
    since: '4.0.0',
    complexity: 'O(N) where N is the number of keys; what they hold is freed apart from the command',
    group: 'generic',
    arity: -2,
    flags: WRITE | FAST,
    acl: ['keyspace'],
    tips: MANY_KEYS_TIPS,
    keys: [keysFrom(1, 1, 'RM', 'delete')],
    run: (ctx, args, reply) => deleteKeys(ctx, args, true, reply),
  },
  {
    name: 'exists',
    summary: 'Counts how many of the keys given exist.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of keys',
    group: 'generic',
    arity: -2,
    flags: READONLY | FAST,
    acl: ['keyspace'],
    tips: MANY_KEYS_TIPS,
    keys: [keysFrom(1, 1, 'RO')],
    run: runExists,
  },
  {
    name: 'touch',
    summary: 'Counts how many of the keys given exist, and marks them as used now.',
    since: '3.2.1',
    complexity: 'O(N) where N is the number of keys',
    group: 'generic',
    arity: -2,
    flags: READONLY | FAST,
    acl: ['keyspace'],
    tips: MANY_KEYS_TIPS,
    keys: [keysFrom(1, 1, 'RO')],
    run: runTouch,
  },
  {
    name: 'type',
    summary: 'Answers the type of the value stored at a key.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'generic',
    arity: 2,
    flags: READONLY | FAST,
    acl: ['keyspace'],
    keys: [keyAt(1, 'RO')],
    run: runType,
  },
  {
    name: 'rename',
    summary: 'Gives a key another name; a key of that name is replaced.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'generic',
    arity: 3,
    flags: WRITE,
    acl: ['keyspace'],
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'OW', 'update')],
    run: runRename,
  },
  {
    name: 'renamenx',
    summary: 'Gives a key another name if no key has that name.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'generic',
    arity: 3,
    flags: WRITE | FAST,
    acl: ['keyspace'],
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'OW', 'insert')],
    run: runRenamenx,
  },
  {
    name: 'copy',
    summary: 'Copies the value of a key to another key.',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of elements of a collection; O(1) for a string',
    group: 'generic',
    arity: -3,
    flags: WRITE | DENYOOM,
    acl: ['keyspace'],
    keys: [keyAt(1, 'RO', 'access'), keyAt(2, 'OW', 'update')],
    run: runCopy,
  },
  {
    name: 'move',
    summary: 'Moves a key to another database.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'generic',
    arity: 3,
    flags: WRITE | FAST,
    acl: ['keyspace'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: runMove,
  },
]
