/**
 * Finds things by name, letters in either case, straight from the bytes of a request: no string is made, nothing is
 * allocated. Names are ASCII.
 */
import type { Bytes } from './bytes.ts'
import { viewOf } from './views.ts'

/** Slots for each name: few collisions at a size that stays in the cache. */
const SLOTS_PER_NAME = 4

/** Folding by this bit makes letters of both cases hash alike; that other characters fold too only costs a comparison. */
const CASE_BIT = 32

function hash(buf: Buffer, start: number, end: number): number {
  let h = 0x811c9dc5
  for (let p = start; p < end; p++) h = Math.imul(h ^ (buf[p]! | CASE_BIT), 0x01000193)
  return h ^ (h >>> 15)
}

function sameName(name: Buffer, b: Bytes): boolean {
  if (name.length !== b.len) return false
  for (let i = 0; i < name.length; i++) {
    let c = b.buf[b.off + i]!
    if (c >= 65 && c <= 90) c |= CASE_BIT
    if (c !== name[i]) return false
  }
  return true
}

const WORD = 4
/** No name's length. */
const NONE = -1

export class NameTable<T> {
  /** Index into `values`, -1 where the slot is free. */
  private slots = new Int32Array(SLOTS_PER_NAME).fill(-1)
  private names: Buffer[] = []
  private items: T[] = []
  private mask = SLOTS_PER_NAME - 1
  /**
   * Clients use to send the same command again, spelt the same: the spelling found last is compared first, if two words
   * (which may overlap) hold it.
   */
  private lastLength = NONE
  private lastHead = 0
  private lastTail = 0
  private lastItem: T | undefined = undefined

  get values(): readonly T[] {
    return this.items
  }

  /** False when the name is taken. */
  add(name: string, value: T): boolean {
    const buf = Buffer.from(name.toLowerCase(), 'latin1')
    const slot = this.slotOf(buf)
    if (this.slots[slot]! >= 0) return false
    this.slots[slot] = this.items.length
    this.names.push(buf)
    this.items.push(value)
    if (this.items.length * SLOTS_PER_NAME > this.slots.length) this.rebuild()
    return true
  }

  /** The removed value. */
  remove(name: string): T | undefined {
    const index = this.slots[this.slotOf(Buffer.from(name.toLowerCase(), 'latin1'))]!
    if (index < 0) return undefined
    const [value] = this.items.splice(index, 1)
    this.names.splice(index, 1)
    this.lastLength = NONE
    this.lastItem = undefined
    this.rebuild()
    return value
  }

  find(name: Bytes): T | undefined {
    const length = name.len
    if (length === this.lastLength) {
      const { off } = name
      const view = viewOf(name.buf)
      const isSame =
        view.getInt32(off, true) === this.lastHead &&
        view.getInt32(off + length - WORD, true) === this.lastTail
      if (isSame) return this.lastItem
    }
    return this.search(name)
  }

  private search(name: Bytes): T | undefined {
    const slots = this.slots
    const mask = this.mask
    for (let i = hash(name.buf, name.off, name.off + name.len) & mask; ; i = (i + 1) & mask) {
      const index = slots[i]!
      if (index < 0) return undefined
      if (!sameName(this.names[index]!, name)) continue
      this.remember(name, this.items[index])
      return this.items[index]
    }
  }

  private remember({ buf, off, len }: Bytes, item: T | undefined): void {
    if (len < WORD || len > 2 * WORD) return
    const view = viewOf(buf)
    this.lastLength = len
    this.lastHead = view.getInt32(off, true)
    this.lastTail = view.getInt32(off + len - WORD, true)
    this.lastItem = item
  }

  /** Where a lower-case name is, or the free slot where it belongs. */
  private slotOf(name: Buffer): number {
    let i = hash(name, 0, name.length) & this.mask
    while (this.slots[i]! >= 0 && !this.names[this.slots[i]!]!.equals(name)) i = (i + 1) & this.mask
    return i
  }

  private rebuild(): void {
    let size = SLOTS_PER_NAME
    while (size < this.items.length * SLOTS_PER_NAME) size *= 2
    this.mask = size - 1
    this.slots = new Int32Array(size).fill(-1)
    for (const [index, name] of this.names.entries()) this.slots[this.slotOf(name)] = index
  }
}
