/**
 * One of the databases: keys, their values and expiries. The only class that knows how entries lie in the arena; commands
 * name keys and get values.
 *
 * Every look-up drops a key that has expired. `read*` is the look-up of a command that only reads: it counts keyspace hits
 * and misses, touches the key's access clock and announces misses; `find*` and `open*` are those of commands that write.
 * All that expect a type throw WRONGTYPE.
 */
import { fail } from '../errors.ts'
import type { Arena } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { hashOf } from '../memory/hashing.ts'
import { Dict } from '../types/dict.ts'
import { Hash } from '../types/hash.ts'
import { List } from '../types/list.ts'
import { SetValue } from '../types/set.ts'
import { SortedSet } from '../types/sorted-set.ts'
import type { Heap } from '../types/value.ts'
import { copyValue } from './copy-value.ts'
import type { KeyspaceEvent } from './events.ts'
import { ExpiryIndex } from './expiry-index.ts'
import type { Keyspace } from './keyspace.ts'
import {
  cellOf,
  clockOf,
  encodingOf,
  expirySlotOf,
  HASH,
  HEADROOM,
  handleOf,
  INLINE,
  LARGE,
  LIST,
  SET,
  SORTED_SET,
  STRING,
  setCell,
  setExpirySlot,
  setTypeAndClock,
  TYPE_NAMES,
  type TypeName,
  typeOf,
} from './record.ts'
import { addInt64, Strings } from './strings.ts'

export type { TypeName } from './record.ts'

/** Random keys tried before giving up on finding one that has not expired. */
const MAX_RANDOM_TRIES = 100

export class Database {
  readonly index: number
  private entries: Dict
  private expiries: ExpiryIndex
  private readonly keyspace: Keyspace
  private readonly heap: Heap
  private readonly arena: Arena
  private readonly strings: Strings
  /** Key of the record at hand, for callers. */
  private readonly keyView = new Bytes()

  constructor(keyspace: Keyspace, index: number) {
    this.index = index
    this.keyspace = keyspace
    this.heap = keyspace.heap
    this.arena = keyspace.heap.arena
    this.strings = new Strings(keyspace.heap)
    this.entries = new Dict(keyspace.heap, HEADROOM)
    this.expiries = new ExpiryIndex(this.arena)
  }

  get size(): number {
    return this.entries.size
  }

  /** Keys with an expiry. */
  get expires(): number {
    return this.expiries.size
  }

  // ---- records: a reference, 0 when there is none

  private lookup(key: Bytes): number {
    const ref = this.entries.find(key, hashOf(key))
    if (ref === 0) return 0
    const slot = expirySlotOf(this.arena, ref)
    if (slot !== 0 && this.expiries.at(slot) <= this.keyspace.time.now) return this.dropExpired(key)
    return ref
  }

  private lookupRead(key: Bytes): number {
    const ref = this.lookup(key)
    if (ref === 0) {
      this.keyspace.misses++
      this.notify(key, 'keymiss')
      return 0
    }
    this.keyspace.hits++
    if (!this.keyspace.noTouch) this.use(ref)
    return ref
  }

  /** Sets the access clock; only where it differs, so that reading a key twice a second writes its memory once. */
  private use(ref: number): void {
    const clock = clockOf(this.arena, ref)
    const used = this.keyspace.access.used(clock)
    if (used !== clock) setTypeAndClock(this.arena, ref, typeOf(this.arena, ref), used)
  }

  private expect(ref: number, type: number): number {
    if (ref !== 0 && typeOf(this.arena, ref) !== type) fail('wrongType')
    return ref
  }

  /** Adds a key that is not there. */
  private add(key: Bytes, type: number): number {
    const hash = hashOf(key)
    this.entries.find(key, hash)
    const ref = this.entries.add(key, hash)
    setExpirySlot(this.arena, ref, 0)
    setTypeAndClock(this.arena, ref, type, this.keyspace.access.initial())
    setCell(this.arena, ref, INLINE, 0)
    this.notify(key, 'new')
    return ref
  }

  /** Gives back what a record's value holds beside the record. */
  private freeValue(ref: number): void {
    switch (typeOf(this.arena, ref)) {
      case STRING:
        return this.strings.free(ref)
      case HASH:
        return this.hashAt(ref).free()
      case SET:
        return this.setAt(ref).free()
      case SORTED_SET:
        return this.sortedSetAt(ref).free()
      case LIST:
        return this.listAt(ref).free()
    }
  }

