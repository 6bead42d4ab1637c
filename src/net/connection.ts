/**
 * One client's connection. A read event's commands run one after the other, their replies gather in the writer that all
 * connections share, and one write sends them. What the peer does not read waits in a queue; while much waits, the
 * connection neither reads nor runs commands.
 */
import type { ClientTransport } from '../commands/context.ts'
import type { Client } from '../engine/client.ts'
import type { Args } from '../memory/args.ts'
import { Bytes } from '../memory/bytes.ts'
import { RequestParser } from '../protocol/request-parser.ts'
import { endpointText, isLocalPeer } from './addresses.ts'
import { InputBacklog } from './input-backlog.ts'
import { OutputGuard, outputLimitOf, UNCOUNTED_BYTES } from './output-limits.ts'
import { OutputQueue, recycle } from './output-queue.ts'
import type { Switchboard } from './switchboard.ts'
import { FAILED, PENDING, type Socket, type SocketOwner, WRITTEN } from './tcp.ts'

/** Replies of one read event are written in pieces of about this size. */
const FLUSH_BYTES = 64 * 1024
/** Beyond this much unread output a client without output limits has to wait. */
const CONGESTION_BYTES = 1024 * 1024
/** Replies from this size on go into the queue with their buffer, smaller ones are copied. */
const OWNED_BYTES = 32 * 1024
/** Input that waited is run in slices of about this size, so that other clients get their turn. */
const SLICE_BYTES = 256 * 1024
/** Input of clients that have not authenticated. */
const UNAUTHENTICATED_INPUT_MAX = 1024 * 1024
/** A connection idle for so long keeps no buffers. */
const RELEASE_AFTER_MS = 2000

export class Connection implements ClientTransport, SocketOwner {
  readonly client: Client
  private readonly board: Switchboard
  private readonly socket: Socket
  private readonly parser = new RequestParser()
  private readonly backlog = new InputBacklog()
  private readonly output = new OutputQueue()
  private readonly guard = new OutputGuard()
  /** Input of the current read event behind the command that runs. */
  private unread = 0
  /** The buffer of a write that is pending. */
  private writing: Buffer | null = null
  private closed = false
  /** To be closed at the end of the turn. */
  private doomed = false
  /** So much output is unread that no command runs. */
  private congested = false
  private resuming = false
  private listed = false
  private remoteText: string | null = null
  private localText: string | null = null

  constructor(board: Switchboard, socket: Socket) {
    this.board = board
    this.socket = socket
    socket.owner = this
    this.client = board.clients.connect(this)
  }

  start(): void {
    this.socket.startReading()
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
    return this.socket.isUnix
  }

  get isLocal(): boolean {
    return isLocalPeer(this.socket)
  }

  get inputBytes(): number {
    return this.parser.heldBytes + (this.isRunning ? this.unread : this.backlog.bytes)
  }

  get inputFree(): number {
    return this.parser.freeBytes + this.backlog.freeBytes
  }

  get outputBytes(): number {
    return this.output.bytes + (this.writing === null ? 0 : this.socket.unwritten)
  }

  /** Pieces the waiting output consists of. */
  get outputChunks(): number {
    return this.output.chunkCount + (this.writing === null ? 0 : 1)
  }

  enqueue(message: Bytes): void {
    if (this.closed || this.doomed || this.client.closeAfterReply) return
    if (this.isRunning) {
      this.board.behindReply.append(message.buf, message.off, message.len)
      return
    }
    this.output.append(message.buf, message.off, message.len)
    if (this.isOverLimit(this.outputBytes)) this.doom()
    this.attend()
  }

  close(afterReply: boolean): void {
    if (!afterReply) {
      this.terminate()
      return
    }
    this.client.closeAfterReply = true
    if (!this.isRunning) this.attend()
  }

  resume(): void {
    this.resuming = true
    this.attend()
  }

  // What comes from the socket.

  onData(buffer: Buffer, length: number): void {
    const { stats, clock } = this.board
    stats.bytesIn += length
    stats.readsProcessed++
    this.client.bytesIn += length
    this.client.lastActive = clock.now
    if (this.mustWait) this.backlog.append(buffer, 0, length)
    else {
      const position = this.run(buffer, 0, length, length)
      if (position < length && !this.closed) this.backlog.append(buffer, position, length)
    }
    this.checkInput()
  }

