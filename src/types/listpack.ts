/**
 * Small collections: Valkey's listpack, byte for byte, as one chunk of the arena.
 *
 *     u32 bytes in all | u16 entries, 0xffff: too many to say | entries (listpack-entry.ts) | 0xff
 *
 * The chunk always has the size class of the listpack's length, so no capacity is stored. Functions take the chunk's
 * reference, and those that change it return where it is afterwards. A *position* is an entry's distance in bytes from the
 * listpack's start: it survives a move, and changes behind it. 0 is no position.
 */
import { Arena, MASK, SHIFT } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { copyBytes, moveBytes } from '../memory/copy.ts'
import { END, type EntryEncoder, entrySize, MAX_INTEGER_BYTES, previousEntry } from './listpack-entry.ts'

/** Position of the first entry, or of the end in an empty listpack. */
export const FIRST = 6
const EMPTY_BYTES = 7
/** The header's count when there are this many entries or more, until they are counted. */
const MANY = 0xffff
/** Valkey's limit: what would grow beyond it takes another encoding. */
export const MAX_LISTPACK_BYTES = 2 ** 30

/** Above this length the built-in comparison is faster than a loop. */
const LOOP_LIMIT = 64

/** What is copied. */
const whole = new Bytes()

export function create(arena: Arena): number {
  const ref = arena.alloc(EMPTY_BYTES)
  const m = arena.u8[ref >>> SHIFT]!
  const base = (ref & MASK) << 3
  putHeader(m, base, EMPTY_BYTES, 0)
  m[base + FIRST] = END
  return ref
}

/** A copy of a listpack that lies elsewhere, checked (listpack-check.ts). */
export function createCopy(arena: Arena, pack: Bytes): number {
  const ref = arena.alloc(pack.len)
  copyBytes(arena.u8[ref >>> SHIFT]!, (ref & MASK) << 3, pack.buf, pack.off, pack.len)
  return ref
}

/** A copy of a listpack of the arena. */
export function duplicate(arena: Arena, ref: number): number {
  return createCopy(arena, show(arena, ref, whole))
}

/** Points the view at the whole of a listpack; its header holds the count from now on, if that is possible. */
export function show(arena: Arena, ref: number, view: Bytes): Bytes {
  count(arena, ref)
  return view.set(arena.u8[ref >>> SHIFT]!, (ref & MASK) << 3, bytes(arena, ref))
}

/** A listpack outside the arena, of entries without header and end. */
export function wrap({ buf, off, len }: Bytes, n: number): Bytes {
  const m = Buffer.allocUnsafe(len + EMPTY_BYTES)
  putHeader(m, 0, m.length, n)
  copyBytes(m, FIRST, buf, off, len)
  m[FIRST + len] = END
  return new Bytes(m)
}

/** A listpack of entries that lie elsewhere. */
export function createFrom(arena: Arena, source: Buffer, from: number, length: number, n: number): number {
  const ref = arena.alloc(length + EMPTY_BYTES)
  const m = arena.u8[ref >>> SHIFT]!
  const base = (ref & MASK) << 3
  putHeader(m, base, length + EMPTY_BYTES, n)
  copyBytes(m, base + FIRST, source, from, length)
  m[base + FIRST + length] = END
  return ref
}

export function free(arena: Arena, ref: number): void {
  arena.release(ref, bytes(arena, ref))
}

/** Length in bytes, header and end included. */
export function bytes(arena: Arena, ref: number): number {
  return arena.i32[ref >>> SHIFT]![(ref & MASK) << 1]!
}

/** Bytes of the arena that it takes. */
export function memory(arena: Arena, ref: number): number {
  return Arena.chunkSize(bytes(arena, ref))
}

/** The position behind the last entry. */
export function end(arena: Arena, ref: number): number {
  return bytes(arena, ref) - 1
}

