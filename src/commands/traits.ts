/**
 * What rules look at of a command, be it one that this server has or one that it only knows of.
 */
import type { Args } from '../memory/args.ts'
import type { FoundKey } from './key-positions.ts'
import {
  ACL_CATEGORIES,
  type AclCategory,
  ADMIN,
  BLOCKING,
  type ChannelUse,
  type CommandSpec,
  FAST,
  PUBSUB,
  READONLY,
  WRITE,
} from './spec.ts'

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

export function categoriesOf({ flags, acl }: Pick<CommandSpec, 'flags' | 'acl'>): AclCategory[] {
  const all = new Set<AclCategory>(acl)
  if (flags & WRITE) all.add('write')
  // What a script reads is up to the script.
  if (flags & READONLY && !all.has('scripting')) all.add('read')
  if (flags & ADMIN) all.add('admin').add('dangerous')
  if (flags & PUBSUB) all.add('pubsub')
  if (flags & BLOCKING) all.add('blocking')
  all.add(flags & FAST ? 'fast' : 'slow')
  return ACL_CATEGORIES.filter((category) => all.has(category))
}
