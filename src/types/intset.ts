/**
 * Sets of integers: Valkey's intset, byte for byte, as one chunk of the arena.
 *
 *     u32 bytes per integer: 2, 4 or 8 | u32 count | the integers, ascending
 *
 * All integers have the width that the widest ever added needed. Functions take the chunk's reference, and those that
 * change it return where it is afterwards. Integers beyond 2^53 are bigints.
 */
import { Arena, MASK, SHIFT } from '../memory/arena.ts'
import type { Bytes } from '../memory/bytes.ts'
import { copyBytes, moveBytes } from '../memory/copy.ts'

export type Integer = number | bigint

const HEADER_BYTES = 8
const TWO_TO_32 = 2 ** 32

export function create(arena: Arena): number {
  const ref = arena.alloc(HEADER_BYTES)
  putHeader(arena, ref, 2, 0)
  return ref
}

/** Whether bytes from outside are an intset: with members, ascending, none twice. */
export function isValid({ buf, off, len }: Bytes): boolean {
  if (len < HEADER_BYTES) return false
  const bytesEach = buf.readUInt32LE(off)
  const n = buf.readUInt32LE(off + 4)
  if (bytesEach !== 2 && bytesEach !== 4 && bytesEach !== 8) return false
  if (n === 0 || HEADER_BYTES + n * bytesEach !== len) return false
  let p = off + HEADER_BYTES
  let before = readInteger(buf, p, bytesEach)
  for (p += bytesEach; p < off + len; p += bytesEach) {
    const value = readInteger(buf, p, bytesEach)
    if (value <= before) return false
    before = value
  }
  return true
}

function readInteger(buf: Buffer, p: number, bytesEach: 2 | 4 | 8): Integer {
  if (bytesEach === 2) return buf.readInt16LE(p)
  return bytesEach === 4 ? buf.readInt32LE(p) : buf.readBigInt64LE(p)
}

/** A copy of an intset that lies elsewhere, which is valid. */
export function createCopy(arena: Arena, ints: Bytes): number {
  const ref = arena.alloc(ints.len)
  copyBytes(arena.u8[ref >>> SHIFT]!, (ref & MASK) << 3, ints.buf, ints.off, ints.len)
  return ref
}

/** Points the view at the whole of an intset. */
export function show(arena: Arena, ref: number, view: Bytes): Bytes {
  return view.set(arena.u8[ref >>> SHIFT]!, (ref & MASK) << 3, bytes(arena, ref))
}

export function free(arena: Arena, ref: number): void {
  arena.release(ref, bytes(arena, ref))
}

/** Length in bytes, header included. */
export function bytes(arena: Arena, ref: number): number {
  return HEADER_BYTES + width(arena, ref) * count(arena, ref)
}

/** Bytes of the arena that it takes. */
export function memory(arena: Arena, ref: number): number {
  return Arena.chunkSize(bytes(arena, ref))
}

export function count(arena: Arena, ref: number): number {
  return arena.i32[ref >>> SHIFT]![((ref & MASK) << 1) + 1]!
}

function width(arena: Arena, ref: number): number {
  return arena.i32[ref >>> SHIFT]![(ref & MASK) << 1]!
}

function putHeader(arena: Arena, ref: number, bytesEach: number, n: number): void {
  const i = arena.i32[ref >>> SHIFT]!
  const p = (ref & MASK) << 1
  i[p] = bytesEach
  i[p + 1] = n
}

function widthFor(value: Integer): number {
  if (value >= -0x8000 && value < 0x8000) return 2
  return value >= -0x8000_0000 && value < 0x8000_0000 ? 4 : 8
}

/** The integer at a rank below the count. */
export function at(arena: Arena, ref: number, index: number): Integer {
  return load(arena, ref, width(arena, ref), index)
}

function load(arena: Arena, ref: number, bytesEach: number, index: number): Integer {
  if (bytesEach === 2) {
    const m = arena.u8[ref >>> SHIFT]!
    const p = ((ref & MASK) << 3) + HEADER_BYTES + 2 * index
    return ((m[p]! | (m[p + 1]! << 8)) << 16) >> 16
  }
  const i = arena.i32[ref >>> SHIFT]!
  const p = ((ref & MASK) << 1) + HEADER_BYTES / 4
  if (bytesEach === 4) return i[p + index]!
  const low = i[p + 2 * index]! >>> 0
  const high = i[p + 2 * index + 1]!
  const v = high * TWO_TO_32 + low
  return Number.isSafeInteger(v) ? v : (BigInt(high) << 32n) | BigInt(low)
}

