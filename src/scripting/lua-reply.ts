/**
 * The reply of a command that a script called, encoded straight into the interpreter's memory: a small reply is a result
 * code with a number or bytes, an aggregate a stream of tagged values, from which C builds Lua's values.
 */
import { ReplyError } from '../errors.ts'
import type { Bytes } from '../memory/bytes.ts'
import { copyBytes } from '../memory/copy.ts'
import { formatDouble } from '../memory/numbers.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import {
  IO_LENGTH,
  IO_NUMBER,
  IO_REPLY,
  IO_REPLY_CAPACITY,
  RESULT_OK,
  RESULT_STREAM,
  TAG_ARRAY,
  TAG_BIG_NUMBER,
  TAG_DOUBLE,
  TAG_ERROR,
  TAG_FALSE,
  TAG_MAP,
  TAG_NIL,
  TAG_NUMBER,
  TAG_SET,
  TAG_STATUS,
  TAG_STRING,
  TAG_TRUE,
  TAG_VERBATIM,
} from './abi.ts'
import type { Interpreter } from './interpreter.ts'

/** Characters moved one by one; a call of a native function costs more than these. */
const SMALL_COPY = 32
/** A tag and a count. */
const HEADER = 5

export class LuaReply implements ReplySink {
  /** 2, or 3 after the script called redis.setresp(3). */
  protocol = 2
  /** What C is told: a TAG or a RESULT. */
  result = TAG_NIL
  /** How many errors were written, and the text of the last. */
  errors = 0
  lastError = ''
  readonly lastErrorCounted = false
  /** The reply did not fit the interpreter's memory. */
  isTooLarge = false
  private interpreter!: Interpreter
  private heap!: Buffer
  private words!: Int32Array
  private doubles!: Float64Array
  private numberIndex = 0
  private lengthIndex = 0
  /** The reply buffer, and how much of it the stream has filled. */
  private start = 0
  private capacity = 0
  private used = 0
  private isStream = false

  /** Directs replies to an interpreter. */
  attach(interpreter: Interpreter): void {
    this.interpreter = interpreter
    this.heap = interpreter.heap
    this.words = interpreter.words
    this.doubles = interpreter.doubles
    this.numberIndex = (interpreter.io + IO_NUMBER) >> 3
    this.lengthIndex = (interpreter.io + IO_LENGTH) >> 2
    this.readBuffer()
  }

  /** Starts a new reply; one that was begun is dropped. */
  reset(): void {
    this.used = 0
    this.isStream = false
    this.isTooLarge = false
    this.result = TAG_NIL
  }

  /** A place to `rollback` to. A command writes one reply: that place is its beginning. */
  mark(): number {
    return 0
  }

  /** Takes back what was written of the reply. */
  rollback(_mark: number): void {
    this.used = 0
    this.isStream = false
    this.result = TAG_NIL
  }

  ok(): void {
    if (this.isStream) this.putText(TAG_STATUS, 'OK')
    else this.result = RESULT_OK
  }

  status(text: string): void {
    this.putText(TAG_STATUS, text)
  }

  error(text: string): void {
    this.errors++
    this.lastError = text
    this.putText(TAG_ERROR, text)
  }

  integer(value: number | bigint): void {
    this.putNumber(TAG_NUMBER, Number(value))
  }

  bulk(value: Bytes): void {
    const length = value.len
    copyBytes(this.heap, this.place(TAG_STRING, length), value.buf, value.off, length)
  }

  text(value: string): void {
    this.putText(TAG_STRING, value)
  }

  null(): void {
    this.putTag(this.protocol === 2 ? TAG_FALSE : TAG_NIL)
  }

  nullArray(): void {
    this.null()
  }

  boolean(value: boolean): void {
    if (this.protocol === 2) this.putNumber(TAG_NUMBER, value ? 1 : 0)
    else this.putTag(value ? TAG_TRUE : TAG_FALSE)
  }

