/**
 * Commands on whole databases: DBSIZE, FLUSHDB, FLUSHALL, SWAPDB.
 */
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { int32Arg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { FAST, READONLY, WRITE } from '../flags.ts'
import type { CommandSpec } from '../spec.ts'

/** Whether the memory of the keys goes back later: SYNC, ASYNC or what the configuration says. */
function isLazy(ctx: Context, args: Args): boolean {
  if (args.count === 1) return ctx.config['lazyfree-lazy-user-flush']
  if (args.count > 2) fail('syntax')
  if (args.at(1).is('SYNC')) return false
  return args.at(1).is('ASYNC') || fail('syntax')
}

function runFlushdb(ctx: Context, args: Args, reply: ReplySink): void {
  ctx.db.clear(isLazy(ctx, args))
  reply.ok()
}

function runFlushall(ctx: Context, args: Args, reply: ReplySink): void {
  const lazily = isLazy(ctx, args)
  for (let i = 0; i < ctx.config.databases; i++) ctx.database(i).clear(lazily)
  reply.ok()
}

function runSwapdb(ctx: Context, args: Args, reply: ReplySink): void {
  if (ctx.server.cluster !== null) failWith('ERR SWAPDB is not allowed in cluster mode')
  const first = int32Arg(args.at(1), 'ERR invalid first DB index')
  const second = int32Arg(args.at(2), 'ERR invalid second DB index')
  const count = ctx.config.databases
  if (first < 0 || first >= count || second < 0 || second >= count) fail('dbIndexRange')
  ctx.database(first).swapWith(ctx.database(second))
  reply.ok()
}

const FLUSH_TIPS = ['request_policy:all_shards', 'response_policy:all_succeeded']

export const databaseCommands: readonly CommandSpec[] = [
  {
    name: 'dbsize',
    summary: 'Counts the keys of the database.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'server',
    arity: 1,
    flags: READONLY | FAST,
    acl: ['keyspace'],
    tips: ['request_policy:all_shards', 'response_policy:agg_sum'],
    keys: [],
    run: (ctx, _args, reply) => reply.integer(ctx.db.size),
  },
  {
    name: 'flushdb',
    summary: 'Deletes all keys of the database.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of keys in the database',
    group: 'server',
    arity: -1,
    flags: WRITE,
    acl: ['keyspace', 'dangerous'],
    tips: FLUSH_TIPS,
    keys: [],
    run: runFlushdb,
  },
  {
    name: 'flushall',
    summary: 'Deletes all keys of all databases.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of keys in all databases',
    group: 'server',
    arity: -1,
    flags: WRITE,
    acl: ['keyspace', 'dangerous'],
    tips: FLUSH_TIPS,
    keys: [],
    run: runFlushall,
  },
  {
    name: 'swapdb',
    summary: 'Exchanges the keys of two databases.',
    since: '4.0.0',
    complexity: 'O(N) where N is the number of clients that watch keys of either database',
    group: 'server',
    arity: 3,
    flags: WRITE | FAST,
    acl: ['keyspace', 'dangerous'],
    keys: [],
    run: runSwapdb,
  },
]
