/**
 * What connections share in a turn of the event loop: the rest of the server, the buffers that each of them uses while its
 * commands run, and the end of the turn, when replies and messages are written.
 *
 * Replies wait until all that came in this turn has run, as in Valkey. To write to a client that sleeps is to wake it, which
 * takes longer than most scripts; of clients of one machine or one process the first to be woken then finds the others'
 * replies there. Written one by one, scripts in pipelines took a sixth longer. But nobody waits for slow commands of others,
 * other than in Valkey: when the millisecond is over, what there is is sent. Nor do more connections wait together than
 * there are chunks for their replies: with new ones for each turn, 500 connections were served a third slower.
 */
import type { Client } from '../engine/client.ts'
import { Args } from '../memory/args.ts'
import { CommandWindow } from '../protocol/command-window.ts'
import type { RequestLimits } from '../protocol/request-limits.ts'
import { RespWriter, type WriterContent } from '../protocol/resp-writer.ts'
import { OutputQueue, SPARE_CHUNKS_MAX } from './output-queue.ts'
import type {
  ClientDirectory,
  CommandExecutor,
  NetworkDebug,
  NetworkLog,
  NetworkParts,
  NetworkSettings,
  NetworkStats,
} from './ports.ts'

/** A connection, as far as turns are concerned. */
export interface TurnTaker {
  /** Sends what waits to be sent, and the replies of its commands before the one that runs. */
  sendComplete(): void
  /** The events of the turn have been dealt with. */
  endTurn(): void
}

/** What a connection is in the middle of: its pipeline and its replies. */
export interface LaidAside {
  readonly running: TurnTaker | null
  readonly window: CommandWindow
  readonly args: Args
  readonly behindReply: OutputQueue
  readonly replies: WriterContent
}

export class Turn {
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
  running: TurnTaker | null = null
  private attended: TurnTaker[] = []
  /** How many of them have been sent what waited. */
  private sent = 0
  /** Unix time when those behind them began to run, or before. */
  private millisecond = 0
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

  /** `connection.endTurn` is called when the events of this turn have been dealt with. */
  attend(connection: TurnTaker): void {
    const count = this.attended.push(connection)
    if (count === 1) setImmediate(() => this.end())
    if (count - this.sent === SPARE_CHUNKS_MAX) this.sendNew()
  }

  /** The commands of a read event follow. */
  beginBatch(): void {
    this.executor.beginBatch()
    if (this.clock.now === this.millisecond) return
    this.millisecond = this.clock.now
    this.sendNew()
  }

  private sendNew(): void {
    for (; this.sent < this.attended.length; this.sent++) this.attended[this.sent]!.sendComplete()
  }

  /** Somebody waits for the end. */
  get isAwaited(): boolean {
    return this.attended.length > 0
  }

  /** What has been answered so far is sent now, as the command that runs takes its time. */
  sendReplies(): void {
    this.running?.sendComplete()
    for (const connection of this.attended) connection.sendComplete()
  }

  /** The turn ends here, as far as connections are concerned. */
  end(): void {
    // All of them first: what follows may run commands.
    this.sendReplies()
    const connections = this.attended
    this.attended = []
    this.sent = 0
    for (const connection of connections) connection.endTurn()
  }

  /** Lays aside what the running connection is in the middle of, so that others can be served before it goes on. */
  layAside(): LaidAside {
    const { running, window, args, behindReply } = this
    running?.sendComplete()
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

  logVerbose(text: () => string): void {
    const { loglevel } = this.settings
    if (loglevel === 'verbose' || loglevel === 'debug') this.log.verbose(text())
  }
}
