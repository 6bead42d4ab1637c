/**
 * The engine: takes a client's command, finds it, asks the gate whether it may run, runs it and accounts for it. The
 * commands of scripts and transactions come through the same `call`.
 */
import { ADMIN, FAST, SKIP_MONITOR, SKIP_SLOWLOG } from '../commands/spec.ts'
import type { Command, CommandTable } from '../commands/table.ts'
import { ERRORS, ReplyError } from '../errors.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Log } from '../log.ts'
import type { Args } from '../memory/args.ts'
import { forgetHashes } from '../memory/hashing.ts'
import type { CommandWindow } from '../protocol/command-window.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import type { RespWriter } from '../protocol/resp-writer.ts'
import type { Client, QueuedCommand } from './client.ts'
import type { ClientPause } from './client-pause.ts'
import type { Clock } from './clock.ts'
import type { ExecutionContext } from './execution-context.ts'
import {
  arityText,
  isQueued,
  isWebRequest,
  refusal,
  unknownCommandText,
  unknownSubcommandText,
} from './gate.ts'
import type { LatencyMonitor } from './latency.ts'
import type { MemoryLimit } from './memory-limit.ts'
import type { Monitor } from './monitor.ts'
import { Prefetcher } from './prefetcher.ts'
import type { Slowlog } from './slowlog.ts'
import type { Stats } from './stats.ts'

/** Fast commands, and commands of scripts, for one that is timed. */
const CALLS_PER_SAMPLE = 16

/** A fast command with a larger argument or reply is timed, as moving bytes takes time. */
const SMALL_BYTES = 4096

/** What such a command never takes. */
const SLOW_MICROSECONDS = 1000

/** A reply sink that the engine can take a partial reply back from, and ask whether an error was written. */
export interface AccountableSink extends ReplySink {
  lastError: string | null
  /** That error was counted already, where it happened: it is of a command that a script called. */
  lastErrorCounted: boolean
  mark(): number
  rollback(mark: number): void
}

export interface EngineParts {
  readonly commands: CommandTable
  readonly keyspace: Keyspace
  readonly clock: Clock
  readonly stats: Stats
  readonly monitor: Monitor
  readonly slowlog: Slowlog
  readonly pause: ClientPause
  readonly latency: LatencyMonitor
  readonly memory: MemoryLimit
  readonly context: ExecutionContext
  readonly log: Log
}

export class Engine {
  readonly commands: CommandTable
  readonly stats: Stats
  private readonly clock: Clock
  private readonly monitor: Monitor
  private readonly slowlog: Slowlog
  private readonly context: ExecutionContext
  private readonly latency: LatencyMonitor
  private readonly memory: MemoryLimit
  private readonly pause: ClientPause
  private readonly log: Log
  private readonly prefetcher: Prefetcher
  /** Commands until one is timed. */
  private callsToSample = 1
  /** Commands ran since the clock was read. */
  private isClockBehind = false

  constructor(parts: EngineParts) {
    this.commands = parts.commands
    this.stats = parts.stats
    this.clock = parts.clock
    this.monitor = parts.monitor
    this.slowlog = parts.slowlog
    this.context = parts.context
    this.latency = parts.latency
    this.memory = parts.memory
    this.pause = parts.pause
    this.log = parts.log
    this.prefetcher = new Prefetcher(parts.keyspace)
  }

  /** The clock is read before the commands of a read event, and then as `call` says. */
  beginBatch(): void {
    this.clock.tick()
    this.isClockBehind = false
    forgetHashes()
  }

  /** These commands of a client will run next. */
  prefetch(client: Client, window: CommandWindow): void {
    this.prefetcher.touch(client.dbIndex, window)
  }

  /**
   * Runs one command of a client, or queues or refuses it; exactly one reply is written. Under CLIENT PAUSE none is: the
   * client is suspended and keeps the command as `postponed`, for the connection to hand in again.
   */
  execute(client: Client, args: Args, writer: RespWriter): void {
    client.lastActive = this.clock.now
    client.commandsProcessed++
    writer.protocol = client.protocol
    const start = writer.mark()
    this.dispatch(client, args, writer)
    // Asked after the command, as CLIENT REPLY itself changes the mode.
    if (client.replyMode !== 'on') this.dropReply(client, writer, start)
    writer.wrotePush = false
  }

  private dropReply(client: Client, writer: RespWriter, start: number): void {
    // Messages are no replies, not even that of a subscription.
    if (!writer.wrotePush) writer.rollback(start)
    if (client.replyMode === 'skip-next') client.replyMode = 'skip'
    else if (client.replyMode === 'skip') client.replyMode = 'on'
  }

  private dispatch(client: Client, args: Args, writer: RespWriter): void {
    const command = this.find(args)
    if (typeof command === 'string') {
      if (isWebRequest(args)) this.turnAway(client)
      else this.refuse(client, writer, command, undefined)
      return
    }
    client.lastCommand = command.name
    if (!command.acceptsCount(args.count)) {
      this.refuse(client, writer, arityText(command), command)
      return
    }
    const refused =
      refusal(command, client) ?? (this.memory.refuses(command, client) ? ERRORS.oom : undefined)
    if (refused !== undefined) {
      this.refuse(client, writer, refused, command)
      return
    }
    if (this.pause.holds(command, client)) {
      this.pause.postpone(client, args)
      return
    }
    if (client.queue !== null && isQueued(command)) {
      client.queue.push({ command, args: args.detach() })
      client.queuedBytes += args.bytes
      writer.status('QUEUED')
      return
    }
    this.context.enter(client)
    this.call(command, args, writer)
  }

