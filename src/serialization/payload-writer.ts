/**
 * Writes the parts of a serialized value: lengths, strings, scores.
 */
import type { Bytes } from '../memory/bytes.ts'
import { copyBytes } from '../memory/copy.ts'
import { parseInt64 } from '../memory/numbers.ts'
import { INT_8, INT_16, INT_32, LENGTH_14, LENGTH_32, LENGTH_64, LZF } from './format.ts'
import { lzfCompress } from './lzf.ts'

const INITIAL_BYTES = 256
/** A type, a length and a 64-bit number: the largest part beside a string's bytes. */
const PART_BYTES = 16

/** A longer string is no 32-bit integer. */
const MAX_INTEGER_BYTES = 11
/** A string up to this length is not compressed; a longer one if that saves as many bytes as the second says. */
const MAX_UNCOMPRESSED_BYTES = 20
const MIN_SAVED_BYTES = 4

/** Room for compressed strings, kept unless they are long. */
const KEPT_BYTES = 64 * 1024
let compressed = Buffer.allocUnsafeSlow(KEPT_BYTES)

export class PayloadWriter {
  buffer = Buffer.allocUnsafe(INITIAL_BYTES)
  length = 0
  private readonly compress: boolean

  constructor(compress: boolean) {
    this.compress = compress
  }

  byte(value: number): void {
    this.reserve(1)
    this.buffer[this.length++] = value
  }

  /** A length or count, the shortest way. */
  count(value: number): void {
    this.reserve(PART_BYTES)
    const b = this.buffer
    if (value < 2 ** 6) this.length = b.writeUInt8(value, this.length)
    else if (value < 2 ** 14) this.length = b.writeUInt16BE((LENGTH_14 << 8) | value, this.length)
    else if (value < 2 ** 32) {
      b[this.length] = LENGTH_32
      this.length = b.writeUInt32BE(value, this.length + 1)
    } else {
      b[this.length] = LENGTH_64
      this.length = b.writeBigUInt64BE(BigInt(value), this.length + 1)
    }
  }

  /** A string: as an integer or compressed where that is possible and shorter. */
  string(value: Bytes): void {
    if (value.len <= MAX_INTEGER_BYTES && this.integer(value)) return
    if (this.compress && value.len > MAX_UNCOMPRESSED_BYTES && this.lzf(value)) return
    this.count(value.len)
    this.raw(value)
  }

  private raw({ buf, off, len }: Bytes): void {
    this.reserve(len)
    copyBytes(this.buffer, this.length, buf, off, len)
    this.length += len
  }

  private integer(value: Bytes): boolean {
    const n = parseInt64(value)
    if (typeof n !== 'number' || n < -(2 ** 31) || n >= 2 ** 31) return false
    this.reserve(PART_BYTES)
    const b = this.buffer
    const p = this.length
    if (n >= -(2 ** 7) && n < 2 ** 7) {
      b[p] = INT_8
      this.length = b.writeInt8(n, p + 1)
    } else if (n >= -(2 ** 15) && n < 2 ** 15) {
      b[p] = INT_16
      this.length = b.writeInt16LE(n, p + 1)
    } else {
      b[p] = INT_32
      this.length = b.writeInt32LE(n, p + 1)
    }
    return true
  }

  private lzf({ buf, off, len }: Bytes): boolean {
    const room = len - MIN_SAVED_BYTES
    // The run that is open when the room is used up is written before it is given up.
    if (compressed.length < len) compressed = Buffer.allocUnsafeSlow(len)
    const target = compressed
    if (target.length > KEPT_BYTES) compressed = Buffer.allocUnsafeSlow(KEPT_BYTES)
    const size = lzfCompress(buf, off, len, target, room)
    if (size === 0) return false
    this.byte(LZF)
    this.count(size)
    this.count(len)
    this.reserve(size)
    copyBytes(this.buffer, this.length, target, 0, size)
    this.length += size
    return true
  }

  double(value: number): void {
    this.reserve(PART_BYTES)
    this.length = this.buffer.writeDoubleLE(value, this.length)
  }

  reserve(more: number): void {
    const needed = this.length + more
    if (needed <= this.buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.buffer.length))
    this.buffer.copy(grown, 0, 0, this.length)
    this.buffer = grown
  }
}
