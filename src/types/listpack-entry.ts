/**
 * One entry of Valkey's listpack format: encoding byte and data, then the length of both, readable from the right.
 *
 *     0xxxxxxx            integer 0..127            1110xxxx x   string to 4095 bytes
 *     10xxxxxx            string to 63 bytes        11110000 xxxx  longer string, u32 length
 *     110xxxxx x          integer of 13 bits        1111 0001, 0010, 0011, 0100: integers of 16, 24, 32, 64 bits
 *
 * A value has exactly one encoding, so two values are equal when their encoded bytes are.
 */
import { Bytes } from '../memory/bytes.ts'
import { copyBytes } from '../memory/copy.ts'
import { parseInt64, putInteger } from '../memory/numbers.ts'

const STRING_6 = 0x80
const INT_13 = 0xc0
const STRING_12 = 0xe0
const STRING_32 = 0xf0
const INT_16 = 0xf1
const INT_24 = 0xf2
const INT_32 = 0xf3
const INT_64 = 0xf4
/** Behind the last entry of a listpack. */
export const END = 0xff

/** Bytes an encoded entry may take beyond those of its value. */
const MAX_ENTRY_OVERHEAD = 10
/** The longest integer as text: longer than its entry. */
export const MAX_INTEGER_BYTES = 20

/** Bytes of the length at an entry's end. */
function backSize(n: number): number {
  return n < 0x80 ? 1 : n < 0x4000 ? 2 : n < 0x20_0000 ? 3 : n < 0x1000_0000 ? 4 : 5
}

/** Bytes of the entry at p. */
export function entrySize(m: Buffer, p: number): number {
  const c = m[p]!
  if ((c & 0xc0) === STRING_6) return (c & 63) + 2
  if (c < 0x80) return 2
  if (c < STRING_12) return 3
  if (c > STRING_32) return c === INT_64 ? 10 : c - INT_16 + 4
  const n = c === STRING_32 ? 5 + m.readUInt32LE(p + 1) : 2 + (((c & 15) << 8) | m[p + 1]!)
  return n + backSize(n)
}

/** Where the entry begins that ends before p. */
export function previousEntry(m: Buffer, p: number): number {
  let c = m[p - 1]!
  if (c < 0x80) return p - 1 - c
  let n = c & 127
  let size = 1
  for (let unit = 0x80; c >= 0x80; unit *= 0x80) {
    c = m[p - 1 - size++]!
    n += (c & 127) * unit
  }
  return p - size - n
}

/** Bytes the value takes as an entry. */
export function encodedSize(value: Bytes): number {
  const n = value.len
  if (mayBeInteger(value)) {
    const v = parseInt64(value)
    if (v !== undefined) return integerEntrySize(v)
  }
  const inner = n + (n < 64 ? 1 : n < 4096 ? 2 : 5)
  return inner + backSize(inner)
}

/** Bytes an integer takes as an entry. */
export function integerEntrySize(v: number | bigint): number {
  if (v >= 0 && v < 128) return 2
  if (v >= -0x1000 && v < 0x1000) return 3
  if (v >= -0x8000 && v < 0x8000) return 4
  if (v >= -0x80_0000 && v < 0x80_0000) return 5
  return v >= -0x8000_0000 && v < 0x8000_0000 ? 6 : 10
}

function mayBeInteger(value: Bytes): boolean {
  const n = value.len
  if (n === 0 || n > MAX_INTEGER_BYTES) return false
  const c = value.buf[value.off]!
  return c <= 57 && (c >= 48 || c === 45)
}

/** Writes the entry of `value` at p, where there is room for MAX_ENTRY_OVERHEAD bytes more; returns its size. */
export function putEntry(m: Buffer, p: number, value: Bytes): number {
  const n = value.len
  if (mayBeInteger(value)) {
    const v = parseInt64(value)
    if (v !== undefined) return putIntegerEntry(m, p, v)
  }
  let at = p
  if (n < 64) m[at++] = STRING_6 | n
  else if (n < 4096) {
    m[at++] = STRING_12 | (n >> 8)
    m[at++] = n
  } else {
    m[at++] = STRING_32
    at = m.writeUInt32LE(n, at)
  }
  copyBytes(m, at, value.buf, value.off, n)
  return putBackLength(m, at + n, at + n - p) - p
}

