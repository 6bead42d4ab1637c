/**
 * Publish and subscribe: to channels, to patterns of channels, to shard channels.
 */
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Context } from '../context.ts'
import { FAST, LOADING, MAY_REPLICATE, NOSCRIPT, PUBSUB, STALE } from '../flags.ts'
import { type KeySpec, keyAt, keysFrom } from '../key-spec.ts'
import type { SubscriptionKind } from '../services/pubsub.ts'
import type { Client } from '../session.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { pubsubSubcommands } from './introspection.ts'

/** Channels and patterns are counted together, shard channels apart. */
function countOf(kind: SubscriptionKind, client: Client): number {
  return kind === 'shard' ? client.shardSubscriptions : client.subscriptions
}

function confirm(reply: ReplySink, word: string, name: Bytes | undefined, count: number): void {
  reply.push(3)
  reply.text(word)
  if (name === undefined) reply.null()
  else reply.bulk(name)
  reply.integer(count)
}

function subscribe(word: string, kind: SubscriptionKind): Handler {
  return ({ client, server: { pubsub } }: Context, args: Args, reply: ReplySink) => {
    for (let i = 1; i < args.count; i++) {
      pubsub.subscribe(kind, client, args.at(i))
      confirm(reply, word, args.at(i), countOf(kind, client))
    }
  }
}

const subscribeShard = subscribe('ssubscribe', 'shard')

/** Unlike its relatives it is no use of old, so that a transaction need not take it. */
function ssubscribe(ctx: Context, args: Args, reply: ReplySink): void {
  if (ctx.inTransaction) failWith("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client")
  subscribeShard(ctx, args, reply)
}

function namesOf(kind: SubscriptionKind, client: Client): ReadonlySet<string> | null {
  if (kind === 'channel') return client.channels
  return kind === 'pattern' ? client.patterns : client.shardChannels
}

/** Without arguments: from all of the kind. Who had none is answered all the same. */
function unsubscribe(word: string, kind: SubscriptionKind): Handler {
  return ({ client, server: { pubsub } }: Context, args: Args, reply: ReplySink) => {
    const leave = (name: Bytes) => {
      pubsub.unsubscribe(kind, client, name)
      confirm(reply, word, name, countOf(kind, client))
    }
    if (args.count > 1) {
      for (let i = 1; i < args.count; i++) leave(args.at(i))
      return
    }
    const names = [...(namesOf(kind, client) ?? [])]
    if (names.length === 0) confirm(reply, word, undefined, countOf(kind, client))
    for (const name of names) leave(Bytes.from(name, 'latin1'))
  }
}

const SESSION = PUBSUB | NOSCRIPT | LOADING | STALE
const SENDING = PUBSUB | LOADING | STALE | FAST | MAY_REPLICATE

/** A shard channel is found like a key, but is none. */
const shardChannels: KeySpec = keysFrom(1, 1, 'not_key')

export const pubsubCommands: readonly CommandSpec[] = [
  {
    name: 'subscribe',
    summary: 'Receives the messages of channels.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of channels to subscribe to.',
    group: 'pubsub',
    arity: -2,
    flags: SESSION,
    acl: [],
    keys: [],
    channels: 'subscribe',
    run: subscribe('subscribe', 'channel'),
  },
  {
    name: 'unsubscribe',
    summary: 'Receives the messages of some or all channels no more.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of channels to unsubscribe.',
    group: 'pubsub',
    arity: -1,
    flags: SESSION,
    acl: [],
    keys: [],
    run: unsubscribe('unsubscribe', 'channel'),
  },
  {
    name: 'psubscribe',
    summary: 'Receives the messages of all channels that match patterns.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of patterns to subscribe to.',
    group: 'pubsub',
    arity: -2,
    flags: SESSION,
    acl: [],
    keys: [],
    channels: 'psubscribe',
    run: subscribe('psubscribe', 'pattern'),
  },
  {
    name: 'punsubscribe',
    summary: 'Gives up some or all patterns.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of patterns to unsubscribe.',
    group: 'pubsub',
    arity: -1,
    flags: SESSION,
    acl: [],
    keys: [],
    run: unsubscribe('punsubscribe', 'pattern'),
  },
  {
    name: 'publish',
    summary: 'Sends a message to all who listen to a channel.',
    since: '2.0.0',
    complexity:
      'O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number ' +
      'of subscribed patterns (by any client).',
    group: 'pubsub',
    arity: 3,
    flags: SENDING,
    acl: [],
    keys: [],
    channels: 'publish',
    run: (ctx, args, reply) => reply.integer(ctx.server.pubsub.publish(args.at(1), args.at(2))),
  },
  {
    name: 'ssubscribe',
    summary: 'Receives the messages of shard channels.',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of shard channels to subscribe to.',
    group: 'pubsub',
    arity: -2,
    flags: SESSION,
    acl: [],
    keys: [shardChannels],
    channels: 'subscribe',
    run: ssubscribe,
  },
  {
    name: 'sunsubscribe',
    summary: 'Receives the messages of some or all shard channels no more.',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of shard channels to unsubscribe.',
    group: 'pubsub',
    arity: -1,
    flags: SESSION,
    acl: [],
    keys: [shardChannels],
    run: unsubscribe('sunsubscribe', 'shard'),
  },
  {
    name: 'spublish',
    summary: 'Sends a message to all who listen to a shard channel.',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of clients subscribed to the receiving shard channel.',
    group: 'pubsub',
    arity: 3,
    flags: SENDING,
    acl: [],
    keys: [keyAt(1, 'not_key')],
    channels: 'publish',
    run: (ctx, args, reply) => reply.integer(ctx.server.pubsub.publishShard(args.at(1), args.at(2))),
  },
  {
    name: 'pubsub',
    summary: 'Who listens to what.',
    since: '2.8.0',
    complexity: 'Depends on subcommand.',
    group: 'pubsub',
    arity: -2,
    flags: 0,
    acl: [],
    keys: [],
    subcommands: pubsubSubcommands,
  },
]
