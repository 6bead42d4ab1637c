/**
 * COMMANDLOG and SLOWLOG: commands that took long, that were large, or that had large replies.
 */

import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { integerInRange } from '../arguments.ts'
import type { Context } from '../context.ts'
import { ADMIN, LOADING, STALE } from '../flags.ts'
import { failSubcommand, helpSubcommand } from '../help.ts'
import { COMMAND_LOG_NAMES, type CommandLog } from '../services/command-log.ts'
import type { CommandSpec } from '../spec.ts'

/** Entries that SLOWLOG GET answers unless told otherwise. */
const DEFAULT_COUNT = 10
const ALL = -1

const HELP = [
  'GET <count> <type>',
  '    Return top <count> entries of the specified <type> from the commandlog (-1 mean all).',
  '    Entries are made of:',
  '    id, timestamp,',
  '        time in microseconds for type of slow,',
  '        or size in bytes for type of large-request,',
  '        or size in bytes for type of large-reply',
  '    arguments array, client IP and port,',
  '    client name',
  'LEN <type>',
  '    Return the length of the specified type of commandlog.',
  'RESET <type>',
  '    Reset the specified type of commandlog.',
]

const SLOWLOG_HELP = [
  'GET [<count>]',
  '    Return top <count> entries from the slowlog (default: 10, -1 mean all).',
  '    Entries are made of:',
  '    id, timestamp, time in microseconds, arguments array, client IP and port,',
  '    client name',
  'LEN',
  '    Return the length of the slowlog.',
  'RESET',
  '    Reset the slowlog.',
]

function countArg(args: Args): number {
  return integerInRange(args.at(2), ALL, Infinity, 'ERR count should be greater than or equal to -1')
}

/** The log that an argument names. */
function logArg({ server }: Context, args: Args, position: number): CommandLog {
  const wanted = args.at(position).latin1().toLowerCase()
  const name = COMMAND_LOG_NAMES.find((one) => one === wanted)
  if (name === undefined) failWith(`ERR type should be one of the following: ${COMMAND_LOG_NAMES.join(', ')}`)
  return server.commandLogs[name]
}

function runGet(ctx: Context, args: Args, reply: ReplySink): void {
  const count = countArg(args)
  writeNewest(logArg(ctx, args, 3), count, reply)
}

function runSlowlogGet({ server }: Context, args: Args, reply: ReplySink): void {
  if (args.count > 3) failSubcommand(args)
  writeNewest(server.commandLogs.slow, args.count === 2 ? DEFAULT_COUNT : countArg(args), reply)
}

function writeNewest(log: CommandLog, count: number, reply: ReplySink): void {
  const entries = log.newest(count === ALL ? log.length : count)
  reply.array(entries.length)
  for (const entry of entries) {
    reply.array(6)
    reply.integer(entry.id)
    reply.integer(entry.time)
    reply.integer(entry.value)
    reply.array(entry.args.length)
    for (const arg of entry.args) reply.bulk(arg)
    reply.text(entry.address)
    reply.text(entry.clientName)
  }
}

function reset(log: CommandLog, reply: ReplySink): void {
  log.reset()
  reply.ok()
}

const FLAGS = ADMIN | LOADING | STALE

/** What a command of the logs and its namesake of SLOWLOG have in common. */
const SHARED = {
  get: {
    name: 'get',
    complexity: 'O(N) where N is the number of entries returned',
    group: 'server',
    flags: FLAGS,
    acl: [],
    tips: ['request_policy:all_nodes', 'nondeterministic_output'],
    keys: [],
  },
  len: {
    name: 'len',
    complexity: 'O(1)',
    group: 'server',
    flags: FLAGS,
    acl: [],
    tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
    keys: [],
  },
  reset: {
    name: 'reset',
    group: 'server',
    flags: FLAGS,
    acl: [],
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    keys: [],
  },
} as const

export const commandLogCommands: readonly CommandSpec[] = [
  {
    name: 'commandlog',
    summary: 'The logs of commands that stood out.',
    since: '8.1.0',
    complexity: 'Depends on subcommand.',
    group: 'server',
    arity: -2,
    flags: 0,
    acl: [],
    keys: [],
    subcommands: [
      {
        ...SHARED.get,
        summary: 'Answers the newest entries of a log.',
        since: '8.1.0',
        arity: 4,
        run: runGet,
      },
      helpSubcommand('COMMANDLOG', HELP, { group: 'server', since: '8.1.0' }),
      {
        ...SHARED.len,
        summary: 'Counts the entries of a log.',
        since: '8.1.0',
        arity: 3,
        run: (ctx, args, reply) => reply.integer(logArg(ctx, args, 2).length),
      },
      {
        ...SHARED.reset,
        summary: 'Drops all entries of a log.',
        since: '8.1.0',
        complexity: 'O(N) where N is the number of entries in the commandlog',
        arity: 3,
        run: (ctx, args, reply) => reset(logArg(ctx, args, 2), reply),
      },
    ],
  },
  {
    name: 'slowlog',
    summary: 'The log of slow commands.',
    since: '2.2.12',
    complexity: 'Depends on subcommand.',
    group: 'server',
    arity: -2,
    flags: 0,
    acl: [],
    keys: [],
    subcommands: [
      {
        ...SHARED.get,
        summary: 'Answers the newest entries.',
        since: '2.2.12',
        arity: -2,
        run: runSlowlogGet,
      },
      helpSubcommand('SLOWLOG', SLOWLOG_HELP, { group: 'server', since: '6.2.0' }),
      {
        ...SHARED.len,
        summary: 'Counts the entries.',
        since: '2.2.12',
        arity: 2,
        run: (ctx, _args, reply) => reply.integer(ctx.server.commandLogs.slow.length),
      },
      {
        ...SHARED.reset,
        summary: 'Drops all entries.',
        since: '2.2.12',
        complexity: 'O(N) where N is the number of entries in the slowlog',
        arity: 2,
        run: (ctx, _args, reply) => reset(ctx.server.commandLogs.slow, reply),
      },
    ],
  },
]
