/**
 * SCRIPT STATS: what scripts and functions have done. Perilune's own; Valkey has no such command.
 */
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Context } from '../context.ts'
import { LOADING, NOSCRIPT, STALE } from '../flags.ts'
import type { ScriptReport } from '../services/scripts.ts'
import type { CommandSpec } from '../spec.ts'

/** A SHA1 or its first digits, library and function (as answered: see `keptId`), or all others. */
const SCRIPT_ID = /^(?:[0-9a-f]{12,40}|\w+\.\w+(?:~[0-9a-f]{8})?|other)$/i

/** Of what is no id, and no script's name. */
const UNKNOWN_NAME =
  'ERR SCRIPT STATS takes SHA1s, whole or from their first 12 digits on, functions as library.function, names of scripts, or ' +
  'RESET alone'

function isReset(args: Args): boolean {
  return args.count === 3 && args.at(2).is('RESET')
}

function counts(reply: ReplySink, name: string, values: Readonly<Record<string, number>>): void {
  const entries = Object.entries(values)
  reply.text(name)
  reply.map(entries.length)
  for (const [key, value] of entries) {
    reply.text(key)
    reply.integer(value)
  }
}

function answer(reply: ReplySink, report: ScriptReport): void {
  const { id, name, errors, kills, undeclaredKeys, figures } = report
  const entries = Object.entries(figures)
  reply.text(id)
  reply.map(entries.length + 4)
  reply.text('name')
  reply.bulk(Bytes.from(name))
  for (const [key, value] of entries) {
    reply.text(key)
    reply.integer(Math.round(value))
  }
  counts(reply, 'errors', errors)
  counts(reply, 'kills', kills)
  reply.text('last_undeclared_keys')
  reply.array(undeclaredKeys.length)
  for (const key of undeclaredKeys) reply.bulk(Bytes.from(key, 'latin1'))
}

function run({ server: { scripts } }: Context, args: Args, reply: ReplySink): void {
  if (isReset(args)) {
    scripts.resetReport()
    reply.ok()
    return
  }
  const called = Array.from({ length: args.count - 2 }, (_, i) => args.at(i + 2).utf8())
  // By id: several names may mean the same script.
  const reports = new Map<string, ScriptReport>()
  for (const [i, meant] of scripts.report(called).entries()) {
    if (meant.length === 0 && !SCRIPT_ID.test(called[i]!)) failWith(UNKNOWN_NAME)
    for (const report of meant) reports.set(report.id, report)
  }
  reply.map(reports.size)
  for (const report of reports.values()) answer(reply, report)
}

export const scriptStats: CommandSpec = {
  name: 'stats',
  summary: 'Answers what some or all scripts and functions have done, or sets that back.',
  since: '8.1.1',
  complexity: 'O(N) with N being the number of scripts and functions.',
  group: 'scripting',
  arity: -2,
  flags: NOSCRIPT | LOADING | STALE,
  acl: ['scripting'],
  tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
  keys: [],
  run,
}
