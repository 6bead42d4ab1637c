/**
 * Keys with records in the arena: the keyspace itself, large hashes, sets and the members of large sorted sets.
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
import { Bytes } from '../memory/bytes.ts'
import { copyBytes } from '../memory/copy.ts'
import { hashOf } from '../memory/hashing.ts'
import { viewOf } from '../memory/views.ts'
import { keyLength, keyStart, lengthsSize, narrowKeyLength, putLengths, valueLength } from './dict-record.ts'
import type { Heap } from './value.ts'

const MIN_LOG2 = 4
/** Grow above, shrink below these loads. */
const MAX_LOAD = 0.75
const MIN_LOAD = 0.1
/** Shrinking divides by 2 to this power: still room for what is added meanwhile. */
const SHRINK_LOG2 = 2
/** Old slots looked at by every change while a resize is under way; any number above 2 finishes in time. */
const MOVE_STEP = 16
const HASH_RANGE = 2 ** 32

/** Records touched ahead by a walk. */
const BATCH = 16

/** What a table adds to the arena's count; the smallest do not, so that clearing is all it takes to be rid of a dictionary. */
function countedBytes(table: Int32Array): number {
  return table.length > 2 << MIN_LOG2 ? table.byteLength : 0
}

/** Longer keys are not worth a comparison that fails. */
const COMPARED_BYTES = 64

const scratchKey = new Bytes()

export class Dict {
  size = 0
  private readonly arena: Arena
  private readonly headroom: number
  private table = new Int32Array(2 << MIN_LOG2)
  private shift = 32 - MIN_LOG2
  /** The table being moved away from; null when no resize is under way. */
  private old: Int32Array<ArrayBuffer> | null = null
  private oldShift = 0
  /** Pairs with a home in the old table below this slot are in the new one. Always behind an empty slot. */
  private moved = 0
  /** Where the last `find` ended: at the pair, or at the empty slot where it would be. */
  private foundIn = this.table
  private foundAt = 0
  /** The record it found, 0: none, or gone since. */
  private last = 0

  constructor(heap: Heap, headroom = 0) {
    this.arena = heap.arena
    this.headroom = headroom
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
    return view.set(m, keyStart(m, p) + keyLength(m, p), valueLength(m, p))
  }

  private bytesFor(keyBytes: number, valueBytes: number): number {
    return this.headroom + lengthsSize(keyBytes, valueBytes) + keyBytes + valueBytes
  }

  private recordBytes(ref: number): number {
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
    const m = this.arena.u8[ref >>> SHIFT]!
    const p = ((ref & MASK) << 3) + this.headroom
    if (narrowKeyLength(m, p) !== key.len || key.len > COMPARED_BYTES) return false
    return this.equals(ref, m, keyStart(m, p), key)
  }

  /** Whether the bytes at `start` are the key's, word by word: keys begin at a multiple of 4. The end first, where keys differ. */
  private equals(ref: number, m: Buffer, start: number, key: Bytes): boolean {
    const { off, len } = key
    const view = viewOf(key.buf)
    let i = len & ~3
    for (let k = i; k < len; k++) if (m[start + k] !== view.getUint8(off + k)) return false
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
    const m = this.arena.u8[ref >>> SHIFT]!
    const p = ((ref & MASK) << 3) + this.headroom
    const n = key.len
    if (n >= 64) return this.hasLongKey(m, p, key)
    if (narrowKeyLength(m, p) !== n) {
      // A short key may still be in a wide record, when its value is long.
      return keyLength(m, p) === n && this.hasLongKey(m, p, key)
    }
    return this.equals(ref, m, keyStart(m, p), key)
  }

  private hasLongKey(m: Buffer, p: number, key: Bytes): boolean {
    if (keyLength(m, p) !== key.len) return false
    const start = keyStart(m, p)
    return m.compare(key.buf, key.off, key.off + key.len, start, start + key.len) === 0
  }

  /** The reference in a hash's home slot, to touch its record ahead of the look-up; 0 when the slot is empty. */
  homeRef(hash: number): number {
    if (this.old !== null && hash >>> this.oldShift >= this.moved)
      return this.old[2 * (hash >>> this.oldShift) + 1]!
    return this.table[2 * (hash >>> this.shift) + 1]!
  }

