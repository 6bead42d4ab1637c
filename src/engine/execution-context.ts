/**
 * What commands see: the services, and for the running command its client, database and moment. One object for the whole
 * server; entering a command points it at the client, a script or transaction freezes its time.
 */
import type {
  ClientRegistry,
  Context,
  DebugSwitches,
  LatencyMonitor,
  Lifecycle,
  Monitor,
  PubSub,
  Scripts,
  ServerLog,
  Slowlog,
  Transactions,
} from '../commands/context.ts'
import type { CommandTable } from '../commands/table.ts'
import type { Config, ConfigValues } from '../config.ts'
import type { Database } from '../keyspace/database.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { RespWriter } from '../protocol/resp-writer.ts'
import type { Client } from './client.ts'
import type { Clock } from './clock.ts'

/** The services commands reach through the context. */
export interface ContextServices {
  readonly configuration: Config
  readonly commands: CommandTable
  readonly clients: ClientRegistry
  readonly pubsub: PubSub
  readonly monitor: Monitor
  readonly slowlog: Slowlog
  readonly latency: LatencyMonitor
  readonly log: ServerLog
  readonly lifecycle: Lifecycle
  readonly debug: DebugSwitches
  readonly transactions: Transactions
  info(sections: readonly string[]): string
  resetStatistics(): void
}

/** Where a script's caller was, to go back to. */
export interface ScriptFrame {
  readonly db: Database
}

export class ExecutionContext implements Context {
  readonly config: ConfigValues
  readonly configuration: Config
  readonly commands: CommandTable
  readonly clients: ClientRegistry
  readonly pubsub: PubSub
  readonly monitor: Monitor
  readonly slowlog: Slowlog
  readonly latency: LatencyMonitor
  readonly log: ServerLog
  readonly lifecycle: Lifecycle
  readonly debug: DebugSwitches
  readonly transactions: Transactions
  /** Set once by the wiring: scripts need the engine, which needs this. */
  scripts!: Scripts
  client!: Client
  db: Database
  inScript = false
  inTransaction = false
  private readonly services: ContextServices
  private readonly keyspace: Keyspace
  private readonly clock: Clock
  /** Where the running client's replies go. */
  private readonly writer: RespWriter

  constructor(services: ContextServices, keyspace: Keyspace, clock: Clock, writer: RespWriter) {
    this.writer = writer
    this.services = services
    this.configuration = services.configuration
    this.config = services.configuration.values
    this.commands = services.commands
    this.clients = services.clients
    this.pubsub = services.pubsub
    this.monitor = services.monitor
    this.slowlog = services.slowlog
    this.latency = services.latency
    this.log = services.log
    this.lifecycle = services.lifecycle
    this.debug = services.debug
    this.transactions = services.transactions
    this.keyspace = keyspace
    this.clock = clock
    this.db = keyspace.database(0)
  }

  get now(): number {
    return this.clock.now
  }

  microseconds(): number {
    return this.clock.nowMicros
  }

  database(index: number): Database {
    return this.keyspace.database(index)
  }

  selectDatabase(index: number): void {
    this.db = this.keyspace.database(index)
    if (!this.inScript) this.client.dbIndex = index
  }

  setProtocol(version: number): void {
    this.client.protocol = version
    this.writer.protocol = version
  }

  info(sections: readonly string[]): string {
    return this.services.info(sections)
  }

  resetStatistics(): void {
    this.services.resetStatistics()
  }

  /** Changes of the keyspace so far. */
  get dirty(): number {
    return this.keyspace.dirty
  }

  /** The next command is this client's. */
  enter(client: Client): void {
    this.client = client
    this.db = this.keyspace.database(client.dbIndex)
    this.keyspace.noTouch = client.noTouch
  }

  beginScript(): ScriptFrame {
    const frame = { db: this.db }
    this.inScript = true
    this.clock.freeze()
    return frame
  }

  endScript(frame: ScriptFrame): void {
    this.inScript = false
    this.db = frame.db
    this.clock.thaw()
  }

  beginTransaction(): void {
    this.inTransaction = true
    this.clock.freeze()
  }

  endTransaction(): void {
    this.inTransaction = false
    this.clock.thaw()
  }
}
