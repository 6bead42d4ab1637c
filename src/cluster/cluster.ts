/**
 * This server as a node of a cluster: what it knows of the others and of itself, and the file it keeps that in. There is
 * no bus on which nodes talk: others are known from the file alone, and never heard of.
 */
import type { ConfigValues } from '../config.ts'
import { ClusterState, type StateLog } from './cluster-state.ts'
import {
  type ClientView,
  type ClusterNode,
  FAIL,
  HANDSHAKE,
  MYSELF,
  NO_ADDRESS,
  NO_FAILOVER,
  PFAIL,
} from './node.ts'
import { BUS_PORT_OFFSET, readNodesFile, writeNodesFile } from './nodes-file.ts'
import { Topology } from './topology.ts'

/** How often `tick` is to be called. */
export const CLUSTER_TICK_MS = 100

/** Of a longer address only the beginning is announced. */
const IP_MAX = 45

export interface NodesFile {
  /** What the file holds; undefined where there is none yet. */
  read(): string | undefined
  /** Replaces all it holds; `durable`: it is on the disk when this returns. Throws what the system says. */
  write(text: string, durable: boolean): void
}

export interface ClusterHost {
  readonly settings: ConfigValues
  readonly log: StateLog
  readonly file: NodesFile
  /** Forty random hexadecimal digits. */
  randomId(): string
  /** Unix time in ms. */
  now(): number
  /** The file cannot be written any more: nothing the node promises would last. */
  giveUp(): void
}

/** What follows from a change: the cluster may be up or down now; the file must be written; it must be on the disk. */
type Consequence = 'state' | 'file' | 'disk'

export class Cluster {
  readonly topology: Topology
  readonly state: ClusterState
  private readonly host: ClusterHost
  /** Ids of nodes that were forgotten, with the Unix ms until which they stay so. */
  private readonly forgotten = new Map<string, number>()
  private announcedIp = ''
  private readonly due = new Set<Consequence>()

  /** Throws CorruptNodesFile. */
  constructor(host: ClusterHost) {
    this.host = host
    this.state = new ClusterState(host.settings, host.log)
    const text = host.file.read()
    const randomId = () => host.randomId()
    this.topology = text === undefined ? Topology.alone(randomId) : readNodesFile(text, randomId, host.now())
    const { id } = this.myself
    if (text === undefined) host.log.notice(`No cluster configuration found, I'm ${id}`)
    else host.log.notice(`Node configuration loaded, I'm ${id}`)
    this.describeMyself()
    this.saveOrGiveUp(true)
  }

  get myself(): ClusterNode {
    return this.topology.myself
  }

  /** What the configuration says of this node may have changed. */
  followSettings(): void {
    this.describeMyself()
    this.changed('file')
  }

  private describeMyself(): void {
    const { settings } = this.host
    const { myself } = this
    const announcedIp = settings['cluster-announce-ip']
    // Without one, what the node once learned of itself stays.
    if (announcedIp !== this.announcedIp) myself.ip = announcedIp.slice(0, IP_MAX)
    this.announcedIp = announcedIp
    myself.port = settings['cluster-announce-port'] || settings.port
    myself.tlsPort = settings['cluster-announce-tls-port'] || settings['tls-port']
    myself.busPort =
      settings['cluster-announce-bus-port'] || settings['cluster-port'] || settings.port + BUS_PORT_OFFSET
    myself.hostname = settings['cluster-announce-hostname']
    myself.nodename = settings['cluster-announce-human-nodename']
    myself.clientIpv4 = settings['cluster-announce-client-ipv4']
    myself.clientIpv6 = settings['cluster-announce-client-ipv6']
    myself.flags &= ~NO_FAILOVER
    if (settings['cluster-replica-no-failover']) myself.flags |= NO_FAILOVER
  }

