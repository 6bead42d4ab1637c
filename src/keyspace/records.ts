/**
 * The keys of a database as they lie in the arena: a record by key, with the type of its value, access clock and expiry.
 * What the values are is up to entries.ts.
 *
 * A record is named by its reference, 0 for none. References stay good until the record is removed or its string value
 * is replaced.
 */
import type { Arena } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { hashOf } from '../memory/hashing.ts'
import { Dict } from '../types/dict.ts'
import type { Heap } from '../types/value.ts'
import { ExpiryIndex } from './expiry-index.ts'
import * as record from './record.ts'

export class Records {
  protected readonly heap: Heap
  protected readonly arena: Arena
  /** Bytes of each record before the dictionary's part. */
  readonly headroom: number
  protected readonly dict: Dict
  protected readonly expiries: ExpiryIndex
  private readonly keyView = new Bytes()

  /** `extra`: bytes of each record that belong to a subclass, behind the header. */
  constructor(heap: Heap, extra: number) {
    this.heap = heap
    this.arena = heap.arena
    this.headroom = record.HEADROOM + extra
    this.dict = new Dict(heap, this.headroom)
    this.expiries = new ExpiryIndex(heap.arena)
  }

  get size(): number {
    return this.dict.size
  }

  get expiring(): number {
    return this.expiries.size
  }

  find(key: Bytes): number {
    return this.dict.lookup(key)
  }

  /** Adds a key that is not there, with a short string or an empty cell. */
  add(key: Bytes, type: number, clock: number, value?: Bytes): number {
    const hash = hashOf(key)
    this.dict.find(key, hash)
    const ref = this.dict.add(key, hash, value)
    record.setExpirySlot(this.arena, ref, 0)
    record.setTypeAndClock(this.arena, ref, type, clock)
    record.setCell(this.arena, ref, record.INLINE, 0)
    return ref
  }

  /** Removes a record whose value is gone. */
  protected drop(ref: number): void {
    this.clearExpiry(ref)
    this.dict.remove(ref)
  }

  /** The key of a record; the view is this object's own. */
  key(ref: number): Bytes {
    return this.dict.key(ref, this.keyView)
  }

  type(ref: number): number {
    return record.typeOf(this.arena, ref)
  }

  clock(ref: number): number {
    return record.clockOf(this.arena, ref)
  }

  setClock(ref: number, clock: number): void {
    record.setTypeAndClock(this.arena, ref, this.type(ref), clock)
  }

  // ---- expiry

  /** Unix time in ms, 0: none. */
  expiry(ref: number): number {
    const slot = record.expirySlotOf(this.arena, ref)
    return slot === 0 ? 0 : this.expiries.at(slot)
  }

  /** Sees to it that setExpiry will find memory. */
  makeRoomForExpiry(): void {
    this.expiries.makeRoom()
  }

  setExpiry(ref: number, at: number): void {
    const slot = record.expirySlotOf(this.arena, ref)
    if (slot === 0) this.expiries.add(ref, at)
    else this.expiries.change(slot, at)
  }

  /** True when there was an expiry. */
  clearExpiry(ref: number): boolean {
    const slot = record.expirySlotOf(this.arena, ref)
    if (slot !== 0) this.expiries.remove(slot)
    return slot !== 0
  }

  /** See ExpiryIndex.sweep: fn must remove the records it is given. */
  sweep(now: number, from: number, limit: number, fn: (ref: number) => void): number {
    return this.expiries.sweep(now, from, limit, fn)
  }

  /** A record may have moved: the expiry index must know. Returns where it is. */
  protected settle(from: number, ref: number): number {
    if (ref === from) return ref
    const slot = record.expirySlotOf(this.arena, ref)
    if (slot !== 0) this.expiries.moved(slot, ref)
    return ref
  }

  // ---- walking

  /** See Dict.scan: fn must not add or remove. */
  scan(cursor: number, count: number, fn: (ref: number) => void): number {
    return this.dict.scan(cursor, count, fn)
  }

  forEach(fn: (ref: number) => void): void {
    this.dict.forEach(fn)
  }

  random(): number {
    return this.dict.random()
  }

  /** A random record that has an expiry; there must be one. */
  randomExpiring(): number {
    return this.expiries.random()
  }

  /** Calls fn with about `count` random records, of those that have an expiry if `expiring`. */
  sample(count: number, expiring: boolean, fn: (ref: number) => void): void {
    if (expiring) this.expiries.sample(count, fn)
    else this.dict.sample(count, fn)
  }

  /** See DictReader.touchAhead; the hashes are those of hashAhead. */
  touchAhead(hashes: Int32Array, count: number): number {
    return this.dict.touchAhead(hashes, count)
  }

  // ---- figures

  /** The mean of all expiries, Unix time in ms; 0 where there are none. */
  get meanExpiry(): number {
    return this.expiries.mean
  }

  /** Bytes of the index of keys, and of that of expiries. */
  get tableBytes(): number {
    return this.dict.tableBytes()
  }

  /** Of the index of keys, what is being moved away from. */
  get movingBytes(): number {
    return this.dict.movingBytes
  }

  get expiryBytes(): number {
    return this.expiries.memory()
  }
}
