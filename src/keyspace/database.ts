/**
 * One of the databases: keys, their values and expiries. Commands name keys and get values (string-keys.ts,
 * collection-keys.ts); how entries lie in the arena is hidden behind `Entries`. Here is what concerns keys whatever they hold.
 */
import type { Bytes } from '../memory/bytes.ts'
import { CollectionKeys } from './collection-keys.ts'
import { TYPE_NAMES, type TypeName } from './record.ts'
import { type KeysBySlot, SlottedEntries } from './slotted-entries.ts'

export type { TypeName } from './record.ts'

/** Random keys tried before giving up on finding one that has not expired. */
const MAX_RANDOM_TRIES = 100

/** What OBJECT and DEBUG OBJECT tell of a key. */
export interface KeyDetails {
  /** Of its record, in the arena. */
  readonly address: number
  readonly clock: number
  readonly encoding: string
  readonly idleSeconds: number
  readonly frequency: number
}

/** What MEMORY STATS tells of a database, in bytes. */
export interface DatabaseOverhead {
  /** The index of keys and the headers of their records; the index of expiries. */
  readonly keys: number
  readonly expiries: number
  /** The index of keys alone, and what of it is a table being moved away from. */
  readonly table: number
  readonly moving: number
}

export type SampleFn = (key: Bytes, clock: number, expiry: number) => void

export class Database extends CollectionKeys {
  /** Its keys by slot, where it is that of a cluster's node. */
  get bySlot(): KeysBySlot | null {
    return this.entries instanceof SlottedEntries ? this.entries.bySlot : null
  }

  get size(): number {
    return this.entries.size
  }

  /** Keys with an expiry. */
  get expires(): number {
    return this.entries.expiring
  }

  // ---- existence

  exists(key: Bytes): boolean {
    return this.lookupWrite(key) !== 0
  }

  /** As exists, counting hit or miss, with the event keymiss; the access clock stays (EXISTS, TYPE). */
  readExists(key: Bytes): boolean {
    const noTouch = this.keyspace.noTouch
    this.keyspace.noTouch = true
    const found = this.lookupRead(key) !== 0
    this.keyspace.noTouch = noTouch
    return found
  }

  /** As readExists, and the access clock is touched whatever CLIENT NO-TOUCH says (TOUCH). */
  touch(key: Bytes): boolean {
    const noTouch = this.keyspace.noTouch
    this.keyspace.noTouch = false
    const found = this.lookupRead(key) !== 0
    this.keyspace.noTouch = noTouch
    return found
  }

  /** Whether the key is in the index, expired or not; changes nothing. */
  has(key: Bytes): boolean {
    return this.entries.find(key) !== 0
  }

  /** Whether the key is in the index though its time is over; changes nothing. */
  hasExpired(key: Bytes): boolean {
    const ref = this.entries.find(key)
    return ref !== 0 && this.isDue(ref)
  }

  type(key: Bytes): TypeName | undefined {
    const ref = this.lookup(key)
    return ref === 0 ? undefined : TYPE_NAMES[this.entries.type(ref)]
  }

  // ---- deletion and expiry

  /**
   * Removes the key; false when there was none. Does not notify: call `changed`. `lazily`: a large value is given back in
   * steps, which is up to the configuration unless the client was asked.
   */
  delete(key: Bytes, lazily = this.keyspace.settings['lazyfree-lazy-server-del']): boolean {
    const ref = this.lookup(key)
    if (ref !== 0) this.entries.remove(ref, lazily)
    return ref !== 0
  }

  /** Removes a key to make room, even if its time is over; false when it is gone, or has no expiry though it must. */
  evict(key: Bytes, onlyExpiring: boolean): boolean {
    const ref = this.entries.find(key)
    if (ref === 0 || (onlyExpiring && this.entries.expiry(ref) === 0)) return false
    this.entries.remove(ref, this.keyspace.settings['lazyfree-lazy-eviction'])
    this.keyspace.evicted++
    this.keyspace.observer.touched(this.index, key)
    this.notify(key, 'evicted')
    return true
  }

