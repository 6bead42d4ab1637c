/**
 * Reads the requests of one connection, however they are cut into chunks: the whole grammar with its limits and errors.
 * It reads one command at a time and keeps the bytes of a command that has not arrived completely; no byte of it is
 * looked at twice. Chunks that hold whole commands are read faster by the command window.
 */
import type { Args } from '../memory/args.ts'
import { Bytes } from '../memory/bytes.ts'
import { copyBytes } from '../memory/copy.ts'
import { parseInt64 } from '../memory/numbers.ts'
import { splitInline } from './inline-request.ts'
import {
  ARGUMENTS_MAX,
  BULK_BYTES_MAX,
  LARGE_BULK_BYTES,
  LINE_BYTES_MAX,
  PROTOCOL_ERRORS,
  type RequestLimits,
  UNAUTHENTICATED_ARGUMENTS_MAX,
  UNAUTHENTICATED_BULK_BYTES_MAX,
} from './request-limits.ts'

const STAR = 42
const DOLLAR = 36
const CR = 13
const LF = 10

/** Capacity kept while no command is under way. */
const KEPT_BYTES = 4096
const KEPT_PAIRS = 64
const FIRST_BYTES = 1024

/** What is to come next. */
const START = 0
const INLINE = 1
const COUNT = 2
const LENGTH = 3
const PAYLOAD = 4
/** The two bytes behind an argument; nobody looks at them. */
const TERMINATOR = 5

const NO_BYTES = Buffer.alloc(0)
const NO_PAIRS = new Int32Array(0)

export class RequestParser {
  /** A whole command was read and can be loaded. */
  complete = false
  /** Why the input is not a request; there is no way on from it. One character a byte. */
  error: string | null = null
  private state = START
  /** A line that goes on in the next chunk. */
  private line: Buffer = NO_BYTES
  private lineBytes = 0
  /** An inline request is never found to end once a zero byte came: Valkey searches the line's end in a C string. */
  private sawZero = false
  /** Arguments read, and how many are to come. */
  private count = 0
  private left = 0
  /** Offset and length by argument; a negative offset is that of a buffer in `large`, complemented. */
  private pairs: Int32Array = NO_PAIRS
  /** The bytes of the arguments. */
  private bytes: Buffer = NO_BYTES
  private used = 0
  private large: Buffer[] = []
  private largeBytes = 0
  /** Length of the argument that is arriving, and how much of it (of its terminator) has come. */
  private length = 0
  private arrived = 0
  /** What offsets of the complete command refer to: `bytes`, or the line of an inline request. */
  private source: Buffer = NO_BYTES

  /** Whether a command is under way. */
  get isPending(): boolean {
    return this.state !== START
  }

  /** Bytes held of a command that is not complete. */
  get heldBytes(): number {
    return this.used + this.largeBytes + this.lineBytes
  }

  /** Capacity beyond the bytes held, that for the rest of a large argument included. */
  get freeBytes(): number {
    const expected =
      this.state === PAYLOAD && this.length >= LARGE_BULK_BYTES ? this.length - this.arrived : 0
    return this.bytes.length - this.used + this.line.length - this.lineBytes + expected
  }

  /**
   * Reads on, from `start`, until a command is complete, an error is found or the chunk ends; returns where it stopped.
   * A complete command may refer to the chunk.
   */
  feed(buf: Buffer, start: number, end: number, limits: RequestLimits): number {
    if (this.complete) this.reset()
    let p = start
    while (p < end && !this.complete && this.error === null) {
      switch (this.state) {
        case START:
          this.state = buf[p] === STAR ? COUNT : INLINE
          break
        case INLINE:
          p = this.readInline(buf, p, end)
          break
        case COUNT:
        case LENGTH:
          p = this.readHeader(buf, p, end, limits)
          break
        case PAYLOAD:
          p = this.readPayload(buf, p, end)
          break
        default:
          p = this.readTerminator(p, end)
      }
    }
    return p
  }

