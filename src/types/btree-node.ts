/**
 * The nodes of the B+tree (btree.ts): their layout in the arena, in two views of the same bytes, and what is done within
 * one node or between two.
 *
 *     leaf    i32 count, next, previous, - | f64 scores | i32 records
 *     inner   i32 count, -, -, -           | f64 scores | i32 records | i32 children | i32 entries below each child
 *
 * Score and record of an inner node are those of the first entry below the child at the same index, but for its first child:
 * no search looks at that pair, and it is not kept.
 */
import { Arena, MASK, SHIFT } from '../memory/arena.ts'

/** Fill their size classes of 768 bytes and 1 KiB. */
export const LEAF_MAX = 62
export const INNER_MAX = 50

const HEADER_INTS = 4

/** Offsets into the i32 view. */
export const COUNT = 0
export const NEXT = 1
export const PREVIOUS = 2
export const LEAF_RECORDS = HEADER_INTS + 2 * LEAF_MAX
export const INNER_RECORDS = HEADER_INTS + 2 * INNER_MAX
export const CHILDREN = INNER_RECORDS + INNER_MAX
export const BELOW = CHILDREN + INNER_MAX

/** Offset into the f64 view. */
export const SCORES = HEADER_INTS / 2

export const LEAF_BYTES = 4 * (LEAF_RECORDS + LEAF_MAX)
export const INNER_BYTES = 4 * (BELOW + INNER_MAX)

/** Bytes of memory that nodes take. */
export const LEAF_SIZE = Arena.chunkSize(LEAF_BYTES)
export const INNER_SIZE = Arena.chunkSize(INNER_BYTES)

export function countOf(arena: Arena, node: number): number {
  return arena.i32[node >>> SHIFT]![((node & MASK) << 1) + COUNT]!
}

// ---- leaves

export function putEntry(arena: Arena, leaf: number, at: number, score: number, ref: number): void {
  const i = arena.i32[leaf >>> SHIFT]!
  const f = arena.f64[leaf >>> SHIFT]!
  const o = (leaf & MASK) << 1
  const s = (leaf & MASK) + SCORES
  const r = o + LEAF_RECORDS
  for (let k = i[o + COUNT]!; k > at; k--) {
    f[s + k] = f[s + k - 1]!
    i[r + k] = i[r + k - 1]!
  }
  f[s + at] = score
  i[r + at] = ref
  i[o + COUNT]!++
}

/** Takes n entries out. */
export function cutEntries(arena: Arena, leaf: number, at: number, n: number): void {
  const i = arena.i32[leaf >>> SHIFT]!
  const f = arena.f64[leaf >>> SHIFT]!
  const o = (leaf & MASK) << 1
  const s = (leaf & MASK) + SCORES
  const r = o + LEAF_RECORDS
  const left = i[o + COUNT]! - n
  for (let k = at; k < left; k++) {
    f[s + k] = f[s + k + n]!
    i[r + k] = i[r + k + n]!
  }
  i[o + COUNT] = left
}

/** Moves the entries from `start` on to the end of another leaf. */
export function moveEntries(arena: Arena, from: number, start: number, to: number): void {
  const i = arena.i32[from >>> SHIFT]!
  const f = arena.f64[from >>> SHIFT]!
  const o = (from & MASK) << 1
  const s = (from & MASK) + SCORES
  const j = arena.i32[to >>> SHIFT]!
  const g = arena.f64[to >>> SHIFT]!
  const q = (to & MASK) << 1
  const n = i[o + COUNT]! - start
  const end = j[q + COUNT]!
  const t = (to & MASK) + SCORES + end
  for (let k = 0; k < n; k++) {
    g[t + k] = f[s + start + k]!
    j[q + LEAF_RECORDS + end + k] = i[o + LEAF_RECORDS + start + k]!
  }
  i[o + COUNT] = start
  j[q + COUNT] = end + n
}

/** Moves the entry at `from` to the index `to`, with another score. */
export function shiftEntry(arena: Arena, leaf: number, from: number, to: number, score: number): void {
  const i = arena.i32[leaf >>> SHIFT]!
  const f = arena.f64[leaf >>> SHIFT]!
  const s = (leaf & MASK) + SCORES
  const r = ((leaf & MASK) << 1) + LEAF_RECORDS
  const ref = i[r + from]!
  const step = from < to ? 1 : -1
  for (let k = from; k !== to; k += step) {
    f[s + k] = f[s + k + step]!
    i[r + k] = i[r + k + step]!
  }
  f[s + to] = score
  i[r + to] = ref
}

