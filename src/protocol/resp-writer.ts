/**
 * Encodes replies as RESP2 or RESP3 into one growing buffer, which many replies of many clients share one after the
 * other: who writes them to a socket empties it behind them.
 */
import type { Bytes } from '../memory/bytes.ts'
import { copyBytes } from '../memory/copy.ts'
import { formatDouble, putInteger } from '../memory/numbers.ts'
import type { ReplySink } from './reply-sink.ts'

/** Capacity of an empty writer. */
const INITIAL_BYTES = 64 * 1024
/** A writer that grew beyond this for a large reply gives the memory back when it is emptied. */
const KEPT_BYTES = 1024 * 1024
/** Below it the buffer doubles when it is full, above it grows by a quarter. */
const DOUBLING_MAX_BYTES = 32 * 1024 * 1024

/** Room for a type, a 64-bit integer and a line end. */
const LINE_BYTES = 32
/** Room left for the line that opens an array of unknown length: right for 10 to 99 replies. */
const DEFERRED_LINE_BYTES = 5

/** Up to this length a loop is faster than Node's functions. */
const SHORT_TEXT = 32

const CR = 13
const LF = 10
const ARRAY = 42
const BULK = 36
const INTEGER = 58
const STATUS = 43
const ERROR = 45
const MAP = 37
const SET = 126
const PUSH = 62
const DOUBLE = 44
const BIG_NUMBER = 40
const VERBATIM = 61
const ATTRIBUTE = 124

/** What a writer held when it was laid aside. */
export interface WriterContent {
  readonly buffer: Buffer
  readonly length: number
  readonly sent: number
  readonly protocol: number
  readonly errors: number
  readonly lastError: string
  readonly lastErrorCounted: boolean
  readonly wrotePush: boolean
}

export class RespWriter implements ReplySink {
  /** RESP version of the client whose command runs. */
  protocol = 2
  /** How many errors were written, and the text of the last. */
  errors = 0
  lastError = ''
  /** It is in the answer of a script, and was counted there. */
  lastErrorCounted = false
  /** A push was written; who cares sets it to false first. */
  wrotePush = false
  /** The replies are its first `length` bytes. */
  buffer: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  length = 0
  /** So many of them have been sent already. */
  sent = 0
  /** For when it is laid aside. */
  private spare: Buffer | null = null

  /** A place to `rollback` to. */
  mark(): number {
    return this.length
  }

  /** Takes back all that was written since `mark`. */
  rollback(mark: number): void {
    this.length = mark
  }

  /** Empties the writer; nobody else may hold its buffer. */
  clear(): void {
    this.length = 0
    this.sent = 0
    if (this.buffer.length > KEPT_BYTES) this.buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  }

  /** Empties the writer and leaves its buffer to the caller. */
  surrender(): Buffer {
    const buffer = this.buffer
    this.buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
    this.length = 0
    this.sent = 0
    return buffer
  }

  /** Leaves all it holds to the caller and starts anew, until `takeUp`. */
  layAside(): WriterContent {
    const { length, sent, protocol, errors, lastError, lastErrorCounted, wrotePush } = this
    const content = {
      length,
      sent,
      protocol,
      errors,
      lastError,
      lastErrorCounted,
      wrotePush,
      buffer: this.buffer,
    }
    this.buffer = this.spare ?? Buffer.allocUnsafeSlow(INITIAL_BYTES)
    this.length = 0
    this.sent = 0
    return content
  }

  /** Goes on where it was laid aside; what it has held since is lost. */
  takeUp(content: WriterContent): void {
    this.spare = this.buffer.length > KEPT_BYTES ? null : this.buffer
    Object.assign(this, content)
  }

  ok(): void {
    this.ensure(5)
    const b = this.buffer
    const p = this.length
    b[p] = STATUS
    b[p + 1] = 79
    b[p + 2] = 75
    b[p + 3] = CR
    b[p + 4] = LF
    this.length = p + 5
  }

  status(text: string): void {
    this.textLine(STATUS, hasLineBreak(text) ? oneLine(text) : text)
  }

  error(text: string): void {
    const line = hasLineBreak(text) ? oneLine(text.replace(/^[\r\n]+|[\r\n]+$/g, '')) : text
    this.errors++
    this.lastError = line
    this.lastErrorCounted = false
    this.textLine(ERROR, line)
  }

  /** What was written by `raw` is an error, or has some in it, and all have been counted. */
  noteCountedError(): void {
    this.errors++
    this.lastErrorCounted = true
  }

  integer(value: number | bigint): void {
    if (typeof value === 'number') this.line(INTEGER, value)
    else this.textLine(INTEGER, String(value))
  }

  bulk(value: Bytes): void {
    const n = value.len
    this.ensure(n + LINE_BYTES)
    const b = this.buffer
    let p = this.length
    b[p++] = BULK
    p = putInteger(b, p, n)
    b[p] = CR
    b[p + 1] = LF
    p += 2
    copyBytes(b, p, value.buf, value.off, n)
    p += n
    b[p] = CR
    b[p + 1] = LF
    this.length = p + 2
  }

