/**
 * CLUSTER SETSLOT: slots on their way between nodes.
 */
import type { Cluster } from '../../cluster/cluster.ts'
import { type ClusterNode, REPLICA } from '../../cluster/node.ts'
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { Context } from '../context.ts'
import { timeoutArg } from '../keys/timeout.ts'
import { type ClusterHandler, keysInSlot, nodeArg, slotArg } from './support.ts'

export const setSlot: ClusterHandler = (cluster, args, reply, ctx) => {
  const { topology, myself } = cluster
  const slot = slotArg(args.at(2))
  const action = args.at(3)
  const hasNode = args.count >= 5
  if (action.is('MIGRATING') && hasNode) {
    if (topology.owner(slot) !== myself) failWith(`ERR I'm not the owner of hash slot ${slot}`)
    const node = primaryArg(cluster, args, "I don't know about node")
    checkOptions(ctx, args, 5)
    topology.migrating.set(slot, node)
  } else if (action.is('IMPORTING') && hasNode) {
    if (topology.owner(slot) === myself) failWith(`ERR I'm already the owner of hash slot ${slot}`)
    const node = primaryArg(cluster, args, "I don't know about node")
    checkOptions(ctx, args, 5)
    topology.importing.set(slot, node)
  } else if (action.is('STABLE')) {
    checkOptions(ctx, args, 4)
    topology.importing.delete(slot)
    topology.migrating.delete(slot)
  } else if (action.is('NODE') && hasNode) {
    const node = primaryArg(cluster, args, 'Unknown node')
    checkGivingAway(cluster, ctx, slot, node)
    checkOptions(ctx, args, 5)
    giveTo(cluster, ctx, slot, node)
  } else failWith('ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP')
  cluster.changed('state', 'file')
  reply.ok()
}

function primaryArg(cluster: Cluster, args: Args, unknown: string): ClusterNode {
  const node = nodeArg(cluster, args.at(4), unknown)
  if (node.is(REPLICA)) failWith('ERR Target node is not a master')
  return node
}

/** TIMEOUT is how long to wait for replicas, of which there are none. Other words mean nothing. */
function checkOptions(ctx: Context, args: Args, first: number): void {
  for (let i = first; i < args.count; i++) {
    if (!args.at(i).is('TIMEOUT')) continue
    if (i + 1 === args.count) failWith('ERR Missing timeout value')
    timeoutArg(args.at(i + 1), ctx.now)
  }
}

function checkGivingAway(cluster: Cluster, ctx: Context, slot: number, node: ClusterNode): void {
  const { topology, myself } = cluster
  if (topology.owner(slot) !== myself || node === myself) return
  if (keysInSlot(ctx, slot) > 0) {
    failWith(
      `ERR Can't assign hashslot ${slot} to a different node while I still hold keys for this hash slot.`,
    )
  }
  if (myself.slots === 1 && ctx.config['cluster-allow-replica-migration']) {
    failWith(
      'ERR Without its last slot this node would become a replica (see cluster-allow-replica-migration), and replication is not supported',
    )
  }
}

function giveTo(cluster: Cluster, ctx: Context, slot: number, node: ClusterNode): void {
  const { topology, myself } = cluster
  if (keysInSlot(ctx, slot) === 0) topology.migrating.delete(slot)
  topology.release(slot)
  topology.assign(slot, node)
  // What was moved here by hand is newer than what the others believe.
  if (node === myself && topology.importing.delete(slot)) cluster.bumpEpoch()
}
