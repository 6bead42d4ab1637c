/**
 * The cluster as this node knows it: CLUSTER INFO, NODES, SLOTS, SHARDS, REPLICAS.
 */
import type { Cluster } from '../../cluster/cluster.ts'
import { type ClientView, type ClusterNode, FAIL, PFAIL, REPLICA } from '../../cluster/node.ts'
import { nodesText, nodeText } from '../../cluster/node-text.ts'
import { failWith } from '../../errors.ts'
import { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { viewOf } from '../session.ts'
import { type ClusterHandler, nodeArg } from './support.ts'

export const info: ClusterHandler = (cluster, _args, reply) => {
  const { topology, state, myself } = cluster
  const slots = (accepts: (owner: ClusterNode) => boolean) => topology.count(accepts)
  const fields: readonly (readonly [string, string | number | bigint])[] = [
    ['cluster_state', state.isUp ? 'ok' : 'fail'],
    ['cluster_slots_assigned', slots(() => true)],
    ['cluster_slots_ok', slots((owner) => !owner.is(FAIL | PFAIL))],
    ['cluster_slots_pfail', slots((owner) => owner.is(PFAIL) && !owner.is(FAIL))],
    ['cluster_slots_fail', slots((owner) => owner.is(FAIL))],
    ['cluster_known_nodes', topology.nodes.size],
    ['cluster_size', state.size],
    ['cluster_current_epoch', topology.currentEpoch],
    ['cluster_my_epoch', myself.epoch],
    // There is no bus to send messages over.
    ['cluster_stats_messages_sent', 0],
    ['cluster_stats_messages_received', 0],
    ['total_cluster_links_buffer_limit_exceeded', 0],
  ]
  reply.verbatim('txt', fields.map(([name, value]) => `${name}:${value}\r\n`).join(''))
}

export const nodes: ClusterHandler = (cluster, _args, reply, { client }) => {
  reply.verbatim('txt', nodesText(cluster.topology, viewOf(client)))
}

export const replicas: ClusterHandler = (cluster, args, reply, { client }) => {
  const node = nodeArg(cluster, args.at(2))
  if (node.is(REPLICA)) failWith('ERR The specified node is not a master')
  reply.array(node.replicas.length)
  const view = viewOf(client)
  for (const replica of node.replicas) bulk(reply, nodeText(cluster.topology, replica, view))
}

/** Replicas are not named: none has been heard of. */
export const slots: ClusterHandler = (cluster, _args, reply, { client, config }) => {
  const type = config['cluster-preferred-endpoint-type']
  const view = viewOf(client)
  const ranges = [...cluster.topology.ranges()]
  reply.array(ranges.length)
  for (const { owner, start, end } of ranges) {
    reply.array(3)
    reply.integer(start)
    reply.integer(end)
    reply.array(4)
    if (type === 'unknown-endpoint') reply.null()
    else bulk(reply, cluster.endpointOf(owner, view))
    reply.integer(owner.portFor(view))
    bulk(reply, owner.id)
    const others: [string, string][] = []
    if (type !== 'ip') others.push(['ip', owner.ipFor(view)])
    if (type !== 'hostname' && owner.hostname !== '') others.push(['hostname', owner.hostname])
    reply.map(others.length)
    for (const [name, value] of others) {
      bulk(reply, name)
      bulk(reply, value)
    }
  }
}

export const shards: ClusterHandler = (cluster, _args, reply, { client }) => {
  const view = viewOf(client)
  const shards = [...cluster.topology.shards]
  const ranges = [...cluster.topology.ranges()]
  reply.array(shards.length)
  for (const members of shards) {
    const served = ranges.filter(({ owner }) => members.includes(owner))
    reply.map(2)
    reply.text('slots')
    reply.array(served.length * 2)
    for (const { start, end } of served) {
      reply.integer(start)
      reply.integer(end)
    }
    reply.text('nodes')
    reply.array(members.length)
    for (const node of members) describeMember(reply, cluster, node, view)
  }
}

function describeMember(reply: ReplySink, cluster: Cluster, node: ClusterNode, view: ClientView): void {
  const isReplica = node.is(REPLICA)
  const fields: [string, string | number][] = [['id', node.id]]
  if (node.port !== 0) fields.push(['port', node.port])
  if (node.tlsPort !== 0) fields.push(['tls-port', node.tlsPort])
  fields.push(['ip', node.ipFor(view)], ['endpoint', cluster.endpointOf(node, view)])
  if (node.hostname !== '') fields.push(['hostname', node.hostname])
  fields.push(['role', isReplica ? 'replica' : 'master'], ['replication-offset', 0])
  // A replica that has not been heard of has replicated nothing, as far as is known.
  fields.push(['health', node.is(FAIL) ? 'fail' : isReplica ? 'loading' : 'online'])
  reply.map(fields.length)
  for (const [name, value] of fields) {
    reply.text(name)
    if (typeof value === 'number') reply.integer(value)
    else bulk(reply, value)
  }
}

/** A bulk string of text with one character a byte. */
function bulk(reply: ReplySink, text: string): void {
  reply.bulk(Bytes.from(text, 'latin1'))
}
