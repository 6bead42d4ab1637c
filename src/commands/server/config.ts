/**
 * CONFIG: reads and changes the configuration.
 */
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Context } from '../context.ts'
import { ADMIN, LOADING, NOSCRIPT, STALE } from '../flags.ts'
import { helpSubcommand } from '../help.ts'
import { redact } from '../redact.ts'
import type { CommandSpec } from '../spec.ts'

const HELP = [
  'GET <pattern>',
  '    Return parameters matching the glob-like <pattern> and their values.',
  'SET <directive> <value>',
  '    Set the configuration <directive> to <value>.',
  'RESETSTAT',
  '    Reset statistics reported by the INFO command.',
  'REWRITE',
  '    Rewrite the configuration file.',
]

/** The configuration's text is one character a byte. */
function words(args: Args): string[] {
  const list: string[] = []
  for (let i = 2; i < args.count; i++) list.push(args.at(i).latin1())
  return list
}

function runGet(ctx: Context, args: Args, reply: ReplySink): void {
  const pairs = ctx.server.configuration.get(words(args))
  reply.map(pairs.length)
  for (const [name, value] of pairs) {
    reply.bulk(Bytes.from(name, 'latin1'))
    reply.bulk(Bytes.from(value, 'latin1'))
  }
}

function runSet(ctx: Context, args: Args, reply: ReplySink): void {
  const pairs = words(args)
  for (let i = 0; i < pairs.length; i += 2) {
    if (i + 1 < pairs.length && ctx.server.configuration.isSensitive(pairs[i]!)) redact(args.at(i + 3))
  }
  ctx.server.configuration.set(pairs, ctx.client.transport?.isLocal ?? false)
  reply.ok()
}

const FLAGS = ADMIN | NOSCRIPT | LOADING | STALE
const TIPS = ['request_policy:all_nodes', 'response_policy:all_succeeded']

const subcommands: readonly CommandSpec[] = [
  {
    name: 'get',
    summary: 'Answers the values of directives.',
    since: '2.0.0',
    complexity: 'O(N) when N is the number of configuration parameters provided',
    group: 'server',
    arity: -3,
    flags: FLAGS,
    acl: [],
    keys: [],
    run: runGet,
  },
  helpSubcommand('CONFIG', HELP, { group: 'server', since: '5.0.0' }),
  {
    name: 'resetstat',
    summary: 'Sets the counters of INFO back to zero.',
    since: '2.0.0',
    complexity: 'O(1)',
    group: 'server',
    arity: 2,
    flags: FLAGS,
    acl: [],
    tips: TIPS,
    keys: [],
    run(ctx, _args, reply) {
      ctx.server.resetStatistics()
      reply.ok()
    },
  },
  {
    name: 'rewrite',
    summary: 'Writes the configuration to its file.',
    since: '2.8.0',
    complexity: 'O(1)',
    group: 'server',
    arity: 2,
    flags: FLAGS,
    acl: [],
    tips: TIPS,
    keys: [],
    run(ctx, _args, reply) {
      ctx.server.configuration.rewrite()
      reply.ok()
    },
  },
  {
    name: 'set',
    summary: 'Changes directives, all that are named or none.',
    since: '2.0.0',
    complexity: 'O(N) when N is the number of configuration parameters provided',
    group: 'server',
    arity: -4,
    flags: FLAGS,
    acl: [],
    tips: TIPS,
    keys: [],
    run: runSet,
  },
]

export const configCommands: readonly CommandSpec[] = [
  {
    name: 'config',
    summary: 'The configuration.',
    since: '2.0.0',
    complexity: 'Depends on subcommand.',
    group: 'server',
    arity: -2,
    flags: 0,
    acl: [],
    keys: [],
    subcommands,
  },
]
