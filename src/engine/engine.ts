/**
 * The engine: takes a client's command, finds it, asks the gate whether it may run, runs it and accounts for it. The
 * commands of scripts and transactions come through the same `call`.
 */
import { ADMIN, FAST, SKIP_COMMAND_LOG, SKIP_MONITOR, WRITE } from '../commands/flags.ts'
import type { Command, CommandTable } from '../commands/table.ts'
import { ERRORS, ReplyError } from '../errors.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Log } from '../log.ts'
import type { Args } from '../memory/args.ts'
import { forgetHashes } from '../memory/hashing.ts'
import { isOutOfMemory } from '../memory/out-of-memory.ts'
import type { CommandWindow } from '../protocol/command-window.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import type { RespWriter } from '../protocol/resp-writer.ts'
import type { Client, QueuedCommand } from './client.ts'
import type { Clock } from './clock.ts'
import type { CommandLogs } from './command-log.ts'
import type { Constraints } from './constraints.ts'
import type { ExecutionContext } from './execution-context.ts'
import type { Gate } from './gate.ts'
import type { LatencyMonitor } from './latency.ts'
import type { Monitor } from './monitor.ts'
import { Prefetcher } from './prefetcher.ts'
import type { ScriptStatistics } from './script-statistics.ts'
import type { Stats } from './stats.ts'
import type { Stopwatch } from './stopwatch.ts'

/** A reply sink that the engine can take a partial reply back from, and ask whether errors were written. */
export interface AccountableSink extends ReplySink {
  /** How many errors were written so far. */
  errors: number
  /** The text of the last. */
  readonly lastError: string
  /** That one was counted already, where it happened: in a script. */
  readonly lastErrorCounted: boolean
  mark(): number
  rollback(mark: number): void
}

export interface EngineParts {
  readonly commands: CommandTable
  readonly keyspace: Keyspace
  readonly clock: Clock
  readonly stats: Stats
  readonly monitor: Monitor
  readonly commandLogs: CommandLogs
  readonly latency: LatencyMonitor
  readonly stopwatch: Stopwatch
  readonly scripts: ScriptStatistics
  readonly constraints: Constraints
  readonly gate: Gate
  readonly context: ExecutionContext
  readonly log: Log
}

export class Engine {
  readonly commands: CommandTable
  readonly stats: Stats
  private readonly clock: Clock
  private readonly monitor: Monitor
  private readonly commandLogs: CommandLogs
  private readonly context: ExecutionContext
  private readonly latency: LatencyMonitor
  private readonly constraints: Constraints
  private readonly gate: Gate
  private readonly log: Log
  private readonly prefetcher: Prefetcher
  private readonly stopwatch: Stopwatch
  private readonly scripts: ScriptStatistics

  constructor(parts: EngineParts) {
    this.commands = parts.commands
    this.stats = parts.stats
    this.clock = parts.clock
    this.monitor = parts.monitor
    this.commandLogs = parts.commandLogs
    this.context = parts.context
    this.latency = parts.latency
    this.constraints = parts.constraints
    this.gate = parts.gate
    this.log = parts.log
    this.stopwatch = parts.stopwatch
    this.scripts = parts.scripts
    this.prefetcher = new Prefetcher(parts.keyspace)
  }

  /** The clock is read before the commands of a read event, and then as `call` says. */
  beginBatch(): void {
    this.stopwatch.beginBatch()
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
    const command = this.commands.lookup(args.at(0))
    if (
      (client.constraints | this.constraints.bits) === 0 &&
      command !== undefined &&
      command.subcommands === null &&
      command.acceptsCount(args.count)
    ) {
      client.lastCommand = command
      this.context.enter(client)
      this.call(command, args, writer)
    } else this.executeConstrained(client, args, writer)
  }

  private executeConstrained(client: Client, args: Args, writer: RespWriter): void {
    const start = writer.mark()
    writer.wrotePush = false
    const command = this.gate.pass(client, args, writer)
    if (command !== undefined) {
      this.context.enter(client)
      this.call(command, args, writer)
    }
    if (client.asking && client.queue === null && client.postponed === null)
      client.asking = command?.name === 'asking'
    // Asked after the command, as CLIENT REPLY itself changes the mode.
    if (client.replyMode !== 'on') this.dropReply(client, writer, start)
  }

  private dropReply(client: Client, writer: RespWriter, start: number): void {
    // Messages are no replies, not even that of a subscription.
    if (!writer.wrotePush) writer.rollback(start)
    if (client.replyMode === 'skip-next') client.replyMode = 'skip'
    else if (client.replyMode === 'skip') client.replyMode = 'on'
  }

