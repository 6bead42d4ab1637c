/**
 * What a command is: one record from which dispatch, COMMAND and its subcommands, ACL categories, the rules for scripts
 * and the statistics all derive.
 */
import type { Args } from '../memory/args.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import type { Context } from './context.ts'
import type { CommandFacts } from './facts.ts'
import type { Server } from './services/server.ts'

export type Handler = (ctx: Context, args: Args, reply: ReplySink) => void

export interface CommandSpec extends CommandFacts {
  /** Absent where the command is only the parent of its subcommands. */
  readonly run?: Handler
  /** The flags of this request, given those of the command, where what it runs declares its own. */
  readonly flagsOf?: (server: Server, args: Args, own: number) => number
  readonly subcommands?: readonly CommandSpec[]
}
