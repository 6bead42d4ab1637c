/**
 * String values. A short one lies in its key's record behind the key; a long one is a buffer of its own in the handle
 * table, grown with room to spare so that APPEND does not copy it each time.
 */
import { ERRORS, fail, failWith } from '../errors.ts'
import type { Arena } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { copyBytes } from '../memory/copy.ts'
import { INT64_MAX, INT64_MIN, parseInt64, putInteger } from '../memory/numbers.ts'
import { BUFFER_BYTES } from '../memory/object-sizes.ts'
import type { Dict } from '../types/dict.ts'
import type { Heap } from '../types/value.ts'
import { encodingOf, expirySlotOf, handleOf, INLINE, INLINE_RAW, LARGE, setCell } from './record.ts'

/** A string above this many bytes gets a buffer of its own. */
const MAX_INLINE_BYTES = 16 * 1024

/** Room kept behind a long string that grows, at most this much. */
const MAX_SPARE_BYTES = 1024 * 1024

/** OBJECT ENCODING's limits: an integer has at most 20 characters, and `embstr` is what fits into 64 bytes of Valkey's. */
const MAX_INTEGER_BYTES = 20
const MAX_EMBSTR_BYTES = 44
const MAX_EMBSTR_RECORD_BYTES = 41
const EXPIRY_BYTES = 8

/** Digits that a double holds exactly, and the numbers with one digit more. */
const MAX_EXACT_DIGITS = 15
const POWERS_OF_TEN = Float64Array.from({ length: MAX_EXACT_DIGITS + 1 }, (_, i) => 10 ** i)
const ZERO = 48
const NINE = 57

/** A long string. */
export interface LongString {
  buf: Buffer
  len: number
}

const SCRATCH = Buffer.alloc(32)
const NOTHING = new Bytes()

export class Strings {
  private readonly heap: Heap
  private readonly arena: Arena
  private readonly dict: Dict
  private readonly view = new Bytes()
  private readonly digits = new Bytes()

  constructor(heap: Heap, dict: Dict) {
    this.heap = heap
    this.dict = dict
    this.arena = heap.arena
  }

  /** The bytes of a record's string; the view is this object's own. */
  read(ref: number): Bytes {
    if (encodingOf(this.arena, ref) === LARGE) {
      const long = this.long(ref)
      return this.view.set(long.buf, 0, long.len)
    }
    return this.dict.value(ref, this.view)
  }

  /** Makes `value` the record's string, of that kind where it is short. The record may move: returns where it is. */
  write(ref: number, value: Bytes, kind: number): number {
    const long = this.longCopy(value)
    if (long !== null) return this.makeLong(ref, long)
    const moved = this.dict.setValue(ref, value)
    if (encodingOf(this.arena, moved) !== kind) {
      this.free(moved)
      setCell(this.arena, moved, kind, 0)
    }
    return moved
  }

  /** A copy of a value that is too long for a record, null where it is not. */
  longCopy(value: Bytes): LongString | null {
    const { len } = value
    if (len <= MAX_INLINE_BYTES) return null
    const buf = this.arena.buffer(len)
    value.buf.copy(buf, 0, value.off, value.off + len)
    return { buf, len }
  }

  /** Makes a record's string, if a long one is given that one, else what lies in the record. */
  adopt(ref: number, long: LongString | null, kind: number): void {
    if (long === null) {
      setCell(this.arena, ref, kind, 0)
      return
    }
    setCell(this.arena, ref, LARGE, this.heap.handles.add(long))
    this.arena.outside += long.buf.length + BUFFER_BYTES
  }

  /** Gives back what the record's string holds outside the record. */
  free(ref: number): void {
    if (encodingOf(this.arena, ref) !== LARGE) return
    this.arena.outside -= this.long(ref).buf.length + BUFFER_BYTES
    this.heap.handles.release(handleOf(this.arena, ref))
  }

  /** How the string lies (record.ts). */
  kind(ref: number): number {
    return encodingOf(this.arena, ref)
  }

  isLarge(ref: number): boolean {
    return encodingOf(this.arena, ref) === LARGE
  }

  /** Bytes held outside the record. */
  memory(ref: number): number {
    return encodingOf(this.arena, ref) === LARGE ? this.long(ref).buf.length + BUFFER_BYTES : 0
  }

