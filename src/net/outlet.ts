/**
 * The way out of a connection: writes to the socket as long as the peer reads, and queues what it does not take.
 */
import type { RespWriter } from '../protocol/resp-writer.ts'
import { OutputQueue, recycle } from './output-queue.ts'
import type { NetworkStats } from './ports.ts'
import { FAILED, PENDING, type Socket, WRITTEN, type WriteResult } from './tcp.ts'

/** Replies from this size on keep their buffer, smaller ones are copied into the queue. */
const OWNED_BYTES = 32 * 1024

export class Outlet {
  /** A write failed: the connection is broken. */
  failed = false
  /** Bytes written, those of a pending write included. */
  bytesOut = 0
  private readonly socket: Socket
  private readonly stats: NetworkStats
  private readonly queue = new OutputQueue()
  /** The buffer of a write that is pending. */
  private writing: Buffer | null = null

  constructor(socket: Socket, stats: NetworkStats) {
    this.socket = socket
    this.stats = stats
  }

  /** Bytes the kernel has not taken. */
  get pending(): number {
    return this.queue.bytes + (this.writing === null ? 0 : this.socket.unwritten)
  }

  /** The kernel has taken everything. */
  get isIdle(): boolean {
    return this.writing === null && this.queue.bytes === 0
  }

  /** Queues bytes until `flush`. */
  append(buf: Buffer, start: number, length: number): void {
    this.queue.append(buf, start, length)
  }

  /**
   * Takes what is in the writer, and empties it. Small replies wait for `flush`, see Turn; large ones are written at once
   * where nothing waits before them.
   */
  send(writer: RespWriter): void {
    const { length, sent } = writer
    if (sent > 0 || length < OWNED_BYTES) {
      this.queue.append(writer.buffer, sent, length - sent)
      writer.clear()
    } else if (this.isIdle) {
      const result = this.write(writer.buffer, length)
      if (result === PENDING) this.writing = writer.surrender()
      else writer.clear()
    } else this.queue.appendOwned(writer.surrender(), length)
  }

  /** Writes what waits, unless a write is pending. */
  flush(): void {
    if (this.writing !== null) return
    for (let chunk = this.queue.shift(); chunk !== undefined; chunk = this.queue.shift()) {
      const result = this.write(chunk.buffer, chunk.length)
      if (result === WRITTEN) recycle(chunk.buffer)
      else {
        if (result === PENDING) this.writing = chunk.buffer
        return
      }
    }
  }

  /** The pending write is done. */
  drained(): void {
    if (this.writing !== null) recycle(this.writing)
    this.writing = null
    this.flush()
  }

  /** Forgets what waits. */
  clear(): void {
    this.queue.clear()
  }

  private write(buffer: Buffer, length: number): WriteResult {
    const result = this.socket.write(buffer, length)
    if (result === FAILED) this.failed = true
    else {
      this.bytesOut += length
      this.stats.bytesOut += length
      this.stats.writesProcessed++
    }
    return result
  }
}
