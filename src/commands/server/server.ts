/**
 * Commands about the server as a whole: INFO, TIME, ROLE, LASTSAVE, WAIT, MONITOR, SHUTDOWN.
 */
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { ADMIN, ALLOW_BUSY, BLOCKING, FAST, LOADING, NO_MULTI, NOSCRIPT, STALE } from '../flags.ts'
import { timeoutArg } from '../keys/timeout.ts'
import type { ShutdownOptions } from '../services/process.ts'
import type { CommandSpec } from '../spec.ts'

const MICROSECONDS = 1e6

function runInfo(ctx: Context, args: Args, reply: ReplySink): void {
  const sections: string[] = []
  for (let i = 1; i < args.count; i++) sections.push(args.at(i).latin1().toLowerCase())
  reply.verbatim('txt', ctx.server.info(sections))
}

function runTime(ctx: Context, _args: Args, reply: ReplySink): void {
  const now = ctx.microseconds()
  reply.array(2)
  reply.text(String(Math.floor(now / MICROSECONDS)))
  reply.text(String(now % MICROSECONDS))
}

/** A primary without replicas, none of whose changes were sent anywhere. */
function runRole(_ctx: Context, _args: Args, reply: ReplySink): void {
  reply.array(3)
  reply.text('master')
  reply.integer(0)
  reply.array(0)
}

/** No replica will ever confirm anything: 0, as soon as none is asked for, or nobody may wait, or the time is over. */
function runWait(ctx: Context, args: Args, reply: ReplySink): void {
  const replicas = integerArg(args.at(1))
  const timeout = timeoutArg(args.at(2), ctx.now)
  if (replicas <= 0 || ctx.inTransaction || ctx.inScript) reply.integer(0)
  else ctx.server.clients.blocked.block(ctx.client, timeout, (later) => later.integer(0))
}

function runMonitor(ctx: Context, _args: Args, reply: ReplySink): void {
  if (ctx.inTransaction) failWith("ERR MONITOR isn't allowed for DENY BLOCKING client")
  // A second MONITOR is not even answered.
  if (ctx.client.isMonitor) return
  ctx.server.monitor.add(ctx.client)
  reply.ok()
}

/** Undefined for ABORT. */
function shutdownOptions(args: Args): ShutdownOptions | undefined {
  const given = new Set<string>()
  for (let i = 1; i < args.count; i++) {
    const word = args.at(i).latin1().toUpperCase()
    if (!['NOSAVE', 'SAVE', 'NOW', 'FORCE', 'ABORT'].includes(word)) fail('syntax')
    given.add(word)
  }
  const aborts = given.has('ABORT')
  if ((aborts && given.size > 1) || (given.has('SAVE') && given.has('NOSAVE'))) fail('syntax')
  if (aborts) return undefined
  const save = given.has('SAVE') ? 'save' : given.has('NOSAVE') ? 'nosave' : 'default'
  return { save, now: given.has('NOW'), force: given.has('FORCE') }
}

/** Where it succeeds there is no reply and nothing behind it runs: the connection ends. */
function runShutdown(ctx: Context, args: Args, reply: ReplySink): void {
  const options = shutdownOptions(args)
  if (options === undefined) {
    if (!ctx.server.lifecycle.abortShutdown()) failWith('ERR No shutdown in progress.')
    reply.ok()
    return
  }
  const { busyText } = ctx.server.scripts
  if (busyText !== undefined && options.save !== 'nosave') failWith(busyText)
  if (!ctx.server.lifecycle.shutdown(options)) failWith('ERR Errors trying to SHUTDOWN. Check logs.')
  ctx.client.suspended = true
}

export const serverCommands: readonly CommandSpec[] = [
  {
    name: 'info',
    summary: 'Answers facts and figures about the server.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'server',
    arity: -1,
    flags: LOADING | STALE,
    acl: ['dangerous'],
    tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
    keys: [],
    run: runInfo,
  },
  {
    name: 'time',
    summary: "Answers the server's time.",
    since: '2.6.0',
    complexity: 'O(1)',
    group: 'server',
    arity: 1,
    flags: LOADING | STALE | FAST,
    acl: [],
    tips: ['nondeterministic_output'],
    keys: [],
    run: runTime,
  },
  {
    name: 'role',
    summary: 'Answers the role in replication.',
    since: '2.8.12',
    complexity: 'O(1)',
    group: 'server',
    arity: 1,
    flags: NOSCRIPT | LOADING | STALE | FAST,
    acl: ['admin', 'dangerous'],
    keys: [],
    run: runRole,
  },
  {
    name: 'lastsave',
    summary: 'Answers when the data was last saved.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'server',
    arity: 1,
    flags: LOADING | STALE | FAST,
    acl: ['admin', 'dangerous'],
    tips: ['nondeterministic_output'],
    keys: [],
    run: (ctx, _args, reply) => reply.integer(ctx.server.lifecycle.lastSave),
  },
  {
    name: 'wait',
    summary: 'Waits until replicas have the writes of the connection.',
    since: '3.0.0',
    complexity: 'O(1)',
    group: 'generic',
    arity: 3,
    flags: BLOCKING,
    acl: ['connection'],
    tips: ['request_policy:all_shards', 'response_policy:agg_min'],
    keys: [],
    run: runWait,
  },
  {
    name: 'monitor',
    summary: 'Shows all commands as they come.',
    since: '1.0.0',
    complexity: '',
    group: 'server',
    arity: 1,
    flags: ADMIN | NOSCRIPT | LOADING | STALE,
    acl: [],
    keys: [],
    run: runMonitor,
  },
  {
    name: 'shutdown',
    summary: 'Ends the server.',
    since: '1.0.0',
    complexity:
      'O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)',
    group: 'server',
    arity: -1,
    flags: ADMIN | NOSCRIPT | LOADING | STALE | NO_MULTI | ALLOW_BUSY,
    acl: [],
    keys: [],
    run: runShutdown,
  },
]
