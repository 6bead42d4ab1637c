/**
 * The server as INFO and the metrics see it: reads the parts' figures, keeps none.
 */
import type { AccessControl } from '../acl/access-control.ts'
import type { Command, CommandTable } from '../commands/table.ts'
import type { ConfigValues } from '../config.ts'
import type { ClientRegistry } from '../engine/client-registry.ts'
import type { Clock } from '../engine/clock.ts'
import type { CommandLogs } from '../engine/command-log.ts'
import type { Eviction } from '../engine/eviction.ts'
import type { FunctionRunner } from '../engine/function-runner.ts'
import type { LatencyMonitor } from '../engine/latency.ts'
import type { MemoryReport } from '../engine/memory-report.ts'
import type { PubSub } from '../engine/pubsub.ts'
import type { ScriptRunner } from '../engine/script-runner.ts'
import type { Stats } from '../engine/stats.ts'
import type { Transactions } from '../engine/transactions.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type {
  BuildFigures,
  ClientFigures,
  CommandFigures,
  DatabaseFigures,
  InfoSource,
  Listener,
  MemoryFigures,
  ProcessFigures,
  PubsubFigures,
  RateFigures,
  ScriptFigures,
  SlowlogFigures,
  Totals,
} from '../observability/fields/source.ts'
import { Rate } from './rates.ts'
import { randomId } from './system-figures.ts'

const NANOSECONDS_PER_MICROSECOND = 1000

export interface InfoParts {
  readonly config: ConfigValues
  readonly process: ProcessFigures
  readonly build: BuildFigures
  readonly listeners: () => readonly Listener[]
  readonly clock: Clock
  readonly stats: Stats
  readonly keyspace: Keyspace
  readonly commands: CommandTable
  readonly clients: ClientRegistry
  readonly access: AccessControl
  readonly transactions: Transactions
  readonly pubsub: PubSub
  readonly scripts: ScriptRunner
  readonly functions: FunctionRunner
  readonly memoryReport: MemoryReport
  readonly eviction: Eviction
  readonly commandLogs: CommandLogs
  readonly latency: LatencyMonitor
}

class CommandStats implements CommandFigures {
  readonly name: string
  private readonly id: number
  private readonly stats: Stats

  constructor(command: Command, stats: Stats) {
    this.name = command.name
    this.id = command.id
    this.stats = stats
  }

  get calls(): number {
    return this.stats.calls[this.id]!
  }

  get microseconds(): number {
    return this.stats.microseconds[this.id]!
  }

  get rejected(): number {
    return this.stats.rejected[this.id]!
  }

  get failed(): number {
    return this.stats.failed[this.id]!
  }

  latency(percent: number): number | undefined {
    const histogram = this.stats.latencies[this.id]
    return histogram && histogram.percentile(percent) / NANOSECONDS_PER_MICROSECOND
  }

  steps(): readonly number[] | undefined {
    return this.stats.durationSteps(this.id)
  }
}

export class ServerInfo implements InfoSource {
  readonly config: ConfigValues
  readonly process: ProcessFigures
  readonly build: BuildFigures
  readonly replicationId = randomId()
  clients!: ClientFigures
  memory!: MemoryFigures
  totals!: Totals
  readonly commands: readonly CommandFigures[]
  private readonly parts: InfoParts
  private readonly commandRate = new Rate()
  private readonly inputRate = new Rate()
  private readonly outputRate = new Rate()

  constructor(parts: InfoParts) {
    this.parts = parts
    this.config = parts.config
    this.process = parts.process
    this.build = parts.build
    this.commands = parts.commands.all.map((command) => new CommandStats(command, parts.stats))
    this.gather()
  }

  /** Takes a sample of what grows; called every SAMPLE_INTERVAL_MS. */
  sample(): void {
    const { stats } = this.parts
    const now = performance.now()
    this.commandRate.sample(now, stats.commandsProcessed)
    this.inputRate.sample(now, stats.bytesIn)
    this.outputRate.sample(now, stats.bytesOut)
  }

