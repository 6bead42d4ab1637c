/**
 * MEMORY: what the server's memory is used for.
 */
import { fail } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { hasMore, integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { LOADING, READONLY } from '../flags.ts'
import { helpSubcommand } from '../help.ts'
import { keyAt } from '../key-spec.ts'
import type { MemoryStatistics } from '../services/memory.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { memoryDiagnosis } from './memory-doctor.ts'

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

/** A whole number, or a fraction where `double`. */
type Figure = readonly [name: string, value: number, double?: true]

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

/** The figures before the list of databases, and those behind it. */
function figures(s: MemoryStatistics): readonly [readonly Figure[], readonly Figure[]] {
  const keys = s.databases.reduce((sum, db) => sum + db.keys, 0)
  const tables = s.databases.reduce((sum, db) => sum + db.overhead.table + db.overhead.expiries, 0)
  const moving = s.databases.map((db) => db.overhead.moving)
  const before: readonly Figure[] = [
    ['peak.allocated', s.peak],
    ['total.allocated', s.used],
    ['startup.allocated', s.startup],
    ['replication.backlog', 0],
    ['clients.slaves', 0],
    ['clients.normal', s.clients],
    ['cluster.links', 0],
    ['aof.buffer', 0],
    ['lua.caches', s.scripts],
    ['functions.caches', s.functions],
  ]
  const behind: readonly Figure[] = [
    ['overhead.db.hashtable.lut', tables],
    ['overhead.db.hashtable.rehashing', moving.reduce((sum, bytes) => sum + bytes, 0)],
    ['overhead.total', s.overhead],
    ['db.dict.rehashing.count', moving.filter((bytes) => bytes > 0).length],
    ['keys.count', keys],
    ['keys.bytes-per-key', Math.floor(ratio(s.dataset, keys))],
    ['dataset.bytes', s.dataset],
    ['dataset.percentage', ratio(s.dataset, Math.max(1, s.used - s.startup)) * 100, true],
    ['peak.percentage', ratio(s.used, s.peak) * 100, true],
    ['allocator.allocated', s.used],
    ['allocator.active', s.active],
    ['allocator.resident', s.allocatorResident],
    ['allocator.muzzy', 0],
    ['allocator-fragmentation.ratio', ratio(s.active, s.used), true],
    ['allocator-fragmentation.bytes', s.active - s.used],
    ['allocator-rss.ratio', ratio(s.allocatorResident, s.active), true],
    ['allocator-rss.bytes', s.allocatorResident - s.active],
    ['rss-overhead.ratio', ratio(s.processResident, s.allocatorResident), true],
    ['rss-overhead.bytes', s.processResident - s.allocatorResident],
    ['fragmentation', ratio(s.processResident, s.used), true],
    ['fragmentation.bytes', s.processResident - s.used],
  ]
  return [before, behind]
}

function replyFigures(reply: ReplySink, list: readonly Figure[]): void {
  for (const [name, value, double] of list) {
    reply.text(name)
    if (double) reply.double(value)
    else reply.integer(value)
  }
}

function runStats(ctx: Context, _args: Args, reply: ReplySink): void {
  const statistics = ctx.server.memory.statistics()
  const [before, behind] = figures(statistics)
  reply.map(before.length + statistics.databases.length + behind.length)
  replyFigures(reply, before)
  for (const { index, overhead } of statistics.databases) {
    reply.text(`db.${index}`)
    reply.map(2)
    replyFigures(reply, [
      ['overhead.hashtable.main', overhead.keys],
      ['overhead.hashtable.expires', overhead.expiries],
    ])
  }
  replyFigures(reply, behind)
}

function runPurge(ctx: Context, _args: Args, reply: ReplySink): void {
  ctx.server.memory.purge()
  reply.ok()
}

function subcommand(
  name: string,
  flags: number,
  tips: readonly string[],
  summary: string,
  run: Handler,
): CommandSpec {
  const common = { since: '4.0.0', complexity: 'O(1)', group: 'server', acl: [], keys: [] } as const
  return { name, summary, arity: 2, flags, tips, run, ...common }
}

const UNSTABLE = ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special']
const ON_ALL = ['request_policy:all_shards', 'response_policy:all_succeeded']

const memorySubcommands: readonly CommandSpec[] = [
  subcommand(
    'doctor',
    0,
    UNSTABLE,
    'Answers what may be wrong with the use of memory.',
    (ctx, _args, reply) => reply.verbatim('txt', memoryDiagnosis(ctx.server.memory.statistics())),
  ),
  helpSubcommand('MEMORY', HELP, { group: 'server', since: '4.0.0' }),
  subcommand(
    'malloc-stats',
    LOADING,
    UNSTABLE,
    'Answers the state of the memory allocator.',
    (ctx, _args, reply) => reply.verbatim('txt', ctx.server.memory.allocatorText()),
  ),
  subcommand('purge', LOADING, ON_ALL, 'Gives memory held in reserve back to the system.', runPurge),
  subcommand('stats', 0, UNSTABLE, 'Answers what the memory is used for.', runStats),
  {
    name: 'usage',
    summary: 'Answers how many bytes of memory a key and its value hold.',
    since: '4.0.0',
    complexity: 'O(N) where N is the number of samples',
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
