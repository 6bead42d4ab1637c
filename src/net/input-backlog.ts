/**
 * Input of a connection whose commands have to wait.
 */

/** Capacity that is kept when the backlog is empty. */
const KEPT_BYTES = 16 * 1024

const NO_BYTES = Buffer.alloc(0)

export class InputBacklog {
  buffer: Buffer = NO_BYTES
  /** The bytes that wait are those from `start` to `end`. */
  start = 0
  end = 0

  get bytes(): number {
    return this.end - this.start
  }

  get freeBytes(): number {
    return this.buffer.length - this.end
  }

  append(buf: Buffer, start: number, end: number): void {
    const n = end - start
    if (this.end + n > this.buffer.length) this.makeRoom(n)
    buf.copy(this.buffer, this.end, start, end)
    this.end += n
  }

  /** The bytes before `position` have been dealt with. */
  consume(position: number): void {
    this.start = position
    if (this.start < this.end) return
    this.start = 0
    this.end = 0
    if (this.buffer.length > KEPT_BYTES) this.buffer = NO_BYTES
  }

  clear(): void {
    this.start = 0
    this.end = 0
    this.buffer = NO_BYTES
  }

  /** Moves the bytes to the front, of a larger buffer unless half of this one is enough. */
  private makeRoom(n: number): void {
    const needed = this.bytes + n
    const target = 2 * needed <= this.buffer.length ? this.buffer : Buffer.allocUnsafeSlow(2 * needed)
    this.buffer.copy(target, 0, this.start, this.end)
    this.end = this.bytes
    this.start = 0
    this.buffer = target
  }
}
