/**
 * The moment of the running command: its client, database and time, and the way to the server's services. One object for
 * the whole server; entering a command points it at the client, a script or transaction freezes its time.
 */
import type { Context } from '../commands/context.ts'
import type { Server } from '../commands/services/server.ts'
import type { ConfigValues } from '../config.ts'
import type { Database } from '../keyspace/database.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { RespWriter } from '../protocol/resp-writer.ts'
import type { Client } from './client.ts'
import type { Clock } from './clock.ts'

/** What a command is in the middle of. */
export interface Moment {
  readonly client: Client
  readonly db: Database
  readonly callerDb: Database
  readonly inScript: boolean
  readonly inTransaction: boolean
  readonly noTouch: boolean
}

export class ExecutionContext implements Context {
  readonly config: ConfigValues
  readonly server: Server
  client!: Client
  db: Database
  /** Where the caller of the running script was, to go back to. */
  private callerDb: Database
  inScript = false
  inTransaction = false
  private readonly keyspace: Keyspace
  private readonly clock: Clock
  /** Where the running client's replies go. */
  private readonly writer: RespWriter

  constructor(server: Server, keyspace: Keyspace, clock: Clock, writer: RespWriter) {
    this.server = server
    this.config = server.configuration.values
    this.writer = writer
    this.keyspace = keyspace
    this.clock = clock
    this.db = keyspace.database(0)
    this.callerDb = this.db
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

  /** Lays aside what a command is in the middle of, so that commands of others can run before it goes on. */
  layAside(): Moment {
    const { client, db, callerDb, inScript, inTransaction } = this
    this.inScript = false
    this.inTransaction = false
    return { client, db, callerDb, inScript, inTransaction, noTouch: this.keyspace.noTouch }
  }

  takeUp(moment: Moment): void {
    this.client = moment.client
    this.db = moment.db
    this.callerDb = moment.callerDb
    this.inScript = moment.inScript
    this.inTransaction = moment.inTransaction
    this.keyspace.noTouch = moment.noTouch
  }

  /** Scripts do not nest. */
  beginScript(): void {
    this.callerDb = this.db
    this.inScript = true
    this.clock.freeze()
  }

  endScript(): void {
    this.inScript = false
    this.db = this.callerDb
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
