/**
 * Subscribers that may not listen any longer when their user's channels become fewer.
 */
import { Bytes } from '../memory/bytes.ts'
import { ChannelPatterns } from './patterns.ts'
import type { User } from './user.ts'

export interface Subscriber {
  readonly channels: ReadonlySet<string> | null
  readonly patterns: ReadonlySet<string> | null
  readonly shardChannels: ReadonlySet<string> | null
}

function selectorsOf(user: User) {
  return [user.root, ...user.selectors]
}

/** The channels a user has left, of all its selectors together; undefined where it has lost none. */
export function channelsLeft(before: User, after: User): ChannelPatterns | undefined {
  const left = new ChannelPatterns(selectorsOf(after).some(({ channels }) => channels.isAll))
  if (left.isAll) return undefined
  for (const { channels } of selectorsOf(after)) for (const text of channels.texts) left.add(text)
  const hasAll = selectorsOf(before).every(
    ({ channels }) => !channels.isAll && channels.texts.every((text) => left.has(text)),
  )
  return hasAll ? undefined : left
}

export function listensBeyond(subscriber: Subscriber, left: ChannelPatterns): boolean {
  for (const name of subscriber.patterns ?? []) if (!left.has(name)) return true
  for (const names of [subscriber.channels, subscriber.shardChannels]) {
    for (const name of names ?? []) if (!left.permit(Bytes.from(name, 'latin1'))) return true
  }
  return false
}