  /** Removes a record; `keepValue` when the value lives on elsewhere. */
  private removeRecord(ref: number, keepValue = false): void {
    if (!keepValue) this.freeValue(ref)
    const slot = expirySlotOf(this.arena, ref)
    if (slot !== 0) this.expiries.remove(slot)
    this.entries.remove(ref)
  }

  private setRecordExpiry(ref: number, at: number): void {
    const slot = expirySlotOf(this.arena, ref)
    if (slot === 0) this.expiries.add(ref, at)
    else this.expiries.change(slot, at)
  }

  private clearRecordExpiry(ref: number): boolean {
    const slot = expirySlotOf(this.arena, ref)
    if (slot !== 0) this.expiries.remove(slot)
    return slot !== 0
  }

  /** After an operation that may have moved a record: the expiry index must know. */
  private settle(ref: number): number {
    const slot = expirySlotOf(this.arena, ref)
    if (slot !== 0) this.expiries.moved(slot, ref)
    return ref
  }

  // ---- existence

  exists(key: Bytes): boolean {
    return this.lookup(key) !== 0
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
    return this.entries.find(key, hashOf(key)) !== 0
  }

  /** Whether the key is in the index though its time is over; changes nothing. */
  hasExpired(key: Bytes): boolean {
    const ref = this.entries.find(key, hashOf(key))
    if (ref === 0) return false
    const slot = expirySlotOf(this.arena, ref)
    return slot !== 0 && this.expiries.at(slot) <= this.keyspace.time.now
  }

  type(key: Bytes): TypeName | undefined {
    const ref = this.lookup(key)
    return ref === 0 ? undefined : TYPE_NAMES[typeOf(this.arena, ref)]
  }

  // ---- strings

  /** The value as text (an integer is printed); valid until the next call. */
  readString(key: Bytes): Bytes | undefined {
    const ref = this.expect(this.lookupRead(key), STRING)
    return ref === 0 ? undefined : this.strings.read(this.entries, ref)
  }

  findString(key: Bytes): Bytes | undefined {
    const ref = this.expect(this.lookup(key), STRING)
    return ref === 0 ? undefined : this.strings.read(this.entries, ref)
  }

  /** As readString, but undefined where the key holds something else (MGET, SORT). */
  readStringIfAny(key: Bytes): Bytes | undefined {
    const ref = this.lookupRead(key)
    return ref === 0 || typeOf(this.arena, ref) !== STRING ? undefined : this.strings.read(this.entries, ref)
  }

  /** Replaces whatever the key held; the expiry goes unless `keepTtl`. */
  writeString(key: Bytes, value: Bytes, keepTtl = false): void {
    this.replaceWithString(key, value, keepTtl, false)
  }

  /** As writeString, and the result's OBJECT ENCODING is `raw` (APPEND, SETRANGE). */
  writeRawString(key: Bytes, value: Bytes, keepTtl = false): void {
    this.replaceWithString(key, value, keepTtl, true)
  }

  /** As writeString, with the expiry `at` (Unix ms): one look-up. */
  writeStringUntil(key: Bytes, value: Bytes, at: number): void {
    this.setRecordExpiry(this.replaceWithString(key, value, true, false), at)
  }

  private replaceWithString(key: Bytes, value: Bytes, keepTtl: boolean, raw: boolean): number {
    let ref = this.lookup(key)
    if (ref === 0) ref = this.add(key, STRING)
    else {
      if (!keepTtl) this.clearRecordExpiry(ref)
      if (typeOf(this.arena, ref) !== STRING) {
        this.freeValue(ref)
        setTypeAndClock(this.arena, ref, STRING, clockOf(this.arena, ref))
        setCell(this.arena, ref, INLINE, 0)
      }
      this.use(ref)
    }
    return this.settle(this.strings.write(this.entries, ref, value, raw))
  }

  /**
   * INCR and its family in one look-up: adds to the 64-bit integer at key (0 when there is none), expiry kept, and returns
   * the sum, a bigint beyond 2^53. Throws wrongType, notInteger, overflow.
   */
  incrementBy(key: Bytes, delta: number | bigint): number | bigint {
    let ref = this.expect(this.lookup(key), STRING)
    let sum = delta
    if (ref === 0) ref = this.add(key, STRING)
    else sum = addInt64(this.strings.read(this.entries, ref), delta)
    this.settle(this.strings.write(this.entries, ref, this.strings.print(sum), false))
    return sum
  }

