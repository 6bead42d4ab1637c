/**
 * Arrays of integers for tables: in the arena while they are small, where they cost nothing beyond their size and are counted
 * with everything else; a larger one has a buffer of its own, of which the system gives only the pages that are touched.
 *
 * An array is named by the reference of its chunk, 0 where it has a buffer of its own.
 */
import { Arena, MASK, SHIFT } from './arena.ts'

const MAX_CHUNK_BYTES = 32 * 1024
const INT_BYTES = 4

/** Room for an array that is then got, once, by intsAt. */
export function allocInts(arena: Arena, length: number): number {
  const bytes = length * INT_BYTES
  return bytes <= MAX_CHUNK_BYTES ? arena.alloc(bytes) : 0
}

/** The array, all zeros. */
export function intsAt(arena: Arena, ref: number, length: number): Int32Array {
  if (ref === 0) {
    const ints = new Int32Array(arena.zeros(length * INT_BYTES))
    arena.outside += ints.byteLength
    return ints
  }
  const { buffer } = arena.u8[ref >>> SHIFT]!
  return new Int32Array(buffer, (ref & MASK) << 3, length).fill(0)
}

export function freeInts(arena: Arena, ref: number, length: number): void {
  if (ref === 0) arena.outside -= length * INT_BYTES
  else arena.release(ref, length * INT_BYTES)
}

/** Bytes of memory that an array takes. */
export function intsSize(length: number): number {
  const bytes = length * INT_BYTES
  return bytes <= MAX_CHUNK_BYTES ? Arena.chunkSize(bytes) : bytes
}
