/**
 * The nodes of a large list and their memory.
 *
 * A packed node is a chunk of the arena with listpack entries (listpack-entry.ts) anywhere in it, so that both ends take
 * elements without moving the others. A plain node is one element too long to be packed: its bytes in a chunk, or above
 * MAX_CHUNK_BYTES in a buffer of its own.
 *
 * The directory is a ring of records of five integers. Functions take the index of a node, 0 at the head of the list, or the
 * place of its record in the directory, got from `at`, which is good until nodes are added or removed.
 */
import { Arena, MASK, SHIFT } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { copyBytes, moveBytes } from '../memory/copy.ts'
import { allocInts, freeInts, intsAt, intsSize } from '../memory/ints.ts'
import { BUFFER_BYTES, QUICKLIST_BYTES } from '../memory/object-sizes.ts'
import { ifMemoryAllows } from '../memory/out-of-memory.ts'
import type { Heap } from './value.ts'

/** Fields of a record: reference or handle, where the entries begin and end in the chunk, elements, bytes of the chunk. */
const REF = 0
export const START = 1
export const END = 2
export const COUNT = 3
const CAPACITY = 4
const FIELDS = 5

/** START of a plain node, whose END is its length; with CAPACITY 0 its REF is a handle. */
const PLAIN = -1
export const MAX_CHUNK_BYTES = 65_536

const MIN_NODES = 4

const copied = new Bytes()

export class QuicklistNodes {
  /** The directory: records of FIELDS integers. */
  dir: Int32Array
  count = 0
  private dirRef: number
  private readonly heap: Heap
  private readonly arena: Arena
  /** Chunks grow by doubling up to this size, beyond it to what is needed. */
  private readonly chunkBytes: number
  private mask = MIN_NODES - 1
  private first = 0
  /** Bytes of chunks and buffers. */
  private held = 0

  constructor(heap: Heap, chunkBytes: number) {
    this.heap = heap
    this.arena = heap.arena
    this.chunkBytes = chunkBytes
    this.dirRef = allocInts(heap.arena, MIN_NODES * FIELDS)
    this.dir = intsAt(heap.arena, this.dirRef, MIN_NODES * FIELDS)
    this.arena.outside += QUICKLIST_BYTES
  }

  // ---- the directory

  /** The place of a node's record. */
  at(k: number): number {
    return ((this.first + k) & this.mask) * FIELDS
  }

  isPlain(d: number): boolean {
    return this.dir[d + START] === PLAIN
  }

  /** Bytes of a packed node's entries. */
  bytes(d: number): number {
    return this.dir[d + END]! - this.dir[d + START]!
  }

  private setRecord(
    d: number,
    ref: number,
    start: number,
    end: number,
    count: number,
    capacity: number,
  ): void {
    const { dir } = this
    dir[d + REF] = ref
    dir[d + START] = start
    dir[d + END] = end
    dir[d + COUNT] = count
    dir[d + CAPACITY] = capacity
  }

  private copyRecord(to: number, from: number): void {
    this.dir.copyWithin(this.at(to), this.at(from), this.at(from) + FIELDS)
  }

  private resizeDirectory(nodes: number): void {
    const ref = allocInts(this.arena, nodes * FIELDS)
    const dir = intsAt(this.arena, ref, nodes * FIELDS)
    for (let k = 0; k < this.count; k++) {
      const d = this.at(k)
      dir.set(this.dir.subarray(d, d + FIELDS), k * FIELDS)
    }
    freeInts(this.arena, this.dirRef, this.dir.length)
    this.dirRef = ref
    this.dir = dir
    this.mask = nodes - 1
    this.first = 0
  }

  /** Sees to it that the directory takes one more record. */
  private makeRoom(): void {
    if (this.count > this.mask) this.resizeDirectory(2 * this.count)
  }

  /** Opens a place for a record at index k, moving those of the nearer end; returns it. There must be room. */
  private insertRecord(k: number): number {
    this.count++
    if (k < this.count >> 1) {
      this.first = (this.first - 1) & this.mask
      for (let j = 0; j < k; j++) this.copyRecord(j, j + 1)
    } else for (let j = this.count - 1; j > k; j--) this.copyRecord(j, j - 1)
    return this.at(k)
  }