  /** Appends to the string at key, or makes it with `value`; returns the new length. In place where there is room. */
  appendString(key: Bytes, value: Bytes): number {
    let ref = this.expect(this.lookup(key), STRING)
    if (ref === 0) {
      ref = this.strings.write(this.entries, this.add(key, STRING), value, false)
    } else ref = this.settle(this.strings.append(this.entries, ref, value))
    return this.strings.read(this.entries, ref).len
  }

  /** Overwrites from `offset` on, with zero bytes before it as needed (SETRANGE); the key is made when there is none. Returns the new length. */
  overwriteString(key: Bytes, offset: number, value: Bytes): number {
    let ref = this.expect(this.lookup(key), STRING)
    if (ref === 0) ref = this.add(key, STRING)
    ref = this.settle(this.strings.overwrite(this.entries, ref, offset, value))
    return this.strings.read(this.entries, ref).len
  }

  // ---- collections

  private hashAt(ref: number): Hash {
    return new Hash(this.heap, this.keyspace.limits, cellOf(ref))
  }

  private setAt(ref: number): SetValue {
    return new SetValue(this.heap, this.keyspace.limits, cellOf(ref))
  }

  private sortedSetAt(ref: number): SortedSet {
    return new SortedSet(this.heap, this.keyspace.limits, cellOf(ref))
  }

  private listAt(ref: number): List {
    return new List(this.heap, this.keyspace.limits, cellOf(ref))
  }

  readHash(key: Bytes): Hash | undefined {
    const ref = this.expect(this.lookupRead(key), HASH)
    return ref === 0 ? undefined : this.hashAt(ref)
  }

  findHash(key: Bytes): Hash | undefined {
    const ref = this.expect(this.lookup(key), HASH)
    return ref === 0 ? undefined : this.hashAt(ref)
  }

  /** The hash at key, made when there is none. */
  openHash(key: Bytes): Hash {
    let ref = this.expect(this.lookup(key), HASH)
    if (ref === 0) {
      ref = this.add(key, HASH)
      Hash.init(this.heap, cellOf(ref))
    }
    return this.hashAt(ref)
  }

  readSet(key: Bytes): SetValue | undefined {
    const ref = this.expect(this.lookupRead(key), SET)
    return ref === 0 ? undefined : this.setAt(ref)
  }

  findSet(key: Bytes): SetValue | undefined {
    const ref = this.expect(this.lookup(key), SET)
    return ref === 0 ? undefined : this.setAt(ref)
  }

  openSet(key: Bytes, hint?: Bytes, expected?: number): SetValue {
    let ref = this.expect(this.lookup(key), SET)
    if (ref === 0) {
      ref = this.add(key, SET)
      SetValue.init(this.heap, this.keyspace.limits, cellOf(ref), hint, expected)
    }
    return this.setAt(ref)
  }

  readSortedSet(key: Bytes): SortedSet | undefined {
    const ref = this.expect(this.lookupRead(key), SORTED_SET)
    return ref === 0 ? undefined : this.sortedSetAt(ref)
  }

  findSortedSet(key: Bytes): SortedSet | undefined {
    const ref = this.expect(this.lookup(key), SORTED_SET)
    return ref === 0 ? undefined : this.sortedSetAt(ref)
  }

  openSortedSet(key: Bytes, expected?: number, longestMember?: number): SortedSet {
    let ref = this.expect(this.lookup(key), SORTED_SET)
    if (ref === 0) {
      ref = this.add(key, SORTED_SET)
      SortedSet.init(this.heap, this.keyspace.limits, cellOf(ref), expected, longestMember)
    }
    return this.sortedSetAt(ref)
  }

  readList(key: Bytes): List | undefined {
    const ref = this.expect(this.lookupRead(key), LIST)
    return ref === 0 ? undefined : this.listAt(ref)
  }

  findList(key: Bytes): List | undefined {
    const ref = this.expect(this.lookup(key), LIST)
    return ref === 0 ? undefined : this.listAt(ref)
  }

  openList(key: Bytes): List {
    let ref = this.expect(this.lookup(key), LIST)
    if (ref === 0) {
      ref = this.add(key, LIST)
      List.init(this.heap, cellOf(ref))
    }
    return this.listAt(ref)
  }

