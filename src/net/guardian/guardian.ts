/**
 * The engine's side of the guardian: has a thread watch the scripts, lends it the clients' sockets while a script keeps this
 * thread, deals with what they send, and takes the sockets back.
 *
 *     late      a script is that runs for longer than `busy-reply-threshold`
 *     guardian  this, and the thread it has for that: thread.ts here, worker.ts there
 *     lend      have the thread read what stays the engine's: it waits for the same descriptor with a handle of its own
 *     borrower  who reads what is lent, as the sockets see it: this (tcp.ts has the interface)
 *     piece     what is read of a socket at once; the next is read when the engine asks for it
 *     forget    read no more of what is going to be closed
 *
 *     engine                                 thread
 *     begin()  begin: listeners, read   ->   wakes, accepts, reads a piece of each
 *     serve()  <- accepted, bytes, error     has stopped reading that socket by itself
 *              read, pause              ->
 *              forget                   ->   stops reading what is to be closed
 *              <- answered
 *              closes it
 *     end()    end                      ->   stops reading and accepting
 *              <- answered                   sleeps
 *
 * A descriptor is closed by the engine alone, and while it lends not before the thread has answered that it does not read
 * it. The thread's handles are never closed: they serve whatever has their descriptor next. So ports may come and go.
 *
 * A thread that fails or does not answer is given up. Nobody knows then what it has read, so the connections that were lent
 * are lost. Another takes its place, unless this one has never answered: the next would fare no better.
 */
import { DROWSY, LIMIT_MS, wakeGuardian } from '../../control-block.ts'
import type { Switchboard } from '../switchboard.ts'
import type { Borrower, Descriptor, Lendable, ListeningSocket } from '../tcp.ts'
import type { FromGuardian } from './protocol.ts'
import { GuardianThread } from './thread.ts'

const LOST = 'the guardian thread that read it has failed'

export interface GuardianParts {
  readonly board: Switchboard
  readonly control: Int32Array
  readonly backlog: () => number
  readonly listeners: () => readonly ListeningSocket[]
  readonly entry?: URL
  readonly answerWaitMs?: number | undefined
}

export class Guardian implements Borrower {
  private readonly parts: GuardianParts
  /** None after one that was of no use. */
  private thread: GuardianThread | undefined
  private readonly interpreters = new Map<string, { memory: SharedArrayBuffer; alarm: number }>()
  /** What is lent, by descriptor. */
  private readonly lent = new Map<number, Lendable>()
  private toRead: Descriptor[] = []
  private toPause: Descriptor[] = []
  private toClose: { readonly socket: Descriptor; readonly close: () => void }[] = []
  /** What the thread accepts for, by descriptor. */
  private readonly listening = new Map<number, ListeningSocket>()

  constructor(parts: GuardianParts) {
    this.parts = parts
    this.thread = this.start()
  }

  private start(): GuardianThread {
    const thread = new GuardianThread({
      ...this.parts,
      log: this.parts.board.turn.log,
      onFailure: (failed) => {
        if (failed === this.thread) this.replace()
      },
    })
    for (const [role, interpreter] of this.interpreters) {
      thread.tell({ interpreter: { role, ...interpreter } })
    }
    return thread
  }

  /** The thread is of no use any more. */
  private replace(): void {
    const { control, board } = this.parts
    this.takeLate()
    for (const connection of [...this.lent.values()]) connection.onEnd(LOST)
    this.takeBack()
    // Nobody watches the scripts.
    Atomics.store(control, DROWSY, 1)
    if (this.thread?.hasAnswered) this.thread = this.start()
    else {
      this.thread = undefined
      board.turn.log.warning('There is no guardian thread: late scripts cannot be stopped.')
    }
  }

  /** After so many milliseconds a script is late. */
  set limitMs(milliseconds: number) {
    Atomics.store(this.parts.control, LIMIT_MS, milliseconds)
    wakeGuardian(this.parts.control)
  }

