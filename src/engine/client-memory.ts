/**
 * The memory of clients, and the closing of those that take most of it when all together take more than `maxmemory-clients`
 * allows.
 *
 * A client's share is looked at when something of it changed, and kept until then, so that the sum is at hand. Clients are
 * sorted into buckets by the magnitude of their shares, so that the largest are found without looking at all of them.
 */
import { clientBytes } from '../commands/client/memory.ts'
import type { ClientMemoryBucket } from '../commands/services/clients.ts'
import type { Log } from '../log.ts'
import { soon } from '../soon.ts'
import type { Client } from './client.ts'
import { CLIENTS_LIMITED, type Constraints } from './constraints.ts'

/** Buckets are powers of two, from this one on and up to that; the first and the last have what is below and above. */
const MIN_LOG2 = 15
const MAX_LOG2 = 33
const BUCKETS = 1 + MAX_LOG2 - MIN_LOG2
const NO_BUCKET = -1
/** The client is no longer counted. */
const GONE = -2

/** A smaller limit is raised to this, or nobody could talk to the server. */
const LOWEST_LIMIT = 128 * 1024

export interface ClientMemorySettings {
  readonly maxmemory: number
  /** Bytes; negative: per cent of maxmemory. */
  readonly 'maxmemory-clients': number
}

export interface ClientMemoryParts {
  readonly settings: ClientMemorySettings
  readonly constraints: Constraints
  readonly log: Log
  all(): Iterable<Client>
  kill(client: Client): void
  describe(client: Client): string
}

export class ClientMemory {
  /** Bytes of all clients, as they were when last looked at. */
  memory = 0
  /** Clients closed. */
  evicted = 0
  /** Somebody has to know at once when a client's share changes. */
  isTracked = false
  private limit = Infinity
  private readonly buckets = Array.from({ length: BUCKETS }, () => new Set<Client>())
  /** Once what goes on now is over. */
  private readonly evictSoon = soon(() => this.evict())
  private readonly parts: ClientMemoryParts

  constructor(parts: ClientMemoryParts) {
    this.parts = parts
    this.follow()
  }

  /** `maxmemory` or `maxmemory-clients` may have changed. */
  follow(): void {
    const { settings, constraints } = this.parts
    this.limit = limitOf(settings)
    this.isTracked = this.isLimited || settings.maxmemory > 0
    constraints.set(CLIENTS_LIMITED, this.isLimited)
    this.measureAll()
  }

  get isLimited(): boolean {
    return this.limit !== Infinity
  }

  measureAll(): void {
    for (const client of this.parts.all()) this.measure(client)
  }

  /** Looks at a client of whom something may have changed. */
  measure(client: Client): void {
    if (client.memoryBucket === GONE) return
    const bytes = clientBytes(client)
    this.memory += bytes - client.memory
    client.memory = bytes
    const bucket =
      this.isLimited && !client.noEvict && client.transport !== null ? bucketOf(bytes) : NO_BUCKET
    if (bucket !== client.memoryBucket) this.move(client, bucket)
    if (this.memory >= this.limit) this.evictSoon()
  }

  private move(client: Client, bucket: number): void {
    this.buckets[client.memoryBucket]?.delete(client)
    this.buckets[bucket]?.add(client)
    client.memoryBucket = bucket
  }

  /** The client is gone. */
  forget(client: Client): void {
    this.memory -= client.memory
    client.memory = 0
    this.move(client, GONE)
  }

  /** Closes clients, the largest first, until the others are below the limit. */
  evict(): void {
    const { kill, describe, log } = this.parts
    for (let bucket = BUCKETS - 1; this.memory >= this.limit; bucket--) {
      if (bucket < 0) {
        log.warning('Over client maxmemory after evicting all evictable clients')
        return
      }
      for (const client of this.buckets[bucket]!) {
        if (this.memory < this.limit) return
        log.notice(`Evicting client: ${describe(client)}`)
        this.forget(client)
        kill(client)
        this.evicted++
      }
    }
  }

  /** For DEBUG: what is in the buckets; undefined where there is no limit. */
  describeBuckets(): ClientMemoryBucket[] | undefined {
    if (!this.isLimited) return undefined
    return this.buckets.map((clients, i) => ({
      from: i === 0 ? 0 : 2 ** (i - 1 + MIN_LOG2),
      below: i === BUCKETS - 1 ? Infinity : 2 ** (i + MIN_LOG2),
      clients: clients.size,
      bytes: [...clients].reduce((sum, client) => sum + client.memory, 0),
    }))
  }
}

function limitOf({ maxmemory, 'maxmemory-clients': limit }: ClientMemorySettings): number {
  if (limit === 0 || (limit < 0 && maxmemory === 0)) return Infinity
  return Math.max(LOWEST_LIMIT, limit < 0 ? Math.floor((maxmemory * -limit) / 100) : limit)
}

function bucketOf(bytes: number): number {
  const log2 = Math.floor(Math.log2(bytes)) + 1
  return Math.min(MAX_LOG2, Math.max(MIN_LOG2, log2)) - MIN_LOG2
}