  // ---- deletion and expiry

  /** Removes the key; false when there was none. Does not notify: call `changed`. */
  delete(key: Bytes): boolean {
    const ref = this.lookup(key)
    if (ref === 0) return false
    this.removeRecord(ref)
    return true
  }

  /** After removing elements: removes the key if its collection is empty, with the event `del`; true when it was. */
  deleteIfEmpty(key: Bytes, value: { readonly size: number }): boolean {
    if (value.size > 0) return false
    this.delete(key)
    this.notify(key, 'del')
    return true
  }

  /** Drops the expired key that the last look-up found; returns 0, the look-up's answer. */
  private dropExpired(key: Bytes): 0 {
    const name = key.detach()
    this.removeRecord(this.entries.find(key, hashOf(key)))
    this.keyspace.expired++
    this.keyspace.observer.touched(this.index, name)
    this.notify(name, 'expired')
    return 0
  }

  /** Unix time in ms, -1: no expiry, -2: no such key. */
  expiry(key: Bytes): number {
    return this.expiryOfRecord(this.lookup(key))
  }

  /** As expiry, counting hit or miss as readExists does (TTL). */
  readExpiry(key: Bytes): number {
    return this.readExists(key) ? this.expiry(key) : -2
  }

  private expiryOfRecord(ref: number): number {
    if (ref === 0) return -2
    const slot = expirySlotOf(this.arena, ref)
    return slot === 0 ? -1 : this.expiries.at(slot)
  }

  /** False when there is no such key. */
  setExpiry(key: Bytes, at: number): boolean {
    const ref = this.lookup(key)
    if (ref !== 0) this.setRecordExpiry(ref, at)
    return ref !== 0
  }

  /**
   * Deletes a key whose new expiry lies in the past (EXPIRE k -1, SET PXAT): event `expired`, counted in expired_keys, dirty
   * grows. All of it done here, no `changed` needed. False when there was none.
   */
  deleteExpired(key: Bytes): boolean {
    if (this.lookup(key) === 0) return false
    this.dropExpired(key)
    this.keyspace.dirty++
    return true
  }

  /** True when there was an expiry to remove. */
  persist(key: Bytes): boolean {
    const ref = this.lookup(key)
    return ref !== 0 && this.clearRecordExpiry(ref)
  }

  /**
   * Active expiry: looks at up to `limit` expiries from `slot` on (0: from the start) and drops the keys whose time has come.
   * Returns where to go on, 0 when all were seen.
   */
  expireStep(slot: number, limit: number): number {
    return this.expiries.sweep(this.keyspace.time.now, slot, limit, (ref) => {
      this.dropExpired(this.entries.key(ref, this.keyView))
    })
  }

  // ---- whole entries

  /** Moves an entry (value and expiry) to another name or database, replacing what is there. */
  move(key: Bytes, to: Database, newKey: Bytes): void {
    to.delete(newKey)
    const at = this.expiry(key)
    const type = this.lookup(key)
    if (type === 0) return
    this.transfer(key, to, newKey, at)
  }

  private transfer(key: Bytes, to: Database, newKey: Bytes, at: number): void {
    // Adding may grow the tables but never moves a record: the source's reference stays good.
    to.lookup(newKey)
    const source = this.lookup(key)
    to.lookup(newKey)
    const type = typeOf(this.arena, source)
    let target = to.add(newKey, type)
    if (type === STRING && encodingOf(this.arena, source) !== LARGE) {
      target = to.strings.write(to.entries, target, this.strings.read(this.entries, source), false)
    }
    setCell(this.arena, target, encodingOf(this.arena, source), handleOf(this.arena, source))
    setTypeAndClock(this.arena, target, type, clockOf(this.arena, source))
    if (at >= 0) to.setRecordExpiry(target, at)
    this.removeRecord(this.lookup(key), true)
  }

  /** A deep copy of the entry, expiry included, replacing what is there. */
  copy(key: Bytes, to: Database, newKey: Bytes): void {
    to.delete(newKey)
    const at = this.expiry(key)
    const ref = this.lookup(key)
    if (ref === 0) return
    copyValue(this, to, key, newKey, TYPE_NAMES[typeOf(this.arena, ref)]!)
    if (at >= 0) to.setExpiry(newKey, at)
  }

