/**
 * What is said of a command, apart from what it does. Names, flags and key specifications are Valkey's.
 */
import type { Args } from '../memory/args.ts'
import type { AclCategory } from './acl-categories.ts'
import type { KeyFlag, KeySpec } from './key-spec.ts'

export type CommandGroup =
  | 'string'
  | 'bitmap'
  | 'generic'
  | 'hash'
  | 'list'
  | 'set'
  | 'sorted-set'
  | 'pubsub'
  | 'transactions'
  | 'connection'
  | 'server'
  | 'scripting'
  | 'cluster'

/**
 * Which arguments are channels that access control looks at: the first, all, or all of them patterns. Who unsubscribes may
 * do so.
 */
export type ChannelUse = 'publish' | 'subscribe' | 'psubscribe'

export interface CommandFacts {
  /** Lower case; of a subcommand, its own word only (`get` of CONFIG GET). */
  readonly name: string
  readonly summary: string
  readonly since: string
  readonly complexity: string
  readonly group: CommandGroup
  /** Number of arguments with the command's name (and its subcommand's); negative: at least that many. */
  readonly arity: number
  /** Those of flags.ts, or-ed. */
  readonly flags: number
  /** Categories beside those that follow from the flags (read, write, fast, slow, admin, dangerous, pubsub, blocking). */
  readonly acl: readonly AclCategory[]
  readonly tips?: readonly string[]
  readonly keys: readonly KeySpec[]
  /** Argument positions of the keys, where the specs cannot tell (flag MOVABLE_KEYS). */
  readonly findKeys?: (args: Args) => number[]
  /** How each of the keys is used, where that depends on the options: key flag `variable_flags`, or `findKeys`. */
  readonly keyFlags?: (args: Args) => (readonly KeyFlag[])[]
  readonly channels?: ChannelUse
}
