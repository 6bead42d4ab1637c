/**
 * One client's connection. A read event's commands run one after the other, and one write sends their replies at the end of
 * the turn. What the peer does not read waits in a queue; while much waits, the connection neither reads nor runs commands.
 */
import type { ClientTransport } from '../commands/session.ts'
import type { Client } from '../engine/client.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { Conversation } from '../protocol/conversation.ts'
import { RequestParser } from '../protocol/request-parser.ts'
import { EndTexts, isLocalPeer, isUnixPeer } from './addresses.ts'
import { BlockingSocket } from './blocking-socket.ts'
import { isIdleTooLong } from './idle-limit.ts'
import { InputBacklog } from './input-backlog.ts'
import { exceedsInputLimit } from './input-limits.ts'
import { Outlet } from './outlet.ts'
import { OutputGuard, outputLimitOf } from './output-limits.ts'
import { Pipeline, type PipelineOwner } from './pipeline.ts'
import type { Borrower, Lendable, Socket } from './tcp.ts'
import type { Turn } from './turn.ts'

/** Replies of one read event are written in pieces of about this size. */
const FLUSH_BYTES = 64 * 1024
/** Beyond this much unread output a client without output limits has to wait. */
const CONGESTION_BYTES = 1024 * 1024
/** Input that waited is run in slices of about this size, so that other clients get their turn. */
const SLICE_BYTES = 256 * 1024
/** A connection idle for so long keeps no buffers. */
const RELEASE_AFTER_MS = 2000

export class Connection implements ClientTransport, Lendable, PipelineOwner {
  readonly client: Client
  private readonly turn: Turn
  private readonly socket: Socket
  private readonly onClosed: (connection: Connection) => void
  private readonly parser = new RequestParser()
  private readonly pipeline: Pipeline
  private readonly backlog = new InputBacklog()
  private readonly outlet: Outlet
  private readonly guard: OutputGuard
  private closed = false
  /** To be closed at the end of the turn. */
  private doomed = false
  /** So much output is unread that no command runs. */
  private congested = false
  private resuming = false
  private reading = false
  private listed = false
  /** Who gets the input instead; see divert. */
  private taker: ((input: Buffer | null) => void) | null = null
  private readonly texts: EndTexts

  constructor(turn: Turn, socket: Socket, onClosed: (connection: Connection) => void) {
    this.turn = turn
    this.socket = socket
    this.onClosed = onClosed
    this.outlet = new Outlet(socket, turn.stats)
    this.texts = new EndTexts(socket, turn.settings)
    socket.owner = this
    this.client = turn.clients.connect(this)
    this.guard = new OutputGuard(turn, this.client)
    this.pipeline = new Pipeline(turn, this.client, this.parser, this)
  }

  start(): void {
    this.setReading()
  }

  // What the engine sees of the connection.

  get address(): string {
    return this.texts.remote
  }

  get localAddress(): string {
    return this.texts.local
  }

  get fd(): number {
    return this.socket.fd
  }

  get isUnix(): boolean {
    return isUnixPeer(this.socket)
  }

  get isSecure(): boolean {
    return this.socket.proxied !== null
  }

  get isLocal(): boolean {
    return isLocalPeer(this.socket)
  }

  /** Has somebody else read (see guardian/), null: this thread again. Asks for another piece of input each time. */
  lend(borrower: Borrower | null): void {
    this.socket.lend(borrower)
  }

  get inputBytes(): number {
    return this.parser.heldBytes + (this.isRunning ? this.pipeline.unread : this.backlog.bytes)
  }

  get inputFree(): number {
    return this.parser.freeBytes + this.backlog.freeBytes
  }

  get outputBytes(): number {
    return this.outlet.pending
  }

  enqueue(message: Bytes): void {
    if (this.closed || this.doomed || this.client.closeAfterReply) return
    if (this.isRunning) {
      this.turn.behindReply.append(message.buf, message.off, message.len)
      return
    }
    this.outlet.append(message.buf, message.off, message.len)
    if (this.isOverLimit(this.outputBytes)) this.doom()
    this.measure()
    this.attend()
  }

