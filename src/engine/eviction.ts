/**
 * Makes room when the memory used is above `maxmemory`: by giving back what waits to be freed, then by evicting keys.
 *
 * It works before commands, and for a limited time only (`maxmemory-eviction-tenacity`); what that does not suffice for is
 * done between other things, and meanwhile commands are not refused.
 */
import type { Evictor } from '../keyspace/evictor.ts'
import type { LazyFree } from '../keyspace/lazy-free.ts'
import { soon } from '../soon.ts'
import type { ClientPause } from './client-pause.ts'
import type { Clock } from './clock.ts'
import type { LatencyMonitor } from './latency.ts'
import type { UsedMemory } from './used-memory.ts'

/** Keys evicted between two looks at the clock. */
const KEYS_PER_LOOK = 16
/** Pieces of lazily freed values given back between two looks at it. */
const PIECES_PER_LOOK = 1000

/** Up to this tenacity the time grows evenly, by 50 us a step, then each step makes it longer by 15%. */
const STEADY_TENACITY = 10
const STEADY_MS = 0.05
const GROWTH = 1.15
const BOUNDLESS_TENACITY = 100

export interface EvictionSettings {
  readonly maxmemory: number
  readonly 'maxmemory-eviction-tenacity': number
}

/** Whether the memory used is within its limit now; will be, as work goes on; or stays above it. */
export type MemoryState = 'ok' | 'evicting' | 'exceeded'

export interface EvictionParts {
  readonly settings: EvictionSettings
  readonly used: Pick<UsedMemory, 'bytes'>
  readonly evictor: Pick<Evictor, 'isAllowed' | 'evictOne'>
  readonly lazyFree: Pick<LazyFree, 'isIdle' | 'step'>
  readonly clock: Pick<Clock, 'tick' | 'monotonic'>
  readonly pause: Pick<ClientPause, 'active'>
  readonly latency: Pick<LatencyMonitor, 'threshold' | 'add'>
}

export class Eviction {
  private readonly parts: EvictionParts
  private readonly schedule = soon(() => this.perform())
  /** Milliseconds spent above the limit in times that are over. */
  private exceededBefore = 0
  /** Since when it has been above it: monotonic ms, 0 when it is not. */
  private exceededSince = 0

  constructor(parts: EvictionParts) {
    this.parts = parts
  }

  /** Brings the memory used below the limit, as far as time allows. Not while a script or a transaction runs. */
  perform(): MemoryState {
    // Nothing changes of itself while clients are paused.
    if (this.parts.pause.active) return 'ok'
    const state = this.isExceeded ? this.makeRoom() : 'ok'
    this.note(state)
    return state
  }

  /** The limit was changed: works until it is kept, in the background. */
  start(): void {
    if (this.parts.settings.maxmemory === 0) this.note('ok')
    else this.schedule()
  }

  private get isExceeded(): boolean {
    const { settings, used } = this.parts
    return settings.maxmemory > 0 && used.bytes > settings.maxmemory
  }

  private makeRoom(): MemoryState {
    const { evictor, clock, latency } = this.parts
    if (!evictor.isAllowed) return 'exceeded'
    const start = clock.tick()
    const end = start + this.timeLimit
    let state: MemoryState = 'ok'
    for (let round = 1; this.isExceeded; round++) {
      if (!this.freeSome()) {
        state = 'exceeded'
        break
      }
      if (round % KEYS_PER_LOOK === 0 && clock.tick() > end) {
        state = 'evicting'
        this.schedule()
        break
      }
    }
    const elapsed = clock.tick() - start
    if (elapsed >= latency.threshold) latency.add('eviction-cycle', elapsed)
    return state
  }

  /** One step towards the limit; false when there is none left. */
  private freeSome(): boolean {
    const { lazyFree, evictor, clock, latency } = this.parts
    if (!lazyFree.isIdle) {
      lazyFree.step(PIECES_PER_LOOK / KEYS_PER_LOOK)
      return true
    }
    if (latency.threshold === Infinity) return evictor.evictOne()
    const start = clock.tick()
    const evicted = evictor.evictOne()
    const elapsed = clock.tick() - start
    if (elapsed >= latency.threshold) latency.add('eviction-del', elapsed)
    return evicted
  }

  /** In milliseconds. */
  private get timeLimit(): number {
    const tenacity = this.parts.settings['maxmemory-eviction-tenacity']
    if (tenacity <= STEADY_TENACITY) return tenacity * STEADY_MS
    if (tenacity >= BOUNDLESS_TENACITY) return Infinity
    return STEADY_TENACITY * STEADY_MS * GROWTH ** (tenacity - STEADY_TENACITY)
  }

  private note(state: MemoryState): void {
    const now = this.parts.clock.monotonic
    if (state !== 'ok') {
      if (this.exceededSince === 0) this.exceededSince = now
    } else if (this.exceededSince !== 0) {
      this.exceededBefore += now - this.exceededSince
      this.exceededSince = 0
    }
  }

  /** Milliseconds spent above the limit this time, and in all. */
  get currentExceededMs(): number {
    return this.exceededSince === 0 ? 0 : this.parts.clock.monotonic - this.exceededSince
  }

  get totalExceededMs(): number {
    return this.exceededBefore + this.currentExceededMs
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.exceededBefore = 0
    this.exceededSince = 0
  }
}
