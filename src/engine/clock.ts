/**
 * The server's time. A command sees one frozen moment; a whole script or transaction does too, so that its effects do
 * not depend on how long it ran.
 */

/** The global is behind a getter that costs as much as a small command's share of everything else. */
const { performance } = globalThis

/** How often the monotonic clock is set against the wall clock, so that a corrected system time is followed. */
const RESYNC_MS = 1000

export class Clock {
  /** Unix time of the current command in whole ms. */
  now = Date.now()
  /** Monotonic ms, with fractions, at the last reading. */
  private last = performance.now()
  private offset = Date.now() - performance.now()
  private nextResync = 0
  private frozen = 0
  /** Monotonic ms of the moment that is frozen. */
  private frozenAt = 0

  /** Reads the clock: monotonic ms. Advances `now` unless time is frozen. */
  tick(): number {
    const t = performance.now()
    this.last = t
    if (t >= this.nextResync) {
      this.nextResync = t + RESYNC_MS
      this.offset = Date.now() - t
    }
    if (this.frozen === 0) this.now = Math.floor(this.offset + t)
    return t
  }

  /** The last reading, without reading again. */
  get monotonic(): number {
    return this.last
  }

  /** Unix time of the current command in whole microseconds. */
  get nowMicros(): number {
    return Math.floor((this.offset + (this.frozen === 0 ? this.last : this.frozenAt)) * 1000)
  }

  /** Unix time in microseconds, read now whether frozen or not. */
  microseconds(): number {
    return Math.floor((this.offset + performance.now()) * 1000)
  }

  /** Milliseconds since the moment that is frozen. */
  sinceFrozen(): number {
    return performance.now() - this.frozenAt
  }

  /** Freezes `now` until the matching `thaw`; freezes nest. */
  freeze(): void {
    if (this.frozen++ === 0) this.frozenAt = this.last
  }

  thaw(): void {
    this.frozen--
  }
}
