/**
 * OBJECT: how the value of a key is stored.
 */
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Context } from '../context.ts'
import { READONLY } from '../flags.ts'
import { helpSubcommand } from '../help.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'

const OBJECT_HELP = [
  'ENCODING <key>',
  '    Return the kind of internal representation used in order to store the value',
  '    associated with a <key>.',
  'FREQ <key>',
  '    Return the access frequency index of the <key>. The returned integer is',
  '    proportional to the logarithm of the recent access frequency of the key.',
  'IDLETIME <key>',
  '    Return the idle time of the <key>, that is the approximated number of',
  '    seconds elapsed since the last access to the key.',
  'REFCOUNT <key>',
  '    Return the number of references of the value associated with the specified',
  '    <key>.',
]

const POLICY_SWITCH_NOTE =
  'Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.'

/** Nobody but the keyspace refers to a value. */
const REFERENCES = 1

function usesLfu(ctx: Context): boolean {
  return ctx.config['maxmemory-policy'].endsWith('-lfu')
}

function runIdletime(ctx: Context, args: Args, reply: ReplySink): void {
  const entry = ctx.db.inspect(args.at(2))
  if (entry === undefined) {
    reply.null()
    return
  }
  if (usesLfu(ctx)) {
    failWith(`ERR An LFU maxmemory policy is selected, idle time not tracked. ${POLICY_SWITCH_NOTE}`)
  }
  reply.integer(entry.idleSeconds)
}

function runFreq(ctx: Context, args: Args, reply: ReplySink): void {
  const entry = ctx.db.inspect(args.at(2))
  if (entry === undefined) {
    reply.null()
    return
  }
  if (!usesLfu(ctx)) {
    failWith(
      `ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${POLICY_SWITCH_NOTE}`,
    )
  }
  reply.integer(entry.frequency)
}

function runEncoding(ctx: Context, args: Args, reply: ReplySink): void {
  const entry = ctx.db.inspect(args.at(2))
  if (entry === undefined) reply.null()
  else reply.text(entry.encoding)
}

function runRefcount(ctx: Context, args: Args, reply: ReplySink): void {
  if (ctx.db.inspect(args.at(2)) === undefined) reply.null()
  else reply.integer(REFERENCES)
}

function inspection(name: string, since: string, summary: string, run: Handler): CommandSpec {
  return {
    name,
    summary,
    since,
    complexity: 'O(1)',
    group: 'generic',
    arity: 3,
    flags: READONLY,
    acl: ['keyspace'],
    tips: ['nondeterministic_output'],
    keys: [keyAt(2, 'RO')],
    run,
  }
}

const objectSubcommands: readonly CommandSpec[] = [
  inspection('encoding', '2.2.3', 'Answers how the value of a key is represented.', runEncoding),
  inspection('freq', '4.0.0', 'Answers how often a key is used, on a logarithmic scale.', runFreq),
  helpSubcommand('OBJECT', OBJECT_HELP, { group: 'generic', since: '6.2.0', acl: ['keyspace'] }),
  inspection('idletime', '2.2.3', 'Answers for how many seconds a key has not been used.', runIdletime),
  inspection('refcount', '2.2.3', 'Answers how many references to the value of a key exist.', runRefcount),
]

export const objectCommands: readonly CommandSpec[] = [
  {
    name: 'object',
    summary: 'Tells how values are stored.',
    since: '2.2.3',
    complexity: 'Depends on subcommand.',
    group: 'generic',
    arity: -2,
    flags: 0,
    acl: [],
    keys: [],
    subcommands: objectSubcommands,
  },
]