  /** Finds a record's pair by its reference. */
  private locate(ref: number): void {
    const t = this.foundIn
    if (t[2 * this.foundAt + 1] === ref) {
      // A pair that was moved stays behind in the old table as a filler: that is not where it is.
      if (t === this.table) return
      if (t === this.old && t[2 * this.foundAt]! >>> this.oldShift >= this.moved) return
    }
    const m = this.arena.u8[ref >>> SHIFT]!
    const p = ((ref & MASK) << 3) + this.headroom
    const start = keyStart(m, p)
    this.find(scratchKey.set(m, start, keyLength(m, p)), hashOf(scratchKey))
  }

  // ---- change

  /** Adds a key that is not there; `find` of it must have been the last look-up. Returns its record, the owner's bytes zero. */
  add(key: Bytes, hash: number, value?: Bytes): number {
    const valueBytes = value === undefined ? 0 : value.len
    const ref = this.arena.alloc(this.bytesFor(key.len, valueBytes))
    const m = this.arena.u8[ref >>> SHIFT]!
    const at = (ref & MASK) << 3
    for (let i = 0; i < this.headroom; i++) m[at + i] = 0
    const start = putLengths(m, at + this.headroom, key.len, valueBytes)
    copyBytes(m, start, key.buf, key.off, key.len)
    if (value !== undefined) copyBytes(m, start + key.len, value.buf, value.off, valueBytes)
    this.foundIn[2 * this.foundAt] = hash
    this.foundIn[2 * this.foundAt + 1] = ref
    this.size++
    if (this.old !== null) this.move(MOVE_STEP)
    else if (this.size > (this.table.length >> 1) * MAX_LOAD) this.resize(32 - this.shift + 1)
    return ref
  }

  /** Replaces a record's value; the record may move, with the owner's bytes: returns where it is. */
  setValue(ref: number, value: Bytes): number {
    const m = this.arena.u8[ref >>> SHIFT]!
    const at = (ref & MASK) << 3
    const p = at + this.headroom
    const keyBytes = keyLength(m, p)
    const oldBytes = valueLength(m, p)
    const from = this.bytesFor(keyBytes, oldBytes)
    const to = this.bytesFor(keyBytes, value.len)
    const sameLayout = lengthsSize(keyBytes, oldBytes) === lengthsSize(keyBytes, value.len)
    if (sameLayout && Arena.chunkSize(from) === Arena.chunkSize(to)) {
      const start = putLengths(m, p, keyBytes, value.len)
      copyBytes(m, start + keyBytes, value.buf, value.off, value.len)
      return ref
    }
    this.locate(ref)
    const grown = this.arena.alloc(to)
    const g = this.arena.u8[grown >>> SHIFT]!
    const target = (grown & MASK) << 3
    copyBytes(g, target, m, at, this.headroom)
    const start = putLengths(g, target + this.headroom, keyBytes, value.len)
    copyBytes(g, start, m, keyStart(m, p), keyBytes)
    copyBytes(g, start + keyBytes, value.buf, value.off, value.len)
    this.foundIn[2 * this.foundAt + 1] = grown
    this.last = 0
    this.arena.release(ref, from)
    return grown
  }

  /** Removes a record. */
  remove(ref: number): void {
    this.locate(ref)
    this.last = 0
    const t = this.foundIn
    const shift = t === this.table ? this.shift : this.oldShift
    const mask = (t.length >> 1) - 1
    let hole = this.foundAt
    for (let j = (hole + 1) & mask; t[2 * j + 1] !== 0; j = (j + 1) & mask) {
      // A pair may slide back unless its home lies behind the hole.
      if (((j - (t[2 * j]! >>> shift)) & mask) < ((j - hole) & mask)) continue
      t[2 * hole] = t[2 * j]!
      t[2 * hole + 1] = t[2 * j + 1]!
      hole = j
    }
    t[2 * hole + 1] = 0
    this.size--
    this.arena.release(ref, this.recordBytes(ref))
    const smallest = this.table.length === 2 << MIN_LOG2
    if (this.size === 0 && !smallest) this.reset()
    else if (this.old !== null) this.move(MOVE_STEP)
    else if (!smallest && this.size < (this.table.length >> 1) * MIN_LOAD) {
      this.resize(Math.max(MIN_LOG2, 32 - this.shift - SHRINK_LOG2))
    }
  }