  close(afterReply: boolean): void {
    if (!afterReply && !this.isRunning) {
      this.terminate()
      return
    }
    this.client.closeAfterReply = true
    this.attend()
  }

  resume(): void {
    this.resuming = true
    this.attend()
  }

  get owesReplies(): boolean {
    return (this.isRunning && this.turn.writer.length > 0) || this.outputBytes > 0
  }

  converse(): Conversation | undefined {
    this.sendComplete()
    return this.fd >= 0 && this.outlet.isIdle ? new BlockingSocket(this.fd) : undefined
  }

  divert(take: (input: Buffer | null) => void): Buffer {
    const { writer } = this.turn
    this.sendComplete()
    this.taker = take
    return Buffer.from(writer.buffer.subarray(this.pipeline.replyStart, writer.length))
  }

  // What comes from the socket.

  onData(buffer: Buffer, length: number): void {
    const { stats, clock } = this.turn
    stats.bytesIn += length
    stats.readsProcessed++
    this.client.bytesIn += length
    this.client.lastActive = clock.now
    if (this.mustWait) this.keep(buffer, 0, length)
    else {
      const position = this.run(buffer, 0, length, length)
      if (position < length && !this.closed) this.keep(buffer, position, length)
    }
    this.setReading()
    this.checkInput()
    this.measure()
  }

  /** Input that does not run now. */
  private keep(buffer: Buffer, start: number, end: number): void {
    if (this.taker === null) this.backlog.append(buffer, start, end)
    else this.taker(Buffer.from(buffer.subarray(start, end)))
  }

  /** Input that is to run when this turn is over. */
  defer(buffer: Buffer): void {
    if (this.closed) return
    this.turn.stats.bytesIn += buffer.length
    this.client.bytesIn += buffer.length
    this.backlog.append(buffer, 0, buffer.length)
    this.resume()
  }

  sendComplete(): void {
    const { writer } = this.turn
    if (this.doomed) return
    const complete = this.isRunning ? this.pipeline.replyStart - writer.sent : 0
    if (complete > 0) {
      this.outlet.append(writer.buffer, writer.sent, complete)
      writer.sent += complete
    }
    this.outlet.flush()
  }

  onDrain(): void {
    this.client.lastActive = this.turn.clock.now
    this.outlet.drained()
    this.settle()
    this.measure()
  }

  onEnd(error: string | null): void {
    const { turn, client } = this
    turn.logVerbose(() =>
      error === null ? `Client closed connection ${turn.describe(client)}` : `Reading from client: ${error}`,
    )
    // It may have ended its half only, in the turn of its commands.
    this.outlet.flush()
    this.terminate()
  }

  // What time brings.

  /** Has attention at the end of a turn. */
  endTurn(): void {
    this.listed = false
    if (this.closed) return
    if (this.doomed) {
      this.terminate()
      return
    }
    this.outlet.flush()
    this.settle()
    this.measure()
    if (this.resuming && !this.closed) this.goOn()
  }

  /** Called about once a second: limits that depend on time. `now` is in Unix ms. */
  sweep(now: number): void {
    const { client, turn } = this
    if (isIdleTooLong(client, turn.settings, now)) {
      turn.logVerbose(() => 'Closing idle client')
      this.terminate()
    } else if (this.isOverLimit(this.outputBytes)) {
      this.doom()
      this.terminate()
    } else if (now - client.lastActive > RELEASE_AFTER_MS && !turn.debug.keepsBuffers) this.parser.release()
    this.measure()
  }

  /** Ends the connection at once. */
  terminate(): void {
    if (this.closed) return
    this.closed = true
    this.socket.close()
    this.outlet.clear()
    this.backlog.clear()
    this.taker?.(null)
    this.onClosed(this)
  }

  private get isRunning(): boolean {
    return this.turn.running === this
  }

  /** Input may not be run as it comes, as there is something before it. */
  private get mustWait(): boolean {
    return this.resuming || this.backlog.bytes > 0 || !this.mayRun
  }

