/**
 * What the server takes of memory.
 */
import type { DatabaseOverhead } from '../../keyspace/database.ts'

/** Bytes, unless said otherwise. */
export interface MemoryStatistics {
  /** By the server's data; the most there ever was; when the server had started. */
  readonly used: number
  readonly peak: number
  readonly startup: number
  /** All but keys and values, and those. */
  readonly overhead: number
  readonly dataset: number
  /** Databases that hold keys: how many, and what they take beside. */
  readonly databases: readonly {
    readonly index: number
    readonly keys: number
    readonly overhead: DatabaseOverhead
  }[]
  /** Of all clients, and how many there are. */
  readonly clients: number
  readonly connected: number
  /** Slabs in use, and slabs that were ever used, with what is counted beside. */
  readonly active: number
  readonly allocatorResident: number
  readonly processResident: number
  readonly luaEval: number
  readonly luaFunctions: number
  readonly scripts: number
  readonly functions: number
  /** How many. */
  readonly cachedScripts: number
  /** How many values wait to be freed, and were freed, apart from the commands that deleted them. */
  readonly lazyPending: number
  readonly lazyFreed: number
}

export interface MemoryReport {
  statistics(): MemoryStatistics
  /** Gives memory held in reserve back to the system. */
  purge(): void
  /** The state of the allocator, for people. */
  allocatorText(): string
}
