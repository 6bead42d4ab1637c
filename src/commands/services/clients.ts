/**
 * The clients that are connected: found, ended, held back, and what they take of memory.
 */
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Client } from '../session.ts'

export interface BlockedClients {
  /**
   * Lets the client's pipeline rest for so many milliseconds (0: without end) and answers then; its command writes no
   * reply. Not in scripts and transactions.
   */
  block(client: Client, milliseconds: number, onTimeout: (reply: ReplySink) => void): void
  /** As if the time were over, or with an error; false when the client is not blocked. */
  unblock(client: Client, withError: boolean): boolean
}

/** Clients that take about the same memory. */
export interface ClientMemoryBucket {
  readonly from: number
  readonly below: number
  readonly clients: number
  readonly bytes: number
}

export interface ClientMemory {
  /** Something of the client changed that its memory depends on. */
  measure(client: Client): void
  /** Undefined where `maxmemory-clients` is not set. */
  describeBuckets(): readonly ClientMemoryBucket[] | undefined
}

export interface ClientRegistry {
  readonly count: number
  readonly blocked: BlockedClients
  readonly memory: ClientMemory
  /** By rising id. */
  all(): Iterable<Client>
  find(id: number): Client | undefined
  /** Ends a connection at once; not for the client whose command runs: see `closeAfterReply`. */
  kill(client: Client): void
  /** Holds back all commands, or those that write, until Unix time `until` in ms. A pause that runs is only prolonged. */
  pause(until: number, writesOnly: boolean): void
  unpause(): void
}
