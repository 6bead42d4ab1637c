/**
 * The subcommands of PUBSUB.
 */

import { matchGlob } from '../../keyspace/glob.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Context } from '../context.ts'
import { LOADING, PUBSUB, STALE } from '../flags.ts'
import { failSubcommand, helpSubcommand } from '../help.ts'
import type { SubscriptionKind } from '../services/pubsub.ts'
import type { CommandSpec, Handler } from '../spec.ts'

const HELP = [
  'CHANNELS [<pattern>]',
  "    Return the currently active channels matching a <pattern> (default: '*').",
  'NUMPAT',
  '    Return number of subscriptions to patterns.',
  'NUMSUB [<channel> ...]',
  '    Return the number of subscribers for the specified channels, excluding',
  '    pattern subscriptions(default: no channels).',
  'SHARDCHANNELS [<pattern>]',
  "    Return the currently active shard level channels matching a <pattern> (default: '*').",
  'SHARDNUMSUB [<shardchannel> ...]',
  '    Return the number of subscribers for the specified shard level channel(s)',
]

function listNames(kind: SubscriptionKind): Handler {
  return (ctx: Context, args: Args, reply: ReplySink) => {
    if (args.count > 3) failSubcommand(args)
    const mark = reply.beginArray()
    let count = 0
    for (const name of ctx.server.pubsub.names(kind)) {
      const bytes = Bytes.from(name, 'latin1')
      if (args.count === 3 && !matchGlob(args.at(2), bytes)) continue
      reply.bulk(bytes)
      count++
    }
    reply.endArray(mark, count)
  }
}

function countSubscribers(kind: SubscriptionKind): Handler {
  return (ctx: Context, args: Args, reply: ReplySink) => {
    reply.array((args.count - 2) * 2)
    for (let i = 2; i < args.count; i++) {
      reply.bulk(args.at(i))
      reply.integer(ctx.server.pubsub.subscribers(kind, args.at(i)))
    }
  }
}

const LOOK = PUBSUB | LOADING | STALE

export const pubsubSubcommands: readonly CommandSpec[] = [
  {
    name: 'channels',
    summary: 'Lists the channels that have subscribers.',
    since: '2.8.0',
    complexity:
      'O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively ' +
      'short channels and patterns)',
    group: 'pubsub',
    arity: -2,
    flags: LOOK,
    acl: [],
    keys: [],
    run: listNames('channel'),
  },
  helpSubcommand('PUBSUB', HELP, { group: 'pubsub', since: '6.2.0' }),
  {
    name: 'numpat',
    summary: 'Counts the patterns that have subscribers.',
    since: '2.8.0',
    complexity: 'O(1)',
    group: 'pubsub',
    arity: 2,
    flags: LOOK,
    acl: [],
    keys: [],
    run: (ctx, _args, reply) => reply.integer(ctx.server.pubsub.count('pattern')),
  },
  {
    name: 'numsub',
    summary: 'Counts the subscribers of channels.',
    since: '2.8.0',
    complexity: 'O(N) for the NUMSUB subcommand, where N is the number of requested channels',
    group: 'pubsub',
    arity: -2,
    flags: LOOK,
    acl: [],
    keys: [],
    run: countSubscribers('channel'),
  },
  {
    name: 'shardchannels',
    summary: 'Lists the shard channels that have subscribers.',
    since: '7.0.0',
    complexity:
      'O(N) where N is the number of active shard channels, and assuming constant time pattern matching ' +
      '(relatively short shard channels).',
    group: 'pubsub',
    arity: -2,
    flags: LOOK,
    acl: [],
    keys: [],
    run: listNames('shard'),
  },
  {
    name: 'shardnumsub',
    summary: 'Counts the subscribers of shard channels.',
    since: '7.0.0',
    complexity: 'O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels',
    group: 'pubsub',
    arity: -2,
    flags: LOOK,
    acl: [],
    keys: [],
    run: countSubscribers('shard'),
  },
]
