/**
 * Reads the parts of a serialized value, never beyond its end. Nothing it says of itself is believed before it is checked:
 * whatever is wrong ends in BadPayload.
 */
import { Bytes } from '../memory/bytes.ts'
import { parseDouble } from '../memory/parse-double.ts'
import {
  ENCODED,
  INT_8,
  INT_16,
  INT_32,
  LENGTH_14,
  LENGTH_32,
  LENGTH_64,
  LZF,
  SCORE_INFINITY,
  SCORE_MINUS_INFINITY,
  SCORE_NAN,
} from './format.ts'
import { lzfCanBe, lzfDecompress } from './lzf.ts'

/** No string grows longer than this by being decompressed. */
const MAX_STRING_BYTES = 2 ** 30
const UPPER_BITS = 0xc0
const LOWER_BITS = 0x3f

export class BadPayload extends Error {}

export class PayloadReader {
  private readonly buf: Buffer
  private position: number
  private readonly end: number

  constructor(payload: Bytes) {
    this.buf = payload.buf
    this.position = payload.off
    this.end = payload.off + payload.len
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.end - this.position
  }

  /** Steps over n bytes; returns where they are. */
  private take(n: number): number {
    const at = this.position
    if (n > this.end - at) throw new BadPayload()
    this.position = at + n
    return at
  }

  byte(): number {
    return this.buf[this.take(1)]!
  }

  /** A length or count, of what the rest of the payload cannot be relied on to hold. */
  count(): number {
    const first = this.byte()
    if ((first & UPPER_BITS) === ENCODED) throw new BadPayload()
    return this.countFrom(first)
  }

  /** The length whose first byte is known. */
  private countFrom(first: number): number {
    const kind = first & UPPER_BITS
    if (kind === 0) return first
    if (kind === LENGTH_14) return ((first & LOWER_BITS) << 8) | this.byte()
    if (first === LENGTH_32) return this.buf.readUInt32BE(this.take(4))
    if (first === LENGTH_64) return Number(this.buf.readBigUInt64BE(this.take(8)))
    throw new BadPayload()
  }

  /** How many elements follow: at least one, and no more than there are bytes left. */
  elements(): number {
    const n = this.count()
    if (n === 0 || n > this.left) throw new BadPayload()
    return n
  }

  /** A string: a view of the payload, or of memory of its own. */
  string(): Bytes {
    const first = this.byte()
    switch (first) {
      case INT_8:
        return Bytes.from(String(this.buf.readInt8(this.take(1))))
      case INT_16:
        return Bytes.from(String(this.buf.readInt16LE(this.take(2))))
      case INT_32:
        return Bytes.from(String(this.buf.readInt32LE(this.take(4))))
      case LZF:
        return this.compressed()
    }
    if ((first & UPPER_BITS) === ENCODED) throw new BadPayload()
    const n = this.countFrom(first)
    return new Bytes(this.buf, this.take(n), n)
  }

  private compressed(): Bytes {
    const size = this.count()
    const length = this.count()
    const at = this.take(size)
    if (length > MAX_STRING_BYTES || !lzfCanBe(length, size)) throw new BadPayload()
    const target = Buffer.allocUnsafe(length)
    if (!lzfDecompress(this.buf, at, size, target)) throw new BadPayload()
    return new Bytes(target)
  }

  /** A score, which is a number. */
  double(): number {
    const score = this.buf.readDoubleLE(this.take(8))
    if (Number.isNaN(score)) throw new BadPayload()
    return score
  }

  /** A score in the form of old versions. */
  textDouble(): number {
    const n = this.byte()
    if (n === SCORE_INFINITY) return Infinity
    if (n === SCORE_MINUS_INFINITY) return -Infinity
    if (n === SCORE_NAN) throw new BadPayload()
    const score = parseDouble(new Bytes(this.buf, this.take(n), n))
    if (score === undefined) throw new BadPayload()
    return score
  }
}
