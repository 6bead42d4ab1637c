/**
 * The currency of the whole server: a view of some bytes in somebody's buffer. Arguments, keys and values travel as
 * views, so the hot path makes no JS string and copies nothing. A view is borrowed: it is valid until the call that
 * handed it out returns (arguments) or until the structure that produced it is asked or changed again (values). Who
 * wants to keep the bytes copies them.
 */

const EMPTY = Buffer.alloc(0)
/** Up to so many bytes are compared here: a call into Node costs more. */
const LOOP_LIMIT = 64

export class Bytes {
  buf: Buffer
  off: number
  len: number

  constructor(buf: Buffer = EMPTY, off = 0, len: number = buf.length) {
    this.buf = buf
    this.off = off
    this.len = len
  }

  /** Points this view at other bytes; the cheap way to hand out views without making objects. */
  set(buf: Buffer, off: number, len: number): this {
    // Mostly it is the same buffer, and a store is told to the garbage collector.
    if (this.buf !== buf) this.buf = buf
    this.off = off
    this.len = len
    return this
  }

  static from(text: string, encoding: BufferEncoding = 'utf8'): Bytes {
    return new Bytes(Buffer.from(text, encoding))
  }

  byteAt(index: number): number {
    return this.buf[this.off + index]!
  }

  equals(other: Bytes): boolean {
    const n = this.len
    if (n !== other.len) return false
    const a = this.buf
    const b = other.buf
    const p = this.off
    const q = other.off
    if (n > LOOP_LIMIT) return a.compare(b, q, q + n, p, p + n) === 0
    for (let i = 0; i < n; i++) if (a[p + i] !== b[q + i]) return false
    return true
  }

  /** memcmp order, the shorter first when one is a prefix of the other: negative, 0 or positive. */
  compare(other: Bytes): number {
    const a = this.buf
    const b = other.buf
    const p = this.off
    const q = other.off
    const n = Math.min(this.len, other.len)
    if (n > LOOP_LIMIT) return a.compare(b, q, q + other.len, p, p + this.len)
    for (let i = 0; i < n; i++) {
      const difference = a[p + i]! - b[q + i]!
      if (difference !== 0) return difference
    }
    return this.len - other.len
  }

  /** Whether the bytes are `word`, ASCII letters in either case. `word` must be upper case. */
  is(word: string): boolean {
    if (this.len !== word.length) return false
    for (let i = 0; i < word.length; i++) {
      let c = this.buf[this.off + i]!
      if (c >= 97 && c <= 122) c -= 32
      if (c !== word.charCodeAt(i)) return false
    }
    return true
  }

  /** One character a byte: loses nothing, the way to make a JS string that stands for the bytes. */
  latin1(): string {
    return this.buf.latin1Slice(this.off, this.off + this.len)
  }

  /** For people to read; bytes that are no UTF-8 are lost. */
  utf8(): string {
    return this.buf.toString('utf8', this.off, this.off + this.len)
  }

  /**
   * The bytes as C prints them by `%s`, or by `%.128s` with a limit: up to the first zero byte. Error texts repeat what
   * a client sent this way.
   */
  printed(limit = this.len): string {
    const { buf, off } = this
    const end = off + Math.min(limit, this.len)
    let p = off
    while (p < end && buf[p] !== 0) p++
    return buf.latin1Slice(off, p)
  }

  /** The bytes in a buffer of their own. */
  copy(): Buffer {
    const out = Buffer.allocUnsafeSlow(this.len)
    this.buf.copy(out, 0, this.off, this.off + this.len)
    return out
  }

  /** A view of the same bytes in a buffer of their own, safe to keep. */
  detach(): Bytes {
    return new Bytes(this.copy())
  }

  slice(start: number, end: number = this.len): Bytes {
    return new Bytes(this.buf, this.off + start, end - start)
  }
}
