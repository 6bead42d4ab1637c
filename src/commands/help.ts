/**
 * The HELP subcommand of commands that have subcommands.
 */
import { ECHOED_BYTES, failWith } from '../errors.ts'
import type { Args } from '../memory/args.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import { LOADING, STALE } from './flags.ts'
import type { CommandSpec } from './spec.ts'

/** Lists the lines of help for `command`; those for HELP itself are added. */
export function replyHelp(reply: ReplySink, command: string, lines: readonly string[]): void {
  reply.array(lines.length + 3)
  reply.status(`${command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`)
  for (const line of lines) reply.status(line)
  reply.status('HELP')
  reply.status('    Print this help.')
}

/** HELP as a subcommand of `command`. */
export function helpSubcommand(
  command: string,
  lines: readonly string[],
  { group, since, acl = [] }: Pick<CommandSpec, 'group' | 'since'> & Partial<Pick<CommandSpec, 'acl'>>,
): CommandSpec {
  return {
    name: 'help',
    summary: 'Describes the subcommands.',
    since,
    complexity: 'O(1)',
    group,
    arity: 2,
    flags: LOADING | STALE,
    acl,
    keys: [],
    run: (_ctx, _args, reply) => replyHelp(reply, command, lines),
  }
}

/** The error of a subcommand that was given arguments it cannot take. */
export function failSubcommand(args: Args): never {
  const shown = args.at(1).printed(ECHOED_BYTES)
  const command = args.at(0).latin1().toUpperCase()
  failWith(`ERR unknown subcommand or wrong number of arguments for '${shown}'. Try ${command} HELP.`)
}