/** How many entries. */
export function count(arena: Arena, ref: number): number {
  const m = arena.u8[ref >>> SHIFT]!
  const base = (ref & MASK) << 3
  const stored = m[base + 4]! | (m[base + 5]! << 8)
  return stored === MANY ? recount(m, base) : stored
}

function recount(m: Buffer, base: number): number {
  let n = 0
  for (let p = base + FIRST; m[p] !== END; p += entrySize(m, p)) n++
  putCount(m, base, n)
  return n
}

function putCount(m: Buffer, base: number, n: number): void {
  const stored = Math.min(n, MANY)
  m[base + 4] = stored
  m[base + 5] = stored >> 8
}

function putHeader(m: Buffer, base: number, total: number, n: number): void {
  m[base] = total
  m[base + 1] = total >> 8
  m[base + 2] = total >> 16
  m[base + 3] = total >> 24
  putCount(m, base, n)
}

/** Whether a value of so many bytes could be an entry here: saves encoding what is far too long. */
export function couldHold(arena: Arena, ref: number, length: number): boolean {
  return length <= MAX_INTEGER_BYTES || length < bytes(arena, ref)
}

// ---- walking

/** The position behind the entry at `pos`: of the next one or the end. */
export function next(arena: Arena, ref: number, pos: number): number {
  return pos + entrySize(arena.u8[ref >>> SHIFT]!, ((ref & MASK) << 3) + pos)
}

/** The position of the entry before `pos`, 0 before the first. */
export function previous(arena: Arena, ref: number, pos: number): number {
  if (pos <= FIRST) return 0
  const base = (ref & MASK) << 3
  return previousEntry(arena.u8[ref >>> SHIFT]!, base + pos) - base
}

/** The position of the entry of an index below the count, from the nearer side. */
export function seek(arena: Arena, ref: number, index: number): number {
  const m = arena.u8[ref >>> SHIFT]!
  const base = (ref & MASK) << 3
  const n = count(arena, ref)
  let p = base + FIRST
  if (index <= n >> 1) {
    for (let i = 0; i < index; i++) p += entrySize(m, p)
  } else {
    p = base + end(arena, ref)
    for (let i = n; i > index; i--) p = previousEntry(m, p)
  }
  return p - base
}

/**
 * The position of the first entry equal to the encoded one, 0 when there is none, looking at `from` and every `step`-th
 * entry behind it: a hash looks at every second.
 */
export function find(arena: Arena, ref: number, wanted: EntryEncoder, from: number, step: number): number {
  const m = arena.u8[ref >>> SHIFT]!
  const base = (ref & MASK) << 3
  const w = wanted.buf
  const n = wanted.len
  const head = w[0]!
  // The byte before the length is looked at first: names share beginnings more often than endings.
  const e = n > 128 ? n - 3 : n - 2
  const last = w[e]!
  let p = base + from
  for (let c = m[p]!; c !== END; c = m[p]!) {
    if (c === head && m[p + e] === last && sameBytes(m, p, w, e)) return p - base
    for (let k = step; k > 0; k--) {
      const s = m[p]!
      // Short strings without a call: they are most of what there is.
      p += (s & 0xc0) === 0x80 ? (s & 63) + 2 : entrySize(m, p)
    }
  }
  return 0
}

function sameBytes(m: Buffer, p: number, w: Buffer, n: number): boolean {
  if (n > LOOP_LIMIT) return m.compare(w, 0, n, p, p + n) === 0
  for (let i = 1; i < n; i++) if (m[p + i] !== w[i]) return false
  return true
}

/** Whether the entry at `pos` is the encoded one. */
export function equals(arena: Arena, ref: number, pos: number, wanted: EntryEncoder): boolean {
  const m = arena.u8[ref >>> SHIFT]!
  const p = ((ref & MASK) << 3) + pos
  const n = wanted.len
  return m[p] === wanted.buf[0] && entrySize(m, p) === n && sameBytes(m, p, wanted.buf, n)
}

// ---- change: all return the listpack's reference

