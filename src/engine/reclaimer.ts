/**
 * Sees to it that memory which was given up goes back to the system. Segments of the arena and long strings are buffers
 * outside the JavaScript heap: when they are dropped, the heap gets no smaller, and the garbage collector has no reason to
 * start. Where the system has refused memory, it is asked again from time to time.
 */
import type { Arena } from '../memory/arena.ts'

/** Less is not worth a collection. */
const RECLAIMED_BYTES = 32 * 1024 * 1024
/** A collection is not asked for again so soon. */
const REST_MS = 2000

export class Reclaimer {
  private readonly arena: Arena
  private readonly collectGarbage: () => void
  /** The most that was held since the last collection. */
  private highest = 0
  private restsUntil = 0

  constructor(arena: Arena, collectGarbage: () => void) {
    this.arena = arena
    this.collectGarbage = collectGarbage
  }

  /** Looks at what is held; `now` in ms of any clock. */
  tick(now: number): void {
    if (now >= this.restsUntil && !this.arena.recover()) this.collect(now)
    const held = this.arena.resident + this.arena.outside
    this.highest = Math.max(this.highest, held)
    if (this.highest - held < RECLAIMED_BYTES || now < this.restsUntil) return
    this.highest = held
    this.collect(now)
  }

  private collect(now: number): void {
    this.restsUntil = now + REST_MS
    this.collectGarbage()
  }
}