  /**
   * Adds to the integer a record holds where it lies; undefined when that takes more than changing its digits (it grows or
   * shrinks, is no integer, is beyond what a double counts exactly).
   */
  addInPlace(ref: number, delta: number): number | undefined {
    if (encodingOf(this.arena, ref) !== INLINE) return undefined
    const { buf, off, len } = this.dict.value(ref, this.view)
    if (len === 0 || len > MAX_EXACT_DIGITS) return undefined
    // Negative numbers, and a leading zero, go the long way.
    let value = buf[off]! - ZERO
    if (value < 1 || value > 9) return undefined
    for (let i = 1; i < len; i++) {
      const digit = buf[off + i]! - ZERO
      if (digit < 0 || digit > 9) return undefined
      value = value * 10 + digit
    }
    const sum = value + delta
    if (sum < POWERS_OF_TEN[len - 1]! || sum >= POWERS_OF_TEN[len]!) return undefined
    const last = off + len - 1
    const digit = buf[last]! + delta
    // Mostly only the last digit changes.
    if (digit >= ZERO && digit <= NINE) buf[last] = digit
    else putInteger(buf, off, sum)
    return sum
  }

  writeInteger(ref: number, value: number | bigint): number {
    return this.write(ref, this.print(value), INLINE)
  }

  /** The digits of an integer; valid until the next call. */
  print(value: number | bigint): Bytes {
    if (typeof value === 'number') return this.digits.set(SCRATCH, 0, putInteger(SCRATCH, 0, value))
    return this.digits.set(SCRATCH, 0, SCRATCH.latin1Write(String(value), 0))
  }

  append(ref: number, value: Bytes): number {
    const old = this.read(ref)
    const length = old.len + value.len
    if (encodingOf(this.arena, ref) === LARGE) {
      const long = this.long(ref)
      this.reserve(long, length)
      value.buf.copy(long.buf, long.len, value.off, value.off + value.len)
      long.len = length
      return ref
    }
    return this.rewrite(ref, old, length, (buf) => {
      value.buf.copy(buf, old.len, value.off, value.off + value.len)
    })
  }

  overwrite(ref: number, offset: number, value: Bytes): number {
    const old = this.read(ref)
    const length = Math.max(old.len, offset + value.len)
    if (encodingOf(this.arena, ref) === LARGE) {
      const long = this.long(ref)
      this.reserve(long, length)
      if (offset > long.len) long.buf.fill(0, long.len, offset)
      value.buf.copy(long.buf, offset, value.off, value.off + value.len)
      long.len = length
      return ref
    }
    return this.rewrite(ref, old, length, (buf) => {
      value.buf.copy(buf, offset, value.off, value.off + value.len)
    })
  }

  /** A new string of `length` bytes that starts as the old one and is zero behind it, then changed by `fill`. */
  private rewrite(ref: number, old: Bytes, length: number, fill: (buf: Buffer) => void): number {
    const buf = Buffer.from(this.arena.zeros(length))
    copyBytes(buf, 0, old.buf, old.off, old.len)
    fill(buf)
    if (length <= MAX_INLINE_BYTES) return this.write(ref, this.view.set(buf, 0, length), INLINE_RAW)
    return this.makeLong(ref, { buf, len: length })
  }

  private makeLong(ref: number, long: LongString): number {
    const moved = this.dict.setValue(ref, NOTHING)
    this.free(moved)
    this.adopt(moved, long, LARGE)
    return moved
  }

  /** Makes room for `length` bytes, doubling so that repeated appends copy each byte a bounded number of times. */
  private reserve(long: LongString, length: number): void {
    if (length <= long.buf.length) return
    const grown = this.arena.buffer(length + Math.min(length, MAX_SPARE_BYTES))
    long.buf.copy(grown, 0, 0, long.len)
    this.arena.outside += grown.length - long.buf.length
    long.buf = grown
  }

  private long(ref: number): LongString {
    return this.heap.handles.get(handleOf(this.arena, ref)) as LongString
  }

  /** OBJECT ENCODING of a string. */
  encoding(ref: number): string {
    const kind = encodingOf(this.arena, ref)
    if (kind === LARGE || kind === INLINE_RAW) return 'raw'
    const value = this.read(ref)
    if (kind === INLINE && value.len <= MAX_INTEGER_BYTES && parseInt64(value) !== undefined) return 'int'
    const expiry = expirySlotOf(this.arena, ref) === 0 ? 0 : EXPIRY_BYTES
    const record = value.len + this.dict.key(ref, this.digits).len + expiry
    return value.len <= MAX_EMBSTR_BYTES && record <= MAX_EMBSTR_RECORD_BYTES ? 'embstr' : 'raw'
  }
}

/** Adds to a string that must be a 64-bit integer; throws notInteger, overflow. */
export function addInt64(text: Bytes, delta: number | bigint): number | bigint {
  const value = parseInt64(text) ?? fail('notInteger')
  if (typeof value === 'number' && typeof delta === 'number') {
    const sum = value + delta
    if (Number.isSafeInteger(sum)) return sum
  }
  const sum = BigInt(value) + BigInt(delta)
  if (sum < INT64_MIN || sum > INT64_MAX) failWith(ERRORS.overflow)
  const n = Number(sum)
  return Number.isSafeInteger(n) ? n : sum
}