  /** The command the arguments name, or the text of the error. */
  find(args: Args): Command | string {
    const command = this.commands.lookup(args.at(0))
    if (command === undefined) return unknownCommandText(args)
    if (command.subcommands === null || args.count < 2) return command
    return this.commands.subcommand(command, args.at(1)) ?? unknownSubcommandText(command, args)
  }

  /**
   * A browser was made to send a web request here, whose body may be commands: nothing of it is run, nor answered.
   */
  private turnAway(client: Client): void {
    this.log.warning(
      'Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to the server. ' +
        `Connection from ${client.transport?.address ?? '?'} aborted.`,
    )
    client.transport?.close(false)
  }

  /** An error before the command ran: a transaction being queued is broken by it. */
  private refuse(client: Client, writer: RespWriter, text: string, command: Command | undefined): void {
    if (client.queue !== null) client.queueBroken = true
    if (command !== undefined) {
      this.stats.rejected[command.id]!++
      if (command.name === 'exec') {
        this.context.server.transactions.discard(client)
        writer.error(`EXECABORT Transaction discarded because of: ${text.replace(/^[A-Z]+ /, '')}`)
        return
      }
    }
    this.stats.error(text)
    writer.error(text)
  }

  /**
   * Runs a command that passed the gate, and accounts for it. Reading the clock costs as much as a small command: of those
   * that are fast by nature, and had little to read and to write, one in about CALLS_PER_SAMPLE is timed and stands for
   * those of its command since the last that was.
   */
  call(command: Command, args: Args, reply: AccountableSink): void {
    if (this.mayGoUntimed(command, args) && --this.callsToSample > 0) {
      const mark = reply.mark()
      const failed = this.run(command, args, reply)
      if (reply.mark() - mark < SMALL_BYTES) {
        this.isClockBehind = true
        this.stats.untimedCall(command.id, failed)
        return
      }
      this.account(command, args, this.clock.monotonic, failed)
      return
    }
    if (this.callsToSample <= 0) this.callsToSample = 1 + Math.floor(Math.random() * 2 * CALLS_PER_SAMPLE)
    const started = this.isClockBehind ? this.clock.tick() : this.clock.monotonic
    this.account(command, args, started, this.run(command, args, reply))
  }

  /** Commands that cannot be slow; with a very low threshold, the slow log wants to know of every one. */
  private mayGoUntimed(command: Command, args: Args): boolean {
    if ((command.flags & FAST) === 0 || args.at(args.count - 1).len >= SMALL_BYTES) return false
    const { threshold } = this.slowlog
    return threshold >= SLOW_MICROSECONDS || threshold < 0
  }

  /** Accounts for a command that began at `started`. */
  private account(command: Command, args: Args, started: number, failed: boolean): void {
    const microseconds = (this.clock.tick() - started) * 1000
    this.isClockBehind = false
    this.stats.sampledCall(command.id, microseconds, failed)
    const threshold = this.slowlog.threshold
    if (threshold >= 0 && microseconds >= threshold && (command.flags & SKIP_SLOWLOG) === 0) {
      this.slowlog.add(args, microseconds, this.context.client)
    }
    if (microseconds >= this.latency.threshold * 1000) {
      this.latency.add((command.flags & FAST) === 0 ? 'command' : 'fast-command', microseconds / 1000)
    }
  }

  /**
   * Runs a command of a script: timed by samples as well, whatever the command. Which one is left to chance, or a loop
   * whose turns are as long as the stride would always show the same. The slow log has the script as a whole.
   */
  callFromScript(command: Command, args: Args, reply: AccountableSink): void {
    if (--this.callsToSample > 0) {
      this.stats.untimedCall(command.id, this.run(command, args, reply))
      return
    }
    this.callsToSample = 1 + Math.floor(Math.random() * 2 * CALLS_PER_SAMPLE)
    const started = this.clock.tick()
    const failed = this.run(command, args, reply)
    const microseconds = (this.clock.tick() - started) * 1000
    this.stats.sampledCall(command.id, microseconds, failed)
  }

  /** Runs the handler; true when its reply is an error. */
  private run(command: Command, args: Args, reply: AccountableSink): boolean {
    const outerError = reply.lastError
    reply.lastError = null
    reply.lastErrorCounted = false
    const mark = reply.mark()
    try {
      command.run(this.context, args, reply)
    } catch (error) {
      reply.rollback(mark)
      if (error instanceof ReplyError) reply.error(error.message)
      else this.answerBug(error, command, reply)
    }
    if (this.monitor.active && (command.flags & (SKIP_MONITOR | ADMIN)) === 0) {
      this.monitor.feed(this.context.client, this.context.db.index, args, this.context.inScript)
    }
    if (reply.lastError === null) {
      reply.lastError = outerError
      return false
    }
    if (!reply.lastErrorCounted) this.stats.error(reply.lastError)
    return true
  }

  /** Changes of the keyspace so far. */
  get dirty(): number {
    return this.context.dirty
  }

  get client(): Client {
    return this.context.client
  }

  /** The commands of EXEC: all of them see the same moment, and none of another client comes between. */
  runQueue(queue: readonly QueuedCommand[], reply: ReplySink): void {
    this.context.beginTransaction()
    try {
      const sink = reply as AccountableSink
      for (const { command, args } of queue) this.call(command, args, sink)
      // Errors of the queue's commands are theirs, not EXEC's.
      sink.lastError = null
    } finally {
      this.context.endTransaction()
    }
  }

  /** A bug of ours must cost one reply, not the server; the log has the stack. */
  private answerBug(error: unknown, command: Command, reply: ReplySink): void {
    const stack = error instanceof Error ? error.stack : String(error)
    this.log.warning(`Internal error in '${command.name}': ${stack}`)
    this.stats.unexpectedErrorReplies++
    reply.error('ERR internal error')
  }
}
