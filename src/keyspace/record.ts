/**
 * The header of a key's record in the arena, before the key's bytes:
 *
 *     0  i32  slot in the expiry index, 0: no expiry
 *     4  i32  type << 24 | access clock
 *     8  i32  encoding    } the value's cell (types/value.ts)
 *    12  i32  reference   }
 *
 * The dictionary's own lengths, the key and, for most strings, the value follow. Only the keyspace's files know this.
 */
import { type Arena, MASK, SHIFT } from '../memory/arena.ts'

/** Bytes the keyspace keeps before the dictionary's part of a record. */
export const HEADROOM = 16

export const STRING = 0
export const LIST = 1
export const SET = 2
export const SORTED_SET = 3
export const HASH = 4

export type TypeName = 'string' | 'list' | 'set' | 'zset' | 'hash' | 'stream'

/** By the numbers above. */
export const TYPE_NAMES: readonly TypeName[] = ['string', 'list', 'set', 'zset', 'hash']

/**
 * How a string lies: in the record, there and `raw` whatever its length, there and not `int` though it may be digits; as an
 * object in the handle table.
 */
export const INLINE = 0
export const INLINE_RAW = 1
export const INLINE_TEXT = 2
export const LARGE = 3

/** Access clocks have 24 bits (see access.ts). */
const CLOCK_MASK = 0xffffff

export function expirySlotOf(arena: Arena, ref: number): number {
  return arena.i32[ref >>> SHIFT]![(ref & MASK) << 1]!
}

export function setExpirySlot(arena: Arena, ref: number, slot: number): void {
  arena.i32[ref >>> SHIFT]![(ref & MASK) << 1] = slot
}

export function typeOf(arena: Arena, ref: number): number {
  return arena.i32[ref >>> SHIFT]![((ref & MASK) << 1) + 1]! >>> 24
}

export function clockOf(arena: Arena, ref: number): number {
  return arena.i32[ref >>> SHIFT]![((ref & MASK) << 1) + 1]! & CLOCK_MASK
}

export function setTypeAndClock(arena: Arena, ref: number, type: number, clock: number): void {
  arena.i32[ref >>> SHIFT]![((ref & MASK) << 1) + 1] = (type << 24) | clock
}

/** Where the value's cell is: a reference like any other, one unit of 8 bytes into the record. */
export function cellOf(ref: number): number {
  return ref + 1
}

export function encodingOf(arena: Arena, ref: number): number {
  return arena.i32[ref >>> SHIFT]![((ref & MASK) << 1) + 2]!
}

export function handleOf(arena: Arena, ref: number): number {
  return arena.i32[ref >>> SHIFT]![((ref & MASK) << 1) + 3]!
}

export function setCell(arena: Arena, ref: number, encoding: number, reference: number): void {
  const i = arena.i32[ref >>> SHIFT]!
  const p = ((ref & MASK) << 1) + 2
  i[p] = encoding
  i[p + 1] = reference
}

/** Makes another record hold the same value: large strings and collections change their owner so. */
export function copyCell(arena: Arena, to: number, from: number): void {
  setCell(arena, to, encodingOf(arena, from), handleOf(arena, from))
}