  double(value: number): void {
    if (this.protocol === 2) this.putText(TAG_STRING, formatDouble(value))
    else this.putNumber(TAG_DOUBLE, value)
  }

  bigNumber(digits: string): void {
    this.putText(this.protocol === 2 ? TAG_STRING : TAG_BIG_NUMBER, digits)
  }

  verbatim(format: string, value: string): void {
    if (this.protocol === 2) this.putText(TAG_STRING, value)
    else this.putText(TAG_VERBATIM, format + value)
  }

  array(count: number): void {
    this.open(TAG_ARRAY, count)
  }

  map(count: number): void {
    if (this.protocol === 2) this.open(TAG_ARRAY, count * 2)
    else this.open(TAG_MAP, count)
  }

  set(count: number): void {
    this.open(this.protocol === 2 ? TAG_ARRAY : TAG_SET, count)
  }

  push(count: number): void {
    this.open(TAG_ARRAY, count)
  }

  /** Scripts see no attributes. */
  attribute(_count: number): boolean {
    return false
  }

  beginArray(): number {
    this.open(TAG_ARRAY, 0)
    return this.used - HEADER
  }

  endArray(mark: number, count: number): void {
    this.putCount(this.start + mark + 1, count)
  }

  endSet(mark: number, count: number): void {
    if (this.protocol !== 2) this.heap[this.start + mark] = TAG_SET
    this.putCount(this.start + mark + 1, count)
  }

  endMap(mark: number, count: number): void {
    if (this.protocol !== 2) this.heap[this.start + mark] = TAG_MAP
    this.putCount(this.start + mark + 1, this.protocol === 2 ? count * 2 : count)
  }

  private readBuffer(): void {
    this.start = this.interpreter.get(IO_REPLY)
    this.capacity = this.interpreter.get(IO_REPLY_CAPACITY)
  }

  private ensure(size: number): void {
    const needed = this.used + size
    if (needed <= this.capacity) return
    if (this.interpreter.exports.reserve_reply(needed) === 0) {
      this.isTooLarge = true
      throw new ReplyError('ERR not enough memory')
    }
    this.readBuffer()
  }

  private open(tag: number, count: number): void {
    this.isStream = true
    this.result = RESULT_STREAM
    this.ensure(HEADER)
    const at = this.start + this.used
    this.heap[at] = tag
    this.putCount(at + 1, count)
    this.used += HEADER
  }

  private putCount(at: number, count: number): void {
    const heap = this.heap
    heap[at] = count
    heap[at + 1] = count >>> 8
    heap[at + 2] = count >>> 16
    heap[at + 3] = count >>> 24
  }

  private putTag(tag: number): void {
    if (!this.isStream) {
      this.result = tag
      return
    }
    this.ensure(1)
    this.heap[this.start + this.used++] = tag
  }

  private putNumber(tag: number, value: number): void {
    if (!this.isStream) {
      this.result = tag
      this.doubles[this.numberIndex] = value
      return
    }
    this.ensure(9)
    const at = this.start + this.used
    this.heap[at] = tag
    this.heap.writeDoubleLE(value, at + 1)
    this.used += 9
  }

  /** Makes room for bytes and says where they go. */
  private place(tag: number, length: number): number {
    if (!this.isStream) {
      this.ensure(length)
      this.result = tag
      this.words[this.lengthIndex] = length
      return this.start
    }
    this.ensure(HEADER + length)
    const at = this.start + this.used
    this.heap[at] = tag
    this.putCount(at + 1, length)
    this.used += HEADER + length
    return at + HEADER
  }

  private putText(tag: number, text: string): void {
    const length = text.length
    const at = this.place(tag, length)
    if (length <= SMALL_COPY) for (let i = 0; i < length; i++) this.heap[at + i] = text.charCodeAt(i)
    else this.heap.latin1Write(text, at)
  }
}