  onDrain(): void {
    recycle(this.writing!)
    this.writing = null
    this.client.lastActive = this.board.clock.now
    this.writeQueue()
    this.settle()
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
    if (this.writing === null) this.writeQueue()
    this.settle()
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
    } else if (now - client.lastActive > RELEASE_AFTER_MS) this.parser.release()
  }

  /** Ends the connection at once. */
  terminate(): void {
    if (this.closed) return
    this.closed = true
    this.socket.close()
    this.output.clear()
    this.backlog.clear()
    this.board.disconnected(this)
  }

  private get unixPath(): string | undefined {
    return this.socket.isUnix ? this.board.settings.unixsocket : undefined
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
    } finally {
      board.running = null
    }
    this.flush()
    this.settle()
    return p
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
    board.writer.raw(Bytes.from(`-ERR ${text}\r\n`, 'latin1'))
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

  /** Writes the replies, behind what waits already. */
  private flush(): void {
    const { writer } = this.board
    const { length } = writer
    if (length === 0) return
    if (this.closed || this.doomed) writer.clear()
    else if (this.writing !== null || this.output.bytes > 0) {
      if (length >= OWNED_BYTES) this.output.appendOwned(writer.surrender(), length)
      else {
        this.output.append(writer.buffer, 0, length)
        writer.clear()
      }
      if (this.writing === null) this.writeQueue()
    } else {
      const result = this.write(writer.buffer, length)
      if (result === PENDING) this.writing = writer.surrender()
      else writer.clear()
    }
    if (this.writing !== null) this.checkCongestion()
  }

  private writeQueue(): void {
    for (let chunk = this.output.shift(); chunk !== undefined; chunk = this.output.shift()) {
      const result = this.write(chunk.buffer, chunk.length)
      if (result === WRITTEN) recycle(chunk.buffer)
      else {
        if (result === PENDING) this.writing = chunk.buffer
        return
      }
    }
  }

  private write(buffer: Buffer, length: number): number {
    const { stats } = this.board
    const result = this.socket.write(buffer, length)
    if (result === FAILED) {
      this.doom()
      this.attend()
    } else {
      stats.bytesOut += length
      stats.writesProcessed++
      this.client.bytesOut += length
    }
    return result
  }

  private checkCongestion(): void {
    const { hard, soft } = outputLimitOf(this.client, this.board.settings)
    // With a hard limit a client is closed rather than made to wait, as Valkey does.
    if (hard > 0 || this.congested || this.outputBytes <= Math.max(CONGESTION_BYTES, soft)) return
    this.congested = true
    this.socket.stopReading()
  }

  /** Does what waited for output to be written. */
  private settle(): void {
    if (this.closed) return
    const { client } = this
    if (client.closeAfterReply) this.socket.stopReading()
    if (this.writing !== null || this.output.bytes > 0) return
    if (client.closeAfterReply) this.terminate()
    else if (this.congested) {
      this.congested = false
      this.socket.startReading()
      if (this.backlog.bytes > 0 || client.postponed !== null) this.resume()
    }
  }

  /** Runs the command that was held back, and the input that waits. */
  private goOn(): void {
    this.resuming = false
    if (!this.mayRun) return
    const { backlog } = this
    const stop = Math.min(backlog.end, backlog.start + SLICE_BYTES)
    backlog.consume(this.run(backlog.buffer, backlog.start, backlog.end, stop))
    if (backlog.bytes > 0 && this.mayRun) this.resume()
  }

  private checkInput(): void {
    if (this.closed) return
    const { settings, stats, log } = this.board
    const held = this.inputBytes
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

  /** The connection is to end, but not within what is going on now. */
  private doom(): void {
    this.doomed = true
    this.output.clear()
  }

  /** Asks for `endTurn`. */
  private attend(): void {
    if (this.listed || this.closed) return
    this.listed = true
    this.board.attend(this)
  }
}

const scratch = new Bytes()
