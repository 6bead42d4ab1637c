/**
 * The engine's side of the guardian (worker.ts): starts it, lends it the clients' sockets while a script keeps this thread,
 * takes from it what they send, and takes the sockets back.
 *
 *   begin()   lends all sockets but that of the client whose script runs
 *   serve()   deals with what has come; called in the script's poll
 *   end()     takes the sockets back; input that came too late to be answered BUSY runs as any other
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { ANSWERED, LIMIT_MS, wakeGuardian } from '../../control-block.ts'
import type { Switchboard } from '../switchboard.ts'
import type { Borrower, Descriptor, Lendable, ListeningSocket } from '../tcp.ts'
import type { FromGuardian, ToGuardian } from './protocol.ts'
import type { GuardianData } from './worker.ts'

/** The guardian answers within microseconds; if it does not, it is dead. */
const ANSWER_TIMEOUT_MS = 5000
/** Old and young space of its heap, MB. */
const HEAP_MB = 64

export interface GuardianParts {
  readonly board: Switchboard
  readonly control: Int32Array
  readonly backlog: () => number
  readonly listeners: () => readonly ListeningSocket[]
  readonly entry?: URL
}

export class Guardian implements Borrower {
  private readonly parts: GuardianParts
  private port: MessagePort
  private readonly interpreters = new Map<string, { memory: SharedArrayBuffer; alarm: number }>()
  /** Connections that are lent, by descriptor. */
  private readonly lent = new Map<number, Lendable>()
  private isDead = false
  private toRead: Descriptor[] = []
  private toPause: Descriptor[] = []
  private forgotten: { readonly socket: Descriptor; readonly close: () => void }[] = []
  private listening: readonly ListeningSocket[] = []

  constructor(parts: GuardianParts) {
    this.parts = parts
    this.port = this.start()
  }

  private start(): MessagePort {
    const { control, board, entry = new URL('./worker.js', import.meta.url) } = this.parts
    const { port1, port2 } = new MessageChannel()
    const worker = new Worker(entry, {
      workerData: { port: port2, control } satisfies GuardianData,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      name: 'guardian',
    })
    worker.on('error', (error) => {
      this.isDead = true
      board.log.warning(`The guardian thread died: ${error.stack}. Scripts can no longer be stopped.`)
    })
    worker.unref()
    port1.unref()
    return port1
  }

  /** After so many milliseconds a script is late. */
  set limitMs(milliseconds: number) {
    Atomics.store(this.parts.control, LIMIT_MS, milliseconds)
    this.wake()
  }

  /** An interpreter of this role was made (memory, and where its alarm is), or is not used any more (null). */
  watch(role: string, memory: SharedArrayBuffer | null, alarm: number): void {
    if (memory === null) this.interpreters.delete(role)
    else this.interpreters.set(role, { memory, alarm })
    this.wakeWith({ interpreter: { role, memory, alarm } })
  }

  /**
   * Listening sockets were closed: the thread still has handles on their descriptors, which it cannot close. A new thread
   * takes its place; the old one sleeps for good.
   */
  replace(): void {
    this.wakeWith({ retire: true })
    this.port = this.start()
    for (const [role, { memory, alarm }] of this.interpreters) {
      this.port.postMessage({ interpreter: { role, memory, alarm } })
    }
  }

  private wakeWith(message: ToGuardian): void {
    this.port.postMessage(message)
    this.wake()
  }

  private wake(): void {
    wakeGuardian(this.parts.control)
  }

  begin(): void {
    const { board, listeners, backlog } = this.parts
    this.listening = listeners().filter((listener) => listener.descriptor !== undefined)
    for (const connection of board.connections) if (connection !== board.running) this.lend(connection)
    for (const arrival of board.arrivals) this.lend(arrival)
    board.onConnection = (connection) => this.lend(connection)
    const descriptors = this.listening.map((listener) => listener.descriptor!)
    this.wakeWith({ begin: { listeners: descriptors, backlog: backlog() } })
    this.ask()
  }

  /** Deals with what has come; whether more waits for its turn. */
  serve(): boolean {
    const { board } = this.parts
    const aside = board.layAside()
    try {
      for (let message = this.receive(); message !== undefined; message = this.receive()) this.take(message)
      board.endTurnNow()
    } finally {
      board.takeUp(aside)
    }
    this.ask()
    return board.hasAttended
  }

  end(): void {
    const { board } = this.parts
    board.onConnection = null
    this.request({ end: true })
    for (let message = this.receive(); message !== undefined; message = this.receive()) this.takeLate(message)
    for (const connection of this.lent.values()) connection.lend(null)
    this.lent.clear()
    // Nobody reads any more: what was asked for meanwhile must not be read, nor what has ended stay open, until next time.
    this.closeForgotten()
    this.toRead = []
    this.toPause = []
  }

  // Borrower: what the sockets ask for is gathered, and asked of the thread at once.

  read({ fd, isUnix }: Descriptor): void {
    this.toRead.push({ fd, isUnix })
  }

  pause({ fd, isUnix }: Descriptor): void {
    this.toPause.push({ fd, isUnix })
  }

  release(socket: Descriptor, close: () => void): void {
    this.lent.delete(socket.fd)
    this.forgotten.push({ socket, close })
  }

  private lend(connection: Lendable): void {
    const { fd } = connection
    if (fd < 0) return
    this.lent.set(fd, connection)
    connection.lend(this)
  }

  private ask(): void {
    if (this.toRead.length > 0 || this.toPause.length > 0) {
      this.port.postMessage({ read: this.toRead, pause: this.toPause } satisfies ToGuardian)
      this.toRead = []
      this.toPause = []
    }
    if (this.forgotten.length === 0) return
    // A descriptor that is closed may at once be that of a new connection, which the thread must not take for the old.
    if (this.request({ forget: this.forgotten.map(({ socket }) => socket) })) this.closeForgotten()
  }

  private closeForgotten(): void {
    for (const { close } of this.forgotten) close()
    this.forgotten = []
  }

  /** Waits until the thread has dealt with a message; false when it does not. */
  private request(message: ToGuardian): boolean {
    if (this.isDead) return false
    const { control, board } = this.parts
    const before = Atomics.load(control, ANSWERED)
    this.port.postMessage(message)
    if (Atomics.wait(control, ANSWERED, before, ANSWER_TIMEOUT_MS) !== 'timed-out') return true
    this.isDead = true
    board.log.warning('The guardian thread does not answer. Scripts can no longer be stopped.')
    return false
  }

  private receive(): FromGuardian | undefined {
    return receiveMessageOnPort(this.port)?.message as FromGuardian | undefined
  }

  private take(message: FromGuardian): void {
    if ('accepted' in message) return this.listening[message.listener]?.adopt(message.accepted)
    const connection = this.lent.get(message.fd)
    if (connection === undefined) return
    if ('bytes' in message) {
      connection.onData(bufferOf(message.bytes), message.bytes.length)
      connection.lend(this)
    } else connection.onEnd(message.error)
  }

  /** The script is over: what came runs as any other input, when this turn of the event loop is over. */
  private takeLate(message: FromGuardian): void {
    if (!('bytes' in message)) return this.take(message)
    this.lent.get(message.fd)?.defer(bufferOf(message.bytes))
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
