/**
 * Which slots this node serves: CLUSTER ADDSLOTS, DELSLOTS and their kin.
 */
import type { Cluster } from '../../cluster/cluster.ts'
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { failArity } from '../arguments.ts'
import { type ClusterHandler, slotArg } from './support.ts'

/** Slots that are to change, each at most once: all or none. */
class SlotChange {
  private readonly cluster: Cluster
  private readonly releases: boolean
  private readonly chosen = new Set<number>()

  constructor(cluster: Cluster, releases: boolean) {
    this.cluster = cluster
    this.releases = releases
  }

  choose(slot: number): void {
    const isOwned = this.cluster.topology.owner(slot) !== null
    if (isOwned !== this.releases) {
      failWith(`ERR Slot ${slot} is already ${isOwned ? 'busy' : 'unassigned'}`)
    }
    if (this.chosen.has(slot)) failWith(`ERR Slot ${slot} specified multiple times`)
    this.chosen.add(slot)
  }

  apply(): void {
    const { topology, myself } = this.cluster
    // In this order, for those who are told.
    for (const slot of [...this.chosen].sort((a, b) => a - b)) {
      topology.importing.delete(slot)
      if (this.releases) topology.release(slot)
      else topology.assign(slot, myself)
    }
    this.cluster.changed('state', 'file')
  }
}

/** ADDSLOTS and DELSLOTS: one slot an argument. */
export function changeSlots(releases: boolean): ClusterHandler {
  return (cluster, args, reply) => {
    const slots: number[] = []
    for (let i = 2; i < args.count; i++) slots.push(slotArg(args.at(i)))
    const change = new SlotChange(cluster, releases)
    for (const slot of slots) change.choose(slot)
    change.apply()
    reply.ok()
  }
}

/** ADDSLOTSRANGE and DELSLOTSRANGE: pairs of a first and a last slot. */
export function changeRanges(releases: boolean): ClusterHandler {
  return (cluster, args, reply) => {
    if (args.count % 2 === 1) failArity(`cluster|${releases ? 'del' : 'add'}slotsrange`)
    const change = new SlotChange(cluster, releases)
    for (let i = 2; i < args.count; i += 2) {
      const [start, end] = rangeArgs(args, i)
      for (let slot = start; slot <= end; slot++) change.choose(slot)
    }
    change.apply()
    reply.ok()
  }
}

function rangeArgs(args: Args, index: number): [start: number, end: number] {
  const start = slotArg(args.at(index))
  const end = slotArg(args.at(index + 1))
  if (start > end) failWith(`ERR start slot number ${start} is greater than end slot number ${end}`)
  return [start, end]
}

export const flushSlots: ClusterHandler = (cluster, _args, reply, ctx) => {
  if (ctx.database(0).size > 0) failWith('ERR DB must be empty to perform CLUSTER FLUSHSLOTS.')
  cluster.topology.releaseAll(cluster.myself)
  cluster.changed('state', 'file')
  reply.ok()
}
