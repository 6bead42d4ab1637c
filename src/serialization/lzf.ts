/**
 * LZF, the compression of strings in serialized values: literal runs and references to what came before.
 *
 *     000LLLLL                   L + 1 literal bytes follow
 *     LLLooooo oooooooo          the L + 2 bytes (L below 7) that begin o + 1 bytes back
 *     111ooooo LLLLLLLL oooooooo likewise L + 9 bytes
 *
 * What is compressed is what liblzf finds, choice by choice, so that serialized values are byte for byte Valkey's.
 */
import { copyBytes } from '../memory/copy.ts'

const MAX_LITERALS = 32
const MAX_DISTANCE = 8192
/** The longest reference. */
const MAX_MATCH = 264
/** Three bytes can stand for MAX_MATCH. */
const MAX_RATIO = MAX_MATCH / 3
/** A reference of this length or more takes three bytes. */
const LONG_MATCH = 9
/** Bytes that liblzf compares before it looks at the limit of a match: the last may exceed that by as much. */
const UNCHECKED = 16

const HASH_BITS = 16
const HASH_MASK = (1 << HASH_BITS) - 1
/** Where three bytes were last seen, by their hash: `start` plus the position. What is below `start` is from earlier strings. */
const seen = new Int32Array(1 << HASH_BITS)
let start = 1

function hashAt(source: Buffer, p: number): number {
  const h = (source[p]! << 16) | (source[p + 1]! << 8) | source[p + 2]!
  return ((h >> 8) - h * 5) & HASH_MASK
}

/** A new range of positions, so that the table needs no clearing. */
function beginPositions(length: number): void {
  if (start + length >= 2 ** 31) {
    seen.fill(0)
    start = 1
  }
}

/** How many bytes at `ref` and `p` are the same, of the three that are known to be. */
function matchLength(source: Buffer, ref: number, p: number, end: number): number {
  const limit = Math.min(end - p - 2, MAX_MATCH)
  let length = 2
  if (limit > UNCHECKED) {
    for (let i = 0; i < UNCHECKED; i++) {
      length++
      if (source[ref + length] !== source[p + length]) return length
    }
  }
  do length++
  while (length < limit && source[ref + length] === source[p + length])
  return length
}

/** The compressed bytes at the beginning of `target`: how many, 0 when they would be more than `room`. */
export function lzfCompress(
  source: Buffer,
  from: number,
  length: number,
  target: Buffer,
  room: number,
): number {
  if (length === 0 || room === 0) return 0
  beginPositions(length)
  const base = start - from
  const first = start
  start += length
  const end = from + length
  let p = from
  /** Literals of the run being written; its control byte is before them. */
  let literals = 0
  let out = 1
  while (p < end - 2) {
    const slot = hashAt(source, p)
    const ref = seen[slot]! - base
    const isRecent = seen[slot]! > first && p - ref - 1 < MAX_DISTANCE
    seen[slot] = base + p
    if (!isRecent || !sameThree(source, ref, p)) {
      if (out >= room) return 0
      target[out++] = source[p++]!
      if (++literals === MAX_LITERALS) {
        target[out - literals - 1] = literals - 1
        literals = 0
        out++
      }
      continue
    }
    const isEmptyRun = literals === 0
    if (out + 4 >= room && out - (isEmptyRun ? 1 : 0) + 4 >= room) return 0
    target[out - literals - 1] = literals - 1
    if (isEmptyRun) out--
    const matched = matchLength(source, ref, p, end)
    out = putReference(target, out, p - ref - 1, matched) + 1
    literals = 0
    p += matched
    if (p >= end - 2) break
    seen[hashAt(source, p - 2)] = base + p - 2
    seen[hashAt(source, p - 1)] = base + p - 1
  }
  if (out + 3 > room) return 0
  return finish(source, p, end, target, out, literals)
}

function sameThree(source: Buffer, ref: number, p: number): boolean {
  return source[ref] === source[p] && source[ref + 1] === source[p + 1] && source[ref + 2] === source[p + 2]
}

function putReference(target: Buffer, at: number, distance: number, length: number): number {
  let out = at
  if (length < LONG_MATCH) target[out++] = (distance >> 8) | ((length - 2) << 5)
  else {
    target[out++] = (distance >> 8) | (7 << 5)
    target[out++] = length - LONG_MATCH
  }
  target[out++] = distance
  return out
}

/** Writes the last bytes as literals. */
function finish(source: Buffer, p: number, end: number, target: Buffer, at: number, run: number): number {
  let out = at
  let literals = run
  for (let q = p; q < end; q++) {
    target[out++] = source[q]!
    if (++literals === MAX_LITERALS) {
      target[out - literals - 1] = literals - 1
      literals = 0
      out++
    }
  }
  if (literals === 0) return out - 1
  target[out - literals - 1] = literals - 1
  return out
}

/** Whether so many bytes can come of so many compressed ones: to be asked before memory is taken for them. */
export function lzfCanBe(length: number, compressed: number): boolean {
  return length <= compressed * MAX_RATIO
}

/** Fills `target` with what was compressed; false when that is not exactly its length, or no LZF. */
export function lzfDecompress(source: Buffer, from: number, length: number, target: Buffer): boolean {
  const end = from + length
  const size = target.length
  let p = from
  let out = 0
  while (p < end) {
    const control = source[p++]!
    if (control < MAX_LITERALS) {
      const n = control + 1
      if (out + n > size || p + n > end) return false
      copyBytes(target, out, source, p, n)
      p += n
      out += n
      continue
    }
    let n = (control >> 5) + 2
    if (p + (n === LONG_MATCH ? 2 : 1) > end) return false
    if (n === LONG_MATCH) n += source[p++]!
    const ref = out - ((control & 31) << 8) - source[p++]! - 1
    if (ref < 0 || out + n > size) return false
    // Byte by byte: a reference may run into what it writes.
    for (let i = 0; i < n; i++) target[out + i] = target[ref + i]!
    out += n
  }
  return out === size
}
