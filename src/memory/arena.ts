/**
 * The allocator for what lives outside the JavaScript heap: keys, values, collections. The garbage collector never looks at
 * them, and a reference is a 32-bit integer.
 *
 * Memory comes in segments of 64 MiB (few and large: new buffers provoke collections), cut into slabs of 256 KiB. A slab
 * serves chunks of one size class and goes back to the pool when its last chunk is released, so memory that one size gave
 * up serves others, and an empty segment gives its buffer back once another is empty too. Untouched pages of a segment cost nothing. Chunks
 * above the largest class are runs of whole slabs, or a buffer of their own above a segment.
 *
 * There are no more slabs than references can tell apart, 32 GiB. The last of them are a reserve: who begins to use it is
 * told (`onShort`), so that new work can be refused while what is under way ends well. What cannot be given at all is an
 * OutOfMemory, thrown before anything has changed.
 *
 * A reference counts units of 8 bytes: segment `ref >>> SHIFT`, byte `(ref & MASK) << 3`. 0 is no reference.
 */
import { OutOfMemory } from './out-of-memory.ts'
import { dropView, mayKeepView } from './views.ts'

export const SHIFT = 23
export const MASK = (1 << SHIFT) - 1
const SEGMENT_BYTES = (MASK + 1) * 8
const SLAB_SHIFT = 15
const SLAB_UNITS = 1 << SLAB_SHIFT
const SLAB_BYTES = SLAB_UNITS * 8
const SEGMENT_SHIFT = SHIFT - SLAB_SHIFT
const SLABS_PER_SEGMENT = 1 << SEGMENT_SHIFT
/** As many as references can tell apart. */
const MAX_SEGMENTS = 2 ** (32 - SHIFT)
const RESERVED_SEGMENTS = 16
/** Of the reserve: where so many bytes were given back since it was last used, memory is not short any more. */
const RELIEF_SHARE = 1 / RESERVED_SEGMENTS
const PAGE_BYTES = 4096

/** Chunk sizes in units: every one up to 16 (128 bytes), then four per doubling up to 64 KiB. */
const CLASS_UNITS = classUnits()
const MAX_CLASS_BYTES = CLASS_UNITS[CLASS_UNITS.length - 1]! * 8

function classUnits(): Int32Array {
  const sizes: number[] = []
  for (let units = 1; units <= 16; units++) sizes.push(units)
  for (let base = 16; base < 8192; base *= 2) for (let k = 1; k <= 4; k++) sizes.push(base + (base >> 2) * k)
  return Int32Array.from(sizes)
}

function classOf(units: number): number {
  if (units <= 16) return units === 0 ? 0 : units - 1
  const log = 31 - Math.clz32(units - 1)
  return 16 + (log - 4) * 4 + ((units - 1 - (1 << log)) >> (log - 2))
}

// Fields of a slab's description.

/** 0 when the slab is free to be taken; those of segments that have no buffer are not. */
const TAKEN = 0
/** Chunks in use. */
const LIVE = 1
/** Head of the list of released chunks, in units from the slab's start, plus one; linked through their first integer. */
const FREE = 2
/** Where never used room begins. */
const BUMP = 3
/** Neighbours in the list of the class's slabs that have room. */
const NEXT = 4
const PREV = 5
/** 1 once the slab was used, since when its pages are in memory. */
const TOUCHED = 6
/** Its size class, plus one; 0 in a run. */
const CLASS = 7
const FIELDS = 8

const NO_BUFFER = Buffer.alloc(0)

/** The slabs of one size of chunks, and the chunks in use in them. */
export interface SizeFigures {
  readonly chunkBytes: number
  readonly chunks: number
  readonly slabs: number
}

/** How much memory an arena may take, and how much of it is the reserve. */
export interface ArenaLimits {
  readonly bytes: number
  readonly reserve: number
}

const LIMITS: ArenaLimits = {
  bytes: MAX_SEGMENTS * SEGMENT_BYTES,
  reserve: RESERVED_SEGMENTS * SEGMENT_BYTES,
}