  // ---- walking

  /** Calls fn for about `count` keys from the cursor on; returns the next cursor, 0 at the end. Expired keys are skipped (and dropped). */
  scan(cursor: number, count: number, fn: (key: Bytes, type: TypeName) => void): number {
    const expired: Bytes[] = []
    const next = this.entries.scan(cursor, count, (ref) => {
      const key = this.entries.key(ref, this.keyView)
      if (this.isDue(ref)) expired.push(key.detach())
      else fn(key, TYPE_NAMES[typeOf(this.arena, ref)]!)
    })
    for (const key of expired) this.lookup(key)
    return next
  }

  private isDue(ref: number): boolean {
    const slot = expirySlotOf(this.arena, ref)
    return slot !== 0 && this.expiries.at(slot) <= this.keyspace.time.now
  }

  /** Calls fn with every key; fn must not change the keyspace. */
  forEach(fn: (key: Bytes, type: TypeName) => void): void {
    this.entries.forEach((ref) => {
      if (!this.isDue(ref)) fn(this.entries.key(ref, this.keyView), TYPE_NAMES[typeOf(this.arena, ref)]!)
    })
  }

  randomKey(): Bytes | undefined {
    for (let i = 0; i < MAX_RANDOM_TRIES && this.entries.size > 0; i++) {
      const ref = this.entries.random()
      const key = this.entries.key(ref, this.keyView)
      if (!this.isDue(ref)) return key
      this.lookup(key.detach())
    }
    return undefined
  }

  /** Removes all keys; WATCHers of keys that were there are told, `dirty` grows by the number of keys. No events. */
  clear(): void {
    this.keyspace.observer.touchedAll(this.index)
    this.keyspace.dirty += this.size
    this.entries.forEach((ref) => {
      this.freeValue(ref)
    })
    this.entries.clear()
    this.expiries.clear()
  }

  /** Exchanges all keys with another database (SWAPDB); WATCHers of both are told. */
  swapWith(other: Database): void {
    this.keyspace.observer.touchedAll(this.index, other.index)
    this.keyspace.observer.touchedAll(other.index, this.index)
    const { entries, expiries } = this
    this.entries = other.entries
    this.expiries = other.expiries
    other.entries = entries
    other.expiries = expiries
  }

  /** OBJECT ENCODING, IDLETIME, FREQ, MEMORY USAGE: what is known of a key without touching it; undefined when absent. */
  inspect(
    key: Bytes,
  ): { encoding: string; idleSeconds: number; frequency: number; memory: number } | undefined {
    const ref = this.lookup(key)
    if (ref === 0) return undefined
    const clock = clockOf(this.arena, ref)
    const record = this.entries.recordSize(ref)
    const value = this.valueOf(ref)
    return {
      encoding: value === undefined ? this.strings.encoding(this.entries, ref) : value.encoding,
      idleSeconds: this.keyspace.access.idleSeconds(clock),
      frequency: this.keyspace.access.frequency(clock),
      memory: record + (value === undefined ? this.strings.memory(ref) : value.memory()),
    }
  }

  private valueOf(ref: number): { encoding: string; memory(): number } | undefined {
    switch (typeOf(this.arena, ref)) {
      case HASH:
        return this.hashAt(ref)
      case SET:
        return this.setAt(ref)
      case SORTED_SET:
        return this.sortedSetAt(ref)
      case LIST:
        return this.listAt(ref)
      default:
        return undefined
    }
  }

  /** Touches the memory a later look-up of the key will need, so that the cache misses of a batch overlap. */
  prefetch(key: Bytes): number {
    return this.entries.homeRef(hashOf(key))
  }

  /** Bytes of the index and the expiries. */
  overhead(): number {
    return this.entries.tableBytes() + this.expiries.memory()
  }

  // ---- telling others

  /**
   * Says that a command changed the key: WATCHers are told, the keyspace event goes out, `dirty` grows by `count`. Every
   * mutation ends here.
   */
  changed(key: Bytes, event: KeyspaceEvent, count = 1): void {
    this.keyspace.dirty += count
    this.keyspace.observer.touched(this.index, key)
    this.notify(key, event)
  }

  /** Sends the event only (a second event of the same change, such as `expire` after `set`). */
  notify(key: Bytes, event: KeyspaceEvent): void {
    this.keyspace.observer.notify(this.index, event, key)
  }
}
