/**
 * What a command may see and do. The engine implements these interfaces; commands never import it.
 */
import type { ConfigValues } from '../config.ts'
import type { Database } from '../keyspace/database.ts'
import type { Server } from './services/server.ts'
import type { Client } from './session.ts'

export interface Context {
  /** Who asked; inside a script, the script's caller. */
  readonly client: Client
  /** The selected database (a script's own while one runs). */
  readonly db: Database
  /** All databases. */
  database(index: number): Database
  /** SELECT: the client's, or only the script's while one runs. */
  selectDatabase(index: number): void
  /** HELLO and RESET: the client's protocol, and that of the reply being written. */
  setProtocol(version: number): void
  /** Live configuration values by directive name. */
  readonly config: ConfigValues
  /** Unix time in ms, frozen while a command, script or transaction runs. */
  readonly now: number
  /** Unix time in microseconds, frozen as `now` is. */
  microseconds(): number
  /** Inside a script, function or transaction. */
  readonly inScript: boolean
  /** Between MULTI and EXEC's end: a command of a transaction runs. */
  readonly inTransaction: boolean
  readonly server: Server
}