export class Arena {
  readonly u8: Buffer[] = []
  readonly i32: Int32Array[] = []
  readonly f64: Float64Array[] = []
  /** Bytes in live chunks. */
  used = 0
  /** Bytes that structures over the arena hold in arrays and objects of their own; they keep this count. */
  outside = 0
  /** Bytes of slabs and runs in use, and of slabs that ever were: what of the segments is resident. */
  active = 0
  resident = 0
  /** Asked before memory is taken that could wait; who limits the memory sets it. */
  mayTake: (bytes: number) => boolean = () => true
  /** Called when the reserve is being used, and when the system has refused memory: see isShort. */
  onShort: () => void = () => {}
  /** Of no meaning; that it is written keeps the compiler from leaving out the reads of `touch`. */
  touched = 0
  private slabs = new Int32Array(FIELDS * SLABS_PER_SEGMENT)
  /** Slab with room by class, 0: none. Slab 0 is never used, so that reference 0 is free. */
  private readonly withRoom = new Int32Array(CLASS_UNITS.length)
  /** Slabs in use by segment. */
  private readonly inUse: number[] = []
  /** The segment that was the last to become empty; it keeps its buffer until another one does. */
  private spare = -1
  /** No unused slab lies below. */
  private lowest = 1
  /** Bytes of each run, by its first slab. */
  private readonly runBytes = new Map<number, number>()
  /** Slabs in use in all, how many there may be, and without the reserve. */
  private taken = 1
  private readonly maxSlabs: number
  private readonly openSlabs: number
  /** What `used` must fall to, after the reserve was last used, before memory is not short any more. */
  private relief = 0
  private readonly reliefBytes: number
  /** The system has refused memory. */
  private isRefused = false

  constructor({ bytes, reserve }: ArenaLimits = LIMITS) {
    this.maxSlabs = Math.floor(bytes / SLAB_BYTES)
    this.openSlabs = Math.floor((bytes - reserve) / SLAB_BYTES)
    this.reliefBytes = reserve * RELIEF_SHARE
    this.addSegment(SEGMENT_BYTES)
    this.slabs[TAKEN] = 1
    this.inUse[0] = 1
  }

  /** Memory is short: the reserve is being used, or the system has no more. */
  get isShort(): boolean {
    return this.isRefused || (this.taken > this.openSlabs && this.used > this.relief)
  }

  /** Asks the system again whether it has memory; false where it has none. */
  recover(): boolean {
    if (this.isRefused) this.isRefused = !canHave(SEGMENT_BYTES)
    return !this.isRefused
  }

  /** A buffer beside the arena, contents undefined; who keeps it counts its bytes as `outside`. */
  buffer(bytes: number): Buffer {
    try {
      return Buffer.allocUnsafeSlow(bytes)
    } catch {
      return this.refused()
    }
  }

  /** Memory beside the arena, all zeros; who keeps it counts its bytes as `outside`. */
  zeros(bytes: number): ArrayBuffer {
    try {
      return new ArrayBuffer(bytes)
    } catch {
      return this.refused()
    }
  }

  private refused(): never {
    this.isRefused = true
    this.onShort()
    throw new OutOfMemory()
  }

  /** Bytes of address space held; resident is what was touched of it. */
  get reserved(): number {
    let sum = 0
    for (const segment of this.u8) sum += segment.length
    return sum
  }

  /** What the slabs of each size in use hold, for MEMORY MALLOC-STATS. */
  get sizes(): SizeFigures[] {
    const figures = new Map<number, { chunkBytes: number; chunks: number; slabs: number }>()
    for (let d = 0; d < this.slabs.length; d += FIELDS) {
      const cls = this.slabs[d + CLASS]! - 1
      if (cls < 0) continue
      const size = figures.get(cls) ?? { chunkBytes: CLASS_UNITS[cls]! * 8, chunks: 0, slabs: 0 }
      size.chunks += this.slabs[d + LIVE]!
      size.slabs++
      figures.set(cls, size)
    }
    return [...figures.values()].sort((a, b) => a.chunkBytes - b.chunkBytes)
  }

  /** Chunks larger than a slab's, and their bytes. */
  get runs(): { readonly count: number; readonly bytes: number } {
    let bytes = 0
    for (const charged of this.runBytes.values()) bytes += charged
    return { count: this.runBytes.size, bytes }
  }

  /** Segments that have a buffer. */
  get segments(): number {
    return this.u8.filter((segment) => segment !== NO_BUFFER).length
  }

  /** The size of the chunk that alloc(bytes) gives. */
  static chunkSize(bytes: number): number {
    if (bytes > MAX_CLASS_BYTES) return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES
    return CLASS_UNITS[classOf((bytes + 7) >>> 3)]! * 8
  }

