/**
 * An index over the fields of a hash's listpack, for listpacks that are too long to walk at every look-up. One chunk of the
 * arena, which refers to the listpack:
 *
 *     i32 reference of the listpack | i32 log2 of the number of slots | slots: i32 position of a field, 0: empty
 *
 * A field's home is given by the top bits of its entry's hash; collisions go to the next slot.
 */
import { Arena, MASK, SHIFT } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { hashOf } from '../memory/hashing.ts'
import { ifMemoryAllows } from '../memory/out-of-memory.ts'
import * as listpack from './listpack.ts'
import { type EntryEncoder, entrySize } from './listpack-entry.ts'

/** Integers before the slots. */
const HEADER = 2
const view = new Bytes()

/** The index of a listpack of fields and values; 0 where there is no memory for one. */
export function build(arena: Arena, pack: number): number {
  let index = 0
  ifMemoryAllows(() => {
    index = make(arena, pack)
  })
  return index
}

function make(arena: Arena, pack: number): number {
  const fields = listpack.count(arena, pack) >> 1
  // At most half full, until the fields have doubled at the latest.
  const log2 = 32 - Math.clz32(2 * fields)
  const bytes = bytesFor(log2)
  const index = arena.alloc(bytes)
  const ints = arena.i32[index >>> SHIFT]!
  const at = (index & MASK) << 1
  ints.fill(0, at + HEADER, at + (bytes >> 2))
  ints[at] = pack
  ints[at + 1] = log2
  const end = listpack.end(arena, pack)
  for (let pos = listpack.FIRST; pos < end; ) {
    place(arena, index, pos)
    pos = listpack.next(arena, pack, listpack.next(arena, pack, pos))
  }
  return index
}

/** Gives back the index, not the listpack. */
export function free(arena: Arena, index: number): void {
  arena.release(index, bytesFor(log2Of(arena, index)))
}

/** Bytes of memory that the index takes. */
export function memory(arena: Arena, index: number): number {
  return Arena.chunkSize(bytesFor(log2Of(arena, index)))
}

function bytesFor(log2: number): number {
  return 4 * (HEADER + (1 << log2))
}

function log2Of(arena: Arena, index: number): number {
  return arena.i32[index >>> SHIFT]![((index & MASK) << 1) + 1]!
}

export function packOf(arena: Arena, index: number): number {
  return arena.i32[index >>> SHIFT]![(index & MASK) << 1]!
}

export function setPack(arena: Arena, index: number, pack: number): void {
  arena.i32[index >>> SHIFT]![(index & MASK) << 1] = pack
}

function hashAt(arena: Arena, pack: number, pos: number): number {
  const m = arena.u8[pack >>> SHIFT]!
  const p = ((pack & MASK) << 3) + pos
  return hashOf(view.set(m, p, entrySize(m, p)))
}

/** The position of the encoded field, 0 when there is none. */
export function find(arena: Arena, index: number, wanted: EntryEncoder): number {
  const ints = arena.i32[index >>> SHIFT]!
  const slots = ((index & MASK) << 1) + HEADER
  const pack = packOf(arena, index)
  const log2 = log2Of(arena, index)
  const mask = (1 << log2) - 1
  for (let s = hashOf(view.set(wanted.buf, 0, wanted.len)) >>> (32 - log2); ; s = (s + 1) & mask) {
    const pos = ints[slots + s]!
    if (pos === 0 || listpack.equals(arena, pack, pos, wanted)) return pos
  }
}

/** Takes in the field at `pos`, for which there is room. */
export function place(arena: Arena, index: number, pos: number): void {
  const ints = arena.i32[index >>> SHIFT]!
  const slots = ((index & MASK) << 1) + HEADER
  const log2 = log2Of(arena, index)
  const mask = (1 << log2) - 1
  let s = hashAt(arena, packOf(arena, index), pos) >>> (32 - log2)
  while (ints[slots + s] !== 0) s = (s + 1) & mask
  ints[slots + s] = pos
}

/** Takes in the field that has been appended at `pos`; returns the index, which may have been built anew, or 0. */
export function append(arena: Arena, index: number, pos: number): number {
  const pack = packOf(arena, index)
  if (listpack.count(arena, pack) > 1 << log2Of(arena, index)) {
    const larger = build(arena, pack)
    free(arena, index)
    return larger
  }
  place(arena, index, pos)
  return index
}

/** Forgets the field at `pos`, which is still in the listpack. */
export function remove(arena: Arena, index: number, pos: number): void {
  const ints = arena.i32[index >>> SHIFT]!
  const slots = ((index & MASK) << 1) + HEADER
  const pack = packOf(arena, index)
  const log2 = log2Of(arena, index)
  const mask = (1 << log2) - 1
  let hole = hashAt(arena, pack, pos) >>> (32 - log2)
  while (ints[slots + hole] !== pos) hole = (hole + 1) & mask
  for (let s = (hole + 1) & mask; ints[slots + s] !== 0; s = (s + 1) & mask) {
    const home = hashAt(arena, pack, ints[slots + s]!) >>> (32 - log2)
    // A field may slide back unless its home lies behind the hole.
    if (((s - home) & mask) < ((s - hole) & mask)) continue
    ints[slots + hole] = ints[slots + s]!
    hole = s
  }
  ints[slots + hole] = 0
}

/** After a change of the listpack: what was behind `pos` is now `bytes` bytes further on. */
export function shift(arena: Arena, index: number, pos: number, bytes: number): void {
  if (bytes === 0) return
  const ints = arena.i32[index >>> SHIFT]!
  const first = ((index & MASK) << 1) + HEADER
  const end = first + (1 << log2Of(arena, index))
  for (let i = first; i < end; i++) if (ints[i]! > pos) ints[i]! += bytes
}
