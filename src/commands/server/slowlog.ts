/**
 * SLOWLOG: commands that took long.
 */

import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { integerInRange } from '../arguments.ts'
import type { Context } from '../context.ts'
import { ADMIN, LOADING, STALE } from '../flags.ts'
import { failSubcommand, helpSubcommand } from '../help.ts'
import type { CommandSpec } from '../spec.ts'

/** Entries that GET answers unless told otherwise. */
const DEFAULT_COUNT = 10
const ALL = -1

const HELP = [
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
  if (args.count === 2) return DEFAULT_COUNT
  return integerInRange(args.at(2), ALL, Infinity, 'ERR count should be greater than or equal to -1')
}

function runGet({ server: { slowlog } }: Context, args: Args, reply: ReplySink): void {
  if (args.count > 3) failSubcommand(args)
  const count = countArg(args)
  const entries = slowlog.newest(count === ALL ? slowlog.length : count)
  reply.array(entries.length)
  for (const entry of entries) {
    reply.array(6)
    reply.integer(entry.id)
    reply.integer(entry.time)
    reply.integer(entry.microseconds)
    reply.array(entry.args.length)
    for (const arg of entry.args) reply.bulk(arg)
    reply.text(entry.address)
    reply.text(entry.clientName)
  }
}

const FLAGS = ADMIN | LOADING | STALE

export const slowlogCommands: readonly CommandSpec[] = [
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
        name: 'get',
        summary: 'Answers the newest entries.',
        since: '2.2.12',
        complexity: 'O(N) where N is the number of entries returned',
        group: 'server',
        arity: -2,
        flags: FLAGS,
        acl: [],
        tips: ['request_policy:all_nodes', 'nondeterministic_output'],
        keys: [],
        run: runGet,
      },
      helpSubcommand('SLOWLOG', HELP, { group: 'server', since: '6.2.0' }),
      {
        name: 'len',
        summary: 'Counts the entries.',
        since: '2.2.12',
        complexity: 'O(1)',
        group: 'server',
        arity: 2,
        flags: FLAGS,
        acl: [],
        tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
        keys: [],
        run: (ctx, _args, reply) => reply.integer(ctx.server.slowlog.length),
      },
      {
        name: 'reset',
        summary: 'Drops all entries.',
        since: '2.2.12',
        complexity: 'O(N) where N is the number of entries in the slowlog',
        group: 'server',
        arity: 2,
        flags: FLAGS,
        acl: [],
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        keys: [],
        run(ctx, _args, reply) {
          ctx.server.slowlog.reset()
          reply.ok()
        },
      },
    ],
  },
]