/** Writes the length at an entry's end, of n bytes before it; returns the position behind. */
export function putBackLength(m: Buffer, p: number, n: number): number {
  if (n < 0x80) {
    m[p] = n
    return p + 1
  }
  const size = backSize(n)
  let rest = n
  for (let i = size - 1; i > 0; i--) {
    m[p + i] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  m[p] = rest
  return p + size
}

/** Writes an integer's entry at p; returns its size. */
function putIntegerEntry(m: Buffer, p: number, value: number | bigint): number {
  const size = integerEntrySize(value)
  const last = p + size - 1
  m[last] = size - 1
  if (size === 10) {
    m[p] = INT_64
    if (typeof value === 'bigint') m.writeBigInt64LE(value, p + 1)
    else {
      putInt32(m, p + 1, value)
      putInt32(m, p + 5, Math.floor(value / 0x1_0000_0000))
    }
    return size
  }
  const v = Number(value)
  if (size === 2) m[p] = v
  else if (size === 3) {
    m[p] = INT_13 | ((v >> 8) & 31)
    m[p + 1] = v
  } else {
    m[p] = INT_16 + size - 4
    for (let i = p + 1, rest = v; i < last; i++, rest >>= 8) m[i] = rest
  }
  return size
}

/** Whether the entry at p holds an integer. */
export function isInteger(m: Buffer, p: number): boolean {
  const c = m[p]!
  return c < 0x80 || (c >= INT_13 && c < STRING_12) || c > STRING_32
}

/** The integer at p: a bigint where a number would not be exact. */
export function integerAt(m: Buffer, p: number): number | bigint {
  const c = m[p]!
  if (c < 0x80) return c
  if (c < STRING_12) return ((((c & 31) << 8) | m[p + 1]!) << 19) >> 19
  if (c === INT_16) return m[p + 1]! | ((m[p + 2]! << 24) >> 16)
  if (c === INT_24) return m[p + 1]! | (m[p + 2]! << 8) | ((m[p + 3]! << 24) >> 8)
  const low = int32At(m, p + 1)
  if (c === INT_32) return low
  const v = int32At(m, p + 5) * 0x1_0000_0000 + (low >>> 0)
  const isExact = v >= Number.MIN_SAFE_INTEGER && v <= Number.MAX_SAFE_INTEGER
  return isExact ? v : m.readBigInt64LE(p + 1)
}

/** As Buffer.readInt32LE, which computes in doubles. */
function int32At(m: Buffer, p: number): number {
  return m[p]! | (m[p + 1]! << 8) | (m[p + 2]! << 16) | (m[p + 3]! << 24)
}

/** As Buffer.writeInt32LE of the number's lowest 32 bits. */
function putInt32(m: Buffer, p: number, value: number): void {
  m[p] = value
  m[p + 1] = value >> 8
  m[p + 2] = value >> 16
  m[p + 3] = value >> 24
}

/** Shows entries as bytes; each shown entry is valid until the next. */
export class EntryReader {
  readonly bytes = new Bytes()
  private readonly digits = Buffer.allocUnsafeSlow(24)

  /** The value of the entry at p: its own bytes, or an integer's digits. */
  read(m: Buffer, p: number): Bytes {
    const c = m[p]!
    if ((c & 0xc0) === STRING_6) return this.bytes.set(m, p + 1, c & 63)
    if (c >= STRING_12 && c < STRING_32) return this.bytes.set(m, p + 2, ((c & 15) << 8) | m[p + 1]!)
    if (c === STRING_32) return this.bytes.set(m, p + 5, m.readUInt32LE(p + 1))
    return this.print(integerAt(m, p))
  }

  /** An integer's digits, as if it had been read from an entry. */
  print(v: number | bigint): Bytes {
    const d = this.digits
    return this.bytes.set(d, 0, typeof v === 'number' ? putInteger(d, 0, v) : d.latin1Write(String(v), 0))
  }
}

/** Room that an encoder keeps; more is given back when it is no longer needed. */
const KEPT_BYTES = 64 * 1024

/** Entries encoded in memory of their own, to be compared or copied. */
export class EntryEncoder {
  buf = Buffer.allocUnsafeSlow(256)
  /** Bytes encoded. */
  len = 0
  /** Entries encoded. */
  count = 0

  /** Encodes one value in the place of whatever was here. */
  set(value: Bytes): this {
    this.clear()
    return this.append(value)
  }

  setInteger(value: number | bigint): this {
    this.clear()
    return this.appendInteger(value)
  }

  clear(): void {
    this.len = 0
    this.count = 0
    if (this.buf.length > KEPT_BYTES) this.buf = Buffer.allocUnsafeSlow(256)
  }

  append(value: Bytes): this {
    this.reserve(value.len + MAX_ENTRY_OVERHEAD)
    this.len += putEntry(this.buf, this.len, value)
    this.count++
    return this
  }

  appendInteger(value: number | bigint): this {
    this.reserve(MAX_ENTRY_OVERHEAD)
    this.len += putIntegerEntry(this.buf, this.len, value)
    this.count++
    return this
  }

  private reserve(more: number): void {
    const needed = this.len + more
    if (needed <= this.buf.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buf.length * 2))
    this.buf.copy(grown, 0, 0, this.len)
    this.buf = grown
  }
}
