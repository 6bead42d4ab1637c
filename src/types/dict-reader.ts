/**
 * Reading a dictionary (dict.ts): look-up, walks, samples.
 *
 * The index is an open-addressing table of (hash, reference) pairs in an Int32Array, so that one cache line answers a
 * probe. A pair's home slot is given by the hash's *top* bits. The table is therefore nearly sorted by hash, and three
 * things follow:
 * - growing and shrinking read the old table and fill the new one sequentially, a few slots at every change, and one number,
 *   `moved`, tells which of the two tables owns a hash;
 * - a removed pair's followers slide back, there are no tombstones;
 * - a scan cursor is a hash: whatever was there throughout a scan is returned exactly once, across any number of resizes.
 *
 * A record: `headroom` bytes of the owner's, the lengths, key, value (dict-record.ts).
 */
import { Arena, MASK, SHIFT } from '../memory/arena.ts'
import type { Bytes } from '../memory/bytes.ts'
import { AHEAD, hashOf } from '../memory/hashing.ts'
import { allocInts, intsAt } from '../memory/ints.ts'
import { viewOf } from '../memory/views.ts'
import {
  keyLength,
  keyStart,
  LENGTH_MASK,
  lengthsSize,
  NARROW_BYTES,
  VALUE_LENGTH_SHIFT,
  valueLength,
  WIDE,
} from './dict-record.ts'
import type { Heap } from './value.ts'

/** The smallest table has 2 to this power slots. */
export const MIN_LOG2 = 4
const HASH_RANGE = 2 ** 32

/** Records touched ahead by a walk. */
const BATCH = 16

const touched = new Int32Array(AHEAD)
/** A short record ends about so many words behind its start, and often in another cache line. */
const SHORT_WORDS = 12
/** Words of a segment of the arena, less one. */
const WORDS_MASK = 2 * MASK + 1

/** Longer keys are not worth a comparison that fails. */
const COMPARED_BYTES = 64

export type RecordFn = (ref: number) => void

export class DictReader {
  size = 0
  protected readonly arena: Arena
  protected readonly headroom: number
  protected table: Int32Array
  protected tableRef: number
  protected shift = 32 - MIN_LOG2
  /** The table being moved away from; null when no resize is under way. */
  protected old: Int32Array | null = null
  protected oldRef = 0
  protected oldShift = 0
  /** Pairs with a home in the old table below this slot are in the new one. Always behind an empty slot. */
  protected moved = 0
  /** Where the last `find` ended: at the pair, or at the empty slot where it would be. */
  protected foundIn: Int32Array
  protected foundAt = 0
  /** The record it found, 0: none, or gone since. */
  protected last = 0

  protected constructor(heap: Heap, headroom: number) {
    this.arena = heap.arena
    this.headroom = headroom
    this.tableRef = allocInts(heap.arena, 2 << MIN_LOG2)
    this.table = intsAt(heap.arena, this.tableRef, 2 << MIN_LOG2)
    this.foundIn = this.table
  }

  // ---- records

  /** Points `view` at a record's key. */
  key(ref: number, view: Bytes): Bytes {
    const m = this.arena.u8[ref >>> SHIFT]!
    const p = ((ref & MASK) << 3) + this.headroom
    return view.set(m, keyStart(m, p), keyLength(m, p))
  }

  /** Points `view` at a record's value. */
  value(ref: number, view: Bytes): Bytes {
    const m = this.arena.u8[ref >>> SHIFT]!
    const p = ((ref & MASK) << 3) + this.headroom
    const lengths = this.arena.i32[ref >>> SHIFT]![p >> 2]!
    const n = lengths & LENGTH_MASK
    if (n !== WIDE) return view.set(m, p + NARROW_BYTES + n, lengths >>> VALUE_LENGTH_SHIFT)
    return view.set(m, keyStart(m, p) + keyLength(m, p), valueLength(m, p))
  }

  protected bytesFor(keyBytes: number, valueBytes: number): number {
    return this.headroom + lengthsSize(keyBytes, valueBytes) + keyBytes + valueBytes
  }

