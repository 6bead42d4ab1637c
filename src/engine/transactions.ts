/**
 * MULTI and WATCH: what a transaction has gathered, and the keys whose change makes EXEC refuse.
 */
import type { Transactions as TransactionsOfContext } from '../commands/services/transactions.ts'
import { ERRORS } from '../errors.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { WATCHERS } from '../keyspace/keyspace-state.ts'
import type { Bytes } from '../memory/bytes.ts'
import { WATCH_BYTES } from '../memory/object-sizes.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import type { Client, QueuedCommand, WatchedKey } from './client.ts'

/** Runs the commands of a transaction; the engine. */
export interface TransactionRunner {
  runQueue(queue: readonly QueuedCommand[], reply: ReplySink): void
  readonly client: Client
}

export class Transactions implements TransactionsOfContext {
  /** Set once by the wiring. */
  runner!: TransactionRunner
  private readonly keyspace: Keyspace
  private readonly watchedKeys = new Map<string, WatchedKey>()
  /** Clients that watch keys. */
  watcherCount = 0

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace
  }

  isOpen(client: Client): boolean {
    return client.queue !== null
  }

  /** EXEC of the client whose command runs. The transaction is over when its commands have run. */
  exec(reply: ReplySink): void {
    const client = this.runner.client
    const queue = client.queue
    if (queue === null) return reply.error('ERR EXEC without MULTI')
    try {
      if (client.queueBroken) return reply.error(ERRORS.execAbort)
      if (this.mustAbort(client)) return reply.nullArray()
      this.unwatch(client)
      reply.array(queue.length)
      this.runner.runQueue(queue, reply)
    } finally {
      this.discard(client)
    }
  }

  begin(client: Client): void {
    client.hasTransacted = true
    client.queue = []
    client.queueBroken = false
  }

  /** A command was refused: EXEC will abort, so nothing is kept for it. */
  break(client: Client): void {
    if (client.queue === null) return
    this.empty(client)
    client.queueBroken = true
  }

  /** Forgets the transaction and what it watched. */
  discard(client: Client): void {
    client.queue = null
    client.queuedBytes = 0
    client.queueBroken = false
    this.unwatch(client)
  }

  /** How many keys are watched. */
  get watchedCount(): number {
    return this.watchedKeys.size
  }

  watch(client: Client, dbIndex: number, key: Bytes): void {
    // It is known already that EXEC will abort.
    if (client.watchBroken) return
    client.hasTransacted = true
    const name = `${dbIndex}:${key.latin1()}`
    let watched = this.watchedKeys.get(name)
    if (watched === undefined) {
      watched = { name, dbIndex, key: key.detach(), clients: new Set(), sawExpired: new Set() }
      this.watchedKeys.set(name, watched)
      this.keyspace.setObserved(WATCHERS, true)
    }
    if (client.watched === null) {
      client.watched = new Set()
      this.watcherCount++
    }
    if (client.watched.has(watched)) return
    client.watched.add(watched)
    client.watchedBytes += WATCH_BYTES + 2 * key.len
    watched.clients.add(client)
    if (this.keyspace.database(dbIndex).hasExpired(key)) watched.sawExpired.add(client)
  }

  unwatch(client: Client): void {
    client.watchBroken = false
    this.forget(client)
  }

  private forget(client: Client): void {
    if (client.watched === null) return
    for (const watched of client.watched) {
      watched.clients.delete(client)
      watched.sawExpired.delete(client)
      if (watched.clients.size === 0) this.watchedKeys.delete(watched.name)
    }
    client.watched = null
    this.watcherCount--
    client.watchedBytes = 0
    this.keyspace.setObserved(WATCHERS, this.watchedKeys.size > 0)
  }

  /** A key changed, or went (`exists` false). */
  touched(dbIndex: number, key: Bytes): void {
    if (this.watchedKeys.size === 0) return
    const watched = this.watchedKeys.get(`${dbIndex}:${key.latin1()}`)
    if (watched === undefined) return
    const gone = watched.sawExpired.size > 0 && !this.keyspace.database(dbIndex).has(key)
    for (const client of watched.clients) {
      // What was expired at WATCH is now removed as well: nothing changed, but the next event is a change.
      if (watched.sawExpired.delete(client) && gone) continue
      this.abort(client)
      this.forget(client)
    }
  }

  /** A database is about to be emptied, or exchanged with `other`: keys that exist on either side change. */
  touchedAll(dbIndex: number, other?: number): void {
    const before = this.keyspace.database(dbIndex)
    const after = other === undefined ? undefined : this.keyspace.database(other)
    for (const watched of this.watchedKeys.values()) {
      if (watched.dbIndex !== dbIndex) continue
      const { key, clients, sawExpired } = watched
      const existed = before.has(key)
      const willExist = after?.has(key) ?? false
      if (!existed && !willExist) continue
      const willBeStale = willExist && after!.hasExpired(key)
      for (const client of clients) {
        if (sawExpired.has(client)) {
          // What was expired goes or stays expired: no change; but what comes after it went is one.
          if (!willExist) sawExpired.delete(client)
          if (!willExist || willBeStale) continue
        } else if (!existed && willBeStale) {
          sawExpired.add(client)
          continue
        }
        this.abort(client)
      }
    }
  }

  /** What the client watched has changed: EXEC will abort, so nothing is kept for it. */
  private abort(client: Client): void {
    client.watchBroken = true
    if (client.queue !== null) this.empty(client)
  }

  private empty(client: Client): void {
    client.queue = []
    client.queuedBytes = 0
  }

  /** Whether EXEC must refuse: a watched key changed, or expired since it was watched. */
  mustAbort(client: Client): boolean {
    if (client.watchBroken || client.watched === null) return client.watchBroken
    for (const watched of client.watched) {
      if (watched.sawExpired.has(client)) continue
      if (this.keyspace.database(watched.dbIndex).hasExpired(watched.key)) return true
    }
    return false
  }
}