function store(arena: Arena, ref: number, bytesEach: number, index: number, value: Integer): void {
  if (bytesEach === 2) {
    const m = arena.u8[ref >>> SHIFT]!
    const p = ((ref & MASK) << 3) + HEADER_BYTES + 2 * index
    const v = Number(value)
    m[p] = v
    m[p + 1] = v >> 8
    return
  }
  const i = arena.i32[ref >>> SHIFT]!
  const p = ((ref & MASK) << 1) + HEADER_BYTES / 4
  if (bytesEach === 4) i[p + index] = Number(value)
  else if (typeof value === 'number') {
    i[p + 2 * index] = value
    i[p + 2 * index + 1] = Math.floor(value / TWO_TO_32)
  } else {
    i[p + 2 * index] = Number(BigInt.asIntN(32, value))
    i[p + 2 * index + 1] = Number(value >> 32n)
  }
}

/** The rank of an integer; when it is not there, -1 minus the rank that it would have. */
export function find(arena: Arena, ref: number, value: Integer): number {
  const bytesEach = width(arena, ref)
  let low = 0
  let high = count(arena, ref) - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const v = load(arena, ref, bytesEach, middle)
    // Compared by order alone: a number and a bigint of the same value are not `===`.
    if (v < value) low = middle + 1
    else if (v > value) high = middle - 1
    else return middle
  }
  return -1 - low
}

/** Adds an integer that is not there, at the rank that it is to have. */
export function insert(arena: Arena, ref: number, index: number, value: Integer): number {
  const bytesEach = width(arena, ref)
  if (widthFor(value) > bytesEach) return widen(arena, ref, index, value)
  const n = count(arena, ref)
  const at = HEADER_BYTES + index * bytesEach
  const grown = splice(arena, ref, at, 0, bytesEach)
  store(arena, grown, bytesEach, index, value)
  putHeader(arena, grown, bytesEach, n + 1)
  return grown
}

/** Adds an integer that is too wide for the others, hence smaller or larger than all of them. */
function widen(arena: Arena, ref: number, index: number, value: Integer): number {
  const from = width(arena, ref)
  const to = widthFor(value)
  const n = count(arena, ref)
  const wide = arena.alloc(HEADER_BYTES + to * (n + 1))
  putHeader(arena, wide, to, n + 1)
  for (let i = 0; i < n; i++) store(arena, wide, to, i < index ? i : i + 1, load(arena, ref, from, i))
  store(arena, wide, to, index, value)
  free(arena, ref)
  return wide
}

/** Removes the integer at a rank. */
export function remove(arena: Arena, ref: number, index: number): number {
  const bytesEach = width(arena, ref)
  const n = count(arena, ref)
  const shrunk = splice(arena, ref, HEADER_BYTES + index * bytesEach, bytesEach, 0)
  putHeader(arena, shrunk, bytesEach, n - 1)
  return shrunk
}

/** Replaces `oldBytes` bytes by room for `newBytes`, moving what is behind; the header still says the old count. */
function splice(arena: Arena, ref: number, pos: number, oldBytes: number, newBytes: number): number {
  const from = bytes(arena, ref)
  const to = from + newBytes - oldBytes
  const behind = from - pos - oldBytes
  const m = arena.u8[ref >>> SHIFT]!
  const base = (ref & MASK) << 3
  if (Arena.chunkSize(from) === Arena.chunkSize(to)) {
    moveBytes(m, base + pos + newBytes, base + pos + oldBytes, behind)
    return ref
  }
  const moved = arena.alloc(to)
  const target = arena.u8[moved >>> SHIFT]!
  const targetBase = (moved & MASK) << 3
  copyBytes(target, targetBase, m, base, pos)
  copyBytes(target, targetBase + pos + newBytes, m, base + pos + oldBytes, behind)
  arena.release(ref, from)
  return moved
}