  protected recordBytes(ref: number): number {
    const m = this.arena.u8[ref >>> SHIFT]!
    const p = ((ref & MASK) << 3) + this.headroom
    return this.bytesFor(keyLength(m, p), valueLength(m, p))
  }

  /** Bytes of memory a record takes. */
  recordSize(ref: number): number {
    return Arena.chunkSize(this.recordBytes(ref))
  }

  // ---- look-up

  /**
   * The record of a key, 0 when there is none. Commands and scripts use to ask for a key several times in a row: the last
   * one found is compared first, backwards, as keys differ in their ends.
   */
  lookup(key: Bytes): number {
    const { last } = this
    if (last !== 0 && this.isKeyOf(last, key)) return last
    return this.find(key, hashOf(key))
  }

  private isKeyOf(ref: number, key: Bytes): boolean {
    const p = ((ref & MASK) << 3) + this.headroom
    const n = this.arena.i32[ref >>> SHIFT]![p >> 2]! & LENGTH_MASK
    return n === key.len && n <= COMPARED_BYTES && this.equals(ref, p + NARROW_BYTES, key)
  }

  /** Whether the bytes at `start` are the key's, word by word: keys begin at a multiple of 4. The end first, where keys differ. */
  private equals(ref: number, start: number, key: Bytes): boolean {
    const { off, len } = key
    const view = viewOf(key.buf)
    let i = len & ~3
    if (i < len) {
      const m = this.arena.u8[ref >>> SHIFT]!
      for (let k = i; k < len; k++) if (m[start + k] !== view.getUint8(off + k)) return false
    }
    const words = this.arena.i32[ref >>> SHIFT]!
    for (i -= 4; i >= 0; i -= 4) if (words[(start + i) >> 2] !== view.getInt32(off + i, true)) return false
    return true
  }

  /** As lookup, for a key whose hash is known: the place where `add` puts the key. */
  find(key: Bytes, hash: number): number {
    let t = this.table
    let p = hash >>> this.shift
    if (this.old !== null && hash >>> this.oldShift >= this.moved) {
      t = this.old
      p = hash >>> this.oldShift
    }
    const mask = (t.length >> 1) - 1
    for (; ; p = (p + 1) & mask) {
      const ref = t[2 * p + 1]!
      if (ref === 0) break
      if (t[2 * p] === hash && this.hasKey(ref, key)) {
        this.foundIn = t
        this.foundAt = p
        this.last = ref
        return ref
      }
    }
    this.foundIn = t
    this.foundAt = p
    this.last = 0
    return 0
  }

  private hasKey(ref: number, key: Bytes): boolean {
    if (key.len < COMPARED_BYTES && this.isKeyOf(ref, key)) return true
    const p = ((ref & MASK) << 3) + this.headroom
    const lengths = this.arena.i32[ref >>> SHIFT]![p >> 2]! & LENGTH_MASK
    // A short key may still be in a wide record, when its value is long.
    if (key.len < COMPARED_BYTES && lengths !== WIDE) return false
    return this.hasLongKey(this.arena.u8[ref >>> SHIFT]!, p, key)
  }

  private hasLongKey(m: Buffer, p: number, key: Bytes): boolean {
    if (keyLength(m, p) !== key.len) return false
    const start = keyStart(m, p)
    return m.compare(key.buf, key.off, key.off + key.len, start, start + key.len) === 0
  }

  /**
   * Reads what look-ups of these hashes, AHEAD at most, will read: their slots, then the records, each for all of them at once, so that the
   * waits for memory overlap instead of following each other. What it answers means nothing.
   */
  touchAhead(hashes: Int32Array, count: number): number {
    let sum = 0
    for (let i = 0; i < count; i++) sum ^= this.touchHome(hashes[i]!)
    for (let i = 0; i < count; i++) touched[i] = this.likelyRef(hashes[i]!)
    for (let i = 0; i < count; i++) {
      const ref = touched[i]!
      const words = this.arena.i32[ref >>> SHIFT]!
      const at = (ref & MASK) << 1
      sum ^= words[at]! ^ words[(at + SHORT_WORDS) & WORDS_MASK]!
    }
    return sum
  }