  /** Drops n nodes from index k on. */
  remove(k: number, n: number): void {
    for (let j = k; j < k + n; j++) this.release(this.at(j))
    const behind = this.count - k - n
    if (k < behind) {
      for (let j = k - 1; j >= 0; j--) this.copyRecord(j + n, j)
      this.first = (this.first + n) & this.mask
    } else for (let j = k; j < k + behind; j++) this.copyRecord(j, j + n)
    this.count -= n
    const nodes = this.mask + 1
    if (nodes > MIN_NODES && this.count <= nodes >> 3) {
      let smaller = nodes >> 1
      while (smaller > MIN_NODES && this.count <= smaller >> 2) smaller >>= 1
      ifMemoryAllows(() => this.resizeDirectory(smaller))
    }
  }

  // ---- nodes

  /** Adds an empty packed node at index k, its room on the left or the right. */
  addPacked(k: number, bytes: number, roomOnLeft: boolean): number {
    this.makeRoom()
    const capacity = Arena.chunkSize(bytes)
    const ref = this.arena.alloc(capacity)
    const d = this.insertRecord(k)
    const from = roomOnLeft ? capacity : 0
    this.setRecord(d, ref, from, from, 0, capacity)
    this.held += capacity
    return d
  }

  /** Adds a plain node at index k. */
  addPlain(k: number, value: Bytes): void {
    this.makeRoom()
    if (value.len > MAX_CHUNK_BYTES) {
      const buf = this.arena.buffer(value.len)
      copyBytes(buf, 0, value.buf, value.off, value.len)
      this.setRecord(this.insertRecord(k), this.heap.handles.add(buf), PLAIN, value.len, 1, 0)
      this.arena.outside += buf.length + BUFFER_BYTES
      this.held += buf.length + BUFFER_BYTES
      return
    }
    const capacity = Arena.chunkSize(value.len)
    const ref = this.arena.alloc(capacity)
    copyBytes(this.arena.u8[ref >>> SHIFT]!, (ref & MASK) << 3, value.buf, value.off, value.len)
    this.setRecord(this.insertRecord(k), ref, PLAIN, value.len, 1, capacity)
    this.held += capacity
  }

  /** Adds a copy of another list's node behind the last. */
  addCopy(from: QuicklistNodes, d: number): void {
    if (from.isPlain(d)) {
      this.addPlain(this.count, from.plain(d, copied))
      return
    }
    const bytes = from.bytes(d)
    const copy = this.addPacked(this.count, bytes, false)
    const source = from.base(d) + from.dir[d + START]!
    copyBytes(this.memoryOf(copy), this.base(copy), from.memoryOf(d), source, bytes)
    this.dir[copy + END] = bytes
    this.dir[copy + COUNT] = from.dir[d + COUNT]!
  }

  /** Points the view at a plain node's element. */
  plain(d: number, view: Bytes): Bytes {
    const ref = this.dir[d + REF]!
    const length = this.dir[d + END]!
    if (this.dir[d + CAPACITY] === 0) return view.set(this.heap.handles.get(ref) as Buffer, 0, length)
    return view.set(this.arena.u8[ref >>> SHIFT]!, (ref & MASK) << 3, length)
  }

  /** The memory that a packed node's chunk lies in. */
  memoryOf(d: number): Buffer {
    return this.arena.u8[this.dir[d + REF]! >>> SHIFT]!
  }

  /** Where the chunk begins there. */
  base(d: number): number {
    return (this.dir[d + REF]! & MASK) << 3
  }

  private release(d: number): void {
    const ref = this.dir[d + REF]!
    const capacity = this.dir[d + CAPACITY]!
    if (capacity === 0) {
      const bytes = this.dir[d + END]! + BUFFER_BYTES
      this.heap.handles.release(ref)
      this.arena.outside -= bytes
      this.held -= bytes
      return
    }
    this.arena.release(ref, capacity)
    this.held -= capacity
  }

  // ---- room within a packed node