  /** A random key, even if its time is over, of those with an expiry if `onlyExpiring`; undefined where there is none. */
  candidate(onlyExpiring: boolean): Bytes | undefined {
    const { entries } = this
    if ((onlyExpiring ? entries.expiring : entries.size) === 0) return undefined
    return entries.key(onlyExpiring ? entries.randomExpiring() : entries.random()).detach()
  }

  /** Shows about `count` random keys, of those with an expiry if `onlyExpiring`, with access clock and expiry (0: none). */
  sample(count: number, onlyExpiring: boolean, fn: SampleFn): void {
    this.entries.sample(count, onlyExpiring, (ref) =>
      fn(this.entries.key(ref), this.entries.clock(ref), this.entries.expiry(ref)),
    )
  }

  /** After removing elements: removes the key if its collection is empty, with the event `del`; true when it was. */
  deleteIfEmpty(key: Bytes, value: { readonly size: number }): boolean {
    if (value.size > 0) return false
    this.delete(key)
    this.notify(key, 'del')
    return true
  }

  /**
   * A command that was to change the key ended for lack of memory, and may have changed something of it: WATCHers are told.
   * A collection made for it that has got no element yet goes.
   */
  interrupted(key: Bytes): void {
    const ref = this.entries.find(key)
    if (ref !== 0 && this.entries.collection(ref)?.size === 0) this.entries.remove(ref, false)
    this.keyspace.dirty++
    this.keyspace.observer.touched(this.index, key)
  }

  /** Unix time in ms, -1: no expiry, -2: no such key. */
  expiry(key: Bytes): number {
    const ref = this.lookup(key)
    return ref === 0 ? -2 : this.entries.expiry(ref) || -1
  }

  /** As expiry, counting hit or miss as readExists does (TTL). */
  readExpiry(key: Bytes): number {
    return this.readExists(key) ? this.expiry(key) : -2
  }

  /** False when there is no such key. */
  setExpiry(key: Bytes, at: number): boolean {
    const ref = this.lookupWrite(key)
    if (ref !== 0) this.entries.setExpiry(ref, at)
    return ref !== 0
  }

  /**
   * Deletes a key whose new expiry lies in the past (EXPIRE k -1, SET PXAT): event `expired`, counted in expired_keys, dirty
   * grows. All of it done here, no `changed` needed. False when there was none.
   */
  deleteExpired(key: Bytes): boolean {
    const ref = this.lookup(key)
    if (ref === 0) return false
    this.dropExpired(key, ref)
    this.keyspace.dirty++
    return true
  }

  /** True when there was an expiry to remove. */
  persist(key: Bytes): boolean {
    const ref = this.lookupWrite(key)
    return ref !== 0 && this.entries.clearExpiry(ref)
  }

  /**
   * Active expiry: looks at up to `limit` expiries from `slot` on (0: from the start) and drops the keys whose time has come.
   * Returns where to go on, 0 when all were seen.
   */
  expireStep(slot: number, limit: number): number {
    return this.entries.sweep(this.keyspace.time.now, slot, limit, (ref) => {
      this.dropExpired(this.entries.key(ref), ref)
    })
  }

  // ---- whole entries

  /** Moves an entry (value and expiry) to another name or database, replacing what is there. */
  move(key: Bytes, to: Database, newKey: Bytes): void {
    const ref = this.lookup(key)
    if (ref === 0) to.delete(newKey)
    else this.entries.transfer(ref, to.entries, newKey, to.lookup(newKey))
  }

  /** A deep copy of the entry, expiry included, replacing what is there. */
  copy(key: Bytes, to: Database, newKey: Bytes): void {
    const ref = this.lookup(key)
    if (ref === 0) to.delete(newKey)
    else this.entries.copy(ref, to.entries, newKey, to.lookup(newKey), to.announce(newKey))
  }

  // ---- walking

