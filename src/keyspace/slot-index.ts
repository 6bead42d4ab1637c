/**
 * The keys of each slot of a cluster: a list for each, linked through the records themselves, and its length. So counting
 * the keys of a slot and naming some of them costs no more than the answer, and a key pays eight bytes.
 *
 * In a record, behind the header (record.ts):
 *
 *    16  i32  next record of the slot's list, 0: the last
 *    20  i32  previous record, 0: the first
 */
import { SLOTS } from '../cluster/hash-slot.ts'
import { type Arena, MASK, SHIFT } from '../memory/arena.ts'
import { HEADROOM } from './record.ts'

/** Bytes in each record. */
export const LINK_BYTES = 8

const NEXT = HEADROOM >> 2
const PREVIOUS = NEXT + 1

export class SlotIndex {
  private readonly arena: Arena
  private readonly heads = new Int32Array(SLOTS)
  private readonly sizes = new Int32Array(SLOTS)

  constructor(arena: Arena) {
    this.arena = arena
  }

  private link(ref: number, which: number): number {
    return this.arena.i32[ref >>> SHIFT]![((ref & MASK) << 1) + which]!
  }

  private setLink(ref: number, which: number, to: number): void {
    this.arena.i32[ref >>> SHIFT]![((ref & MASK) << 1) + which] = to
  }

  /** How many keys a slot has. */
  size(slot: number): number {
    return this.sizes[slot]!
  }

  /** A new record, in no list yet. */
  add(ref: number, slot: number): void {
    const head = this.heads[slot]!
    this.setLink(ref, NEXT, head)
    if (head !== 0) this.setLink(head, PREVIOUS, ref)
    this.heads[slot] = ref
    this.sizes[slot]!++
  }

  remove(ref: number, slot: number): void {
    const next = this.link(ref, NEXT)
    const previous = this.link(ref, PREVIOUS)
    if (next !== 0) this.setLink(next, PREVIOUS, previous)
    if (previous === 0) this.heads[slot] = next
    else this.setLink(previous, NEXT, next)
    this.sizes[slot]!--
  }

  /** A record lies elsewhere now, its links with it. */
  moved(ref: number, slot: number): void {
    const next = this.link(ref, NEXT)
    const previous = this.link(ref, PREVIOUS)
    if (next !== 0) this.setLink(next, PREVIOUS, ref)
    if (previous === 0) this.heads[slot] = ref
    else this.setLink(previous, NEXT, ref)
  }

  /** Calls fn with up to `limit` records of a slot, the newest first; fn must not add or remove. */
  forEach(slot: number, limit: number, fn: (ref: number) => void): void {
    let ref = this.heads[slot]!
    for (let i = 0; i < limit && ref !== 0; i++) {
      fn(ref)
      ref = this.link(ref, NEXT)
    }
  }
}
