/**
 * Keys with records in the arena: the keyspace itself, large hashes, sets and the members of large sorted sets. How table and
 * records lie is told in dict-reader.ts; here they change.
 */
import { Arena, MASK, SHIFT } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { copyBytes } from '../memory/copy.ts'
import { hashOf } from '../memory/hashing.ts'
import { allocInts, freeInts, intsAt, intsSize } from '../memory/ints.ts'
import { DICT_BYTES } from '../memory/object-sizes.ts'
import { ifMemoryAllows } from '../memory/out-of-memory.ts'
import { complete } from './complete.ts'
import { DictReader, MIN_LOG2, type RecordFn } from './dict-reader.ts'
import {
  keyLength,
  keyStart,
  LENGTH_MASK,
  lengthsSize,
  NARROW_BYTES,
  putLengths,
  VALUE_LENGTH_SHIFT,
  valueLength,
  WIDE,
} from './dict-record.ts'
import type { Heap, Remains } from './value.ts'

/** Grow above, shrink below these loads. */
const MAX_LOAD = 0.75
const MIN_LOAD = 0.1
/** Growth that would not fit into the memory allowed can wait until this load. */
const MAX_LOAD_UNDER_PRESSURE = 0.9
/** Where growth fails, no record is taken above this. */
const FULL_LOAD = 15 / 16
/** Shrinking divides by 2 to this power: still room for what is added meanwhile. */
const SHRINK_LOG2 = 2
/** Old slots looked at by every change while a resize is under way; any number above 2 finishes in time. */
const MOVE_STEP = 16

const scratchKey = new Bytes()

export class Dict extends DictReader implements Remains {
  /** How far `drain` has come. */
  private drained = 0

