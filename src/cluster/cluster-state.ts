/**
 * Whether the cluster is up, as this node sees it: all slots are served, and the majority of those who serve them answers.
 * While it is down, keys are not (see `cluster-require-full-coverage`).
 */
import { SLOTS } from './hash-slot.ts'
import { FAIL, PFAIL } from './node.ts'
import type { Topology } from './topology.ts'

/** From the start, so that a node that was away does not take writes before it has heard of what has changed. */
const WRITABLE_DELAY_MS = 2000

/** How long a node that was cut off from the majority waits to hear of changes once it is not: `cluster-node-timeout` between these. */
const REJOIN_DELAY_MIN_MS = 500
const REJOIN_DELAY_MAX_MS = 5000

const REASONS = {
  coverage:
    'At least one hash slot is not served by any available node. ' +
    "Please check the 'cluster-require-full-coverage' configuration.",
  minority: 'I am part of a minority partition.',
}

type Reason = keyof typeof REASONS

export interface StateSettings {
  readonly 'cluster-require-full-coverage': boolean
  readonly 'cluster-node-timeout': number
}

export interface StateLog {
  notice(text: string): void
  warning(text: string): void
}

export class ClusterState {
  isUp = false
  /** How many nodes serve slots, by the last look. */
  size = 0
  private firstLook: number | undefined
  private lastMinority = -Infinity
  private reason: Reason | undefined
  private readonly settings: StateSettings
  private readonly log: StateLog

  constructor(settings: StateSettings, log: StateLog) {
    this.settings = settings
    this.log = log
  }

  /** Looks again. `now` is Unix time in ms. */
  update(topology: Topology, now: number): void {
    this.firstLook ??= now
    if (!this.isUp && now - this.firstLook < WRITABLE_DELAY_MS) return
    const reason = this.whyDown(topology, now)
    const isUp = reason === undefined
    if (isUp !== this.isUp) {
      if (isUp && now - this.lastMinority < this.rejoinDelay) return
      this.isUp = isUp
      if (isUp) this.log.notice('Cluster state changed: ok')
      else this.log.warning('Cluster state changed: fail')
    }
    if (reason !== undefined && reason !== this.reason) {
      this.log.warning(`Cluster is currently down: ${REASONS[reason]}`)
    }
    this.reason = reason
  }

  private get rejoinDelay(): number {
    const timeout = this.settings['cluster-node-timeout']
    return Math.max(REJOIN_DELAY_MIN_MS, Math.min(REJOIN_DELAY_MAX_MS, timeout))
  }

  private whyDown(topology: Topology, now: number): Reason | undefined {
    let reason: Reason | undefined
    if (
      this.settings['cluster-require-full-coverage'] &&
      topology.count((owner) => !owner.is(FAIL)) < SLOTS
    ) {
      reason = 'coverage'
    }
    const voters = [...topology.nodes.values()].filter((node) => node.votes)
    this.size = voters.length
    const answering = voters.filter((node) => !node.is(FAIL | PFAIL)).length
    if (answering < this.quorum) {
      reason = 'minority'
      this.lastMinority = now
    }
    return reason
  }

  /** How many nodes are the majority. */
  get quorum(): number {
    return Math.floor(this.size / 2) + 1
  }
}
