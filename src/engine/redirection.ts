/**
 * Where the keys of a request may be used: all of them must be in one slot of the cluster, and this node must serve it. If
 * not, the client is told why, or where to go. The rules and their order are Valkey's.
 */
import type { Cluster } from '../cluster/cluster.ts'
import { hashSlot } from '../cluster/hash-slot.ts'
import type { ClusterNode } from '../cluster/node.ts'
import { ASKING, MOVABLE_KEYS, PUBSUB, WRITE } from '../commands/flags.ts'
import { viewOf } from '../commands/session.ts'
import type { Command } from '../commands/table.ts'
import type { ConfigValues } from '../config.ts'
import type { Database } from '../keyspace/database.ts'
import type { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import { type Client, NO_SLOT, type QueuedCommand } from './client.ts'

/** The first words of errors for clients. */
const CODES = /^(CROSSSLOT|TRYAGAIN|CLUSTERDOWN|MOVED|ASK) /

/** Whether an error tells a client that it came with these keys, or came to this node, in vain. */
export function isRedirection(text: string): boolean {
  return CODES.test(text)
}

const OTHER_SLOT = 'ERR Script attempted to access keys that do not hash to the same slot'

type Obstacle = 'crossSlot' | 'unstable' | 'down' | 'readOnly' | 'unbound' | 'moved' | 'ask'

export interface RedirectionParts {
  readonly cluster: Cluster
  /** The only one a cluster has. */
  readonly db: Database
  readonly settings: ConfigValues
}

export class Redirection {
  private readonly parts: RedirectionParts
  /** What the running script's keys are held to; NO_SLOT where it may use any. */
  private scriptSlot = NO_SLOT
  private scriptMayCross = false

  // The request being judged: the slot of its keys in the end, and what they tell.
  private judgedSlot = NO_SLOT
  private first: Bytes | null = null
  private firstSlot = NO_SLOT
  private owner: ClusterNode | null = null
  private isMigrating = false
  private isImporting = false
  /** Different keys, of a slot that is on its way here. */
  private hasSeveral = false
  private present = 0
  private missing = 0

  constructor(parts: RedirectionParts) {
    this.parts = parts
  }

  /**
   * Lets a client's command, with the flags of its request, pass, or says why it may not run here. The slot of its keys is
   * then the client's.
   */
  admit(command: Command, flags: number, args: Args, client: Client): string | undefined {
    client.slot = NO_SLOT
    const queue = command.name === 'exec' ? client.queue : null
    if (queue === null && command.spec.keys.length === 0) return undefined
    const obstacle = this.judge(command, flags, args, queue, client)
    client.slot = this.judgedSlot
    return obstacle === undefined ? undefined : this.textForClient(obstacle, client)
  }

  /** A script begins: what its caller's keys said binds it. `mayCross`: it may use keys of several slots. */
  enterScript(caller: Client, mayCross: boolean): void {
    this.scriptSlot = caller.slot
    this.scriptMayCross = mayCross
  }

  /** Likewise for a command that a script calls; what passes binds the script to its slot. */
  admitFromScript(command: Command, args: Args, caller: Client): string | undefined {
    const obstacle = this.judge(command, command.flags, args, null, caller)
    if (obstacle !== undefined) return textForScript(obstacle, command)
    const slot = this.scriptMayCross ? NO_SLOT : this.judgedSlot
    if (slot !== NO_SLOT) {
      if (this.scriptSlot === NO_SLOT) this.scriptSlot = slot
      if (this.scriptSlot !== slot) return OTHER_SLOT
    }
    caller.slot = slot
    return undefined
  }

  /** What is in the way of a request, or of a transaction's `queue`; the slot of its keys is known afterwards. */
  private judge(
    command: Command,
    flags: number,
    args: Args,
    queue: readonly QueuedCommand[] | null,
    client: Client,
  ): Obstacle | undefined {
    const { cluster, settings } = this.parts
    const isPubsub =
      queue === null ? has(command, PUBSUB) : queue.some((queued) => has(queued.command, PUBSUB))
    this.judgedSlot = NO_SLOT
    this.first = null
    const obstacle = queue === null ? this.look(command, args, isPubsub) : this.lookAtAll(queue, isPubsub)
    if (obstacle !== undefined || this.first === null) return obstacle
    if (!cluster.state.isUp) {
      if (isPubsub) {
        if (!settings['cluster-allow-pubsubshard-when-down']) return 'down'
      } else if (!settings['cluster-allow-reads-when-down']) return 'down'
      else if ((flags & WRITE) !== 0) return 'readOnly'
    }
    this.judgedSlot = this.firstSlot
    if (this.isMigrating && this.missing > 0) {
      if (this.present > 0) return 'unstable'
      return cluster.topology.migrating.get(this.judgedSlot) === cluster.myself ? undefined : 'ask'
    }
    if (this.isImporting && (client.asking || has(command, ASKING))) {
      return this.hasSeveral && this.missing > 0 ? 'unstable' : undefined
    }
    return this.owner === cluster.myself ? undefined : 'moved'
  }

  private lookAtAll(queue: readonly QueuedCommand[], isPubsub: boolean): Obstacle | undefined {
    for (const { command, args } of queue) {
      const obstacle = this.look(command, args, isPubsub)
      if (obstacle !== undefined) return obstacle
    }
    return undefined
  }

  /** Looks at the keys of a request; where they cannot be told, the command will say so itself. */
  private look(command: Command, args: Args, isPubsub: boolean): Obstacle | undefined {
    if (command.spec.findKeys !== undefined || has(command, MOVABLE_KEYS)) {
      for (const position of positionsOfKeys(command, args)) {
        const obstacle = this.see(args.at(position), isPubsub)
        if (obstacle !== undefined) return obstacle
      }
      return undefined
    }
    // Shard channels are in the range as well, though they are no keys.
    const { first, last, step } = command.keyRange
    const end = last >= 0 ? last : args.count + last
    if (first === 0 || end >= args.count) return undefined
    for (let i = first; i <= end; i += step) {
      const obstacle = this.see(args.at(i), isPubsub)
      if (obstacle !== undefined) return obstacle
    }
    return undefined
  }

  private see(key: Bytes, isPubsub: boolean): Obstacle | undefined {
    const slot = hashSlot(key)
    if (this.first === null) {
      const { topology } = this.parts.cluster
      this.first = key
      this.firstSlot = slot
      this.owner = topology.owner(slot)
      if (this.owner === null) return 'unbound'
      this.isMigrating = this.owner === topology.myself && topology.migrating.has(slot)
      this.isImporting = !this.isMigrating && topology.importing.has(slot)
      this.hasSeveral = false
      this.present = 0
      this.missing = 0
    } else {
      if (slot !== this.firstSlot) return 'crossSlot'
      if (this.isImporting && !this.first.equals(key)) this.hasSeveral = true
    }
    if ((this.isMigrating || this.isImporting) && !isPubsub) this.count(key)
    return undefined
  }

  private count(key: Bytes): void {
    const { db } = this.parts
    if (db.has(key) && !db.hasExpired(key)) this.present++
    else this.missing++
  }

  private textForClient(obstacle: Obstacle, client: Client): string {
    switch (obstacle) {
      case 'crossSlot':
        return "CROSSSLOT Keys in request don't hash to the same slot"
      case 'unstable':
        return 'TRYAGAIN Multiple keys request during rehashing of slot'
      case 'down':
        return 'CLUSTERDOWN The cluster is down'
      case 'readOnly':
        return 'CLUSTERDOWN The cluster is down and only accepts read commands'
      case 'unbound':
        return 'CLUSTERDOWN Hash slot not served'
      case 'moved':
        return `MOVED ${this.judgedSlot} ${this.addressOf(this.owner!, client)}`
      case 'ask':
        return `ASK ${this.judgedSlot} ${this.addressOf(this.parts.cluster.topology.migrating.get(this.judgedSlot)!, client)}`
    }
  }

  private addressOf(node: ClusterNode, client: Client): string {
    const view = viewOf(client)
    return `${this.parts.cluster.endpointOf(node, view)}:${node.portFor(view)}`
  }
}

/** In the order they are asked about. */
function positionsOfKeys(command: Command, args: Args): readonly number[] {
  return command.spec.findKeys?.(args) ?? command.keys(args).map(({ position }) => position)
}

function textForScript(obstacle: Obstacle, command: Command): string {
  switch (obstacle) {
    case 'crossSlot':
      return `ERR Command '${command.name}' in script attempted to access keys that don't hash to the same slot`
    case 'unstable':
      return `ERR Unable to execute command '${command.name}' in script because undeclared keys were accessed during rehashing of the slot`
    case 'down':
      return 'ERR Script attempted to execute a command while the cluster is down'
    case 'readOnly':
      return 'ERR Script attempted to execute a write command while the cluster is down and readonly'
    case 'unbound':
      return 'ERR Script attempted to access a slot not served'
    case 'moved':
    case 'ask':
      return 'ERR Script attempted to access a non local key in a cluster node'
  }
}

function has(command: Command, flag: number): boolean {
  return (command.flags & flag) !== 0
}
