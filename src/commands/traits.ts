/**
 * What rules look at of a command, be it one that this server has or one that it only knows of.
 */
import type { Args } from '../memory/args.ts'
import type { AclCategory } from './acl-categories.ts'
import type { ChannelUse } from './facts.ts'
import type { FoundKey } from './key-positions.ts'

export interface CommandTraits {
  /** Lower case; a subcommand's with its parent's: `config|get`. */
  readonly name: string
  readonly arity: number
  readonly flags: number
  /** Its own and those that follow from the flags. */
  readonly categories: readonly AclCategory[]
  readonly subcommands: { readonly values: readonly CommandTraits[] } | null
  readonly hasKeys: boolean
  readonly channels: ChannelUse | undefined
  /** The keys of a request, `args` starting with the command's name. */
  keys(args: Args): readonly FoundKey[]
  acceptsCount(count: number): boolean
}