  private touchHome(hash: number): number {
    if (this.old !== null && hash >>> this.oldShift >= this.moved)
      return this.old[2 * (hash >>> this.oldShift)]!
    return this.table[2 * (hash >>> this.shift)]!
  }

  /** The first record with this hash, most likely that of the key; 0 when there is none. */
  private likelyRef(hash: number): number {
    let t = this.table
    let p = hash >>> this.shift
    if (this.old !== null && hash >>> this.oldShift >= this.moved) {
      t = this.old
      p = hash >>> this.oldShift
    }
    const mask = (t.length >> 1) - 1
    for (; ; p = (p + 1) & mask) {
      const ref = t[2 * p + 1]!
      if (ref === 0 || t[2 * p] === hash) return ref
    }
  }

  // ---- walking

  /** Calls fn with every record; fn must not add or remove. */
  forEach(fn: RecordFn): void {
    let cursor = 0
    do cursor = this.scan(cursor, this.size + 1, fn)
    while (cursor !== 0)
  }

  /**
   * Calls fn with about `count` records from the cursor on (a hash, 0 at the start); returns the next cursor, 0 at the end.
   * fn must not add or remove.
   */
  scan(cursor: number, count: number, fn: RecordFn): number {
    const from = cursor % HASH_RANGE
    let t = this.table
    let shift = this.shift
    let limit = HASH_RANGE
    if (this.old !== null) {
      const border = this.moved * 2 ** this.oldShift
      if (from >= border) {
        t = this.old
        shift = this.oldShift
      } else limit = border
    }
    const capacity = t.length >> 1
    const mask = capacity - 1
    const span = Math.max(1, Math.ceil((count * capacity) / Math.max(this.size, 1)))
    const first = from >>> shift
    const next = Math.min(limit, (first + span) * 2 ** shift)
    const lastHome = Math.ceil(next / 2 ** shift) - 1
    const batch = new Int32Array(BATCH)
    let n = 0
    for (let p = first; ; p++) {
      const at = 2 * (p & mask)
      const ref = t[at + 1]!
      if (ref === 0) {
        if (p >= lastHome) break
        continue
      }
      const hash = t[at]! >>> 0
      // A run that wraps around the end is seen at the end, not at the start.
      const home = hash >>> shift
      if (p <= mask ? home > p : home <= p - capacity) continue
      if (hash < from || hash >= next) continue
      batch[n++] = ref
      if (n === BATCH) {
        this.show(batch, n, fn)
        n = 0
      }
    }
    this.show(batch, n, fn)
    return next >= HASH_RANGE ? 0 : next
  }

  /** Calls fn with each; all are touched first, so that the cache misses overlap. */
  private show(refs: Int32Array, n: number, fn: RecordFn): void {
    for (let i = 0; i < n; i++) this.arena.touch(refs[i]!)
    for (let i = 0; i < n; i++) fn(refs[i]!)
  }

  // ---- chance

  /** A random record, each with the same chance; the dictionary must not be empty. */
  random(): number {
    const fresh = this.table.length >> 1
    const total = fresh + (this.old === null ? 0 : this.old.length >> 1)
    for (;;) {
      const slot = Math.floor(Math.random() * total)
      if (slot < fresh) {
        const ref = this.table[2 * slot + 1]!
        if (ref !== 0) return ref
      } else {
        const at = 2 * (slot - fresh)
        const ref = this.old![at + 1]!
        if (ref !== 0 && this.old![at]! >>> this.oldShift >= this.moved) return ref
      }
    }
  }

  /**
   * Calls fn with `count` records, or all if there are fewer, none twice: some of those whose hashes follow a random number.
   * Records with similar hashes have nothing else in common.
   */
  sample(count: number, fn: RecordFn): void {
    if (count >= this.size) {
      this.forEach(fn)
      return
    }
    const near: number[] = []
    let cursor = Math.floor(Math.random() * HASH_RANGE)
    while (near.length < count) {
      cursor = this.scan(cursor, count, (ref) => {
        if (!near.includes(ref)) near.push(ref)
      })
    }
    // The last in a crowd would hardly ever be among the first few.
    const first = Math.floor(Math.random() * near.length)
    for (let k = 0; k < count; k++) fn(near[(first + k) % near.length]!)
  }
}
