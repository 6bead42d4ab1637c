/**
 * The commands that this server has, for those that ask about them.
 */
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { CommandFacts } from '../facts.ts'
import type { KeyRange } from '../key-positions.ts'
import type { CommandTraits } from '../traits.ts'

/** A command, but not what it does: nobody runs it from here. */
export interface ListedCommand extends CommandTraits {
  /** Dense, from 0: the index of its statistics. */
  readonly id: number
  readonly spec: CommandFacts
  readonly keyRange: KeyRange
  readonly subcommands: { readonly values: readonly ListedCommand[] } | null
}

export interface CommandDirectory {
  /** Commands and subcommands, by id. */
  readonly all: readonly ListedCommand[]
  /** Commands that can be called, without subcommands; what was renamed is here, what was removed is not. */
  readonly topLevel: readonly ListedCommand[]
  /** By full name: `get`, `config|get`. */
  lookupFull(name: Bytes): ListedCommand | undefined
  /** The command that a request means; undefined where there is none, or no such subcommand. */
  resolve(args: Args): ListedCommand | undefined
}
