/**
 * What the subcommands of CLUSTER share: the cluster they are about, and how they read slots and nodes.
 */
import type { Cluster } from '../../cluster/cluster.ts'
import { SLOTS } from '../../cluster/hash-slot.ts'
import type { ClusterNode } from '../../cluster/node.ts'
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import type { Handler } from '../spec.ts'

export const DISABLED = 'ERR This instance has cluster support disabled'

const INVALID_SLOT = 'ERR Invalid or out of range slot'

export type ClusterHandler = (cluster: Cluster, args: Args, reply: ReplySink, ctx: Context) => void

/** The handler of a subcommand, which a server without a cluster refuses. */
export function ofCluster(run: ClusterHandler): Handler {
  return (ctx, args, reply) => run(ctx.server.cluster ?? failWith(DISABLED), args, reply, ctx)
}

export function slotArg(b: Bytes): number {
  const slot = integerArg(b, INVALID_SLOT)
  if (slot < 0 || slot >= SLOTS) failWith(INVALID_SLOT)
  return slot
}

/** The node an argument names; `unknown` begins the error where there is none. */
export function nodeArg(cluster: Cluster, b: Bytes, unknown = 'Unknown node'): ClusterNode {
  return cluster.topology.nodes.get(b.latin1()) ?? failWith(`ERR ${unknown} ${b.printed()}`)
}

/** How many keys a slot has here. */
export function keysInSlot(ctx: Context, slot: number): number {
  return ctx.database(0).bySlot!.size(slot)
}