  constructor(heap: Heap, headroom = 0) {
    super(heap, headroom)
    this.arena.outside += DICT_BYTES
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

  /** Adds a key that is not there; `find` of it must have been the last look-up. Returns its record, the owner's bytes zero. */
  add(key: Bytes, hash: number, value?: Bytes): number {
    const valueBytes = value === undefined ? 0 : value.len
    if (this.size >= (this.table.length >> 1) * FULL_LOAD) this.growAtLast(key, hash)
    const ref = this.arena.alloc(this.bytesFor(key.len, valueBytes))
    const m = this.arena.u8[ref >>> SHIFT]!
    const at = (ref & MASK) << 3
    for (let i = 0; i < this.headroom; i++) m[at + i] = 0
    const start = putLengths(m, at + this.headroom, key.len, valueBytes)
    copyBytes(m, start, key.buf, key.off, key.len)
    if (value !== undefined) copyBytes(m, start + key.len, value.buf, value.off, valueBytes)
    this.insert(hash, ref)
    return ref
  }

  /** Puts a pair where the last `find` ended. */
  private insert(hash: number, ref: number): void {
    this.foundIn[2 * this.foundAt] = hash
    this.foundIn[2 * this.foundAt + 1] = ref
    this.size++
    if (this.old !== null) this.move(MOVE_STEP)
    else if (this.size > (this.table.length >> 1) * MAX_LOAD && this.mayGrow()) this.grow()
  }

  /** Growth that memory is lacking for is put off, too. */
  private grow(): boolean {
    return ifMemoryAllows(() => this.resize(32 - this.shift + 1))
  }

  /** Growth was put off again and again, and the key that is to be added needs it. */
  private growAtLast(key: Bytes, hash: number): void {
    if (this.old !== null) return
    this.resize(32 - this.shift + 1)
    this.find(key, hash)
  }

  /** Growth that memory does not allow is put off as long as the table still works. */
  private mayGrow(): boolean {
    const { length } = this.table
    return this.size > (length >> 1) * MAX_LOAD_UNDER_PRESSURE || this.arena.mayTake(intsSize(2 * length))
  }

  /** Replaces a record's value; the record may move, with the owner's bytes: returns where it is. */
  setValue(ref: number, value: Bytes): number {
    const p = ((ref & MASK) << 3) + this.headroom
    const words = this.arena.i32[ref >>> SHIFT]!
    const lengths = words[p >> 2]!
    const keyBytes = lengths & LENGTH_MASK
    const { len } = value
    if (keyBytes === WIDE || lengths >>> VALUE_LENGTH_SHIFT !== len) return this.replaceValue(ref, value)
    copyBytes(this.arena.u8[ref >>> SHIFT]!, p + NARROW_BYTES + keyBytes, value.buf, value.off, len)
    return ref
  }

  private replaceValue(ref: number, value: Bytes): number {
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
    else if (!smallest && this.size < (this.table.length >> 1) * MIN_LOAD) this.shrink()
  }

  // ---- tables

  private shrink(): void {
    ifMemoryAllows(() => this.resize(Math.max(MIN_LOG2, 32 - this.shift - SHRINK_LOG2)))
  }

  /** Starts over with the smallest table, when there are no records. */
  private reset(): void {
    this.last = 0
    this.size = 0
    this.dropOld()
    const { table, tableRef } = this
    if (ifMemoryAllows(() => this.useTable(MIN_LOG2))) freeInts(this.arena, tableRef, table.length)
    else table.fill(0)
    this.foundIn = this.table
    this.foundAt = 0
  }

  private dropOld(): void {
    if (this.old === null) return
    freeInts(this.arena, this.oldRef, this.old.length)
    this.old = null
  }

  private resize(log2: number): void {
    const { table, tableRef, shift } = this
    this.useTable(log2)
    this.old = table
    this.oldRef = tableRef
    this.oldShift = shift
    this.moved = 0
    this.move(MOVE_STEP)
  }

  private useTable(log2: number): void {
    const ref = allocInts(this.arena, 2 << log2)
    this.table = intsAt(this.arena, ref, 2 << log2)
    this.tableRef = ref
    this.shift = 32 - log2
  }

  /** Makes room for `count` keys at once, before many are added, if there is memory for that. */
  reserve(count: number): void {
    this.finishMove()
    const log2 = Math.max(MIN_LOG2, Math.ceil(Math.log2(count / MAX_LOAD)))
    if (log2 <= 32 - this.shift) return
    if (ifMemoryAllows(() => this.resize(log2))) this.finishMove()
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
          this.dropOld()
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

  // ---- the whole

  /** Releases every record and starts over. */
  clear(): void {
    this.releaseAll()
    this.reset()
  }

  /** Gives everything back; the dictionary is of no use afterwards. */
  free(): void {
    this.releaseAll()
    this.dismantle()
  }

  private releaseAll(): void {
    this.forEach((ref) => {
      this.arena.release(ref, this.recordBytes(ref))
    })
  }

  private dismantle(): void {
    this.dropOld()
    freeInts(this.arena, this.tableRef, this.table.length)
    this.arena.outside -= DICT_BYTES
  }

  /**
   * As free, in steps: each releases about `count` records, calling fn with them first; true when all is given back. Nothing
   * else may be asked of the dictionary from the first step on.
   */
  drain(count: number, fn?: RecordFn): boolean {
    this.drained = this.scan(this.drained, count, (ref) => {
      fn?.(ref)
      this.arena.release(ref, this.recordBytes(ref))
    })
    if (this.drained !== 0) return false
    this.dismantle()
    return true
  }

  clone(heap: Heap): Dict {
    return complete(new Dict(heap, this.headroom), (copy) => {
      copy.reserve(this.size)
      this.forEach((ref) => {
        copy.addCopy(this, ref)
      })
    })
  }

  /** Adds a copy of another dictionary's record, owner's bytes included, whose key is not there; returns it. */
  addCopy(from: Dict, ref: number): number {
    const bytes = from.recordBytes(ref)
    const hash = hashOf(from.key(ref, scratchKey))
    if (this.size >= (this.table.length >> 1) * FULL_LOAD) this.growAtLast(scratchKey, hash)
    const copy = this.arena.alloc(bytes)
    const source = this.arena.u8[ref >>> SHIFT]!
    copyBytes(this.arena.u8[copy >>> SHIFT]!, (copy & MASK) << 3, source, (ref & MASK) << 3, bytes)
    this.find(scratchKey, hash)
    this.insert(hash, copy)
    return copy
  }

  /** Bytes of the table being moved away from. */
  get movingBytes(): number {
    return this.old === null ? 0 : intsSize(this.old.length)
  }

  /** Bytes of the tables. */
  tableBytes(): number {
    return intsSize(this.table.length) + this.movingBytes
  }

  /** Bytes of everything, the records' guessed from about `samples` of them. */
  memory(samples = Infinity): number {
    let seen = 0
    let sum = 0
    let cursor = 0
    do {
      cursor = this.scan(cursor, Math.min(samples, this.size + 1), (ref) => {
        seen++
        sum += this.recordSize(ref)
      })
    } while (cursor !== 0 && seen < samples)
    return DICT_BYTES + this.tableBytes() + (seen === 0 ? 0 : Math.round((sum / seen) * this.size))
  }
}