  /** Makes room for `size` bytes before position p; returns the position of that room. */
  openGap(d: number, p: number, size: number): number {
    const { dir } = this
    const start = dir[d + START]!
    const end = dir[d + END]!
    const before = p - start
    const after = end - p
    const base = this.base(d)
    if (after <= before && dir[d + CAPACITY]! - end >= size) {
      if (after > 0) moveBytes(this.memoryOf(d), base + p + size, base + p, after)
      dir[d + END] = end + size
      return p
    }
    if (before <= after && start >= size) {
      if (before > 0) moveBytes(this.memoryOf(d), base + start - size, base + start, before)
      dir[d + START] = start - size
      return p - size
    }
    if (before + size + after <= dir[d + CAPACITY]!) this.slide(d, p, size)
    else this.grow(d, p, size)
    return dir[d + START]! + before
  }

  /** Moves the entries to the chunk's middle, with a gap at p. */
  private slide(d: number, p: number, gap: number): void {
    const { dir } = this
    const m = this.memoryOf(d)
    const base = this.base(d)
    const start = dir[d + START]!
    const before = p - start
    const after = dir[d + END]! - p
    const to = (dir[d + CAPACITY]! - before - gap - after) >> 1
    if (to <= start) moveBytes(m, base + to, base + start, before)
    moveBytes(m, base + to + before + gap, base + p, after)
    if (to > start) moveBytes(m, base + to, base + start, before)
    dir[d + START] = to
    dir[d + END] = to + before + gap + after
  }

  /** Moves the entries to a larger chunk, with a gap at p. At an end the spare room is beside the gap. */
  private grow(d: number, p: number, gap: number): void {
    const bytes = this.bytes(d) + gap
    const doubled = Math.min(2 * this.dir[d + CAPACITY]!, this.chunkBytes)
    this.reallocate(d, Math.max(bytes, doubled), p, gap)
  }

  private reallocate(d: number, bytes: number, p: number, gap: number): void {
    const { dir } = this
    const source = this.memoryOf(d)
    const base = this.base(d)
    const start = dir[d + START]!
    const before = p - start
    const after = dir[d + END]! - p
    const old = dir[d + REF]!
    const oldCapacity = dir[d + CAPACITY]!
    const capacity = Arena.chunkSize(bytes)
    const ref = this.arena.alloc(capacity)
    const to = before === 0 && gap > 0 ? capacity - gap - after : 0
    const target = this.arena.u8[ref >>> SHIFT]!
    const targetBase = (ref & MASK) << 3
    copyBytes(target, targetBase + to, source, base + start, before)
    copyBytes(target, targetBase + to + before + gap, source, base + p, after)
    this.setRecord(d, ref, to, to + before + gap + after, dir[d + COUNT]!, capacity)
    this.arena.release(old, oldCapacity)
    this.held += capacity - oldCapacity
  }

  /** Takes `size` bytes from position p on out; returns the position of what was behind them. */
  closeGap(d: number, p: number, size: number): number {
    const { dir } = this
    const start = dir[d + START]!
    const end = dir[d + END]!
    const before = p - start
    const after = end - p - size
    const base = this.base(d)
    if (before <= after) {
      if (before > 0) moveBytes(this.memoryOf(d), base + start + size, base + start, before)
      dir[d + START] = start + size
      return p + size
    }
    if (after > 0) moveBytes(this.memoryOf(d), base + p, base + p + size, after)
    dir[d + END] = end - size
    return p
  }

  /** Gives back what a node's entries do not need, if there is memory for the smaller chunk. */
  fit(d: number): void {
    if (this.isPlain(d)) return
    const bytes = this.bytes(d)
    if (Arena.chunkSize(bytes) >= this.dir[d + CAPACITY]!) return
    ifMemoryAllows(() => this.reallocate(d, bytes, this.dir[d + START]!, 0))
  }

  /** Likewise if that is half of the chunk or more. */
  fitIfSparse(d: number): void {
    if (2 * Arena.chunkSize(this.bytes(d)) <= this.dir[d + CAPACITY]!) this.fit(d)
  }

  // ---- all

  free(): void {
    for (let k = 0; k < this.count; k++) this.release(this.at(k))
    this.count = 0
    freeInts(this.arena, this.dirRef, this.dir.length)
    this.arena.outside -= QUICKLIST_BYTES
  }

  memory(): number {
    return QUICKLIST_BYTES + this.held + intsSize(this.dir.length)
  }
}