  /** A chunk of at least `bytes` bytes, 8-byte aligned, contents undefined. */
  alloc(bytes: number): number {
    if (bytes > MAX_CLASS_BYTES) return this.allocRun(bytes)
    const cls = classOf((bytes + 7) >>> 3)
    const units = CLASS_UNITS[cls]!
    let slab = this.withRoom[cls]!
    if (slab === 0) slab = this.addSlab(cls)
    const s = this.slabs
    const d = slab * FIELDS
    const free = s[d + FREE]!
    const ref = slab << SLAB_SHIFT
    this.used += units << 3
    s[d + LIVE]!++
    if (free !== 0) {
      const chunk = ref + free - 1
      const next = this.i32[chunk >>> SHIFT]![(chunk & MASK) << 1]!
      s[d + FREE] = next
      if (next === 0 && s[d + BUMP]! + units > SLAB_UNITS) this.unlink(slab, cls)
      return chunk | 0
    }
    const at = s[d + BUMP]!
    s[d + BUMP] = at + units
    if (at + 2 * units > SLAB_UNITS) this.unlink(slab, cls)
    return (ref + at) | 0
  }

  /** Reads from a chunk, only to have it in the processor's cache when it is needed soon after. */
  touch(ref: number): void {
    this.touched ^= this.u8[ref >>> SHIFT]![(ref & MASK) << 3]!
  }

  /** Gives back a chunk got by `alloc(bytes)` (or by any size of the same class). */
  release(ref: number, bytes: number): void {
    if (bytes > MAX_CLASS_BYTES) {
      this.releaseRun(ref)
      return
    }
    const cls = classOf((bytes + 7) >>> 3)
    const units = CLASS_UNITS[cls]!
    const slab = ref >>> SLAB_SHIFT
    const s = this.slabs
    const d = slab * FIELDS
    const free = s[d + FREE]!
    const wasFull = free === 0 && s[d + BUMP]! + units > SLAB_UNITS
    this.used -= units << 3
    this.i32[ref >>> SHIFT]![(ref & MASK) << 1] = free
    s[d + FREE] = (ref & (SLAB_UNITS - 1)) + 1
    const live = --s[d + LIVE]!
    if (wasFull) this.link(slab, cls)
    if (live === 0) {
      s[d + CLASS] = 0
      this.active -= SLAB_BYTES
      this.unlink(slab, cls)
      this.freeSlabs(slab, 1)
    }
  }

  private link(slab: number, cls: number): void {
    const s = this.slabs
    const head = this.withRoom[cls]!
    s[slab * FIELDS + NEXT] = head
    s[slab * FIELDS + PREV] = 0
    if (head !== 0) s[head * FIELDS + PREV] = slab
    this.withRoom[cls] = slab
  }

  private unlink(slab: number, cls: number): void {
    const s = this.slabs
    const next = s[slab * FIELDS + NEXT]!
    const prev = s[slab * FIELDS + PREV]!
    if (prev === 0) this.withRoom[cls] = next
    else s[prev * FIELDS + NEXT] = next
    if (next !== 0) s[next * FIELDS + PREV] = prev
    s[slab * FIELDS + NEXT] = 0
    s[slab * FIELDS + PREV] = 0
  }

  private addSlab(cls: number): number {
    const slab = this.takeSlabs(1)
    const s = this.slabs
    const d = slab * FIELDS
    s[d + LIVE] = 0
    s[d + FREE] = 0
    s[d + BUMP] = 0
    s[d + CLASS] = cls + 1
    this.active += SLAB_BYTES
    this.link(slab, cls)
    return slab
  }

  /** Takes `count` free slabs in a row, in one segment. */
  private takeSlabs(count: number): number {
    this.demand(count)
    const s = this.slabs
    const end = this.u8.length * SLABS_PER_SEGMENT
    let run = 0
    for (let slab = this.lowest; slab < end; slab++) {
      if (slab % SLABS_PER_SEGMENT === 0) run = 0
      run = s[slab * FIELDS + TAKEN] === 0 ? run + 1 : 0
      if (run === count) return this.claim(slab - count + 1, count)
    }
    return this.claim(this.addSegment(SEGMENT_BYTES) * SLABS_PER_SEGMENT, count)
  }

  private demand(slabs: number): void {
    if (this.taken + slabs <= this.maxSlabs) return
    this.onShort()
    throw new OutOfMemory()
  }

  private claim(first: number, count: number): number {
    this.mark(first, count, 1)
    this.touchSlabs(first, count)
    this.count(first, count)
    // The search for one slab has passed none that is free.
    if (count === 1 || first === this.lowest) this.lowest = first + count
    return first
  }

