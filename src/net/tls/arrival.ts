/**
 * A connection at the private socket of which nothing is known yet: reads its preamble, and makes a client's connection of
 * it, or turns it away.
 */
import type { Connection } from '../connection.ts'
import type { Arriving, Switchboard } from '../switchboard.ts'
import type { Borrower, Socket } from '../tcp.ts'
import { PREAMBLE_MAX, readPreamble } from './preamble.ts'

/** The TLS thread writes the preamble as soon as it is connected. */
const PREAMBLE_TIMEOUT_MS = 5000
/** Arrivals at the same time. The TLS thread's are as many as the system accepts in one turn at most. */
const ARRIVALS_MAX = 4096

const NEWLINE = 10

export class Arrival implements Arriving {
  private readonly board: Switchboard
  private readonly socket: Socket
  private readonly secret: string
  private readonly timer: ReturnType<typeof setTimeout>
  private held = Buffer.alloc(0)

  constructor(board: Switchboard, socket: Socket, secret: string) {
    this.board = board
    this.socket = socket
    this.secret = secret
    // After a long turn of the event loop the time may be over before what has come was read.
    this.timer = setTimeout(() => setImmediate(() => this.turnAway()), PREAMBLE_TIMEOUT_MS).unref()
    board.arrivals.add(this)
    if (board.arrivals.size > ARRIVALS_MAX) this.turnAway()
    else this.start()
  }

  get fd(): number {
    return this.socket.fd
  }

  lend(borrower: Borrower | null): void {
    this.socket.lend(borrower)
  }

  onData(buffer: Buffer, length: number): void {
    this.take(buffer.subarray(0, length), (connection, rest) => connection.onData(rest, rest.length))
  }

  /** The preamble makes no command run, so it need not wait as what follows it. */
  defer(buffer: Buffer): void {
    this.take(buffer, (connection, rest) => connection.defer(rest))
  }

  onDrain(): void {}

  onEnd(): void {
    this.turnAway()
  }

  turnAway(): void {
    if (this.leave()) this.socket.close()
  }

  private start(): void {
    this.socket.owner = this
    this.board.onConnection?.(this)
    this.socket.startReading()
  }

  private take(chunk: Buffer, deliver: (connection: Connection, rest: Buffer) => void): void {
    this.held = Buffer.concat([this.held, chunk])
    const end = this.held.indexOf(NEWLINE)
    const ends = end < 0 ? undefined : readPreamble(this.secret, this.held.latin1Slice(0, end))
    if (ends === undefined) {
      if (end >= 0 || this.held.length > PREAMBLE_MAX) this.turnAway()
      return
    }
    this.leave()
    this.socket.proxied = ends
    const connection = this.board.accept(this.socket)
    if (connection !== undefined && end + 1 < this.held.length)
      deliver(connection, this.held.subarray(end + 1))
  }

  /** Whether it was waiting until now. */
  private leave(): boolean {
    clearTimeout(this.timer)
    return this.board.arrivals.delete(this)
  }
}