  /** Calls fn for about `count` keys from the cursor on; returns the next cursor, 0 at the end. Expired keys are skipped (and dropped). */
  scan(cursor: number, count: number, fn: (key: Bytes, type: TypeName) => void): number {
    const expired: Bytes[] = []
    const next = this.entries.scan(cursor, count, (ref) => {
      const key = this.entries.key(ref)
      if (this.isDue(ref)) expired.push(key.detach())
      else fn(key, this.typeName(ref))
    })
    for (const key of expired) this.lookup(key)
    return next
  }

  /** Calls fn with every key; fn must not change the keyspace. */
  forEach(fn: (key: Bytes, type: TypeName) => void): void {
    this.entries.forEach((ref) => {
      if (!this.isDue(ref)) fn(this.entries.key(ref), this.typeName(ref))
    })
  }

  private typeName(ref: number): TypeName {
    return TYPE_NAMES[this.entries.type(ref)]!
  }

  randomKey(): Bytes | undefined {
    for (let i = 0; i < MAX_RANDOM_TRIES && this.entries.size > 0; i++) {
      const ref = this.entries.random()
      const key = this.entries.key(ref)
      if (!this.isDue(ref)) return key
      this.dropExpired(key, ref)
    }
    return undefined
  }

  /**
   * Removes all keys; WATCHers of keys that were there are told, `dirty` grows by the number of keys. No events. `lazily`:
   * their memory is given back in steps.
   */
  clear(lazily = false): void {
    const { entries, keyspace } = this
    keyspace.observer.touchedAll(this.index)
    keyspace.dirty += this.size
    this.entries = this.newEntries()
    if (lazily && entries.size > 0) keyspace.lazyFree.add(entries, entries.size)
    else entries.free()
  }

  /** Exchanges all keys with another database (SWAPDB); WATCHers of both are told. A change even with itself. */
  swapWith(other: Database): void {
    this.keyspace.dirty++
    if (other === this) return
    this.keyspace.observer.touchedAll(this.index, other.index)
    this.keyspace.observer.touchedAll(other.index, this.index)
    const entries = this.entries
    this.entries = other.entries
    other.entries = entries
  }

  /** Makes a key one that was last used so many seconds ago, or so often: whichever the eviction policy asks for. */
  setAccess(key: Bytes, idleSeconds?: number, frequency?: number): void {
    const ref = this.lookup(key)
    const clock = this.keyspace.access.fieldFor(idleSeconds, frequency)
    if (ref !== 0 && clock !== undefined) this.entries.setClock(ref, clock)
  }

  /** OBJECT ENCODING, IDLETIME, FREQ: what is known of a key without touching it; undefined when absent. */
  inspect(key: Bytes, evenExpired = false): KeyDetails | undefined {
    const ref = evenExpired ? this.entries.find(key) : this.lookup(key)
    if (ref === 0) return undefined
    const clock = this.entries.clock(ref)
    return {
      address: (ref >>> 0) * 8,
      clock,
      encoding: this.entries.collection(ref)?.encoding ?? this.entries.stringEncoding(ref),
      idleSeconds: this.keyspace.access.idleSeconds(clock),
      frequency: this.keyspace.access.frequency(clock),
    }
  }

  /** Bytes of a key and its value, those of a large collection guessed from about `samples` elements. */
  memoryUsage(key: Bytes, samples?: number): number | undefined {
    const ref = this.entries.find(key)
    return ref === 0 ? undefined : this.entries.memory(ref, samples)
  }

  /** Touches the memory of keys ahead of the commands that ask for them; the hashes are those of hashAhead. */
  touchAhead(hashes: Int32Array, count: number): number {
    return this.entries.touchAhead(hashes, count)
  }

  /** Bytes that the database takes beside keys and values. */
  get overhead(): DatabaseOverhead {
    const { tableBytes, movingBytes, expiryBytes, size, headroom } = this.entries
    return {
      keys: tableBytes + size * headroom,
      expiries: expiryBytes,
      table: tableBytes,
      moving: movingBytes,
    }
  }

  /** Mean time to live in ms of the keys that expire, 0 where there are none. */
  get meanTtl(): number {
    return Math.max(0, this.entries.meanExpiry - this.keyspace.time.now)
  }
}
