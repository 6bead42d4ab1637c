/**
 * Encodes replies as RESP2 or RESP3 into one growing buffer, which the network layer sends and empties.
 */
import type { Bytes } from '../memory/bytes.ts'
import { copyBytes } from '../memory/copy.ts'
import { formatDouble, putInteger } from '../memory/numbers.ts'
import type { ReplySink } from './reply-sink.ts'

const INITIAL_BYTES = 64 * 1024
/** A larger buffer is not kept for the next reply. */
const KEPT_BYTES = 1024 * 1024
/** Type, 20 digits and a line break. */
const HEADER_BYTES = 24
/** Bytes set aside for the header of an array of unknown length: those of one with a single digit. */
const SHORT_HEADER = 4

const CR = 13
const LF = 10
const ARRAY = 42
const BULK = 36
const INTEGER = 58
const MAP = 37
const SET = 126
const PUSH = 62

export class RespWriter implements ReplySink {
  protocol = 2
  /** The text of the last error written; who cares sets it to null first. */
  lastError: string | null = null
  private buf = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  private end = 0

  /** Bytes written and not yet taken. */
  get length(): number {
    return this.end
  }

  /** The buffer; its first `length` bytes are what was written. Valid until the next write. */
  get buffer(): Buffer {
    return this.buf
  }

  /** Forgets what was written: it has been sent or copied. */
  clear(): void {
    this.end = 0
    if (this.buf.length > KEPT_BYTES) this.buf = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  }

  /** Gives the buffer away, with what was written, and goes on with a new one. */
  take(): Buffer {
    const taken = this.buf.subarray(0, this.end)
    this.buf = Buffer.allocUnsafeSlow(INITIAL_BYTES)
    this.end = 0
    return taken
  }

  /** A place in the output to go back to with `rollback`. */
  mark(): number {
    return this.end
  }

  rollback(mark: number): void {
    this.end = mark
  }

  private reserve(bytes: number): void {
    if (this.end + bytes > this.buf.length) this.grow(bytes)
  }

  private grow(bytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buf.length * 2, this.end + bytes))
    this.buf.copy(grown, 0, 0, this.end)
    this.buf = grown
  }

  private header(type: number, value: number): void {
    this.reserve(HEADER_BYTES)
    const b = this.buf
    let p = this.end
    b[p++] = type
    if (value >= 0 && value < 10) b[p++] = 48 + value
    else p = putInteger(b, p, value)
    b[p] = CR
    b[p + 1] = LF
    this.end = p + 2
  }

  private literal(text: string): void {
    this.reserve(text.length)
    this.end += this.buf.latin1Write(text, this.end)
  }

  private line(type: string, text: string): void {
    const safe = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, ' ') : text
    this.reserve(safe.length * 3 + 3)
    this.end += this.buf.latin1Write(type, this.end)
    this.end += this.buf.utf8Write(safe, this.end)
    this.end += this.buf.latin1Write('\r\n', this.end)
  }

  ok(): void {
    this.reserve(5)
    const b = this.buf
    const p = this.end
    b[p] = 43
    b[p + 1] = 79
    b[p + 2] = 75
    b[p + 3] = CR
    b[p + 4] = LF
    this.end = p + 5
  }

  status(text: string): void {
    this.line('+', text)
  }

  error(text: string): void {
    this.lastError = text
    this.line('-', text)
  }

  integer(value: number | bigint): void {
    if (typeof value === 'number') this.header(INTEGER, value)
    else this.literal(`:${value}\r\n`)
  }

  bulk(value: Bytes): void {
    const n = value.len
    this.reserve(n + HEADER_BYTES + 2)
    this.header(BULK, n)
    const b = this.buf
    const p = this.end
    copyBytes(b, p, value.buf, value.off, n)
    b[p + n] = CR
    b[p + n + 1] = LF
    this.end = p + n + 2
  }

  text(value: string): void {
    const n = Buffer.byteLength(value)
    this.header(BULK, n)
    this.reserve(n + 2)
    this.end += this.buf.utf8Write(value, this.end)
    this.literal('\r\n')
  }

  null(): void {
    this.literal(this.protocol === 2 ? '$-1\r\n' : '_\r\n')
  }

  nullArray(): void {
    this.literal(this.protocol === 2 ? '*-1\r\n' : '_\r\n')
  }

  boolean(value: boolean): void {
    if (this.protocol === 2) this.header(INTEGER, value ? 1 : 0)
    else this.literal(value ? '#t\r\n' : '#f\r\n')
  }

  double(value: number): void {
    const digits = formatDouble(value)
    if (this.protocol === 2) this.literal(`$${digits.length}\r\n${digits}\r\n`)
    else this.literal(`,${digits}\r\n`)
  }

  bigNumber(digits: string): void {
    if (this.protocol === 2) this.text(digits)
    else this.line('(', digits)
  }

  verbatim(format: string, value: string): void {
    if (this.protocol === 2) {
      this.text(value)
      return
    }
    const n = Buffer.byteLength(value)
    this.header(61, n + format.length + 1)
    this.literal(`${format}:`)
    this.reserve(n + 2)
    this.end += this.buf.utf8Write(value, this.end)
    this.literal('\r\n')
  }

  array(count: number): void {
    this.header(ARRAY, count)
  }

  map(count: number): void {
    if (this.protocol === 2) this.header(ARRAY, count * 2)
    else this.header(MAP, count)
  }

  set(count: number): void {
    this.header(this.protocol === 2 ? ARRAY : SET, count)
  }

  push(count: number): void {
    this.header(this.protocol === 2 ? ARRAY : PUSH, count)
  }

  beginArray(): number {
    this.reserve(SHORT_HEADER)
    const mark = this.end
    this.end += SHORT_HEADER
    return mark
  }

  endArray(mark: number, count: number): void {
    this.putHeader(mark, ARRAY, count)
  }

  endSet(mark: number, count: number): void {
    this.putHeader(mark, this.protocol === 2 ? ARRAY : SET, count)
  }

  endMap(mark: number, count: number): void {
    if (this.protocol === 2) this.putHeader(mark, ARRAY, count * 2)
    else this.putHeader(mark, MAP, count)
  }

  /** Writes a header into the place set aside; what follows moves only when the count has several digits. */
  private putHeader(mark: number, type: number, count: number): void {
    const extra = String(count).length - 1
    if (extra > 0) {
      this.reserve(extra)
      this.buf.copyWithin(mark + SHORT_HEADER + extra, mark + SHORT_HEADER, this.end)
      this.end += extra
    }
    const b = this.buf
    b[mark] = type
    const p = putInteger(b, mark + 1, count)
    b[p] = CR
    b[p + 1] = LF
  }

  /** A reply, or several, encoded elsewhere in this client's protocol. */
  raw(bytes: Bytes): void {
    this.reserve(bytes.len)
    copyBytes(this.buf, this.end, bytes.buf, bytes.off, bytes.len)
    this.end += bytes.len
  }
}