export function append(arena: Arena, ref: number, entries: EntryEncoder): number {
  return splice(arena, ref, end(arena, ref), 0, 0, entries)
}

/** Puts the encoded entries before the one at `pos`. */
export function insert(arena: Arena, ref: number, pos: number, entries: EntryEncoder): number {
  return splice(arena, ref, pos, 0, 0, entries)
}

/** Puts the encoded entries in the place of the one at `pos`. */
export function replace(arena: Arena, ref: number, pos: number, entries: EntryEncoder): number {
  const m = arena.u8[ref >>> SHIFT]!
  const p = ((ref & MASK) << 3) + pos
  const size = entrySize(m, p)
  if (size !== entries.len || entries.count !== 1) return splice(arena, ref, pos, size, 1, entries)
  copyBytes(m, p, entries.buf, 0, size)
  return ref
}

/** Deletes `n` entries from `pos` on. */
export function remove(arena: Arena, ref: number, pos: number, n: number): number {
  const m = arena.u8[ref >>> SHIFT]!
  const start = ((ref & MASK) << 3) + pos
  let p = start
  for (let i = 0; i < n; i++) p += entrySize(m, p)
  return splice(arena, ref, pos, p - start, n, null)
}

/** Takes `n` entries from `pos` on out and puts the encoded ones at `to`, which is not among them. */
export function replaceElsewhere(
  arena: Arena,
  ref: number,
  pos: number,
  n: number,
  to: number,
  entries: EntryEncoder,
): number {
  const source = arena.u8[ref >>> SHIFT]!
  const start = (ref & MASK) << 3
  let behind = pos
  for (let i = 0; i < n; i++) behind += entrySize(source, start + behind)
  const from = bytes(arena, ref)
  const total = from + entries.len - (behind - pos)
  const stored = source[start + 4]! | (source[start + 5]! << 8)
  const moved = arena.alloc(total)
  const m = arena.u8[moved >>> SHIFT]!
  let end = (moved & MASK) << 3
  const keep = (first: number, last: number) => {
    copyBytes(m, end, source, start + first, last - first)
    end += last - first
  }
  const put = () => {
    copyBytes(m, end, entries.buf, 0, entries.len)
    end += entries.len
  }
  keep(0, Math.min(pos, to))
  if (to <= pos) put()
  keep(Math.min(pos, to), pos)
  keep(behind, Math.max(behind, to))
  if (to > pos) put()
  keep(Math.max(behind, to), from)
  arena.release(ref, from)
  putHeader(m, (moved & MASK) << 3, total, stored === MANY ? MANY : stored + entries.count - n)
  return moved
}

/** Puts encoded entries in the place of `oldBytes` bytes, which are `oldCount` entries. */
function splice(
  arena: Arena,
  ref: number,
  pos: number,
  oldBytes: number,
  oldCount: number,
  entries: EntryEncoder | null,
): number {
  const newBytes = entries === null ? 0 : entries.len
  const newCount = entries === null ? 0 : entries.count
  let m = arena.u8[ref >>> SHIFT]!
  let base = (ref & MASK) << 3
  const from = bytes(arena, ref)
  const to = from + newBytes - oldBytes
  const behind = from - pos - oldBytes
  const stored = m[base + 4]! | (m[base + 5]! << 8)
  let moved = ref
  if (Arena.chunkSize(from) === Arena.chunkSize(to)) {
    moveBytes(m, base + pos + newBytes, base + pos + oldBytes, behind)
  } else {
    moved = arena.alloc(to)
    const source = m
    const start = base
    m = arena.u8[moved >>> SHIFT]!
    base = (moved & MASK) << 3
    copyBytes(m, base, source, start, pos)
    copyBytes(m, base + pos + newBytes, source, start + pos + oldBytes, behind)
    arena.release(ref, from)
  }
  if (entries !== null) copyBytes(m, base + pos, entries.buf, 0, newBytes)
  putHeader(m, base, to, stored === MANY ? MANY : stored + newCount - oldCount)
  return moved
}