  /** Releases every record and starts over. */
  clear(): void {
    this.forEach((ref) => {
      this.arena.release(ref, this.recordBytes(ref))
    })
    this.size = 0
    this.reset()
  }

  /** Starts over with the smallest table, when there are no records. */
  private reset(): void {
    this.last = 0
    this.arena.outside -= countedBytes(this.table)
    if (this.old !== null) this.arena.outside -= countedBytes(this.old)
    this.old = null
    this.useTable(MIN_LOG2)
    this.foundIn = this.table
    this.foundAt = 0
  }

  private resize(log2: number): void {
    this.old = this.table
    this.oldShift = this.shift
    this.moved = 0
    this.useTable(log2)
    this.move(MOVE_STEP)
  }

  private useTable(log2: number): void {
    this.table = new Int32Array(2 << log2)
    this.shift = 32 - log2
    this.arena.outside += countedBytes(this.table)
  }

  /** Makes room for `count` keys at once, before many are added. */
  reserve(count: number): void {
    this.finishMove()
    const log2 = Math.max(MIN_LOG2, Math.ceil(Math.log2(count / MAX_LOAD)))
    if (log2 <= 32 - this.shift) return
    this.resize(log2)
    this.finishMove()
  }

  /**
   * Moves at least `slots` old slots, up to the end of a run without empty slots. The pairs moved stay behind in the old
   * table as fillers, so that probes for those not yet moved still pass over them.
   */
  private move(slots: number): void {
    const old = this.old!
    const capacity = old.length >> 1
    const mask = capacity - 1
    const stop = this.moved + slots
    for (let p = this.moved; ; p++) {
      const at = 2 * (p & mask)
      const ref = old[at + 1]!
      if (ref === 0) {
        if (p >= mask) {
          this.arena.outside -= countedBytes(old)
          this.old = null
          return
        }
        if (p < stop) continue
        this.moved = p + 1
        return
      }
      const hash = old[at]!
      const home = hash >>> this.oldShift
      // Runs that wrap around the end: their beginning at the table's start belongs to the last homes and goes last.
      if (p <= mask ? home > p : home <= p - capacity) continue
      this.place(hash, ref)
    }
  }

  private finishMove(): void {
    while (this.old !== null) this.move(this.old.length)
  }

  private place(hash: number, ref: number): void {
    const t = this.table
    const mask = (t.length >> 1) - 1
    let p = hash >>> this.shift
    while (t[2 * p + 1] !== 0) p = (p + 1) & mask
    t[2 * p] = hash
    t[2 * p + 1] = ref
  }

  // ---- walking

  /** Calls fn with every record; fn must not add or remove. */
  forEach(fn: (ref: number) => void): void {
    let cursor = 0
    do cursor = this.scan(cursor, this.size + 1, fn)
    while (cursor !== 0)
  }

  /**
   * Calls fn with about `count` records from the cursor on (a hash, 0 at the start); returns the next cursor, 0 at the end.
   * fn must not add or remove.
   */
  scan(cursor: number, count: number, fn: (ref: number) => void): number {
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
  private show(refs: Int32Array, n: number, fn: (ref: number) => void): void {
    for (let i = 0; i < n; i++) this.arena.touch(refs[i]!)
    for (let i = 0; i < n; i++) fn(refs[i]!)
  }

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

  /** Bytes of the tables. */
  tableBytes(): number {
    return this.table.byteLength + (this.old === null ? 0 : this.old.byteLength)
  }

  /** Bytes of everything: tables and records. */
  memory(): number {
    let sum = this.tableBytes()
    this.forEach((ref) => {
      sum += this.recordSize(ref)
    })
    return sum
  }
}
