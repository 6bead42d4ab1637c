/**
 * What a command may see and do. The engine implements these interfaces; commands never import it.
 */
import type { Database } from '../keyspace/database.ts'
import type { ConfigValues } from '../config.ts'

export interface Client {
  readonly id: number
  name: string
  /** RESP version this client speaks. */
  protocol: number
  /** Selected database. */
  dbIndex: number
}

export interface Context {
  /** Who asked; inside a script, the script's caller. */
  readonly client: Client
  /** The selected database (a script's own while one runs). */
  readonly db: Database
  /** All databases. */
  database(index: number): Database
  /** Live configuration values by directive name. */
  readonly config: ConfigValues
  /** Unix time in ms, frozen while a command, script or transaction runs. */
  readonly now: number
  /** Inside a script, function or transaction. */
  readonly inScript: boolean
}
