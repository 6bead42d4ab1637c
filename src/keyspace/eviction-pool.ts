/**
 * The best candidates for eviction that sampling has found so far, over all databases. They are kept from one eviction to the
 * next, so that few samples at a time come near to knowing all keys.
 *
 * Candidates are names: by the time one's turn comes the key may be gone.
 */
import { Bytes } from '../memory/bytes.ts'
import type { Database } from './database.ts'

const MAX_CANDIDATES = 16
/** Longer keys get a buffer each time they are copied. */
const KEPT_KEY_BYTES = 256

/** A key, and how much it deserves to go: seconds unused, say. */
export interface Candidate {
  readonly db: Database
  readonly key: Bytes
  readonly score: number
}

class Slot implements Candidate {
  db!: Database
  score = 0
  readonly key = new Bytes()
  /** Room for most keys, from `start` on. */
  private readonly kept: Buffer
  private readonly start: number

  constructor(kept: Buffer, start: number) {
    this.kept = kept
    this.start = start
  }

  fill(db: Database, { buf, off, len }: Bytes, score: number): this {
    this.db = db
    this.score = score
    const fits = len <= KEPT_KEY_BYTES
    const target = fits ? this.kept : Buffer.allocUnsafeSlow(len)
    const start = fits ? this.start : 0
    buf.copy(target, start, off, off + len)
    this.key.set(target, start, len)
    return this
  }
}

export class EvictionPool {
  /** By rising score. */
  private readonly slots: Slot[] = []
  /** Those that hold no candidate. */
  private readonly free: Slot[] = []

  constructor() {
    const kept = Buffer.allocUnsafeSlow(MAX_CANDIDATES * KEPT_KEY_BYTES)
    for (let i = 0; i < MAX_CANDIDATES; i++) this.free.push(new Slot(kept, i * KEPT_KEY_BYTES))
  }

  /** Takes the key in if there is room, or a worse candidate to give its place. */
  offer(db: Database, key: Bytes, score: number): void {
    const { slots } = this
    let place = 0
    while (place < slots.length && slots[place]!.score < score) place++
    if (slots.length === MAX_CANDIDATES) {
      if (place === 0) return
      this.free.push(slots.shift()!)
      place--
    }
    slots.splice(place, 0, this.free.pop()!.fill(db, key, score))
  }

  /** Takes the best candidate out; it is good until the next is offered. */
  take(): Candidate | undefined {
    const best = this.slots.pop()
    if (best !== undefined) this.free.push(best)
    return best
  }
}
