/**
 * The arguments of one command, `at(0)` being its name. The views are made once and pointed at new bytes for each
 * command, so that a command's arguments cost no allocation.
 */
import { Bytes } from './bytes.ts'

/** Views kept between commands; a command with more arguments makes its own and leaves them to the collector. */
const KEPT_VIEWS = 1024

const CRLF = 2
/** `*` or `$` before a length, and the line's end after it. */
const LENGTH_FRAME = 1 + CRLF

/** What a length and its argument's end take: lengths have eleven digits at most. */
const FRAME_BYTES_MAX = LENGTH_FRAME + 11 + CRLF

function digits(length: number): number {
  if (length < 10) return 1
  if (length < 100) return 2
  return length < 1000 ? 3 : 3 + digits(Math.floor(length / 1000))
}

export class Args {
  count = 0
  private views: Bytes[] = []

  /** The argument at `index`, which must be below `count`. */
  at(index: number): Bytes {
    return this.views[index]!
  }

  /** Starts a new command. */
  reset(): void {
    this.count = 0
    if (this.views.length > KEPT_VIEWS) this.views.length = KEPT_VIEWS
  }

  push(buf: Buffer, off: number, len: number): void {
    const i = this.count++
    const view = this.views[i]
    if (view === undefined) this.views.push(new Bytes(buf, off, len))
    else view.set(buf, off, len)
  }

  static from(...words: (string | Buffer | Bytes)[]): Args {
    const args = new Args()
    for (const word of words) {
      if (word instanceof Bytes) args.push(word.buf, word.off, word.len)
      else {
        const buf = typeof word === 'string' ? Buffer.from(word) : word
        args.push(buf, 0, buf.length)
      }
    }
    return args
  }

  /** Bytes of all arguments together. */
  get bytes(): number {
    let total = 0
    for (let i = 0; i < this.count; i++) total += this.views[i]!.len
    return total
  }

  /** At least as many bytes as the request has as RESP, and quickly told. */
  get requestBytesBound(): number {
    let total = FRAME_BYTES_MAX * (this.count + 1)
    for (let i = 0; i < this.count; i++) total += this.views[i]!.len
    return total
  }

  /** Bytes of the request as RESP. */
  get requestBytes(): number {
    let total = LENGTH_FRAME + digits(this.count)
    for (let i = 0; i < this.count; i++) {
      const { len } = this.views[i]!
      total += LENGTH_FRAME + digits(len) + len + CRLF
    }
    return total
  }

  /** These arguments in memory of their own: what MULTI queues and what is kept beyond the call. */
  detach(): Args {
    const buf = Buffer.allocUnsafeSlow(this.bytes)
    const copy = new Args()
    let p = 0
    for (let i = 0; i < this.count; i++) {
      const view = this.views[i]!
      view.buf.copy(buf, p, view.off, view.off + view.len)
      copy.push(buf, p, view.len)
      p += view.len
    }
    return copy
  }
}
