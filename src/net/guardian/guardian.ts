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
 *     changes   what is to be read that is not, and the other way round (loans.ts)
 *
 *     engine                                   thread
 *     prepare()  open: new sockets        ->   makes handles for them, asleep
 *     begin()    begin: listeners, changes ->  wakes, accepts, reads a piece of each
 *     serve()    <- accepted, bytes, error     has stopped reading that socket by itself
 *                changes                  ->
 *                forget                   ->   stops reading what is to be closed
 *                <- answered
 *                closes it
 *     end()      end                      ->   stops accepting
 *                <- answered                   sleeps, and keeps what it reads
 *
 * A descriptor is closed by the engine alone, and while the thread is awake not before it has answered that it does not read
 * it. The thread's handles are never closed: they serve whatever has their descriptor next. So ports may come and go.
 *
 * A thread that fails or does not answer is given up. Nobody knows then what it has read, so the connections that were lent
 * are lost. Another takes its place, unless this one has never answered: the next would fare no better.
 */
import { DROWSY, LIMIT_MS, wakeGuardian } from '../../control-block.ts'
import type { Switchboard } from '../switchboard.ts'
import type { Borrower, Descriptor, Lendable, ListeningSocket, NumberedDescriptor } from '../tcp.ts'
import { Loans } from './loans.ts'
import type { Changes, FromGuardian } from './protocol.ts'
import { GuardianThread } from './thread.ts'

const LOST = 'the guardian thread that read it has failed'
/** New sockets that the sleeping thread makes handles for in one go: it looks at no script meanwhile. */
const PREPARED_AT_ONCE = 128

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
  /** Those that were given up included. */
  private readonly threads: GuardianThread[] = []
  private readonly interpreters = new Map<string, { memory: SharedArrayBuffer; alarm: number }>()
  /** What is lent, by descriptor. */
  private readonly lent = new Map<number, Lendable>()
  private loans = new Loans()
  private toClose: { readonly fd: number; readonly close: () => void }[] = []
  /** The thread has the sockets. */
  private isLending = false
  /** Connections that the thread has not heard of. */
  private readonly fresh = new Set<Lendable>()
  /** What the thread accepts for, by descriptor. */
  private readonly listening = new Map<number, ListeningSocket>()

  constructor(parts: GuardianParts) {
    this.parts = parts
    this.thread = this.start()
    parts.board.onConnection = (connection) => {
      if (this.isLending) this.lend(connection)
      else this.fresh.add(connection)
    }
  }

  private start(): GuardianThread {
    const thread = new GuardianThread({
      ...this.parts,
      log: this.parts.board.turn.log,
      onFailure: (failed) => {
        if (failed === this.thread) this.replace()
      },
    })
    this.threads.push(thread)
    for (const [role, interpreter] of this.interpreters) {
      thread.tell({ interpreter: { role, ...interpreter } })
    }
    return thread
  }

  /**
   * At its end a thread closes whatever has the descriptors of its handles by then. Where that is what the event loop of
   * another waits with, the process dies: so the newest ends first, which knows nothing that an older one could use, and
   * before them all those that may be newer still.
   */
  async stop(): Promise<void> {
    this.thread = undefined
    for (const thread of this.threads.reverse()) await thread.stop()
  }

  /** The thread is of no use any more. */
  private replace(): void {
    const { control, board } = this.parts
    this.takeLate()
    for (const connection of [...this.lent.values()]) connection.onEnd(LOST)
    this.takeBack()
    this.loans = new Loans()
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

  /** Called about once a second: a socket takes the thread tens of microseconds the first time, better spent beforehand. */
  prepare(): void {
    if (this.thread === undefined || this.isLending) return
    const open: Descriptor[] = []
    const noter: Borrower = { read: ({ fd, isUnix }) => open.push({ fd, isUnix }), pause() {}, release() {} }
    for (const connection of this.fresh) {
      this.fresh.delete(connection)
      if (connection.fd < 0) continue
      connection.lend(noter)
      connection.lend(null)
      if (open.length === PREPARED_AT_ONCE) break
    }
    if (open.length > 0) this.thread.tell({ open })
  }

  sendReplies(): void {
    this.parts.board.turn.sendReplies()
  }

  begin(): void {
    const { board, listeners, backlog } = this.parts
    if (this.thread?.isWell === false) this.replace()
    if (this.thread === undefined) return
    this.isLending = true
    this.fresh.clear()
    this.loans.reset()
    for (const connection of board.connections) if (connection !== board.turn.running) this.lend(connection)
    for (const arrival of board.arrivals) this.lend(arrival)
    this.listening.clear()
    const descriptors: Descriptor[] = []
    for (const listener of listeners()) {
      const { descriptor } = listener
      if (descriptor === undefined) continue
      descriptors.push(descriptor)
      this.listening.set(descriptor.fd, listener)
    }
    const changes = this.loans.takeChanges()
    this.thread.tell({ begin: { listeners: descriptors, backlog: backlog(), changes } })
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

  read(socket: NumberedDescriptor): void {
    this.loans.read(socket)
  }

  pause(fd: number): void {
    this.loans.pause(fd)
  }

  release(fd: number, close: () => void): void {
    this.lent.delete(fd)
    this.loans.pause(fd)
    this.toClose.push({ fd, close })
  }

  private lend(connection: Lendable): void {
    const { fd } = connection
    if (fd < 0) return
    this.lent.set(fd, connection)
    connection.lend(this)
  }

  /** The thread sleeps, or is of no use: nothing is read by it. */
  private takeBack(): void {
    this.isLending = false
    this.takeLate()
    for (const connection of this.lent.values()) connection.lend(null)
    this.lent.clear()
    this.close()
  }

  private passOn(): void {
    const changes = this.loans.takeChanges()
    if (!isEmpty(changes)) this.thread?.tell({ changes })
    if (this.toClose.length === 0) return
    const forget = this.toClose.map(({ fd }) => fd)
    // A descriptor that is closed may at once be that of a new connection, which the thread must not take for the old.
    if (this.thread?.ask({ forget })) {
      for (const fd of forget) this.loans.forgotten(fd)
      this.close()
    } else this.begin()
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
    this.loans.told(message.fd, message.order)
    const connection = this.lent.get(message.fd)
    if (connection === undefined) return
    if ('bytes' in message) {
      connection.onData(bufferOf(message.bytes), message.bytes.length)
      connection.lend(this)
    } else connection.onEnd(message.error)
  }

  /** The script is over, or nobody is served: what came runs as any other input, when this turn of the event loop is over. */
  private takeLate(): void {
    for (let message = this.receive(); message !== undefined; message = this.receive()) {
      if ('bytes' in message) {
        this.loans.told(message.fd, message.order)
        this.lent.get(message.fd)?.defer(bufferOf(message.bytes))
      } else this.take(message)
    }
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

function isEmpty({ read, pause }: Changes): boolean {
  return read.length === 0 && pause.length === 0
}
