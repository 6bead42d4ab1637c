/**
 * Who listens to which channels and patterns, and the delivery of messages to them.
 */
import type { PubSub as PubSubService, SubscriptionKind } from '../commands/services/pubsub.ts'
import { matchGlob } from '../keyspace/glob.ts'
import { Bytes } from '../memory/bytes.ts'
import { SUBSCRIPTION_BYTES } from '../memory/object-sizes.ts'
import type { Client } from './client.ts'
import { SUBSCRIBED } from './constraints.ts'
import { PushMessage } from './push-message.ts'

const MESSAGE = Bytes.from('message')
const PATTERN_MESSAGE = Bytes.from('pmessage')
const SHARD_UNSUBSCRIBED = Bytes.from('sunsubscribe')
const SHARD_MESSAGE = Bytes.from('smessage')

/** All who subscribe to one name. */
interface Topic {
  readonly name: Bytes
  readonly clients: Set<Client>
}

export class PubSub implements PubSubService {
  private readonly topics: Readonly<Record<SubscriptionKind, Map<string, Topic>>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  }
  /** Connections with subscriptions. */
  private readonly members = new Set<Client>()

  subscribe(kind: SubscriptionKind, client: Client, name: Bytes): boolean {
    const text = name.latin1()
    const names = subscriptionsOf(client, kind)
    if (names.has(text)) return false
    names.add(text)
    client.subscribedBytes += subscriptionBytes(text)
    const topics = this.topics[kind]
    let topic = topics.get(text)
    if (topic === undefined) {
      topic = { name: name.detach(), clients: new Set() }
      topics.set(text, topic)
    }
    topic.clients.add(client)
    this.members.add(client)
    client.constrain(SUBSCRIBED, true)
    return true
  }

  unsubscribe(kind: SubscriptionKind, client: Client, name: Bytes): boolean {
    const text = name.latin1()
    if (!subscriptionsOf(client, kind).delete(text)) return false
    client.subscribedBytes -= subscriptionBytes(text)
    this.leave(kind, client, text)
    if (client.subscriptions + client.shardSubscriptions === 0) this.forget(client)
    return true
  }

  unsubscribeAll(client: Client): void {
    if (!this.forget(client)) return
    for (const kind of ['channel', 'pattern', 'shard'] as const) {
      for (const text of subscriptionsOf(client, kind)) this.leave(kind, client, text)
    }
    client.channels = null
    client.patterns = null
    client.shardChannels = null
    client.subscribedBytes = 0
  }

  /** Ends the subscriptions to the shard channels that are no more served here, and says so. */
  dropShardChannels(isDropped: (channel: Bytes) => boolean): void {
    for (const { name, clients } of this.topics.shard.values()) {
      if (!isDropped(name)) continue
      for (const client of clients) {
        this.unsubscribe('shard', client, name)
        new PushMessage([SHARD_UNSUBSCRIBED, name, client.shardSubscriptions]).sendTo(client)
      }
    }
  }

  /** The connection has no subscriptions any more; whether it had any. */
  private forget(client: Client): boolean {
    client.constrain(SUBSCRIBED, false)
    return this.members.delete(client)
  }

  private leave(kind: SubscriptionKind, client: Client, text: string): void {
    const topic = this.topics[kind].get(text)!
    topic.clients.delete(client)
    if (topic.clients.size === 0) this.topics[kind].delete(text)
  }

  publish(channel: Bytes, message: Bytes): number {
    const topic = this.topics.channel.get(channel.latin1())
    let receivers = topic === undefined ? 0 : deliver(topic.clients, [MESSAGE, channel, message])
    for (const { name, clients } of this.topics.pattern.values()) {
      if (!matchGlob(name, channel)) continue
      receivers += deliver(clients, [PATTERN_MESSAGE, name, channel, message])
    }
    return receivers
  }

  publishShard(channel: Bytes, message: Bytes): number {
    const topic = this.topics.shard.get(channel.latin1())
    return topic === undefined ? 0 : deliver(topic.clients, [SHARD_MESSAGE, channel, message])
  }

  /** Whether anybody would get a message, so that none need be made. */
  get isIdle(): boolean {
    return this.topics.channel.size === 0 && this.topics.pattern.size === 0
  }

  /** How many connections have subscriptions. */
  get clientCount(): number {
    return this.members.size
  }

  names(kind: SubscriptionKind): Iterable<string> {
    return this.topics[kind].keys()
  }

  subscribers(kind: SubscriptionKind, name: Bytes): number {
    return this.topics[kind].get(name.latin1())?.clients.size ?? 0
  }

  count(kind: SubscriptionKind): number {
    return this.topics[kind].size
  }
}

function subscriptionsOf(client: Client, kind: SubscriptionKind): Set<string> {
  if (kind === 'channel') return (client.channels ??= new Set())
  if (kind === 'pattern') return (client.patterns ??= new Set())
  return (client.shardChannels ??= new Set())
}

/** The first subscriber pays for the name's copies, the others about the same for theirs. */
function subscriptionBytes(name: string): number {
  return SUBSCRIPTION_BYTES + 2 * name.length
}

function deliver(clients: ReadonlySet<Client>, parts: readonly Bytes[]): number {
  const message = new PushMessage(parts)
  for (const client of clients) message.sendTo(client)
  return clients.size
}
