/**
 * EVAL and its relatives, and SCRIPT.
 */
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Context } from '../context.ts'
import { NOSCRIPT, READONLY, STALE } from '../flags.ts'
import { helpSubcommand } from '../help.ts'
import { numkeysAt } from '../key-spec.ts'
import type { DebugMode } from '../session.ts'
import type { CommandSpec } from '../spec.ts'
import { CALL_FLAGS, feedMonitor, READ_FLAGS, RO_KEYS, RW_KEYS, readCall } from './call.ts'
import { killSubcommand } from './kill.ts'
import { scriptStats } from './stats.ts'

const DEBUG_MODES: readonly DebugMode[] = ['yes', 'sync', 'no']

/** Characters of a SHA1 in hex. */
const SHA_LENGTH = 40

const HELP = [
  'DEBUG (YES|SYNC|NO)',
  '    Set the debug mode for subsequent scripts executed.',
  'EXISTS <sha1> [<sha1> ...]',
  '    Return information about the existence of the scripts in the script cache.',
  'FLUSH [ASYNC|SYNC]',
  '    Flush the Lua scripts cache. Very dangerous on replicas.',
  '    When called without the optional mode argument, the behavior is determined',
  '     by the lazyfree-lazy-user-flush configuration directive. Valid modes are:',
  '    * ASYNC: Asynchronously flush the scripts cache.',
  '    * SYNC: Synchronously flush the scripts cache.',
  'KILL',
  '    Kill the currently executing Lua script.',
  'LOAD <script>',
  '    Load a script into the scripts cache without executing it.',
  'SHOW <sha1>',
  '    Show a script from the scripts cache.',
  'STATS [<sha1>|<library>.<function>|<name> ...]',
  '    Return what some or all scripts and functions have done so far.',
  'STATS RESET',
  '    Set these statistics back.',
]

function runEval(ctx: Context, args: Args, reply: ReplySink, readOnly: boolean): void {
  feedMonitor(ctx, args)
  if (ctx.client.debugMode === 'no') ctx.server.scripts.eval(readCall(args, readOnly), reply)
  else ctx.server.debugging.eval(args, readOnly, reply)
}

function runEvalSha(ctx: Context, args: Args, reply: ReplySink, readOnly: boolean): void {
  feedMonitor(ctx, args)
  // What cannot be a SHA is not known, whatever follows.
  if (args.at(1).len !== SHA_LENGTH) fail('noScript')
  if (ctx.client.debugMode !== 'no') failWith('ERR Please use EVAL instead of EVALSHA for debugging')
  ctx.server.scripts.evalSha(readCall(args, readOnly), reply)
}

function runDebug({ client }: Context, args: Args, reply: ReplySink): void {
  if (client.transport?.owesReplies) failWith('ERR SCRIPT DEBUG must be called outside a pipeline')
  const mode = DEBUG_MODES.find((one) => args.at(2).is(one.toUpperCase()))
  client.debugMode = mode ?? failWith('ERR Use SCRIPT DEBUG YES/SYNC/NO')
  reply.ok()
}

