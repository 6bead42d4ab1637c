/**
 * LATENCY: when something took longer than `latency-monitor-threshold`, and how long commands and scripts take.
 */
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Context } from '../context.ts'
import { ADMIN, LOADING, NOSCRIPT, STALE } from '../flags.ts'
import { helpSubcommand } from '../help.ts'
import type { NamedDurations } from '../services/latency.ts'
import type { CommandSpec } from '../spec.ts'
import { latencyReport } from './latency-doctor.ts'
import { latencyGraph } from './latency-graph.ts'

const HELP = [
  'DOCTOR',
  '    Return a human readable latency analysis report.',
  'GRAPH <event>',
  '    Return an ASCII latency graph for the <event> class.',
  'HISTORY <event>',
  '    Return time-latency samples for the <event> class.',
  'LATEST',
  '    Return the latest latency samples for all events.',
  'RESET [<event> ...]',
  '    Reset latency data of one or more <event> classes.',
  '    (default: reset all data for all event classes)',
  'HISTOGRAM [COMMAND ...]',
  '    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.',
  '    If no commands are specified then all histograms are replied.',
]

function unixTime(): number {
  return Math.floor(Date.now() / 1000)
}

function runDoctor(ctx: Context, _args: Args, reply: ReplySink): void {
  reply.verbatim('txt', latencyReport(ctx.server.latency.events(), ctx.config, unixTime()))
}

function runGraph(ctx: Context, args: Args, reply: ReplySink): void {
  const name = args.at(2).latin1()
  const event = ctx.server.latency.find(name)
  if (event === undefined) failWith(`ERR No samples available for event '${name}'`)
  reply.verbatim('txt', latencyGraph(event, unixTime()))
}

function runHistogram({ server: { commands, durations } }: Context, args: Args, reply: ReplySink): void {
  const found: NamedDurations[] = []
  if (args.count === 2) found.push(...durations.ofCommands(commands.all))
  for (let i = 2; i < args.count; i++) {
    const name = args.at(i)
    const command = commands.lookupFull(name)
    if (command === undefined) found.push(...durations.ofScript(name.utf8()))
    else found.push(...durations.ofCommands([command, ...(command.subcommands?.values ?? [])]))
  }
  reply.map(found.length)
  for (const { name, calls, steps } of found) {
    reply.text(name)
    reply.map(2)
    reply.text('calls')
    reply.integer(calls)
    reply.text('histogram_usec')
    reply.map(steps.length)
    for (const [microseconds, count] of steps) {
      reply.integer(microseconds)
      reply.integer(count)
    }
  }
}

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

function subcommand(
  spec: Pick<CommandSpec, 'name' | 'summary' | 'arity'> &
    Partial<CommandSpec> &
    Required<Pick<CommandSpec, 'run'>>,
): CommandSpec {
  return {
    since: '2.8.13',
    complexity: 'O(1)',
    group: 'server',
    flags: FLAGS,
    acl: [],
    tips: LOOK_TIPS,
    keys: [],
    ...spec,
  }
}

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
      subcommand({
        name: 'doctor',
        summary: 'Explains the spikes and says what may help.',
        arity: 2,
        run: runDoctor,
      }),
      subcommand({
        name: 'graph',
        summary: 'Draws the spikes of an event.',
        arity: 3,
        run: runGraph,
      }),
      helpSubcommand('LATENCY', HELP, { group: 'server', since: '2.8.13' }),
      subcommand({
        name: 'histogram',
        summary: 'Answers how long the calls of some or all commands took.',
        since: '7.0.0',
        complexity: 'O(N) where N is the number of commands with latency information being retrieved.',
        arity: -2,
        run: runHistogram,
      }),
      subcommand({
        name: 'history',
        summary: 'Answers the spikes of an event.',
        arity: 3,
        run: runHistory,
      }),
      subcommand({
        name: 'latest',
        summary: 'Answers the latest spike of each event.',
        arity: 2,
        run: runLatest,
      }),
      subcommand({
        name: 'reset',
        summary: 'Forgets the spikes of some or all events.',
        arity: -2,
        tips: ['request_policy:all_nodes', 'response_policy:agg_sum'],
        run: runReset,
      }),
    ],
  },
]
