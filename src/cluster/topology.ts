/**
 * Who serves which slots: all known nodes, the owner of each slot, slots on their way between nodes, and the epochs that
 * order configurations.
 */
import { SLOTS } from './hash-slot.ts'
import { ClusterNode, MYSELF, PRIMARY } from './node.ts'

/** Slots that follow each other and have one owner, both ends included. */
export interface SlotRange {
  readonly owner: ClusterNode
  readonly start: number
  readonly end: number
}

export class Topology {
  /** This node. */
  myself!: ClusterNode
  readonly nodes = new Map<string, ClusterNode>()
  /** Slots of this node that move to another, and slots that move here. */
  readonly migrating = new Map<number, ClusterNode>()
  readonly importing = new Map<number, ClusterNode>()
  currentEpoch = 0n
  lastVoteEpoch = 0n
  /** Told of each slot that loses its owner. */
  onRelease: (slot: number) => void = () => {}
  private readonly owners: (ClusterNode | null)[] = new Array(SLOTS).fill(null)
  private readonly randomId: () => string

  /** Without any node: `myself` is to be added. */
  constructor(randomId: () => string) {
    this.randomId = randomId
  }

  /** The topology of a node that knows of no other and serves nothing. */
  static alone(randomId: () => string): Topology {
    const topology = new Topology(randomId)
    topology.myself = topology.findOrAdd(randomId())
    topology.myself.flags = MYSELF | PRIMARY
    return topology
  }

  add(node: ClusterNode): void {
    this.nodes.set(node.id, node)
  }

  /** The node of that id, made known where it is not. */
  findOrAdd(id: string): ClusterNode {
    const known = this.nodes.get(id)
    if (known !== undefined) return known
    const node = new ClusterNode(id, this.randomId(), 0)
    this.add(node)
    return node
  }

  /** The nodes of each shard. */
  get shards(): Iterable<readonly ClusterNode[]> {
    const shards = new Map<string, ClusterNode[]>()
    for (const node of this.nodes.values()) {
      const shard = shards.get(node.shardId)
      if (shard === undefined) shards.set(node.shardId, [node])
      else shard.push(node)
    }
    return shards.values()
  }

  /** Forgets another node, and what it serves. */
  remove(node: ClusterNode): void {
    for (const open of [this.migrating, this.importing]) {
      for (const [slot, other] of open) if (other === node) open.delete(slot)
    }
    this.releaseAll(node)
    for (const replica of node.replicas) replica.primary = null
    if (node.primary !== null) node.primary.replicas.splice(node.primary.replicas.indexOf(node), 1)
    this.nodes.delete(node.id)
  }

  // ---- slots

  owner(slot: number): ClusterNode | null {
    return this.owners[slot]!
  }

  /** False where the slot has an owner already. */
  assign(slot: number, node: ClusterNode): boolean {
    if (this.owners[slot] !== null) return false
    this.owners[slot] = node
    node.slots++
    return true
  }

  /** False where the slot has no owner. */
  release(slot: number): boolean {
    const node = this.owners[slot]!
    if (node === null) return false
    this.onRelease(slot)
    this.owners[slot] = null
    node.slots--
    return true
  }

  /** The slots a node serves, in order. */
  slotsOf(node: ClusterNode): number[] {
    const slots: number[] = []
    if (node.slots === 0) return slots
    for (let slot = 0; slot < SLOTS; slot++) if (this.owners[slot] === node) slots.push(slot)
    return slots
  }

  /** Takes from a node all it serves. */
  releaseAll(node: ClusterNode): void {
    for (const slot of this.slotsOf(node)) this.release(slot)
  }

  /** The owned slots, in order. */
  *ranges(): Generator<SlotRange> {
    for (let start = 0; start < SLOTS; ) {
      const owner = this.owners[start]!
      let end = start
      while (end + 1 < SLOTS && this.owners[end + 1] === owner) end++
      if (owner !== null) yield { owner, start, end }
      start = end + 1
    }
  }

  /** How many slots have an owner of which `accepts` holds. */
  count(accepts: (owner: ClusterNode) => boolean): number {
    let count = 0
    for (const owner of this.owners) if (owner !== null && accepts(owner)) count++
    return count
  }

  // ---- epochs

  /** The greatest that any node has. */
  get maxEpoch(): bigint {
    let max = this.currentEpoch
    for (const { configEpoch } of this.nodes.values()) if (configEpoch > max) max = configEpoch
    return max
  }

  /** Makes this node's configuration the newest, whatever the others think; false where it is. */
  bumpEpoch(): boolean {
    const { myself } = this
    if (myself.configEpoch !== 0n && myself.configEpoch === this.maxEpoch) return false
    myself.configEpoch = ++this.currentEpoch
    return true
  }

  // ---- all

  /** Forgets all other nodes and all slots; `hard`: who this node is, too. */
  reset(hard: boolean): void {
    const { myself } = this
    this.migrating.clear()
    this.importing.clear()
    for (let slot = 0; slot < SLOTS; slot++) this.release(slot)
    for (const node of [...this.nodes.values()]) if (node !== myself) this.remove(node)
    if (!hard) return
    this.currentEpoch = 0n
    this.lastVoteEpoch = 0n
    myself.configEpoch = 0n
    this.nodes.delete(myself.id)
    myself.id = this.randomId()
    myself.shardId = this.randomId()
    this.add(myself)
  }
}
