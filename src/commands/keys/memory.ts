/**
 * MEMORY: what the server's memory is used for.
 */
import { fail } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { hasMore, integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { replyHelp } from '../help.ts'
import { type CommandSpec, keyAt, LOADING, READONLY, STALE } from '../spec.ts'

const HELP = [
  'DOCTOR',
  '    Return memory problems reports.',
  'MALLOC-STATS',
  '    Return internal statistics report from the memory allocator.',
  'PURGE',
  '    Attempt to purge dirty pages for reclamation by the allocator.',
  'STATS',
  '    Return information about the memory usage of the server.',
  'USAGE <key> [SAMPLES <count>]',
  '    Return memory in bytes used by <key> and its value. Nested values are',
  '    sampled up to <count> times (default: 5, 0 means sample all).',
]

const DEFAULT_SAMPLES = 5

function runUsage(ctx: Context, args: Args, reply: ReplySink): void {
  let samples = DEFAULT_SAMPLES
  for (let i = 3; i < args.count; i += 2) {
    if (!args.at(i).is('SAMPLES') || !hasMore(args, i)) fail('syntax')
    samples = integerArg(args.at(i + 1))
    if (samples < 0) fail('syntax')
  }
  const bytes = ctx.db.memoryUsage(args.at(2), samples === 0 ? Infinity : samples)
  if (bytes === undefined) reply.null()
  else reply.integer(bytes)
}

export const memorySubcommands: readonly CommandSpec[] = [
  {
    name: 'help',
    summary: 'Lists the subcommands.',
    since: '4.0.0',
    complexity: 'O(1)',
    group: 'server',
    arity: 2,
    flags: LOADING | STALE,
    acl: [],
    keys: [],
    run: (_ctx, _args, reply) => replyHelp(reply, 'MEMORY', HELP),
  },
  {
    name: 'usage',
    summary: 'Answers how many bytes of memory a key and its value hold.',
    since: '4.0.0',
    complexity: 'O(1)',
    group: 'server',
    arity: -3,
    flags: READONLY,
    acl: [],
    keys: [keyAt(2, 'RO')],
    run: runUsage,
  },
]

export const memoryCommands: readonly CommandSpec[] = [
  {
    name: 'memory',
    summary: 'Tells what memory is used for.',
    since: '4.0.0',
    complexity: 'Depends on subcommand.',
    group: 'server',
    arity: -2,
    flags: 0,
    acl: [],
    keys: [],
    subcommands: memorySubcommands,
  },
]
