/**
 * Who is subscribed to what, and messages to them.
 */
import type { Bytes } from '../../memory/bytes.ts'
import type { Client } from '../session.ts'

export type SubscriptionKind = 'channel' | 'pattern' | 'shard'

export interface PubSub {
  /** True when the client was not subscribed before. */
  subscribe(kind: SubscriptionKind, client: Client, name: Bytes): boolean
  /** True when the client was subscribed. */
  unsubscribe(kind: SubscriptionKind, client: Client, name: Bytes): boolean
  /** Drops all subscriptions of the client without telling it. */
  unsubscribeAll(client: Client): void
  /** To the channel's subscribers and those of matching patterns; how many got it. */
  publish(channel: Bytes, message: Bytes): number
  publishShard(channel: Bytes, message: Bytes): number
  /** Names that have subscribers, as latin1 strings. */
  names(kind: SubscriptionKind): Iterable<string>
  /** How many subscribe to one name. */
  subscribers(kind: SubscriptionKind, name: Bytes): number
  /** How many names have subscribers. */
  count(kind: SubscriptionKind): number
}