  get mayRun(): boolean {
    return (
      !this.congested &&
      !this.client.suspended &&
      !this.client.closeAfterReply &&
      !this.closed &&
      !this.doomed
    )
  }

  private run(buffer: Buffer, start: number, end: number, stop: number): number {
    let position: number
    try {
      position = this.pipeline.run(buffer, start, end, stop)
    } catch (error) {
      this.abandon()
      throw error
    }
    this.flush()
    this.settle()
    return position
  }

  /** The executor broke down: what it has written must not reach the next client. */
  private abandon(): void {
    this.turn.writer.clear()
    this.turn.behindReply.clear()
    this.doom()
    this.attend()
  }

  /** Much output has gathered in this read event. */
  checkReplies(): void {
    const { writer, settings } = this.turn
    if (this.isOverLimit(writer.length + this.outputBytes)) {
      writer.clear()
      this.doom()
      this.attend()
    } else if (writer.length >= FLUSH_BYTES && outputLimitOf(this.client, settings).hard === 0) this.flush()
  }

  /** Hands the replies over; most of them are written at the end of the turn. */
  private flush(): void {
    const { writer } = this.turn
    if (writer.length === 0) return
    if (this.closed || this.doomed || this.taker !== null) writer.clear()
    else this.outlet.send(writer)
    if (this.outlet.isIdle) return
    this.attend()
    this.checkCongestion()
  }

  private checkCongestion(): void {
    const { hard, soft } = outputLimitOf(this.client, this.turn.settings)
    // With a hard limit a client is closed rather than made to wait, as Valkey does.
    if (hard > 0 || this.congested || this.outputBytes <= Math.max(CONGESTION_BYTES, soft)) return
    this.congested = true
  }

  /** Does what waited for output to be written. */
  private settle(): void {
    if (this.closed) return
    this.client.bytesOut = this.outlet.bytesOut
    if (this.outlet.failed) this.terminate()
    if (this.closed || !this.outlet.isIdle) return
    if (this.client.closeAfterReply) this.terminate()
    else if (this.congested) {
      this.congested = false
      this.resume()
    }
  }

  /**
   * Reads on, unless commands wait already for the peer to take their replies. A suspended client is read from, as it
   * may end.
   */
  private setReading(): void {
    const { client } = this
    const wanted = client.suspended || (!this.congested && this.backlog.bytes === 0)
    if (this.closed || this.reading === (wanted && !client.closeAfterReply)) return
    this.reading = !this.reading
    if (this.reading) this.socket.startReading()
    else this.socket.stopReading()
  }

  /** Runs the command that was held back, and the input that waits. */
  private goOn(): void {
    this.resuming = false
    const { backlog } = this
    if (this.mayRun) {
      const stop = Math.min(backlog.end, backlog.start + SLICE_BYTES)
      const position = this.run(backlog.buffer, backlog.start, backlog.end, stop)
      if (this.closed) return
      backlog.consume(position)
      if (this.taker !== null) this.passOn(this.taker)
      if (backlog.bytes > 0 && this.mayRun) this.resume()
    }
    this.setReading()
  }

  /** What waited is no longer for the engine. */
  private passOn(take: (input: Buffer) => void): void {
    const { backlog } = this
    if (backlog.bytes > 0) take(Buffer.from(backlog.buffer.subarray(backlog.start, backlog.end)))
    backlog.clear()
  }

  private checkInput(): void {
    if (!this.closed && exceedsInputLimit(this.client, this.inputBytes, this.turn)) this.terminate()
  }

  /** Whether so much unread output ends the connection. */
  private isOverLimit(pending: number): boolean {
    return !this.doomed && this.guard.exceeded(pending)
  }

  /** The buffers may have changed. */
  private measure(): void {
    const { memory } = this.turn.clients
    if (memory.isTracked && !this.closed) memory.measure(this.client)
  }

  /** The connection is to end, but not within what is going on now. */
  private doom(): void {
    this.doomed = true
    this.outlet.clear()
  }

  /** Asks for `endTurn`. */
  private attend(): void {
    if (this.listed || this.closed) return
    this.listed = true
    this.turn.attend(this)
  }
}