const scriptSubcommands: readonly CommandSpec[] = [
  {
    name: 'debug',
    summary: 'Says how the scripts of this client are debugged.',
    since: '3.2.0',
    complexity: 'O(1)',
    group: 'scripting',
    arity: 3,
    flags: NOSCRIPT,
    acl: ['scripting'],
    keys: [],
    run: runDebug,
  },
  {
    name: 'exists',
    summary: 'Tells for each SHA1 whether the cache has its script.',
    since: '2.6.0',
    complexity:
      'O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).',
    group: 'scripting',
    arity: -3,
    flags: NOSCRIPT,
    acl: ['scripting'],
    tips: ['request_policy:all_shards', 'response_policy:agg_logical_and'],
    keys: [],
    run(ctx, args, reply) {
      reply.array(args.count - 2)
      for (let i = 2; i < args.count; i++)
        reply.integer(ctx.server.scripts.find(args.at(i)) === undefined ? 0 : 1)
    },
  },
  {
    name: 'flush',
    summary: 'Forgets all scripts.',
    since: '2.6.0',
    complexity: 'O(N) with N being the number of scripts in cache',
    group: 'scripting',
    arity: -2,
    flags: NOSCRIPT,
    acl: ['scripting'],
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    keys: [],
    run(ctx, args, reply) {
      // Both ways are the same here: the old interpreter is dropped at once and the collector frees it.
      const known =
        args.count === 2 || (args.count === 3 && (args.at(2).is('SYNC') || args.at(2).is('ASYNC')))
      if (!known) failWith('ERR SCRIPT FLUSH only support SYNC|ASYNC option')
      ctx.server.scripts.flush()
      reply.ok()
    },
  },
  helpSubcommand('SCRIPT', HELP, { group: 'scripting', since: '5.0.0', acl: ['scripting'] }),
  killSubcommand('script', '2.6.0'),
  {
    name: 'load',
    summary: 'Puts a script into the cache and answers its SHA1.',
    since: '2.6.0',
    complexity: 'O(N) with N being the length in bytes of the script body.',
    group: 'scripting',
    arity: 3,
    flags: NOSCRIPT | STALE,
    acl: ['scripting'],
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    keys: [],
    run(ctx, args, reply) {
      reply.text(ctx.server.scripts.load(args.at(2)))
    },
  },
  {
    name: 'show',
    summary: 'Answers the text of a cached script.',
    since: '8.0.0',
    complexity: 'O(1).',
    group: 'scripting',
    arity: 3,
    flags: NOSCRIPT,
    acl: ['scripting'],
    keys: [],
    run(ctx, args, reply) {
      const body = ctx.server.scripts.find(args.at(2))
      if (body === undefined) reply.error('NOSCRIPT No matching script.')
      else reply.bulk(body)
    },
  },
  scriptStats,
]

export const scriptingCommands: readonly CommandSpec[] = [
  {
    name: 'eval',
    summary: 'Runs a Lua script on the server.',
    since: '2.6.0',
    complexity: 'Depends on the script that is executed.',
    group: 'scripting',
    arity: -3,
    flags: CALL_FLAGS,
    acl: ['scripting'],
    keys: [RW_KEYS],
    flagsOf: ({ scripts }, args, own) => scripts.evalFlags(args.at(1), own),
    run: (ctx, args, reply) => runEval(ctx, args, reply, false),
  },
  {
    name: 'evalsha',
    summary: 'Runs a cached Lua script, named by its SHA1.',
    since: '2.6.0',
    complexity: 'Depends on the script that is executed.',
    group: 'scripting',
    arity: -3,
    flags: CALL_FLAGS,
    acl: ['scripting'],
    keys: [numkeysAt(2, 'RW', 'access', 'update')],
    flagsOf: ({ scripts }, args, own) => scripts.evalShaFlags(args.at(1), own),
    run: (ctx, args, reply) => runEvalSha(ctx, args, reply, false),
  },
  {
    name: 'eval_ro',
    summary: 'Runs a Lua script that may not write.',
    since: '7.0.0',
    complexity: 'Depends on the script that is executed.',
    group: 'scripting',
    arity: -3,
    flags: READ_FLAGS | READONLY,
    acl: ['scripting'],
    keys: [RO_KEYS],
    flagsOf: ({ scripts }, args, own) => scripts.evalFlags(args.at(1), own),
    run: (ctx, args, reply) => runEval(ctx, args, reply, true),
  },
  {
    name: 'evalsha_ro',
    summary: 'Runs a cached Lua script that may not write.',
    since: '7.0.0',
    complexity: 'Depends on the script that is executed.',
    group: 'scripting',
    arity: -3,
    flags: READ_FLAGS | READONLY,
    acl: ['scripting'],
    keys: [numkeysAt(2, 'RO', 'access')],
    flagsOf: ({ scripts }, args, own) => scripts.evalShaFlags(args.at(1), own),
    run: (ctx, args, reply) => runEvalSha(ctx, args, reply, true),
  },
  {
    name: 'script',
    summary: 'The script cache.',
    since: '2.6.0',
    complexity: 'Depends on subcommand.',
    group: 'scripting',
    arity: -2,
    flags: 0,
    acl: [],
    keys: [],
    subcommands: scriptSubcommands,
  },
]
