/**
 * The categories of commands by which rules of access control speak of many at once.
 */
import { ADMIN, BLOCKING, FAST, PUBSUB, READONLY, WRITE } from './flags.ts'

/** In the order ACL CAT lists them. */
export const ACL_CATEGORIES = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
] as const

export type AclCategory = (typeof ACL_CATEGORIES)[number]

/** A command's own categories and those that follow from its flags. */
export function categoriesOf({
  flags,
  acl,
}: {
  readonly flags: number
  readonly acl: readonly AclCategory[]
}): AclCategory[] {
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
