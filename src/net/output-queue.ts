/**
 * Output of a connection that waits: replies and messages for the end of the turn, and what the peer does not read.
 */
import { copyBytes } from '../memory/copy.ts'

/** Small pieces are gathered in chunks of this size. */
const CHUNK_BYTES = 16 * 1024
/** Chunks grow with the queue, up to this size. */
const CHUNK_BYTES_MAX = 1024 * 1024
/** Emptied chunks of the usual size kept for the next queue, whosever it is. */
export const SPARE_CHUNKS_MAX = 64

const spares: Buffer[] = []

function takeChunk(size: number): Buffer {
  return (size === CHUNK_BYTES ? spares.pop() : undefined) ?? Buffer.allocUnsafeSlow(size)
}

/** A chunk that nobody refers to any more may serve again. */
export function recycle(chunk: Buffer): void {
  if (chunk.length === CHUNK_BYTES && spares.length < SPARE_CHUNKS_MAX) spares.push(chunk)
}

interface Chunk {
  readonly buffer: Buffer
  length: number
}

export class OutputQueue {
  /** Bytes in the queue. */
  bytes = 0
  private chunks: Chunk[] = []

  get chunkCount(): number {
    return this.chunks.length
  }

  /** Copies bytes to the end. */
  append(buf: Buffer, start: number, length: number): void {
    let from = start
    const end = start + length
    this.bytes += length
    const last = this.chunks.at(-1)
    if (last !== undefined) {
      const n = Math.min(length, last.buffer.length - last.length)
      copyBytes(last.buffer, last.length, buf, from, n)
      last.length += n
      from += n
    }
    if (from === end) return
    const size = Math.max(CHUNK_BYTES, Math.min(this.bytes, CHUNK_BYTES_MAX), end - from)
    const buffer = takeChunk(size)
    copyBytes(buffer, 0, buf, from, end - from)
    this.chunks.push({ buffer, length: end - from })
  }

  /** Appends a whole buffer without copying; it belongs to the queue. */
  appendOwned(buffer: Buffer, length: number): void {
    this.bytes += length
    this.chunks.push({ buffer, length })
  }

  /** Takes the first chunk off; who has done with it may `recycle` its buffer. */
  shift(): Chunk | undefined {
    const chunk = this.chunks.shift()
    if (chunk !== undefined) this.bytes -= chunk.length
    return chunk
  }

  clear(): void {
    for (const { buffer } of this.chunks) recycle(buffer)
    this.chunks = []
    this.bytes = 0
  }
}
