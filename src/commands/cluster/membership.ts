/**
 * This node among the others: CLUSTER MEET, FORGET, REPLICATE, FAILOVER, RESET, the epochs. What takes a bus on which nodes
 * talk, or replication, is refused.
 */
import { REPLICA } from '../../cluster/node.ts'
import { BUS_PORT_OFFSET } from '../../cluster/nodes-file.ts'
import { isIPv4, isIPv6, PORT_MAX } from '../../config/checks.ts'
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { int64Arg, integerArg } from '../arguments.ts'
import { failSubcommand } from '../help.ts'
import { type ClusterHandler, nodeArg } from './support.ts'

export const meet: ClusterHandler = (_cluster, args) => {
  if (args.count > 5) failSubcommand(args)
  const [address, portWord] = [args.at(2), args.at(3)]
  const port = integerArg(portWord, `ERR Invalid base port specified: ${portWord.printed()}`)
  if (!isPort(port)) failWith('ERR Port number is out of range')
  const busPort =
    args.count === 5
      ? integerArg(args.at(4), `ERR Invalid bus port specified: ${args.at(4).printed()}`)
      : port + BUS_PORT_OFFSET
  if (!isPort(busPort)) failWith('ERR Cluster bus port number is out of range')
  if (!isIPv4(address.latin1()) && !isIPv6(address.latin1())) {
    failWith(`ERR Invalid node address specified: ${address.printed()}:${portWord.printed()}`)
  }
  failWith('ERR CLUSTER MEET is not supported: there is no cluster bus')
}

function isPort(port: number): boolean {
  return port > 0 && port <= PORT_MAX
}

export const forget: ClusterHandler = (cluster, args, reply) => {
  // Told again what is done is no error.
  if (!cluster.isForgotten(args.at(2).latin1())) {
    const node = nodeArg(cluster, args.at(2))
    if (node === cluster.myself) failWith("ERR I tried hard but I can't forget myself...")
    cluster.forget(node)
  }
  reply.ok()
}

export const replicate: ClusterHandler = (cluster, args, _reply, ctx) => {
  const { myself } = cluster
  const node = nodeArg(cluster, args.at(2))
  if (node === myself) failWith("ERR Can't replicate myself")
  if (node.is(REPLICA)) failWith('ERR I can only replicate a master, not a replica.')
  if (myself.slots > 0 || ctx.database(0).size > 0) {
    failWith('ERR To set a master the node must be empty and without assigned slots.')
  }
  failWith('ERR CLUSTER REPLICATE is not supported: there is no replication')
}

export const failover: ClusterHandler = (_cluster, args) => {
  if (args.count > 3) failSubcommand(args)
  if (args.count === 3 && !args.at(2).is('FORCE') && !args.at(2).is('TAKEOVER')) fail('syntax')
  failWith('ERR You should send CLUSTER FAILOVER to a replica')
}

export const reset: ClusterHandler = (cluster, args, reply, ctx) => {
  if (args.count > 3) failSubcommand(args)
  const isHard = args.count === 3 && args.at(2).is('HARD')
  if (args.count === 3 && !isHard && !args.at(2).is('SOFT')) fail('syntax')
  if (ctx.db.size > 0) failWith("ERR CLUSTER RESET can't be called with master nodes containing keys")
  ctx.server.log.notice(`Cluster reset (user request from '${ctx.client.transport?.address ?? '?'}').`)
  cluster.reset(isHard)
  reply.ok()
}

export const bumpEpoch: ClusterHandler = (cluster, _args, reply) => {
  const word = cluster.bumpEpoch() ? 'BUMPED' : 'STILL'
  reply.status(`${word} ${cluster.myself.configEpoch}`)
}

export const setConfigEpoch: ClusterHandler = (cluster, args, reply, ctx) => {
  const { topology, myself } = cluster
  const epoch = epochArg(args)
  if (topology.nodes.size > 1) {
    failWith('ERR The user can assign a config epoch only when the node does not know any other node.')
  }
  if (myself.configEpoch !== 0n) failWith('ERR Node config epoch is already non-zero')
  myself.configEpoch = epoch
  if (topology.currentEpoch < epoch) topology.currentEpoch = epoch
  ctx.server.log.notice(`configEpoch set to ${epoch} via CLUSTER SET-CONFIG-EPOCH`)
  cluster.changed('state', 'file')
  reply.ok()
}

function epochArg(args: Args): bigint {
  const epoch = BigInt(int64Arg(args.at(2)))
  return epoch < 0n ? failWith(`ERR Invalid config epoch specified: ${epoch}`) : epoch
}

export const saveConfig: ClusterHandler = (cluster, _args, reply) => {
  try {
    cluster.save(true)
  } catch (error) {
    failWith(`ERR error saving the cluster node config: ${(error as Error).message}`)
  }
  reply.ok()
}

/** Others would report failures over the bus. */
export const countFailureReports: ClusterHandler = (cluster, args, reply) => {
  nodeArg(cluster, args.at(2))
  reply.integer(0)
}