  get now(): number {
    return this.parts.clock.microseconds() / 1000
  }

  get listeners(): readonly Listener[] {
    return this.parts.listeners()
  }

  gather(clients = Infinity): void {
    const { survey } = this.parts.clients
    if (clients === Infinity) survey.lookAtAll()
    else survey.lookAt(clients)
    this.clients = this.clientFigures()
    this.memory = this.parts.memoryReport.current()
    this.totals = this.totalFigures()
  }

  private clientFigures(): ClientFigures {
    const { clients, pubsub, transactions } = this.parts
    return {
      connected: clients.count,
      blocked: clients.blocked.count + clients.pausing.count,
      pubsub: pubsub.clientCount,
      watching: transactions.watcherCount,
      watchedKeys: transactions.watchedCount,
      pause: clients.pausing.state,
      recentMaxInput: clients.survey.largestInput,
      recentMaxOutput: clients.survey.largestOutput,
    }
  }

  get scripts(): ScriptFigures {
    const { cache } = this.parts.scripts
    const { functionCount, libraryCount } = this.parts.functions
    return { cached: cache.size, functions: functionCount, libraries: libraryCount, evicted: cache.evictions }
  }

  private totalFigures(): Totals {
    const { stats, keyspace, clients, eviction } = this.parts
    return {
      connectionsReceived: stats.connectionsReceived,
      connectionsRejected: stats.connectionsRejected,
      commandsProcessed: stats.commandsProcessed,
      bytesIn: stats.bytesIn,
      bytesOut: stats.bytesOut,
      readsProcessed: stats.readsProcessed,
      writesProcessed: stats.writesProcessed,
      expiredKeys: keyspace.expired,
      evictedKeys: keyspace.evicted,
      evictedClients: clients.memory.evicted,
      evictionExceededMs: eviction.totalExceededMs,
      currentEvictionExceededMs: eviction.currentExceededMs,
      hits: keyspace.hits,
      misses: keyspace.misses,
      dirty: keyspace.dirty,
      unexpectedErrorReplies: stats.unexpectedErrorReplies,
      totalErrorReplies: stats.totalErrorReplies,
      denied: this.parts.access.log.denied,
      clientsClosedForQueryBuffer: stats.clientsClosedForQueryBuffer,
      clientsClosedForOutputBuffer: stats.clientsClosedForOutputBuffer,
    }
  }

  get rates(): RateFigures {
    return {
      commands: this.commandRate.perSecond,
      bytesIn: this.inputRate.perSecond,
      bytesOut: this.outputRate.perSecond,
    }
  }

  get pubsub(): PubsubFigures {
    const { pubsub } = this.parts
    return {
      channels: pubsub.count('channel'),
      patterns: pubsub.count('pattern'),
      shardChannels: pubsub.count('shard'),
    }
  }

  get databases(): readonly DatabaseFigures[] {
    return this.parts.keyspace.all
      .filter((db) => db.size > 0)
      .map((db) => ({ index: db.index, keys: db.size, expires: db.expires, avgTtl: Math.floor(db.meanTtl) }))
  }

  get largeCommands(): InfoSource['largeCommands'] {
    const { commandLogs } = this.parts
    return { requests: commandLogs['large-request'].length, replies: commandLogs['large-reply'].length }
  }

  get slowlog(): SlowlogFigures {
    const { slow } = this.parts.commandLogs
    const [newest] = slow.newest(1)
    const lastSeconds = (newest?.value ?? 0) / 1e6
    return { length: slow.length, count: slow.lastId, lastSeconds }
  }

  get latencySpikes(): InfoSource['latencySpikes'] {
    return this.parts.latency.events().map(({ name, latest }) => [name, latest] as const)
  }

  get errors(): ReadonlyMap<string, number> {
    return this.parts.stats.errors
  }
}
