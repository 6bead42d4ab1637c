/**
 * The configuration file of the cluster (`nodes.conf`): what this node knows of the cluster, in Valkey's format.
 */
import { isIPv4, isIPv6, PORT_MAX } from '../config/checks.ts'
import { SLOTS } from './hash-slot.ts'
import {
  type ClusterNode,
  FAIL,
  HANDSHAKE,
  isNodeId,
  MYSELF,
  NO_ADDRESS,
  NO_FAILOVER,
  PFAIL,
  PRIMARY,
  REPLICA,
} from './node.ts'
import { nodesText } from './node-text.ts'
import { Topology } from './topology.ts'

/** Where the port of the bus is when nothing else is said, from the port for clients. */
export const BUS_PORT_OFFSET = 10_000

const UINT64_MAX = 2n ** 64n - 1n
/** Words of a node's line before its slots. */
const FIXED_WORDS = 8
/** Not in the names and values of fields. */
const NOT_IN_FIELD = /[!#$%&()*+;<>?@[\]^{|}~]/

const FLAGS: ReadonlyMap<string, number> = new Map([
  ['myself', MYSELF],
  ['master', PRIMARY],
  ['primary', PRIMARY],
  ['slave', REPLICA],
  ['replica', REPLICA],
  ['fail?', PFAIL],
  ['fail', FAIL],
  ['handshake', HANDSHAKE],
  ['noaddr', NO_ADDRESS | FAIL],
  ['nofailover', NO_FAILOVER],
  ['noflags', 0],
])

/** The file cannot be understood; starting without what it says could serve slots of somebody else. */
export class CorruptNodesFile extends Error {
  constructor(line: string) {
    super(`Unrecoverable error: corrupted cluster config file "${line}".`)
  }
}

export function writeNodesFile(topology: Topology): string {
  const { currentEpoch, lastVoteEpoch } = topology
  const nodes = nodesText(topology, 'file', HANDSHAKE)
  return `${nodes}vars currentEpoch ${currentEpoch} lastVoteEpoch ${lastVoteEpoch}\n`
}

/** Throws CorruptNodesFile. `now` is the time from which nodes are waited for. */
export function readNodesFile(text: string, randomId: () => string, now: number): Topology {
  const topology = new Topology(randomId)
  for (const line of text.split('\n')) {
    const words = line.split(/\s+/).filter((word) => word !== '')
    if (words.length === 0) continue
    const isRead =
      words[0]!.toLowerCase() === 'vars' ? readVariables(topology, words) : readNode(topology, words, now)
    if (!isRead) throw new CorruptNodesFile(line)
  }
  if ((topology.myself as ClusterNode | undefined) === undefined) throw new CorruptNodesFile('')
  topology.currentEpoch = topology.maxEpoch
  return topology
}

function readVariables(topology: Topology, words: readonly string[]): boolean {
  if (words.length % 2 === 0) return false
  for (let i = 1; i < words.length; i += 2) {
    const value = leadingInteger(words[i + 1]!)
    const name = words[i]!.toLowerCase()
    if (name === 'currentepoch') topology.currentEpoch = value
    else if (name === 'lastvoteepoch') topology.lastVoteEpoch = value
  }
  return true
}

function readNode(topology: Topology, words: readonly string[], now: number): boolean {
  if (words.length < FIXED_WORDS || !isNodeId(words[0]!)) return false
  const [id, address, flags, primary, pingSent, pongReceived, epoch] = words as [string, ...string[]]
  const node = topology.findOrAdd(id)
  if (!readAddress(node, address!) || !readFlags(topology, node, flags!)) return false
  if (primary![0] !== '-') {
    if (!isNodeId(primary!)) return false
    const known = topology.findOrAdd(primary!)
    node.follow(known)
  }
  // What was waited for before is waited for anew.
  if (leadingInteger(pingSent!) !== 0n) node.pingSent = now
  if (leadingInteger(pongReceived!) !== 0n) node.pongReceived = now
  node.configEpoch = node.is(REPLICA) && node.primary !== null ? 0n : leadingInteger(epoch!)
  return words.slice(FIXED_WORDS).every((word) => readSlots(topology, node, word))
}

/** `ip:port@bus-port,hostname,name=value,...`, of which all behind the port may be missing. */
function readAddress(node: ClusterNode, word: string): boolean {
  const [address, hostname, ...fields] = word.split(',') as [string, ...string[]]
  node.hostname = hostname ?? ''
  const seen = new Set<string>()
  for (const field of fields) {
    const parts = field.split('=')
    if (parts.length !== 2 || NOT_IN_FIELD.test(field) || !readField(node, parts[0]!, parts[1]!)) return false
    seen.add(parts[0]!)
  }
  const colon = address.lastIndexOf(':')
  if (colon < 0) return false
  node.ip = address.slice(0, colon)
  const [port, busPort] = address.slice(colon + 1).split('@') as [string, string?]
  // The file of a node that speaks TLS has the other port among the fields.
  if (seen.has('tcp-port')) node.tlsPort = seen.has('tls-port') ? node.tlsPort : Number(leadingInteger(port))
  else node.port = Number(leadingInteger(port))
  node.busPort = busPort === undefined ? node.port + BUS_PORT_OFFSET : Number(leadingInteger(busPort))
  return true
}

function readField(node: ClusterNode, name: string, value: string): boolean {
  switch (name) {
    case 'shard-id':
      if (!isNodeId(value)) return false
      node.shardId = value
      return true
    case 'nodename':
      node.nodename = value
      return true
    case 'tcp-port':
      node.port = Number(leadingInteger(value))
      return isPort(value)
    case 'tls-port':
      node.tlsPort = Number(leadingInteger(value))
      return isPort(value)
    case 'client-ipv4':
      node.clientIpv4 = value
      return value === '' || isIPv4(value)
    case 'client-ipv6':
      node.clientIpv6 = value
      return value === '' || isIPv6(value)
    default:
      return false
  }
}

function isPort(text: string): boolean {
  return text.length > 0 && text.length <= 5 && leadingInteger(text) <= PORT_MAX
}

function readFlags(topology: Topology, node: ClusterNode, word: string): boolean {
  for (const name of word.toLowerCase().split(',')) {
    const flag = FLAGS.get(name)
    if (flag === undefined) return false
    if (flag === MYSELF) {
      if ((topology.myself as ClusterNode | undefined) !== undefined) return false
      topology.myself = node
    }
    node.flags |= flag
  }
  return true
}

/** `5`, `5-9`, `[5->-id]`: on its way to another node, `[5-<-id]`: from one. */
function readSlots(topology: Topology, node: ClusterNode, word: string): boolean {
  if (word[0] === '[') {
    const [, slot, direction, id] = /^\[(\d+)-([<>])-([a-z0-9]*)\]$/.exec(word) ?? []
    if (slot === undefined || Number(slot) >= SLOTS || !isNodeId(id!)) return false
    const open = direction === '>' ? topology.migrating : topology.importing
    open.set(Number(slot), topology.findOrAdd(id!))
    return true
  }
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? []
  const start = Number(first)
  const end = last === undefined ? start : Number(last)
  if (!(start < SLOTS && end < SLOTS)) return false
  for (let slot = start; slot <= end; slot++) topology.assign(slot, node)
  return true
}

/** The digits a text starts with, as C's strtoull takes them. */
function leadingInteger(text: string): bigint {
  const digits = /^\d+/.exec(text)?.[0]
  const value = digits === undefined ? 0n : BigInt(digits)
  return value > UINT64_MAX ? UINT64_MAX : value
}