  /** An interpreter of this role was made (memory, and where its alarm is), or is not used any more (null). */
  watch(role: string, memory: SharedArrayBuffer | null, alarm: number): void {
    if (memory === null) this.interpreters.delete(role)
    else this.interpreters.set(role, { memory, alarm })
    this.thread?.tell({ interpreter: { role, memory, alarm } })
  }

  begin(): void {
    const { board, listeners, backlog } = this.parts
    if (this.thread?.isWell === false) this.replace()
    if (this.thread === undefined) return
    for (const connection of board.connections) if (connection !== board.turn.running) this.lend(connection)
    for (const arrival of board.arrivals) this.lend(arrival)
    board.onConnection = (connection) => this.lend(connection)
    this.listening.clear()
    const descriptors: Descriptor[] = []
    for (const listener of listeners()) {
      const { descriptor } = listener
      if (descriptor === undefined) continue
      descriptors.push(descriptor)
      this.listening.set(descriptor.fd, listener)
    }
    this.thread.tell({ begin: { listeners: descriptors, backlog: backlog() } })
    this.passOn()
  }

  /** Deals with what has come; whether more waits for its turn. */
  serve(): boolean {
    const { board } = this.parts
    if (this.thread?.isWell === false) this.begin()
    const aside = board.turn.layAside()
    try {
      for (let message = this.receive(); message !== undefined; message = this.receive()) this.take(message)
      board.turn.end()
    } finally {
      board.turn.takeUp(aside)
    }
    this.passOn()
    return board.turn.isAwaited
  }

  end(): void {
    if (this.thread === undefined) return
    if (this.thread.ask({ end: true })) this.takeBack()
    else this.replace()
  }

  // Borrower: what the sockets ask for is gathered, and passed on at once.

  read({ fd, isUnix }: Descriptor): void {
    this.toRead.push({ fd, isUnix })
  }

  pause({ fd, isUnix }: Descriptor): void {
    this.toPause.push({ fd, isUnix })
  }

  release(socket: Descriptor, close: () => void): void {
    this.lent.delete(socket.fd)
    this.toClose.push({ socket, close })
  }

  private lend(connection: Lendable): void {
    const { fd } = connection
    if (fd < 0) return
    this.lent.set(fd, connection)
    connection.lend(this)
  }

  /** The thread does not read any more, nor will it be asked for what it was to be asked for. */
  private takeBack(): void {
    this.takeLate()
    for (const connection of this.lent.values()) connection.lend(null)
    this.lent.clear()
    this.toRead = []
    this.toPause = []
    this.close()
  }

  private passOn(): void {
    if (this.toRead.length > 0 || this.toPause.length > 0) {
      this.thread?.tell({ read: this.toRead, pause: this.toPause })
      this.toRead = []
      this.toPause = []
    }
    if (this.toClose.length === 0) return
    // A descriptor that is closed may at once be that of a new connection, which the thread must not take for the old.
    if (this.thread?.ask({ forget: this.toClose.map(({ socket }) => socket) })) this.close()
    else this.begin()
  }

  private close(): void {
    for (const { close } of this.toClose) close()
    this.toClose = []
  }

  private receive(): FromGuardian | undefined {
    return this.thread?.receive()
  }

  private take(message: FromGuardian): void {
    if ('accepted' in message) return this.listening.get(message.listener)?.adopt(message.accepted)
    const connection = this.lent.get(message.fd)
    if (connection === undefined) return
    if ('bytes' in message) {
      connection.onData(bufferOf(message.bytes), message.bytes.length)
      connection.lend(this)
    } else connection.onEnd(message.error)
  }

  /** The script is over, or nobody is served: what came runs as any other input, when this turn of the event loop is over. */
  private takeLate(): void {
    this.parts.board.onConnection = null
    for (let message = this.receive(); message !== undefined; message = this.receive()) {
      if ('bytes' in message) this.lent.get(message.fd)?.defer(bufferOf(message.bytes))
      else this.take(message)
    }
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