  /** Runs a command that passed the gate, and accounts for it. */
  call(command: Command, args: Args, reply: AccountableSink): void {
    const { stopwatch } = this
    const requestBound = args.requestBytesBound
    const mark = reply.mark()
    if (!stopwatch.skips(command, requestBound)) {
      // Before it runs, as it may hide what nobody is to see.
      const requestBytes = requestBound < this.commandLogs.largeFrom ? 0 : args.requestBytes
      if (command.isScript) this.scripts.expect()
      const started = stopwatch.start()
      const failed = this.run(command, args, reply)
      const microseconds = stopwatch.stop(started)
      this.account(command, args, microseconds, failed, stopwatch.isSample(command, microseconds))
      this.logSize(command, args, requestBytes, reply.mark() - mark)
      return
    }
    const failed = this.run(command, args, reply)
    const replyBytes = reply.mark() - mark
    if (stopwatch.provedShort(command, replyBytes)) this.stats.untimedCall(command.id, failed)
    else {
      this.account(command, args, stopwatch.stop(this.clock.monotonic), failed, false)
      this.logSize(command, args, 0, replyBytes)
    }
  }

  /** Logs a command that is large, or has a large reply. Those of scripts are not: the script is. */
  private logSize(command: Command, args: Args, requestBytes: number, replyBytes: number): void {
    const { largeFrom, 'large-request': requests, 'large-reply': replies } = this.commandLogs
    if (requestBytes < largeFrom && replyBytes < largeFrom) return
    if ((command.flags & SKIP_COMMAND_LOG) !== 0) return
    if (requests.wants(requestBytes)) requests.add(args, requestBytes, this.context.client)
    if (replies.wants(replyBytes)) replies.add(args, replyBytes, this.context.client)
  }

  /** Accounts for a command whose time was taken; whether that stands for the ones that went untimed as well. */
  private account(
    command: Command,
    args: Args,
    microseconds: number,
    failed: boolean,
    isSample: boolean,
  ): void {
    this.stats.timedCall(command.id, microseconds, failed, isSample)
    if (command.isScript) this.scripts.timed(microseconds, isSample)
    const { slow } = this.commandLogs
    if (slow.wants(microseconds) && (command.flags & SKIP_COMMAND_LOG) === 0) {
      const script = command.isScript ? this.scripts.timedId : ''
      const entry = slow.add(args, microseconds, this.context.client, script)
      if (script !== '' && entry !== undefined) {
        this.scripts.ranSlowly(script, entry, this.context.client.user.name)
      }
    }
    if (microseconds >= this.latency.threshold * 1000) {
      this.latency.add((command.flags & FAST) === 0 ? 'command' : 'fast-command', microseconds / 1000)
    }
  }

  /** Runs a command of a script. */
  callFromScript(command: Command, args: Args, reply: AccountableSink): void {
    if (this.stopwatch.skipsInScript(this.stats.hasBeenShort(command.id))) {
      this.stats.untimedCall(command.id, this.run(command, args, reply))
      return
    }
    const started = this.stopwatch.startInScript()
    const failed = this.run(command, args, reply)
    this.account(command, args, this.stopwatch.stop(started), failed, true)
  }

  /** Runs the handler; true when its reply is an error. */
  private run(command: Command, args: Args, reply: AccountableSink): boolean {
    const { errors } = reply
    const mark = reply.mark()
    try {
      command.run(this.context, args, reply)
    } catch (error) {
      reply.rollback(mark)
      if (error instanceof ReplyError) reply.error(error.message)
      else if (isOutOfMemory(error)) this.answerOutOfMemory(command, args, reply)
      else this.answerBug(error, command, reply)
    }
    if (this.monitor.active) this.show(command, args)
    if (reply.errors === errors) return false
    if (!reply.lastErrorCounted) this.stats.error(reply.lastError)
    return true
  }

  /** MONITOR sees the command. */
  private show(command: Command, args: Args): void {
    if ((command.flags & (SKIP_MONITOR | ADMIN)) !== 0) return
    this.monitor.feed(this.context.client, this.context.db.index, args, this.context.inScript)
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
      const { errors } = sink
      for (const { command, args } of queue) {
        const refused = this.gate.refusalAtExec(this.context.client, command, args)
        if (refused === undefined) this.call(command, args, sink)
        else this.refuse(refused, sink)
      }
      // Errors of the queue's commands are theirs, not EXEC's.
      sink.errors = errors
    } finally {
      this.context.endTransaction()
    }
  }

  private refuse(text: string, sink: AccountableSink): void {
    this.stats.error(text)
    sink.error(text)
  }

  /** Nothing is half changed in itself, but a command may have got through some of its elements or keys. */
  private answerOutOfMemory(command: Command, args: Args, reply: ReplySink): void {
    if ((command.flags & WRITE) !== 0) {
      for (const { position } of command.keys(args)) this.context.db.interrupted(args.at(position))
    }
    reply.error(ERRORS.outOfMemory)
  }

  /** A bug of ours must cost one reply, not the server; the log has the stack. */
  private answerBug(error: unknown, command: Command, reply: ReplySink): void {
    const stack = error instanceof Error ? error.stack : String(error)
    this.log.warning(`Internal error in '${command.name}': ${stack}`)
    this.stats.unexpectedErrorReplies++
    reply.error('ERR internal error')
  }
}
