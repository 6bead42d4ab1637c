/**
 * One client's connection. A read event's commands run one after the other, their replies gather in the writer that all
 * connections share, and one write sends them. What the peer does not read waits in a queue; while much waits, the
 * connection neither reads nor runs commands.
 */
import type { ClientTransport } from '../commands/session.ts'
import type { Client } from '../engine/client.ts'
import type { Args } from '../memory/args.ts'
import { Bytes } from '../memory/bytes.ts'
import type { Conversation } from '../protocol/conversation.ts'
import { RequestParser } from '../protocol/request-parser.ts'
import { endpointText, isLocalPeer, isUnixPeer } from './addresses.ts'
import { BlockingSocket } from './blocking-socket.ts'
import { InputBacklog } from './input-backlog.ts'
import { Outlet } from './outlet.ts'
import { OutputGuard, outputLimitOf, UNCOUNTED_BYTES } from './output-limits.ts'
import { recycle } from './output-queue.ts'
import type { Switchboard } from './switchboard.ts'
import type { Borrower, Lendable, Socket } from './tcp.ts'

/** Replies of one read event are written in pieces of about this size. */
const FLUSH_BYTES = 64 * 1024
/** Beyond this much unread output a client without output limits has to wait. */
const CONGESTION_BYTES = 1024 * 1024
/** Input that waited is run in slices of about this size, so that other clients get their turn. */
const SLICE_BYTES = 256 * 1024
/** Input of clients that have not authenticated. */
const UNAUTHENTICATED_INPUT_MAX = 1024 * 1024
/** A connection idle for so long keeps no buffers. */
const RELEASE_AFTER_MS = 2000

export class Connection implements ClientTransport, Lendable {
  readonly client: Client
  private readonly board: Switchboard
  private readonly socket: Socket
  private readonly parser = new RequestParser()
  private readonly backlog = new InputBacklog()
  private readonly outlet: Outlet
  private readonly guard = new OutputGuard()
  /** Input of the current read event behind the command that runs. */
  private unread = 0
  /** Where in the writer the reply of the command that runs begins. */
  private replyStart = 0
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
  private remoteText: string | null = null
  private localText: string | null = null

  constructor(board: Switchboard, socket: Socket) {
    this.board = board
    this.socket = socket
    this.outlet = new Outlet(socket, board.stats)
    socket.owner = this
    this.client = board.clients.connect(this)
  }

  start(): void {
    this.setReading()
  }

  // What the engine sees of the connection.

  get address(): string {
    this.remoteText ??= endpointText(this.socket.remote, this.unixPath)
    return this.remoteText
  }

  get localAddress(): string {
    this.localText ??= endpointText(this.socket.local, this.unixPath)
    return this.localText
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
    return this.parser.heldBytes + (this.isRunning ? this.unread : this.backlog.bytes)
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
      this.board.behindReply.append(message.buf, message.off, message.len)
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
    return (this.isRunning && this.board.writer.length > 0) || this.outputBytes > 0
  }

  converse(): Conversation | undefined {
    this.sendComplete()
    return this.fd >= 0 && this.outlet.isIdle ? new BlockingSocket(this.fd) : undefined
  }

  divert(take: (input: Buffer | null) => void): Buffer {
    const { writer } = this.board
    this.sendComplete()
    this.taker = take
    return Buffer.from(writer.buffer.subarray(this.replyStart, writer.length))
  }

  // What comes from the socket.

  onData(buffer: Buffer, length: number): void {
    const { stats, clock } = this.board
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
    this.board.stats.bytesIn += buffer.length
    this.client.bytesIn += buffer.length
    this.backlog.append(buffer, 0, buffer.length)
    this.resume()
  }

  /** Sends the replies of the commands before the one that runs, which is going to take its time. */
  sendComplete(): void {
    const { writer } = this.board
    if (writer.sent >= this.replyStart || this.doomed) return
    this.outlet.append(writer.buffer, writer.sent, this.replyStart - writer.sent)
    writer.sent = this.replyStart
    this.outlet.flush()
  }

  onDrain(): void {
    this.client.lastActive = this.board.clock.now
    this.outlet.drained()
    this.settle()
    this.measure()
  }

  onEnd(error: string | null): void {
    const { board, client } = this
    if (error === null) board.logVerbose(() => `Client closed connection ${board.describe(client)}`)
    else board.logVerbose(() => `Reading from client: ${error}`)
    this.terminate()
  }