  private count(first: number, slabs: number): void {
    this.inUse[first >>> SEGMENT_SHIFT]! += slabs
    this.taken += slabs
    if (slabs < 0 || this.taken <= this.openSlabs) return
    this.relief = this.used - this.reliefBytes
    this.onShort()
  }

  private mark(first: number, count: number, taken: number): void {
    for (let slab = first; slab < first + count; slab++) this.slabs[slab * FIELDS + TAKEN] = taken
    if (taken === 0 && first < this.lowest) this.lowest = first
  }

  private touchSlabs(first: number, count: number): void {
    for (let d = first * FIELDS + TOUCHED; d < (first + count) * FIELDS; d += FIELDS) {
      if (this.slabs[d] !== 0) continue
      this.slabs[d] = 1
      this.resident += SLAB_BYTES
    }
  }

  private freeSlabs(first: number, count: number): void {
    this.mark(first, count, 0)
    const segment = first >>> SEGMENT_SHIFT
    this.count(first, -count)
    if (this.inUse[segment] !== 0) return
    const { spare } = this
    this.spare = segment
    if (spare >= 0 && spare !== segment && this.inUse[spare] === 0) this.dropSegment(spare)
  }

  /** Drops the segment kept in reserve. */
  purge(): void {
    if (this.spare >= 0 && this.inUse[this.spare] === 0) this.dropSegment(this.spare)
    this.spare = -1
  }

  private allocRun(bytes: number): number {
    const charged = Arena.chunkSize(bytes)
    let slab: number
    if (bytes > SEGMENT_BYTES) {
      this.demand(SLABS_PER_SEGMENT)
      slab = this.addSegment(charged) * SLABS_PER_SEGMENT
      this.mark(slab, SLABS_PER_SEGMENT, 1)
      this.count(slab, SLABS_PER_SEGMENT)
      this.resident += charged
    } else slab = this.takeSlabs(Math.ceil(bytes / SLAB_BYTES))
    this.runBytes.set(slab, charged)
    this.used += charged
    this.active += charged
    return (slab << SLAB_SHIFT) | 0
  }

  private releaseRun(ref: number): void {
    const slab = ref >>> SLAB_SHIFT
    const charged = this.runBytes.get(slab) ?? 0
    this.runBytes.delete(slab)
    this.used -= charged
    this.active -= charged
    if (charged > SEGMENT_BYTES) {
      this.resident -= charged
      this.count(slab, -SLABS_PER_SEGMENT)
      this.dropSegment(slab >>> SEGMENT_SHIFT)
    } else this.freeSlabs(slab, Math.ceil(charged / SLAB_BYTES))
  }

  /** Makes a segment, in the place of one that was dropped if there is any; returns its number. */
  private addSegment(bytes: number): number {
    const dropped = this.u8.indexOf(NO_BUFFER)
    const segment = dropped < 0 ? this.u8.length : dropped
    if (segment === MAX_SEGMENTS) {
      this.onShort()
      throw new OutOfMemory()
    }
    const memory = this.zeros(bytes)
    const needed = (segment + 1) * SLABS_PER_SEGMENT * FIELDS
    if (needed > this.slabs.length) {
      const grown = new Int32Array(Math.max(needed, this.slabs.length * 2))
      grown.set(this.slabs)
      this.slabs = grown
    }
    const buffer = Buffer.from(memory)
    mayKeepView(buffer)
    this.u8[segment] = buffer
    this.i32[segment] = new Int32Array(memory)
    this.f64[segment] = new Float64Array(memory)
    this.inUse[segment] = 0
    this.mark(segment * SLABS_PER_SEGMENT, SLABS_PER_SEGMENT, 0)
    return segment
  }

  private dropSegment(segment: number): void {
    dropView(this.u8[segment]!)
    this.u8[segment] = NO_BUFFER
    this.i32[segment] = new Int32Array(0)
    this.f64[segment] = new Float64Array(0)
    const first = segment * SLABS_PER_SEGMENT
    this.mark(first, SLABS_PER_SEGMENT, 1)
    for (let d = first * FIELDS + TOUCHED; d < (first + SLABS_PER_SEGMENT) * FIELDS; d += FIELDS) {
      if (this.slabs[d] !== 0) this.resident -= SLAB_BYTES
      this.slabs[d] = 0
    }
  }
}

function canHave(bytes: number): boolean {
  try {
    return new ArrayBuffer(bytes).byteLength === bytes
  } catch {
    return false
  }
}