  /** Points `args` at the arguments of the complete command. */
  load(args: Args): void {
    args.reset()
    for (let i = 0; i < this.count; i++) {
      const offset = this.pairs[2 * i]!
      if (offset >= 0) args.push(this.source, offset, this.pairs[2 * i + 1]!)
      else args.push(this.large[~offset]!, 0, this.pairs[2 * i + 1]!)
    }
  }

  /** Forgets the complete command, once it has run. */
  reset(): void {
    this.complete = false
    this.state = START
    this.lineBytes = 0
    this.sawZero = false
    this.count = 0
    this.left = 0
    this.used = 0
    this.largeBytes = 0
    this.source = NO_BYTES
    if (this.large.length > 0) this.large = []
    if (this.bytes.length > KEPT_BYTES) this.bytes = NO_BYTES
    if (this.line.length > KEPT_BYTES) this.line = NO_BYTES
    if (this.pairs.length > 2 * KEPT_PAIRS) this.pairs = NO_PAIRS
  }

  /** Gives memory back that an idle connection does not need. */
  release(): void {
    if (this.isPending || this.complete) return
    this.bytes = NO_BYTES
    this.line = NO_BYTES
    this.pairs = NO_PAIRS
  }

  private fail(text: string): void {
    this.error = text
  }

  private readInline(buf: Buffer, p: number, end: number): number {
    if (!this.sawZero) {
      const newline = indexOf(buf, LF, p, end)
      const zero = indexOf(buf, 0, p, newline < 0 ? end : newline)
      if (newline >= 0 && zero < 0) {
        this.splitLine(buf, p, newline)
        return newline + 1
      }
      this.sawZero = zero >= 0
    }
    if (this.lineBytes + end - p > LINE_BYTES_MAX) this.fail(PROTOCOL_ERRORS.bigInline)
    else this.keepLine(buf, p, end)
    return end
  }

  /** The end of an inline request is found. */
  private splitLine(buf: Buffer, start: number, newline: number): void {
    let line = buf
    let from = start
    let to = newline
    if (this.lineBytes > 0) {
      this.keepLine(buf, start, newline)
      line = this.line
      from = 0
      to = this.lineBytes
    }
    if (to > from && line[to - 1] === CR) to--
    if (!splitInline(line, from, to, (offset, length) => this.addPair(offset, length))) {
      this.fail(PROTOCOL_ERRORS.unbalancedQuotes)
      return
    }
    this.source = line
    this.finish()
  }

  /** Reads the line with the count of arguments or the length of one. */
  private readHeader(buf: Buffer, p: number, end: number, limits: RequestLimits): number {
    // The byte behind the carriage return belongs to the line, whatever it is.
    if (this.lineBytes > 0 && this.line[this.lineBytes - 1] === CR) {
      this.takeHeader(this.line, 0, this.lineBytes - 1, limits)
      return p + 1
    }
    const cr = indexOf(buf, CR, p, end)
    if (cr >= 0 && cr + 1 < end) {
      if (this.lineBytes === 0) this.takeHeader(buf, p, cr, limits)
      else {
        this.keepLine(buf, p, cr)
        this.takeHeader(this.line, 0, this.lineBytes, limits)
      }
      return cr + 2
    }
    if (cr < 0 && this.lineBytes + end - p > LINE_BYTES_MAX) {
      this.fail(this.state === COUNT ? PROTOCOL_ERRORS.bigCount : PROTOCOL_ERRORS.bigLength)
    } else this.keepLine(buf, p, end)
    return end
  }

  private takeHeader(line: Buffer, start: number, end: number, limits: RequestLimits): void {
    this.lineBytes = 0
    if (this.state === COUNT) this.takeCount(line, start, end, limits)
    else this.takeLength(line, start, end, limits)
  }

  private takeCount(line: Buffer, start: number, end: number, limits: RequestLimits): void {
    const count = parseInt64(header.set(line, start + 1, end - start - 1))
    if (count === undefined || count > ARGUMENTS_MAX) this.fail(PROTOCOL_ERRORS.invalidCount)
    else if (count > UNAUTHENTICATED_ARGUMENTS_MAX && !limits.authenticated) {
      this.fail(PROTOCOL_ERRORS.unauthenticatedCount)
    } else if (count <= 0) this.finish()
    else {
      this.left = Number(count)
      this.source = this.bytes
      this.state = LENGTH
    }
  }