/** Puts an unlinked leaf behind another. */
export function linkLeaf(arena: Arena, leaf: number, previous: number): void {
  const before = arena.i32[previous >>> SHIFT]!
  const b = (previous & MASK) << 1
  const next = before[b + NEXT]!
  const i = arena.i32[leaf >>> SHIFT]!
  const o = (leaf & MASK) << 1
  i[o + NEXT] = next
  i[o + PREVIOUS] = previous
  before[b + NEXT] = leaf
  if (next !== 0) arena.i32[next >>> SHIFT]![((next & MASK) << 1) + PREVIOUS] = leaf
}

export function unlinkLeaf(arena: Arena, leaf: number): void {
  const i = arena.i32[leaf >>> SHIFT]!
  const o = (leaf & MASK) << 1
  const next = i[o + NEXT]!
  const previous = i[o + PREVIOUS]!
  if (previous !== 0) arena.i32[previous >>> SHIFT]![((previous & MASK) << 1) + NEXT] = next
  if (next !== 0) arena.i32[next >>> SHIFT]![((next & MASK) << 1) + PREVIOUS] = previous
}

// ---- inner nodes

/** Entries below the first n children. */
export function sumBelow(arena: Arena, inner: number, n: number): number {
  const i = arena.i32[inner >>> SHIFT]!
  const first = ((inner & MASK) << 1) + BELOW
  const end = first + n
  let sum = 0
  for (let k = first; k < end; k++) sum += i[k]!
  return sum
}

/** Puts a child whose first entry is (score, ref) at an index. */
export function putChild(
  arena: Arena,
  inner: number,
  at: number,
  child: number,
  score: number,
  ref: number,
  below: number,
): void {
  const i = arena.i32[inner >>> SHIFT]!
  const f = arena.f64[inner >>> SHIFT]!
  const o = (inner & MASK) << 1
  const s = (inner & MASK) + SCORES
  for (let k = i[o + COUNT]!; k > at; k--) {
    f[s + k] = f[s + k - 1]!
    i[o + INNER_RECORDS + k] = i[o + INNER_RECORDS + k - 1]!
    i[o + CHILDREN + k] = i[o + CHILDREN + k - 1]!
    i[o + BELOW + k] = i[o + BELOW + k - 1]!
  }
  f[s + at] = score
  i[o + INNER_RECORDS + at] = ref
  i[o + CHILDREN + at] = child
  i[o + BELOW + at] = below
  i[o + COUNT]!++
}

export function cutChild(arena: Arena, inner: number, at: number): void {
  const i = arena.i32[inner >>> SHIFT]!
  const f = arena.f64[inner >>> SHIFT]!
  const o = (inner & MASK) << 1
  const s = (inner & MASK) + SCORES
  const left = i[o + COUNT]! - 1
  for (let k = at; k < left; k++) {
    f[s + k] = f[s + k + 1]!
    i[o + INNER_RECORDS + k] = i[o + INNER_RECORDS + k + 1]!
    i[o + CHILDREN + k] = i[o + CHILDREN + k + 1]!
    i[o + BELOW + k] = i[o + BELOW + k + 1]!
  }
  i[o + COUNT] = left
}

/** Moves the children from `start` on to the end of another node; the first entry below them is (score, ref). */
export function moveChildren(
  arena: Arena,
  from: number,
  start: number,
  to: number,
  score: number,
  ref: number,
): void {
  const i = arena.i32[from >>> SHIFT]!
  const f = arena.f64[from >>> SHIFT]!
  const o = ((from & MASK) << 1) + start
  const s = (from & MASK) + SCORES + start
  const j = arena.i32[to >>> SHIFT]!
  const g = arena.f64[to >>> SHIFT]!
  const n = i[o - start + COUNT]! - start
  const end = j[((to & MASK) << 1) + COUNT]!
  const q = ((to & MASK) << 1) + end
  const t = (to & MASK) + SCORES + end
  for (let k = 0; k < n; k++) {
    g[t + k] = k === 0 ? score : f[s + k]!
    j[q + INNER_RECORDS + k] = k === 0 ? ref : i[o + INNER_RECORDS + k]!
    j[q + CHILDREN + k] = i[o + CHILDREN + k]!
    j[q + BELOW + k] = i[o + BELOW + k]!
  }
  i[o - start + COUNT] = start
  j[q - end + COUNT] = end + n
}
