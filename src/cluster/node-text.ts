/**
 * Nodes as text, a line each: what CLUSTER NODES answers and what the configuration file of the cluster holds. The file
 * says more of a node: its fields `name=value` are for no client.
 */
import { SLOTS } from './hash-slot.ts'
import { type ClientView, type ClusterNode, MYSELF, NODE_FLAGS } from './node.ts'
import type { SlotRange, Topology } from './topology.ts'

/** For whom a text is: a client, or the file. */
export type View = ClientView | 'file'

/** All nodes but those that have one of the flags `without`. */
export function nodesText(topology: Topology, view: View, without = 0): string {
  const slots = new Map<ClusterNode, string>()
  for (const range of topology.ranges()) {
    slots.set(range.owner, (slots.get(range.owner) ?? '') + rangeText(range))
  }
  let text = ''
  for (const node of topology.nodes.values()) {
    if (node.is(without)) continue
    text += `${description(topology, node, view)}${slots.get(node) ?? ''}${openSlotsOf(topology, node)}\n`
  }
  return text
}

export function nodeText(topology: Topology, node: ClusterNode, view: View): string {
  let slots = ''
  for (const range of topology.ranges()) if (range.owner === node) slots += rangeText(range)
  return description(topology, node, view) + slots + openSlotsOf(topology, node)
}

function description(topology: Topology, node: ClusterNode, view: View): string {
  const [ip, port] = view === 'file' ? [node.ip, node.port] : [node.ipFor(view), node.portFor(view)]
  const address = `${ip}:${port}@${node.busPort}`
  const names = view === 'file' ? `,${node.hostname}${fields(node)}` : node.hostname && `,${node.hostname}`
  const flags = NODE_FLAGS.filter(([bit]) => node.is(bit)).map(([, name]) => name)
  // There are no links to other nodes.
  const link = node === topology.myself ? 'connected' : 'disconnected'
  return [
    node.id,
    address + names,
    flags.join(',') || 'noflags',
    node.primary?.id ?? '-',
    node.pingSent,
    node.pongReceived,
    node.epoch,
    link,
  ].join(' ')
}

function fields(node: ClusterNode): string {
  const optional = (name: string, value: string) => (value === '' ? '' : `,${name}=${value}`)
  return (
    optional('client-ipv6', node.clientIpv6) +
    optional('client-ipv4', node.clientIpv4) +
    `,tls-port=${node.tlsPort}` +
    optional('nodename', node.nodename) +
    `,shard-id=${node.shardId}`
  )
}

function rangeText({ start, end }: SlotRange): string {
  return start === end ? ` ${start}` : ` ${start}-${end}`
}

/** Slots on their way are this node's business alone. */
function openSlotsOf({ migrating, importing }: Topology, node: ClusterNode): string {
  if (!node.is(MYSELF) || migrating.size + importing.size === 0) return ''
  let text = ''
  for (let slot = 0; slot < SLOTS; slot++) {
    const to = migrating.get(slot)
    const from = importing.get(slot)
    if (to !== undefined) text += ` [${slot}->-${to.id}]`
    else if (from !== undefined) text += ` [${slot}-<-${from.id}]`
  }
  return text
}