  private takeLength(line: Buffer, start: number, end: number, limits: RequestLimits): void {
    // An empty line: its carriage return is the byte that is not a dollar sign.
    const first = start < end ? line[start]! : CR
    if (first !== DOLLAR) {
      const shown = first === CR || first === LF ? ' ' : String.fromCharCode(first)
      this.fail(`Protocol error: expected '$', got '${shown}'`)
      return
    }
    const length = parseInt64(header.set(line, start + 1, end - start - 1))
    if (length === undefined || length < 0 || length > limits.maxBulk || length > BULK_BYTES_MAX) {
      this.fail(PROTOCOL_ERRORS.invalidLength)
    } else if (length > UNAUTHENTICATED_BULK_BYTES_MAX && !limits.authenticated) {
      this.fail(PROTOCOL_ERRORS.unauthenticatedLength)
    } else this.beginArgument(Number(length))
  }

  private beginArgument(length: number): void {
    this.length = length
    this.arrived = 0
    this.state = length === 0 ? TERMINATOR : PAYLOAD
    if (length >= LARGE_BULK_BYTES) {
      const buffer = allocate(length)
      if (buffer === undefined) return this.fail(PROTOCOL_ERRORS.invalidLength)
      this.large.push(buffer)
      this.addPair(~(this.large.length - 1), length)
    } else {
      if (this.used + length > this.bytes.length) this.growBytes(this.used + length)
      this.addPair(this.used, length)
    }
  }

  private readPayload(buf: Buffer, p: number, end: number): number {
    const n = Math.min(end - p, this.length - this.arrived)
    if (this.length >= LARGE_BULK_BYTES) {
      buf.copy(this.large.at(-1)!, this.arrived, p, p + n)
      this.largeBytes += n
    } else {
      copyBytes(this.bytes, this.used, buf, p, n)
      this.used += n
    }
    this.arrived += n
    if (this.arrived === this.length) {
      this.state = TERMINATOR
      this.arrived = 0
    }
    return p + n
  }

  private readTerminator(p: number, end: number): number {
    const n = Math.min(end - p, 2 - this.arrived)
    this.arrived += n
    if (this.arrived === 2) {
      if (--this.left === 0) this.finish()
      else this.state = LENGTH
    }
    return p + n
  }

  /** The command is complete; one without arguments is none. */
  private finish(): void {
    if (this.count === 0) this.reset()
    else this.complete = true
  }

  private addPair(offset: number, length: number): void {
    const i = 2 * this.count++
    if (i === this.pairs.length) {
      const larger = new Int32Array(Math.max(2 * i, 16))
      larger.set(this.pairs)
      this.pairs = larger
    }
    this.pairs[i] = offset
    this.pairs[i + 1] = length
  }

  private growBytes(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length, FIRST_BYTES))
    this.bytes.copy(larger, 0, 0, this.used)
    this.bytes = larger
    this.source = larger
  }

  private keepLine(buf: Buffer, p: number, end: number): void {
    const needed = this.lineBytes + end - p
    if (needed > this.line.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.line.length, 64))
      this.line.copy(larger, 0, 0, this.lineBytes)
      this.line = larger
    }
    buf.copy(this.line, this.lineBytes, p, end)
    this.lineBytes = needed
  }
}

/** The digits of a header, while they are read. */
const header = new Bytes(NO_BYTES)

/** A buffer for a large argument, undefined where the system has no memory for it. */
function allocate(length: number): Buffer | undefined {
  try {
    return Buffer.allocUnsafeSlow(length)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Where the byte is first in the range, -1 when it is not there; unlike the method it does not search beyond `end`. */
function indexOf(buf: Buffer, byte: number, start: number, end: number): number {
  for (let p = start; p < end; p++) if (buf[p] === byte) return p
  return -1
}
