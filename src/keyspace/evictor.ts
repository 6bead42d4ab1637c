/**
 * Chooses the key that has to go when memory is short, by `maxmemory-policy`, and removes it.
 */
import { EvictionPool } from './eviction-pool.ts'
import type { Keyspace } from './keyspace.ts'

/** By what keys are chosen: least recently used, least frequently used, nearest to their expiry, or by chance. */
type Criterion = 'lru' | 'lfu' | 'ttl' | 'random'

export interface EvictionSettings {
  readonly 'maxmemory-policy': string
  /** Keys looked at in each database before one is chosen. */
  readonly 'maxmemory-samples': number
}

const MAX_FREQUENCY = 255

export class Evictor {
  private readonly keyspace: Keyspace
  private readonly settings: EvictionSettings
  private pool = new EvictionPool()
  /** The policy that the candidates in the pool were chosen by, and what it says. */
  private policy = ''
  private onlyExpiring = false
  private criterion: Criterion = 'random'
  /** The database that gave the last random key: they take turns. */
  private lastDatabase = 0

  constructor(keyspace: Keyspace, settings: EvictionSettings) {
    this.keyspace = keyspace
    this.settings = settings
  }

  /** The policy lets keys go. */
  get isAllowed(): boolean {
    return this.settings['maxmemory-policy'] !== 'noeviction'
  }

  /** Removes one key; false when there is none that the policy allows. */
  evictOne(): boolean {
    const policy = this.settings['maxmemory-policy']
    if (policy !== this.policy) this.follow(policy)
    return this.criterion === 'random' ? this.evictRandom() : this.evictBest()
  }

  private follow(policy: string): void {
    const [scope, criterion] = policy.split('-')
    this.policy = policy
    this.onlyExpiring = scope === 'volatile'
    this.criterion = criterion as Criterion
    this.pool = new EvictionPool()
  }

  private evictRandom(): boolean {
    const { keyspace, onlyExpiring } = this
    for (let tries = keyspace.count; tries > 0; tries--) {
      this.lastDatabase = (this.lastDatabase + 1) % keyspace.count
      const db = keyspace.database(this.lastDatabase)
      const key = db.candidate(onlyExpiring)
      if (key !== undefined) return db.evict(key, onlyExpiring)
    }
    return false
  }

  private evictBest(): boolean {
    while (this.fillPool()) {
      for (let best = this.pool.take(); best !== undefined; best = this.pool.take()) {
        if (best.db.evict(best.key, this.onlyExpiring)) return true
      }
    }
    return false
  }

  /** Samples every database; false when there is no key that may go. */
  private fillPool(): boolean {
    const { onlyExpiring } = this
    const samples = this.settings['maxmemory-samples']
    let found = false
    for (const db of this.keyspace.all) {
      if ((onlyExpiring ? db.expires : db.size) === 0) continue
      found = true
      db.sample(samples, onlyExpiring, (key, clock, expiry) => {
        this.pool.offer(db, key, this.score(clock, expiry))
      })
    }
    return found
  }

  private score(clock: number, expiry: number): number {
    const { criterion } = this
    const { access } = this.keyspace
    if (criterion === 'lru') return access.idleSeconds(clock)
    return criterion === 'lfu' ? MAX_FREQUENCY - access.frequency(clock) : -expiry
  }
}