  // What comes from the switchboard.

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
    const { client, board } = this
    const { timeout } = board.settings
    const idle = Math.floor(now / 1000) - Math.floor(client.lastActive / 1000)
    const mayIdle =
      client.isMonitor || client.suspended || client.subscriptions + client.shardSubscriptions > 0
    if (timeout > 0 && idle > timeout && !mayIdle) {
      board.logVerbose(() => 'Closing idle client')
      this.terminate()
    } else if (this.isOverLimit(this.outputBytes)) {
      this.doom()
      this.terminate()
    } else if (now - client.lastActive > RELEASE_AFTER_MS && !board.debug.keepsBuffers) this.parser.release()
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
    this.board.disconnected(this)
  }

  private get unixPath(): string | undefined {
    return this.isUnix ? this.board.settings.unixsocket : undefined
  }

  private get isRunning(): boolean {
    return this.board.running === this
  }

  /** Input may not be run as it comes, as there is something before it. */
  private get mustWait(): boolean {
    return this.resuming || this.backlog.bytes > 0 || !this.mayRun
  }

  private get mayRun(): boolean {
    return (
      !this.congested &&
      !this.client.suspended &&
      !this.client.closeAfterReply &&
      !this.closed &&
      !this.doomed
    )
  }

  /** Runs the commands from `start`, up to about `stop`; returns the position behind the last that ran. */
  private run(buffer: Buffer, start: number, end: number, stop: number): number {
    const { board, client } = this
    board.running = this
    board.executor.beginBatch()
    let p = start
    try {
      if (client.postponed !== null) this.runPostponed()
      while (p < stop && this.mayRun) {
        board.limits.maxBulk = board.settings['proto-max-bulk-len']
        board.limits.authenticated = client.authenticated
        p = this.parser.isPending ? this.runNext(buffer, p, end) : this.runWindow(buffer, p, end)
      }
    } catch (error) {
      this.abandon()
      throw error
    } finally {
      board.running = null
    }
    this.flush()
    this.settle()
    return p
  }

  /** The executor broke down: what it has written must not reach the next client. */
  private abandon(): void {
    this.board.writer.clear()
    this.board.behindReply.clear()
    this.doom()
    this.attend()
  }

  /** Runs what is complete at the front of the input. */
  private runWindow(buffer: Buffer, start: number, end: number): number {
    const { board, client } = this
    const { window, args } = board
    const count = window.scan(buffer, start, end, board.limits)
    if (count === 0) return this.runNext(buffer, start, end)
    if (count > 1) board.executor.prefetch?.(client, window)
    for (let i = 0; ; ) {
      window.load(i, args)
      const position = window.endOf(i)
      this.unread = end - position
      this.execute(args)
      if (++i === count || !this.mayRun) return position
    }
  }

  /** Runs the next command as far as it has come, if it has come completely. */
  private runNext(buffer: Buffer, start: number, end: number): number {
    const { parser } = this
    const { args, limits } = this.board
    const position = parser.feed(buffer, start, end, limits)
    if (parser.error !== null) {
      this.refuse(parser.error)
      return end
    }
    if (parser.complete) {
      parser.load(args)
      this.unread = end - position
      this.execute(args)
      parser.reset()
    }
    return position
  }

  private runPostponed(): void {
    const { client } = this
    const args = client.postponed!
    client.postponed = null
    this.unread = this.backlog.bytes
    this.execute(args)
  }

  private execute(args: Args): void {
    const { board } = this
    const { writer, behindReply } = board
    this.replyStart = writer.length
    board.executor.execute(this.client, args, writer)
    if (behindReply.bytes > 0) {
      for (let chunk = behindReply.shift(); chunk !== undefined; chunk = behindReply.shift()) {
        writer.raw(scratch.set(chunk.buffer, 0, chunk.length))
        recycle(chunk.buffer)
      }
    }
    if (writer.length > UNCOUNTED_BYTES) this.checkReplies()
  }

  /** The request made no sense: there is no way on behind it. */
  private refuse(text: string): void {
    const { client, board } = this
    board.stats.error(`ERR ${text}`)
    const silent = client.replyMode === 'off' || client.replyMode === 'skip'
    if (!silent) board.writer.raw(Bytes.from(`-ERR ${text}\r\n`, 'latin1'))
    client.closeAfterReply = true
    board.logVerbose(() => `${text} from client: ${board.describe(client)}`)
  }

  /** Much output has gathered in this read event. */
  private checkReplies(): void {
    const { writer, settings } = this.board
    if (this.isOverLimit(writer.length + this.outputBytes)) {
      writer.clear()
      this.doom()
      this.attend()
    } else if (writer.length >= FLUSH_BYTES && outputLimitOf(this.client, settings).hard === 0) this.flush()
  }

  /** Writes the replies. */
  private flush(): void {
    const { writer } = this.board
    if (writer.length === 0) return
    if (this.closed || this.doomed || this.taker !== null) writer.clear()
    else this.outlet.send(writer)
    if (!this.outlet.isIdle) this.checkCongestion()
  }

  private checkCongestion(): void {
    const { hard, soft } = outputLimitOf(this.client, this.board.settings)
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
    if (this.closed) return
    const { settings, stats, log } = this.board
    const held = this.inputBytes + this.client.queuedBytes
    const unauthenticated = held > UNAUTHENTICATED_INPUT_MAX && !this.client.authenticated
    if (held <= settings['client-query-buffer-limit'] && !unauthenticated) return
    stats.clientsClosedForQueryBuffer++
    log.warning(`Closing client that reached max query buffer length: ${this.board.describe(this.client)}`)
    this.terminate()
  }

  /** Whether so much unread output ends the connection; says so in the log. */
  private isOverLimit(pending: number): boolean {
    const { settings, stats, clock, log } = this.board
    if (this.doomed || !this.guard.exceeded(this.client, pending, settings, clock.now)) return false
    stats.clientsClosedForOutputBuffer++
    const line = this.board.describe(this.client)
    log.warning(`Client ${line} scheduled to be closed ASAP for overcoming of output buffer limits.`)
    return true
  }

  /** The buffers may have changed. */
  private measure(): void {
    const { memory } = this.board.clients
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
    this.board.attend(this)
  }
}

const scratch = new Bytes()
