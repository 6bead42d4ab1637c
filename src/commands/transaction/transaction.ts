/**
 * MULTI, EXEC, DISCARD, WATCH, UNWATCH.
 */
import { ALLOW_BUSY, FAST, LOADING, NO_MULTI, NOSCRIPT, SKIP_COMMAND_LOG, STALE } from '../flags.ts'
import { keysFrom } from '../key-spec.ts'
import type { CommandSpec } from '../spec.ts'

const ALWAYS = NOSCRIPT | LOADING | STALE | ALLOW_BUSY

export const transactionCommands: readonly CommandSpec[] = [
  {
    name: 'multi',
    summary: 'Starts a transaction: the commands that follow are queued.',
    since: '1.2.0',
    complexity: 'O(1)',
    group: 'transactions',
    arity: 1,
    flags: ALWAYS | FAST | NO_MULTI,
    acl: ['transaction'],
    keys: [],
    run(ctx, _args, reply) {
      ctx.server.transactions.begin(ctx.client)
      reply.ok()
    },
  },
  {
    name: 'exec',
    summary: 'Runs all queued commands without another client in between.',
    since: '1.2.0',
    complexity: 'Depends on commands in the transaction',
    group: 'transactions',
    arity: 1,
    flags: NOSCRIPT | LOADING | STALE | SKIP_COMMAND_LOG,
    acl: ['transaction'],
    keys: [],
    run(ctx, _args, reply) {
      ctx.server.transactions.exec(reply)
    },
  },
  {
    name: 'discard',
    summary: 'Forgets the queued commands and the watched keys.',
    since: '2.0.0',
    complexity: 'O(N), when N is the number of queued commands',
    group: 'transactions',
    arity: 1,
    flags: ALWAYS | FAST,
    acl: ['transaction'],
    keys: [],
    run(ctx, _args, reply) {
      if (!ctx.server.transactions.isOpen(ctx.client)) {
        reply.error('ERR DISCARD without MULTI')
        return
      }
      ctx.server.transactions.discard(ctx.client)
      reply.ok()
    },
  },
  {
    name: 'watch',
    summary: 'Makes the next EXEC refuse when one of the keys has changed until then.',
    since: '2.2.0',
    complexity: 'O(1) for every key.',
    group: 'transactions',
    arity: -2,
    flags: ALWAYS | FAST | NO_MULTI,
    acl: ['transaction'],
    keys: [keysFrom(1, 1, 'RO')],
    run(ctx, args, reply) {
      for (let i = 1; i < args.count; i++) ctx.server.transactions.watch(ctx.client, ctx.db.index, args.at(i))
      reply.ok()
    },
  },
  {
    name: 'unwatch',
    summary: 'Forgets all watched keys.',
    since: '2.2.0',
    complexity: 'O(1)',
    group: 'transactions',
    arity: 1,
    flags: ALWAYS | FAST,
    acl: ['transaction'],
    keys: [],
    run(ctx, _args, reply) {
      ctx.server.transactions.unwatch(ctx.client)
      reply.ok()
    },
  },
]
