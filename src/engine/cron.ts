/**
 * What the server does of itself, `hz` times a second: follows the clock, drops keys whose time has come, looks at the
 * memory.
 */
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { ClientPause } from './client-pause.ts'
import type { Clock } from './clock.ts'
import type { DebugSettings } from './debug-settings.ts'
import type { LatencyMonitor } from './latency.ts'
import type { Reclaimer } from './reclaimer.ts'
import type { UsedMemory } from './used-memory.ts'

/** Expiries looked at between two looks at the clock. */
const SWEEP_STEP = 20_000

/** A step that drops a smaller share of what it looks at is the database's last of the tick; the next goes on there. */
const WORTHWHILE_SHARE = 0.1

/** Share of a tick that active expiry may take, with `active-expire-effort` 1 and at each effort more. */
const EXPIRE_SHARE = 0.25
const EXPIRE_SHARE_PER_EFFORT = 0.02

export interface CronSettings {
  readonly hz: number
  readonly 'active-expire-effort': number
}

export interface CronParts {
  readonly keyspace: Keyspace
  readonly clock: Clock
  readonly pause: ClientPause
  readonly latency: LatencyMonitor
  readonly debug: DebugSettings
  readonly used: UsedMemory
  readonly reclaimer: Reclaimer
  readonly settings: CronSettings
}

export class Cron {
  /** Cycles of active expiry that ran out of time. */
  expireTimeouts = 0
  private readonly parts: CronParts
  /** Where active expiry goes on: the database, and in each the slot of its expiry index. */
  private database = 0
  private readonly slots: number[] = []

  constructor(parts: CronParts) {
    this.parts = parts
  }

  get intervalMs(): number {
    return 1000 / this.parts.settings.hz
  }

  tick(): void {
    const { keyspace, clock, pause, debug, used, reclaimer } = this.parts
    if (debug.cronPaused) return
    const now = clock.tick()
    keyspace.access.update(clock.now)
    used.note()
    reclaimer.tick(now)
    // Nothing changes of itself while clients are paused.
    if (debug.activeExpire && !pause.active) this.expire(now)
  }

  private expire(start: number): void {
    const { keyspace, clock, latency, settings } = this.parts
    const effort = settings['active-expire-effort'] - 1
    const budget = this.intervalMs * (EXPIRE_SHARE + effort * EXPIRE_SHARE_PER_EFFORT)
    for (let databases = keyspace.count; databases > 0; ) {
      const db = keyspace.database(this.database)
      const before = keyspace.expired
      const slot = db.expires === 0 ? 0 : db.expireStep(this.slots[db.index] ?? 0, SWEEP_STEP)
      this.slots[db.index] = slot
      const isWorthwhile = keyspace.expired - before > SWEEP_STEP * WORTHWHILE_SHARE
      if (slot === 0 || !isWorthwhile) {
        this.database = (this.database + 1) % keyspace.count
        databases--
      }
      if (clock.tick() - start > budget) {
        this.expireTimeouts++
        break
      }
    }
    const elapsed = clock.monotonic - start
    if (elapsed >= latency.threshold) latency.add('expire-cycle', elapsed)
  }
}