  /** The address a client is given. */
  endpointOf(node: ClusterNode, view: ClientView): string {
    switch (this.host.settings['cluster-preferred-endpoint-type']) {
      case 'ip':
        return node.ipFor(view)
      case 'hostname':
        return node.hostname || '?'
      default:
        return ''
    }
  }

  // ---- changes

  /**
   * Something changed. What follows from it is done once for all commands that arrived together, as soon as they have
   * run: the state of the cluster does not change among them.
   */
  changed(...consequences: readonly Consequence[]): void {
    if (this.due.size === 0) queueMicrotask(() => this.settle())
    for (const consequence of consequences) this.due.add(consequence)
  }

  private settle(): void {
    const due = new Set(this.due)
    this.due.clear()
    if (due.has('state')) this.state.update(this.topology, this.host.now())
    if (due.has('file') || due.has('disk')) this.saveOrGiveUp(due.has('disk'))
  }

  /** Makes this node's configuration the newest; false where it is. */
  bumpEpoch(): boolean {
    if (!this.topology.bumpEpoch()) return false
    this.host.log.notice(`New configEpoch set to ${this.myself.configEpoch}`)
    this.changed('disk')
    return true
  }

  /** CLUSTER RESET. */
  reset(hard: boolean): void {
    this.topology.reset(hard)
    this.forgotten.clear()
    if (hard) {
      this.host.log.notice('configEpoch set to 0 via CLUSTER RESET HARD')
      this.host.log.notice(`Node hard reset, now I'm ${this.myself.id}`)
    }
    this.changed('state', 'disk')
  }

  /** CLUSTER FORGET of another node. */
  forget(node: ClusterNode): void {
    const seconds = this.host.settings['cluster-blacklist-ttl']
    this.forgotten.set(node.id, this.host.now() + seconds * 1000)
    this.topology.remove(node)
    this.changed('state', 'file')
  }

  /** Whether a node was told to be forgotten not long ago. */
  isForgotten(id: string): boolean {
    const now = this.host.now()
    for (const [other, until] of this.forgotten) if (until < now) this.forgotten.delete(other)
    return this.forgotten.has(id)
  }

  // ---- the file

  /** Throws what the system says. */
  save(durable: boolean): void {
    this.host.file.write(writeNodesFile(this.topology), durable)
  }

  /** The last thing the node does. */
  saveBeforeExit(): void {
    this.host.log.notice('Saving the cluster configuration file before exiting.')
    try {
      this.save(true)
    } catch (error) {
      this.host.log.warning(`Could not save the cluster config file: ${(error as Error).message}`)
    }
  }

  private saveOrGiveUp(durable: boolean): void {
    try {
      this.save(durable)
    } catch (error) {
      this.host.log.warning(`Could not save the cluster config file: ${(error as Error).message}`)
      this.host.log.warning("Fatal: can't update cluster config file.")
      this.host.giveUp()
    }
  }

  // ---- time

  /** Every CLUSTER_TICK_MS. */
  tick(): void {
    const now = this.host.now()
    let failed = false
    for (const node of this.topology.nodes.values()) {
      if (node.is(MYSELF | NO_ADDRESS | HANDSHAKE | PFAIL | FAIL)) continue
      if (node.pingSent === 0) node.pingSent = now
      if (now - node.pingSent <= this.host.settings['cluster-node-timeout']) continue
      this.missed(node)
      failed = true
    }
    if (failed || !this.state.isUp) this.state.update(this.topology, now)
  }

  /** A node has not answered for too long. Where this one alone is the majority, its word is final. */
  private missed(node: ClusterNode): void {
    const name = `${node.id} (${node.nodename})`
    if (this.myself.votes && this.state.quorum === 1) {
      this.host.log.notice(`Marking node ${name} as failing (quorum reached).`)
      node.flags |= FAIL
      this.changed('state', 'file')
      return
    }
    node.flags |= PFAIL
    if (!this.myself.votes) this.host.log.notice(`NODE ${name} possibly failing.`)
  }
}
