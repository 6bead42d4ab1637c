/**
 * Keys and their slots: CLUSTER KEYSLOT, COUNTKEYSINSLOT, GETKEYSINSLOT, SLOT-STATS.
 */
import type { Cluster } from '../../cluster/cluster.ts'
import { hashSlot, SLOTS } from '../../cluster/hash-slot.ts'
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { hasMore, integerArg, integerInRange } from '../arguments.ts'
import type { Context } from '../context.ts'
import { failSubcommand } from '../help.ts'
import { type ClusterHandler, keysInSlot, slotArg } from './support.ts'

export const keySlot: ClusterHandler = (_cluster, args, reply) => {
  reply.integer(hashSlot(args.at(2)))
}

export const countKeysInSlot: ClusterHandler = (_cluster, args, reply, ctx) => {
  const slot = integerArg(args.at(2))
  if (slot < 0 || slot >= SLOTS) failWith('ERR Invalid slot')
  reply.integer(keysInSlot(ctx, slot))
}

export const getKeysInSlot: ClusterHandler = (_cluster, args, reply, ctx) => {
  const slot = integerArg(args.at(2))
  const limit = integerArg(args.at(3))
  if (slot < 0 || slot >= SLOTS || limit < 0) failWith('ERR Invalid slot or number of keys')
  reply.array(Math.min(limit, keysInSlot(ctx, slot)))
  ctx.database(0).bySlot!.forEach(slot, limit, (key) => reply.bulk(key))
}

/** The slots this node serves, with figures of each. */
export const slotStats: ClusterHandler = (cluster, args, reply, ctx) => {
  if (args.count === 5 && args.at(2).is('SLOTSRANGE')) statsOfRange(cluster, args, reply, ctx)
  else if (args.at(2).is('ORDERBY')) statsInOrder(cluster, args, reply, ctx)
  else failSubcommand(args)
}

function statsOfRange(cluster: Cluster, args: Args, reply: ReplySink, ctx: Context): void {
  const start = slotArg(args.at(3))
  const end = slotArg(args.at(4))
  if (start > end) failWith(`ERR Start slot number ${start} is greater than end slot number ${end}`)
  const served = cluster.topology.slotsOf(cluster.myself)
  const slots = served.filter((slot) => slot >= start && slot <= end)
  replyStats(reply, ctx, slots)
}

function statsInOrder(cluster: Cluster, args: Args, reply: ReplySink, ctx: Context): void {
  if (!args.at(3).is('KEY-COUNT')) failWith('ERR Unrecognized sort metric for ORDERBY.')
  const { limit, sign } = orderOptions(args)
  const size = (slot: number) => keysInSlot(ctx, slot)
  const slots = cluster.topology.slotsOf(cluster.myself)
  slots.sort((a, b) => sign * (size(a) - size(b)) || a - b)
  replyStats(reply, ctx, slots.slice(0, limit))
}

function orderOptions(args: Args): { limit: number; sign: 1 | -1 } {
  let limit = SLOTS
  let sign: 1 | -1 = -1
  let limits = 0
  let signs = 0
  for (let i = 4; i < args.count; i++) {
    const option = args.at(i)
    if (option.is('LIMIT') && hasMore(args, i)) {
      const message = `ERR Limit has to lie in between 1 and ${SLOTS} (maximum number of slots).`
      limit = integerInRange(args.at(++i), 1, SLOTS, message)
      limits++
    } else if (option.is('ASC') || option.is('DESC')) {
      sign = option.is('ASC') ? 1 : -1
      signs++
    } else fail('syntax')
    if (limits > 1 || signs > 1) failWith('ERR Multiple filters of the same type are disallowed.')
  }
  return { limit, sign }
}

function replyStats(reply: ReplySink, ctx: Context, slots: readonly number[]): void {
  reply.array(slots.length)
  for (const slot of slots) {
    reply.array(2)
    reply.integer(slot)
    reply.map(1)
    reply.text('key-count')
    reply.integer(keysInSlot(ctx, slot))
  }
}
