/**
 * What the connections have in common: the rest of the server, the buffers that each of them uses while its commands
 * run, and the end of a turn of the event loop, when messages for several of them are written.
 */
import type { Client } from '../engine/client.ts'
import { Args } from '../memory/args.ts'
import { CommandWindow } from '../protocol/command-window.ts'
import type { RequestLimits } from '../protocol/request-limits.ts'
import { RespWriter, type WriterContent } from '../protocol/resp-writer.ts'
import { refusal } from './admission.ts'
import { Connection } from './connection.ts'
import { OutputQueue } from './output-queue.ts'
import type {
  ClientDirectory,
  CommandExecutor,
  NetworkDebug,
  NetworkLog,
  NetworkParts,
  NetworkSettings,
  NetworkStats,
} from './ports.ts'
import type { Lendable, Socket } from './tcp.ts'
import type { Arrival } from './tls/arrival.ts'

/** What a connection is in the middle of: its pipeline and its replies. */
export interface LaidAside {
  readonly running: Connection | null
  readonly window: CommandWindow
  readonly args: Args
  readonly behindReply: OutputQueue
  readonly replies: WriterContent
}

export class Switchboard {
  readonly executor: CommandExecutor
  readonly clients: ClientDirectory
  readonly stats: NetworkStats
  readonly settings: NetworkSettings
  readonly clock: { readonly now: number }
  readonly log: NetworkLog
  readonly debug: NetworkDebug
  readonly describe: (client: Client) => string
  readonly writer: RespWriter
  window = new CommandWindow()
  args = new Args()
  /** Those of the client whose input is read. */
  readonly limits: RequestLimits = { maxBulk: 0, authenticated: false }
  /** Messages to the client whose command runs, from that command. */
  behindReply = new OutputQueue()
  /** The connection whose commands run. */
  running: Connection | null = null
  readonly connections = new Set<Connection>()
  /** Connections of which it is not known yet whose they are. */
  readonly arrivals = new Set<Arrival>()
  /** Called with what is new of both before anything is read of it. */
  onConnection: ((connection: Lendable) => void) | null = null
  private attended: Connection[] = []
  private readonly spare = { window: new CommandWindow(), args: new Args(), behindReply: new OutputQueue() }

  constructor(parts: NetworkParts) {
    this.executor = parts.executor
    this.clients = parts.clients
    this.stats = parts.stats
    this.settings = parts.settings
    this.clock = parts.clock
    this.log = parts.log
    this.debug = parts.debug
    this.describe = parts.describe
    this.writer = parts.writer ?? new RespWriter()
  }

  /** Undefined when it was turned away. */
  accept(socket: Socket): Connection | undefined {
    const text = refusal(socket, this.connections.size, this.settings, this.clients)
    if (text !== undefined) {
      this.stats.connectionsRejected++
      socket.write(Buffer.from(text), text.length)
      socket.close()
      return undefined
    }
    this.stats.connectionsReceived++
    const connection = new Connection(this, socket)
    this.connections.add(connection)
    this.logVerbose(() => `Accepted ${connection.address}`)
    this.onConnection?.(connection)
    connection.start()
    return connection
  }

  disconnected(connection: Connection): void {
    this.connections.delete(connection)
    this.clients.disconnect(connection.client)
  }

  /** `connection.endTurn` is called when the events of this turn have been dealt with. */
  attend(connection: Connection): void {
    if (this.attended.push(connection) === 1) setImmediate(this.endTurn)
  }

  /** Called about once a second. */
  sweep(): void {
    if (this.debug.cronPaused) return
    const { now } = this.clock
    for (const connection of this.connections) connection.sweep(now)
  }

  closeAll(): void {
    for (const arrival of this.arrivals) arrival.turnAway()
    for (const connection of this.connections) connection.terminate()
  }

  logVerbose(text: () => string): void {
    const { loglevel } = this.settings
    if (loglevel === 'verbose' || loglevel === 'debug') this.log.verbose(text())
  }

  /** Somebody waits for the end of the turn. */
  get hasAttended(): boolean {
    return this.attended.length > 0
  }

  /** The turn ends here, as far as connections are concerned: the event loop does not go on for now. */
  endTurnNow(): void {
    this.endTurn()
  }

  private readonly endTurn = (): void => {
    const connections = this.attended
    this.attended = []
    for (const connection of connections) connection.endTurn()
  }

  /** Lays aside what the running connection is in the middle of, so that others can be served before it goes on. */
  layAside(): LaidAside {
    const { running, window, args, behindReply } = this
    this.running?.sendComplete()
    this.running = null
    Object.assign(this, this.spare)
    return { running, window, args, behindReply, replies: this.writer.layAside() }
  }

  takeUp(aside: LaidAside): void {
    this.running = aside.running
    this.window = aside.window
    this.args = aside.args
    this.behindReply = aside.behindReply
    this.writer.takeUp(aside.replies)
  }
}
