/**
 * The HELP subcommand of commands that have subcommands.
 */
import type { ReplySink } from '../protocol/reply-sink.ts'

/** Lists the lines of help for `command`; those for HELP itself are added. */
export function replyHelp(reply: ReplySink, command: string, lines: readonly string[]): void {
  reply.array(lines.length + 3)
  reply.status(`${command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`)
  for (const line of lines) reply.status(line)
  reply.status('HELP')
  reply.status('    Print this help.')
}
