/**
 * One of the two connections of a bridge: passes on to the other what comes, and writes what the other passes on.
 */
import { OutputQueue, recycle } from '../output-queue.ts'
import { FAILED, PENDING, type Socket, type SocketOwner } from '../tcp.ts'

/** Beyond this much that one side has not taken, the other is not read. */
const HELD_BYTES = 64 * 1024

const NOTHING = Buffer.alloc(0)

export class Side implements SocketOwner {
  partner!: Side
  /** Nothing comes any more. */
  hasEnded = false
  isClosed = false
  private readonly onEnded: (error: string | null) => void
  /** Null until there is one. */
  private socket: Socket | null = null
  private isPaused = true
  private readonly queue = new OutputQueue()
  /** The buffer of a write that is pending. */
  private writing: Buffer | null = null
  private takesOutput = true
  /** The peer is to be told that nothing follows, once everything is written. */
  private finishing = false
  private finished = false

  constructor(onEnded: (error: string | null) => void) {
    this.onEnded = onEnded
  }

  get isAttached(): boolean {
    return this.socket !== null
  }

  /** Everything is written. */
  get isIdle(): boolean {
    return this.writing === null && this.queue.bytes === 0
  }

  /** So much waits to be written that no more should come. */
  get isFull(): boolean {
    if (this.socket === null) return true
    return this.queue.bytes + (this.writing === null ? 0 : this.socket.unwritten) > HELD_BYTES
  }

  /** Nothing is read before `resume`, but for what was on its way already. */
  attach(socket: Socket): void {
    this.socket = socket
    socket.owner = this
    socket.stopReading()
    this.flush()
  }

  /** Writes the bytes, or keeps a copy until they can be written. */
  send(buffer: Buffer, length: number): void {
    if (!this.takesOutput || this.finishing) return
    this.queue.append(buffer, 0, length)
    this.flush()
  }

  /** Nothing is to be sent behind what has been. */
  finish(): void {
    if (this.finishing) return
    this.finishing = true
    this.flush()
  }

  /** Forgets what is to be written, and whatever will be. */
  stopWriting(): void {
    this.takesOutput = false
    this.queue.clear()
    this.writing = null
    this.partner.resume()
  }

  pause(): void {
    if (this.isPaused) return
    this.isPaused = true
    this.socket?.stopReading()
  }

  resume(): void {
    if (!this.isPaused || this.socket === null || this.hasEnded) return
    this.isPaused = false
    this.socket.startReading()
  }

  /** While nothing is read, it does not show that the peer has gone; but it does to who writes. */
  probe(): void {
    if (!this.isPaused || !this.takesOutput || this.writing !== null) return
    if (this.socket?.write(NOTHING, 0) === FAILED) this.onEnd('EPIPE')
  }

  close(): void {
    this.isClosed = true
    this.stopWriting()
    this.socket?.close()
  }

  onData(buffer: Buffer, length: number): void {
    this.partner.send(buffer, length)
    if (this.partner.isFull) this.pause()
  }

  onDrain(): void {
    if (this.writing !== null) recycle(this.writing)
    this.writing = null
    this.flush()
    if (!this.isFull) this.partner.resume()
    if (this.hasEnded && this.isIdle) this.onEnded(null)
  }

  onEnd(error: string | null): void {
    if (error !== 'EPIPE') this.hasEnded = true
    this.onEnded(error)
  }

  private flush(): void {
    const { socket } = this
    if (socket === null || this.isClosed) return
    while (this.writing === null) {
      const chunk = this.queue.shift()
      if (chunk === undefined) break
      const result = socket.write(chunk.buffer, chunk.length)
      if (result === PENDING) this.writing = chunk.buffer
      else recycle(chunk.buffer)
      if (result === FAILED) {
        this.onEnd('EPIPE')
        return
      }
    }
    if (!this.finishing || !this.isIdle || this.finished) return
    this.finished = true
    socket.end()
  }
}
