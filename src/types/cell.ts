/**
 * Access to a value's cell (value.ts): [encoding, reference] at a place in the arena.
 */
import { type Arena, MASK, SHIFT } from '../memory/arena.ts'

export function cellEncoding(arena: Arena, cell: number): number {
  return arena.i32[cell >>> SHIFT]![(cell & MASK) << 1]!
}

/** The reference of a blob in the arena, or a handle. */
export function cellReference(arena: Arena, cell: number): number {
  return arena.i32[cell >>> SHIFT]![((cell & MASK) << 1) + 1]!
}

export function setCell(arena: Arena, cell: number, encoding: number, reference: number): void {
  const i = arena.i32[cell >>> SHIFT]!
  const p = (cell & MASK) << 1
  i[p] = encoding
  i[p + 1] = reference
}