  text(value: string): void {
    this.line(BULK, value.length)
    this.characters(value)
  }

  null(): void {
    this.ensure(5)
    const b = this.buffer
    let p = this.length
    if (this.protocol === 3) b[p++] = 95
    else {
      b[p] = BULK
      b[p + 1] = 45
      b[p + 2] = 49
      p += 3
    }
    b[p] = CR
    b[p + 1] = LF
    this.length = p + 2
  }

  nullArray(): void {
    if (this.protocol === 3) this.null()
    else this.line(ARRAY, -1)
  }

  boolean(value: boolean): void {
    if (this.protocol === 3) this.textLine(35, value ? 't' : 'f')
    else this.line(INTEGER, value ? 1 : 0)
  }

  double(value: number): void {
    const digits = formatDouble(value)
    if (this.protocol === 3) this.textLine(DOUBLE, digits)
    else this.text(digits)
  }

  bigNumber(digits: string): void {
    if (this.protocol === 3) this.textLine(BIG_NUMBER, digits)
    else this.text(digits)
  }

  verbatim(format: string, value: string): void {
    if (this.protocol !== 3) {
      this.text(value)
      return
    }
    this.line(VERBATIM, value.length + 4)
    this.ensure(4)
    this.length += this.buffer.latin1Write(`${format.slice(0, 3).padEnd(3)}:`, this.length)
    this.characters(value)
  }

  array(count: number): void {
    this.line(ARRAY, count)
  }

  map(count: number): void {
    if (this.protocol === 3) this.line(MAP, count)
    else this.line(ARRAY, 2 * count)
  }

  set(count: number): void {
    this.line(this.protocol === 3 ? SET : ARRAY, count)
  }

  push(count: number): void {
    this.wrotePush = true
    this.line(this.protocol === 3 ? PUSH : ARRAY, count)
  }

  attribute(count: number): boolean {
    if (this.protocol !== 3) return false
    this.line(ATTRIBUTE, count)
    return true
  }

  beginArray(): number {
    this.ensure(DEFERRED_LINE_BYTES)
    const mark = this.length
    this.length = mark + DEFERRED_LINE_BYTES
    return mark
  }

  endArray(mark: number, count: number): void {
    this.deferredLine(mark, ARRAY, count)
  }

  endSet(mark: number, count: number): void {
    this.deferredLine(mark, this.protocol === 3 ? SET : ARRAY, count)
  }

  endMap(mark: number, count: number): void {
    if (this.protocol === 3) this.deferredLine(mark, MAP, count)
    else this.deferredLine(mark, ARRAY, 2 * count)
  }

  /** Replies that are encoded already. */
  raw(bytes: Bytes): void {
    this.ensure(bytes.len)
    copyBytes(this.buffer, this.length, bytes.buf, bytes.off, bytes.len)
    this.length += bytes.len
  }

  /** The type, a number, a line end. */
  private line(type: number, value: number): void {
    this.ensure(LINE_BYTES)
    const b = this.buffer
    let p = this.length
    b[p++] = type
    p = putInteger(b, p, value)
    b[p] = CR
    b[p + 1] = LF
    this.length = p + 2
  }

  /** The type, text without line breaks, a line end. */
  private textLine(type: number, value: string): void {
    this.ensure(1)
    this.buffer[this.length++] = type
    this.characters(value)
  }

  /** One byte a character, a line end. */
  private characters(value: string): void {
    const n = value.length
    this.ensure(n + 2)
    const b = this.buffer
    const p = this.length
    if (n > SHORT_TEXT) b.latin1Write(value, p)
    else for (let i = 0; i < n; i++) b[p + i] = value.charCodeAt(i)
    b[p + n] = CR
    b[p + n + 1] = LF
    this.length = p + n + 2
  }

  /** Writes the line at `mark`; what follows moves where the line is not as long as the room left for it. */
  private deferredLine(mark: number, type: number, count: number): void {
    const shift = decimalDigits(count) + 3 - DEFERRED_LINE_BYTES
    if (shift !== 0) {
      if (shift > 0) this.ensure(shift)
      const from = mark + DEFERRED_LINE_BYTES
      this.buffer.copyWithin(from + shift, from, this.length)
      this.length += shift
    }
    const b = this.buffer
    b[mark] = type
    const p = putInteger(b, mark + 1, count)
    b[p] = CR
    b[p + 1] = LF
  }

  private ensure(n: number): void {
    if (this.length + n > this.buffer.length) this.grow(this.length + n)
  }

  private grow(needed: number): void {
    const size = this.buffer.length
    const proposed = size < DOUBLING_MAX_BYTES ? 2 * size : size + size / 4
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.floor(proposed)))
    this.buffer.copy(larger, 0, 0, this.length)
    this.buffer = larger
  }
}

function decimalDigits(value: number): number {
  let digits = 1
  for (let limit = 10; limit <= value; limit *= 10) digits++
  return digits
}

function hasLineBreak(text: string): boolean {
  return text.includes('\n') || text.includes('\r')
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ')
}
