/**
 * What the server does of itself, `hz` times a second: follows the clock, drops keys whose time has come.
 */
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { ClientPause } from './client-pause.ts'
import type { Clock } from './clock.ts'
import type { LatencyMonitor } from './latency.ts'

/** Expiries looked at between two looks at the clock. */
const SWEEP_STEP = 2000

/** Share of a tick that active expiry may take, with `active-expire-effort` 1 and at each effort more. */
const EXPIRE_SHARE = 0.25
const EXPIRE_SHARE_PER_EFFORT = 0.02

export interface CronSettings {
  readonly hz: number
  readonly 'active-expire-effort': number
}

export class Cron {
  /** DEBUG SET-ACTIVE-EXPIRE. */
  activeExpire = true
  /** Cycles of active expiry that ran out of time. */
  expireTimeouts = 0
  private readonly keyspace: Keyspace
  private readonly clock: Clock
  private readonly pause: ClientPause
  private readonly latency: LatencyMonitor
  private readonly settings: CronSettings
  /** Where active expiry goes on: database and slot. */
  private database = 0
  private slot = 0

  constructor(
    keyspace: Keyspace,
    clock: Clock,
    pause: ClientPause,
    latency: LatencyMonitor,
    settings: CronSettings,
  ) {
    this.pause = pause
    this.latency = latency
    this.keyspace = keyspace
    this.clock = clock
    this.settings = settings
  }

  get intervalMs(): number {
    return 1000 / this.settings.hz
  }

  tick(): void {
    const now = this.clock.tick()
    this.keyspace.access.update(this.clock.now)
    // Nothing changes of itself while clients are paused.
    if (this.activeExpire && !this.pause.active) this.expire(now)
  }

  private expire(start: number): void {
    const effort = this.settings['active-expire-effort'] - 1
    const budget = this.intervalMs * (EXPIRE_SHARE + effort * EXPIRE_SHARE_PER_EFFORT)
    for (let databases = this.keyspace.count; databases > 0; ) {
      const db = this.keyspace.database(this.database)
      this.slot = db.expires === 0 ? 0 : db.expireStep(this.slot, SWEEP_STEP)
      if (this.slot === 0) {
        this.database = (this.database + 1) % this.keyspace.count
        databases--
      }
      if (this.clock.tick() - start > budget) {
        this.expireTimeouts++
        break
      }
    }
    const elapsed = this.clock.monotonic - start
    if (elapsed >= this.latency.threshold) this.latency.add('expire-cycle', elapsed)
  }
}
