/**
 * LATENCY: when something took longer than `latency-monitor-threshold`.
 */
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Context } from '../context.ts'
import { replyHelp } from '../help.ts'
import { ADMIN, type CommandSpec, LOADING, NOSCRIPT, STALE } from '../spec.ts'

const HELP = [
  'HISTORY <event>',
  '    Return time-latency samples for the <event> class.',
  'LATEST',
  '    Return the latest latency samples for all events.',
  'RESET [<event> ...]',
  '    Reset latency data of one or more <event> classes.',
  '    (default: reset all data for all event classes)',
]

function runHistory(ctx: Context, args: Args, reply: ReplySink): void {
  const history = ctx.server.latency.find(args.at(2).latin1())?.history ?? []
  reply.array(history.length)
  for (const spike of history) {
    reply.array(2)
    reply.integer(spike.time)
    reply.integer(spike.milliseconds)
  }
}

function runLatest(ctx: Context, _args: Args, reply: ReplySink): void {
  const events = ctx.server.latency.events()
  reply.array(events.length)
  for (const event of events) {
    reply.array(6)
    reply.text(event.name)
    reply.integer(event.latest.time)
    reply.integer(event.latest.milliseconds)
    reply.integer(event.worst)
    reply.integer(event.total)
    reply.integer(event.count)
  }
}

function runReset(ctx: Context, args: Args, reply: ReplySink): void {
  const names: string[] = []
  for (let i = 2; i < args.count; i++) names.push(args.at(i).latin1())
  reply.integer(ctx.server.latency.reset(names))
}

const FLAGS = ADMIN | NOSCRIPT | LOADING | STALE
const LOOK_TIPS = ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special']

export const latencyCommands: readonly CommandSpec[] = [
  {
    name: 'latency',
    summary: 'The latency monitor.',
    since: '2.8.13',
    complexity: 'Depends on subcommand.',
    group: 'server',
    arity: -2,
    flags: 0,
    acl: [],
    keys: [],
    subcommands: [
      {
        name: 'help',
        summary: 'Describes the subcommands.',
        since: '2.8.13',
        complexity: 'O(1)',
        group: 'server',
        arity: 2,
        flags: LOADING | STALE,
        acl: [],
        keys: [],
        run: (_ctx, _args, reply) => replyHelp(reply, 'LATENCY', HELP),
      },
      {
        name: 'history',
        summary: 'Answers the spikes of an event.',
        since: '2.8.13',
        complexity: 'O(1)',
        group: 'server',
        arity: 3,
        flags: FLAGS,
        acl: [],
        tips: LOOK_TIPS,
        keys: [],
        run: runHistory,
      },
      {
        name: 'latest',
        summary: 'Answers the latest spike of each event.',
        since: '2.8.13',
        complexity: 'O(1)',
        group: 'server',
        arity: 2,
        flags: FLAGS,
        acl: [],
        tips: LOOK_TIPS,
        keys: [],
        run: runLatest,
      },
      {
        name: 'reset',
        summary: 'Forgets the spikes of some or all events.',
        since: '2.8.13',
        complexity: 'O(1)',
        group: 'server',
        arity: -2,
        flags: FLAGS,
        acl: [],
        tips: ['request_policy:all_nodes', 'response_policy:agg_sum'],
        keys: [],
        run: runReset,
      },
    ],
  },
]
