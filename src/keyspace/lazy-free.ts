/**
 * The memory of large values that nobody can reach any more, given back in steps between commands: a set of a million members
 * is deleted at once for those who ask, but no command waits for its million pieces.
 *
 * Pieces that wait are still counted as used memory.
 */
import type { Remains } from '../types/value.ts'

/** A value of more pieces is not freed within the command that deletes it, as in Valkey. */
export const LAZY_PIECES = 64

/** Pieces given back at once when more work comes: what is not much is gone before anybody looks. */
const FIRST_PIECES = 1000
/** With more pieces waiting than this, who adds to them frees others until they are fewer: nobody outruns the work. */
const MAX_PENDING_PIECES = 1_000_000

interface Job {
  readonly remains: Remains
  readonly objects: number
  /** Pieces it still has, as far as they can be told. */
  left: number
}

export class LazyFree {
  /** Values freed so far, and those that wait. */
  freed = 0
  pending = 0
  /** There is work: whoever sets this calls `step` now and then until it says that nothing waits. */
  onWork: () => void = () => {}
  private readonly jobs: Job[] = []
  private pieces = 0
  private isWorking = false

  /** Takes what stands for so many values. */
  add(remains: Remains, values = 1): void {
    // Freeing a database comes upon large values in it, which it has counted.
    const objects = this.isWorking ? 0 : values
    this.jobs.push({ remains, objects, left: remains.size })
    this.pending += objects
    this.pieces += remains.size
    if (this.isWorking) return
    const isNews = this.jobs.length === 1
    this.step(FIRST_PIECES)
    while (this.pieces > MAX_PENDING_PIECES && this.jobs.length > 1) this.step(FIRST_PIECES)
    if (isNews && !this.isIdle) this.onWork()
  }

  get isIdle(): boolean {
    return this.jobs.length === 0
  }

  /** Gives back about so many pieces; true when nothing waits any more. */
  step(pieces: number): boolean {
    this.isWorking = true
    for (let left = pieces; left > 0 && !this.isIdle; ) {
      const job = this.jobs[0]!
      const isDone = job.remains.drain(left)
      const n = isDone ? job.left : Math.min(left, job.left)
      job.left -= n
      this.pieces -= n
      left -= Math.max(n, 1)
      if (!isDone) continue
      this.jobs.shift()
      this.pending -= job.objects
      this.freed += job.objects
    }
    this.isWorking = false
    return this.isIdle
  }

  /** Gives everything back now. */
  finish(): void {
    while (!this.step(MAX_PENDING_PIECES));
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.freed = 0
  }
}
