/**
 * Ziplists, the small collections of Redis before 7: read only, to be listpacks from then on.
 *
 *     u32 bytes in all | u32 position of the last entry | u16 entries, 0xffff: too many to say | entries | 0xff
 *
 * An entry is the length of the one before it (a byte, or 0xfe and a u32), an encoding, data:
 *
 *     00xxxxxx string to 63 bytes     11000000 16-bit integer     11111110 8-bit integer
 *     01xxxxxx x string to 16383      11010000 32-bit integer     1111xxxx integer x - 1, x from 1 to 13
 *     10...... u32 (big endian)       11100000 64-bit integer
 *              longer string          11110000 24-bit integer
 */
import { Bytes } from '../memory/bytes.ts'
import { wrap } from '../types/listpack.ts'
import type { CheckedListpack } from '../types/listpack-check.ts'
import { EntryEncoder } from '../types/listpack-entry.ts'

const HEADER_BYTES = 10
const END = 0xff
const MANY = 0xffff
const LONG_PREVIOUS = 0xfe

const INT_16 = 0xc0
const INT_32 = 0xd0
const INT_64 = 0xe0
const INT_24 = 0xf0
const INT_8 = 0xfe
const IMMEDIATE_MIN = 0xf1
const IMMEDIATE_MAX = 0xfd

const view = new Bytes()

/** The entries as a listpack; null where the bytes are no ziplist. */
export function listpackOfZiplist(ziplist: Bytes): CheckedListpack | null {
  const { buf, off, len } = ziplist
  if (len <= HEADER_BYTES || buf.readUInt32LE(off) !== len || buf[off + len - 1] !== END) return null
  const entries = new EntryEncoder()
  const end = off + len - 1
  let previous = 0
  for (let p = off + HEADER_BYTES; p < end; ) {
    const isLong = buf[p] === LONG_PREVIOUS
    const head = p + (isLong ? 5 : 1)
    if (head >= end || (isLong ? buf.readUInt32LE(p + 1) : buf[p]) !== previous) return null
    const size = appendEntry(entries, buf, head, end)
    if (size === 0) return null
    previous = head + size - p
    p += previous
  }
  const stored = buf.readUInt16LE(off + 8)
  if (stored !== MANY && stored !== entries.count) return null
  return { pack: wrap(view.set(entries.buf, 0, entries.len), entries.count), count: entries.count }
}

/** Takes over the value whose encoding is at p; how many bytes that are, 0 when they reach `end` or mean nothing. */
function appendEntry(entries: EntryEncoder, m: Buffer, p: number, end: number): number {
  const c = m[p]!
  if (c < INT_16) return appendString(entries, m, p, end)
  if (c >= IMMEDIATE_MIN && c <= IMMEDIATE_MAX) {
    entries.appendInteger(c - IMMEDIATE_MIN)
    return 1
  }
  const bytes = integerBytes(c)
  if (bytes === 0 || p + 1 + bytes > end) return 0
  entries.appendInteger(bytes === 8 ? m.readBigInt64LE(p + 1) : m.readIntLE(p + 1, bytes))
  return 1 + bytes
}

function integerBytes(encoding: number): number {
  switch (encoding) {
    case INT_8:
      return 1
    case INT_16:
      return 2
    case INT_24:
      return 3
    case INT_32:
      return 4
    case INT_64:
      return 8
    default:
      return 0
  }
}

function appendString(entries: EntryEncoder, m: Buffer, p: number, end: number): number {
  const kind = m[p]! >> 6
  const head = kind === 0 ? 1 : kind === 1 ? 2 : 5
  if (p + head > end) return 0
  const short = m[p]! & 63
  const n = kind === 0 ? short : kind === 1 ? (short << 8) | m[p + 1]! : m.readUInt32BE(p + 1)
  if (p + head + n > end) return 0
  entries.append(view.set(m, p + head, n))
  return head + n
}
