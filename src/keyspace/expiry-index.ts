/**
 * The expiries of a database, densely packed: slot by slot a time and the record it belongs to; the record knows its slot.
 * So a key without expiry pays four bytes, a look-up of one with it reads one more cache line, and the search for expired
 * keys is a walk over plain numbers that touches no record. Slots start at 1; a removed slot is filled by the last one.
 */
import type { Arena } from '../memory/arena.ts'
import { setExpirySlot } from './record.ts'

const PAGE_BITS = 12
const PAGE = 1 << PAGE_BITS
const PAGE_MASK = PAGE - 1
const PAGE_BYTES = PAGE * (Float64Array.BYTES_PER_ELEMENT + Int32Array.BYTES_PER_ELEMENT)

export class ExpiryIndex {
  private readonly arena: Arena
  private readonly times: Float64Array[] = []
  private readonly refs: Int32Array[] = []
  private count = 0
  /** Of all times. */
  private sum = 0

  constructor(arena: Arena) {
    this.arena = arena
  }

  get size(): number {
    return this.count
  }

  /** The mean of all times, 0 where there are none. */
  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count
  }

  /** A record, each with the same chance; there must be one. */
  random(): number {
    return this.refOf(1 + Math.floor(Math.random() * this.count))
  }

  /** Calls fn with `count` random records, the same one perhaps more than once, or with all if there are no more. */
  sample(count: number, fn: (ref: number) => void): void {
    if (count < this.count) for (let k = 0; k < count; k++) fn(this.random())
    else for (let slot = 1; slot <= this.count; slot++) fn(this.refOf(slot))
  }

  /** Unix time in ms. */
  at(slot: number): number {
    return this.times[slot >>> PAGE_BITS]![slot & PAGE_MASK]!
  }

  refOf(slot: number): number {
    return this.refs[slot >>> PAGE_BITS]![slot & PAGE_MASK]!
  }

  /** Sees to it that one expiry more can be added without asking for memory. */
  makeRoom(): void {
    if ((this.count + 1) >>> PAGE_BITS < this.times.length) return
    const times = new Float64Array(this.arena.zeros(PAGE * Float64Array.BYTES_PER_ELEMENT))
    this.refs.push(new Int32Array(this.arena.zeros(PAGE * Int32Array.BYTES_PER_ELEMENT)))
    this.times.push(times)
    this.arena.outside += PAGE_BYTES
  }

  /** Gives a record an expiry. */
  add(ref: number, at: number): void {
    this.makeRoom()
    const slot = ++this.count
    this.sum += at
    this.put(slot, ref, at)
  }

  change(slot: number, at: number): void {
    this.sum += at - this.at(slot)
    this.times[slot >>> PAGE_BITS]![slot & PAGE_MASK] = at
  }

  /** The record of this slot lies elsewhere now. */
  moved(slot: number, ref: number): void {
    this.refs[slot >>> PAGE_BITS]![slot & PAGE_MASK] = ref
  }

  /** Takes the expiry from the record that has this slot. */
  remove(slot: number): void {
    setExpirySlot(this.arena, this.refOf(slot), 0)
    this.sum -= this.at(slot)
    const last = this.count--
    if (this.count === 0) this.sum = 0
    if (slot !== last) this.put(slot, this.refOf(last), this.at(last))
    // One spare page stays, so that a count around a page's border does not allocate again and again.
    if (this.times.length > (this.count >>> PAGE_BITS) + 2) {
      this.times.pop()
      this.refs.pop()
      this.arena.outside -= PAGE_BYTES
    }
  }

  private put(slot: number, ref: number, at: number): void {
    this.times[slot >>> PAGE_BITS]![slot & PAGE_MASK] = at
    this.refs[slot >>> PAGE_BITS]![slot & PAGE_MASK] = ref
    setExpirySlot(this.arena, ref, slot)
  }

  /**
   * Looks at up to `limit` slots downwards from `from` (0: from the end) and calls fn with each record whose time has come;
   * fn must remove it. Returns where to go on, 0 when the start was reached. Downwards, because a removal moves the last
   * slot, already seen, into the gap.
   */
  sweep(now: number, from: number, limit: number, fn: (ref: number) => void): number {
    let slot = from === 0 || from > this.count ? this.count : from
    const stop = Math.max(0, slot - limit)
    for (; slot > stop; slot--) {
      if (this.at(slot) <= now) fn(this.refOf(slot))
    }
    return stop
  }

  memory(): number {
    return this.times.length * PAGE_BYTES
  }

  clear(): void {
    this.arena.outside -= this.memory()
    this.times.length = 0
    this.refs.length = 0
    this.count = 0
    this.sum = 0
  }
}
