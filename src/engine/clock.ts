/**
 * The server's time. A command sees one frozen moment; a whole script or transaction does too, so that its effects do
 * not depend on how long it ran.
 */

/** The global is behind a getter that costs as much as a small command's share of everything else. */
const { performance } = globalThis

/** How often the monotonic clock is set against the wall clock, so that a corrected system time is followed. */
const RESYNC_MS = 1000

/** Where the time comes from; in ms. */
export interface TimeSource {
  /** With fractions. */
  monotonic(): number
  /** Unix time, whole. */
  wall(): number
  /** Unix time when the monotonic clock was 0, with fractions. */
  readonly origin: number
}

const SYSTEM_TIME: TimeSource = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  origin: performance.timeOrigin,
}

export class Clock {
  /** Unix time of the current command in whole ms. */
  now: number
  /** Monotonic ms, with fractions, at the last reading. */
  private last: number
  private readonly time: TimeSource
  /** Unix time of the monotonic clock's 0, in ms with fractions. */
  private offset: number
  private nextResync = 0
  private frozen = 0
  /** Monotonic ms of the moment that is frozen. */
  private frozenAt = 0

  constructor(time: TimeSource = SYSTEM_TIME) {
    this.time = time
    this.offset = time.origin
    this.last = time.monotonic()
    this.now = Math.floor(this.offset + this.last)
  }

  /** Reads the clock: monotonic ms. Advances `now` unless time is frozen. */
  tick(): number {
    const t = this.time.monotonic()
    this.last = t
    if (t >= this.nextResync) this.resync(t)
    if (this.frozen === 0) this.now = Math.floor(this.offset + t)
    return t
  }

  /**
   * The wall clock tells whole milliseconds, of which the fraction is cut off: our own, finer time stays as long as it is
   * within that. Else what a client says is so many ms from now would be a millisecond more to us.
   */
  private resync(t: number): void {
    this.nextResync = t + RESYNC_MS
    const least = this.time.wall() - t
    this.offset = Math.min(Math.max(this.offset, least), least + 1)
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
    return Math.floor((this.offset + this.time.monotonic()) * 1000)
  }

  /** Milliseconds since the moment that is frozen. */
  sinceFrozen(): number {
    return this.time.monotonic() - this.frozenAt
  }

  /** Freezes `now` until the matching `thaw`; freezes nest. */
  freeze(): void {
    if (this.frozen++ === 0) this.frozenAt = this.last
  }

  thaw(): void {
    this.frozen--
  }
}
