/**
 * The entries of a database as they lie in the arena: a record by key, its type, access clock and expiry, and the value it
 * holds. This class and those it is made of alone know the layout; `Database` speaks of keys and values.
 *
 * A record is named by its reference, 0 for none. References stay good until the record is removed or its string value
 * is replaced.
 */
import type { Arena } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { hashAhead, hashOf } from '../memory/hashing.ts'
import { Dict } from '../types/dict.ts'
import { Hash } from '../types/hash.ts'
import { List } from '../types/list.ts'
import { SetValue } from '../types/set.ts'
import { SortedSet } from '../types/sorted-set.ts'
import type { EncodingLimits, Heap, Remains } from '../types/value.ts'
import type { DetachedValue } from './detached-value.ts'
import { ExpiryIndex } from './expiry-index.ts'
import { LAZY_PIECES, type LazyFree } from './lazy-free.ts'
import * as record from './record.ts'
import { HASH, LIST, SET, SORTED_SET, STRING } from './record.ts'
import { Strings } from './strings.ts'

/** What all large and small values can say of themselves. */
export interface Collection {
  readonly size: number
  readonly encoding: string
  memory(samples?: number): number
  copyTo(cell: number): void
  abandon(): Remains | null
  free(): void
}

/** Which values are given back in steps (lazy-free.ts): those that commands delete or overwrite in passing, expired ones, evicted ones. */
export interface LazySettings {
  readonly 'lazyfree-lazy-server-del': boolean
  readonly 'lazyfree-lazy-expire': boolean
  readonly 'lazyfree-lazy-eviction': boolean
}

export class Entries implements Remains {
  private readonly heap: Heap
  protected readonly arena: Arena
  private readonly limits: EncodingLimits & LazySettings
  private readonly lazyFree: LazyFree
  /** Bytes of each record before the dictionary's part. */
  readonly headroom: number
  private readonly dict: Dict
  private readonly expiries: ExpiryIndex
  private readonly strings: Strings
  private readonly keyView = new Bytes()

  /** `extra`: bytes of each record that belong to a subclass, behind the header. */
  constructor(heap: Heap, limits: EncodingLimits & LazySettings, lazyFree: LazyFree, extra = 0) {
    this.heap = heap
    this.arena = heap.arena
    this.limits = limits
    this.lazyFree = lazyFree
    this.headroom = record.HEADROOM + extra
    this.dict = new Dict(heap, this.headroom)
    this.expiries = new ExpiryIndex(heap.arena)
    this.strings = new Strings(heap, this.dict)
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

  /** Adds a key that is not there, with an empty string or an empty cell. */
  add(key: Bytes, type: number, clock: number): number {
    const hash = hashOf(key)
    this.dict.find(key, hash)
    const ref = this.dict.add(key, hash)
    record.setExpirySlot(this.arena, ref, 0)
    record.setTypeAndClock(this.arena, ref, type, clock)
    record.setCell(this.arena, ref, record.INLINE, 0)
    return ref
  }

  /** Removes a record and its value; `lazily`: a large one is given back in steps. */
  remove(ref: number, lazily: boolean): void {
    this.freeValue(ref, lazily)
    this.drop(ref)
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

  // ---- strings: the records may move, the new reference is returned

  string(ref: number): Bytes {
    return this.strings.read(ref)
  }

  stringEncoding(ref: number): string {
    return this.strings.encoding(ref)
  }

  /** Makes `value` the record's value, whatever it held, of that kind where it is short (record.ts). */
  setString(ref: number, value: Bytes, kind: number): number {
    if (this.type(ref) !== STRING) {
      this.freeValue(ref, this.limits['lazyfree-lazy-server-del'])
      record.setTypeAndClock(this.arena, ref, STRING, this.clock(ref))
      record.setCell(this.arena, ref, record.INLINE, 0)
    }
    return this.settle(ref, this.strings.write(ref, value, kind))
  }

  /** See Strings.addInPlace. */
  addInPlace(ref: number, delta: number): number | undefined {
    return this.strings.addInPlace(ref, delta)
  }

  setInteger(ref: number, value: number | bigint): number {
    return this.settle(ref, this.strings.writeInteger(ref, value))
  }

  append(ref: number, value: Bytes): number {
    return this.settle(ref, this.strings.append(ref, value))
  }

  overwrite(ref: number, offset: number, value: Bytes): number {
    return this.settle(ref, this.strings.overwrite(ref, offset, value))
  }

  /** A record may have moved: the expiry index must know. Returns where it is. */
  protected settle(_from: number, ref: number): number {
    const slot = record.expirySlotOf(this.arena, ref)
    if (slot !== 0) this.expiries.moved(slot, ref)
    return ref
  }

  // ---- collections

  hash(ref: number): Hash {
    return new Hash(this.heap, this.limits, record.cellOf(ref))
  }

  set(ref: number): SetValue {
    return new SetValue(this.heap, this.limits, record.cellOf(ref))
  }

  sortedSet(ref: number): SortedSet {
    return new SortedSet(this.heap, this.limits, record.cellOf(ref))
  }

  list(ref: number): List {
    return new List(this.heap, this.limits, record.cellOf(ref))
  }

  newHash(key: Bytes, clock: number): Hash {
    const ref = this.add(key, HASH, clock)
    Hash.init(this.heap, record.cellOf(ref))
    return this.hash(ref)
  }

  newSet(key: Bytes, clock: number, hint?: Bytes, expected?: number): SetValue {
    const ref = this.add(key, SET, clock)
    SetValue.init(this.heap, this.limits, record.cellOf(ref), hint, expected)
    return this.set(ref)
  }

  newSortedSet(key: Bytes, clock: number, expected?: number, longestMember?: number): SortedSet {
    const ref = this.add(key, SORTED_SET, clock)
    SortedSet.init(this.heap, this.limits, record.cellOf(ref), expected, longestMember)
    return this.sortedSet(ref)
  }

  newList(key: Bytes, clock: number): List {
    const ref = this.add(key, LIST, clock)
    List.init(this.heap, record.cellOf(ref))
    return this.list(ref)
  }

  /** Adds a key that is not there, with a collection that becomes its own. */
  attach(key: Bytes, value: DetachedValue, clock: number): void {
    const ref = this.add(key, value.type, clock)
    value.moveTo(record.cellOf(ref))
  }

  /** The collection a record holds, undefined where it is a string. */
  collection(ref: number): Collection | undefined {
    switch (this.type(ref)) {
      case HASH:
        return this.hash(ref)
      case SET:
        return this.set(ref)
      case SORTED_SET:
        return this.sortedSet(ref)
      case LIST:
        return this.list(ref)
      default:
        return undefined
    }
  }

  /** Gives back what a record's value holds beside the record. */
  private freeValue(ref: number, lazily: boolean): void {
    const collection = this.collection(ref)
    if (collection === undefined) {
      this.strings.free(ref)
      return
    }
    const remains = lazily && collection.size > LAZY_PIECES ? collection.abandon() : null
    if (remains === null) collection.free()
    else this.lazyFree.add(remains)
  }

  // ---- whole entries

  /** Moves a record's value, clock and expiry to `to` under a key that is not there; no value is copied but short strings. */
  transfer(ref: number, to: Entries, newKey: Bytes): void {
    const at = this.expiry(ref)
    let target = to.add(newKey, this.type(ref), this.clock(ref))
    if (this.type(ref) === STRING && !this.strings.isLarge(ref)) {
      target = to.settle(target, to.strings.write(target, this.strings.read(ref), this.strings.kind(ref)))
    }
    record.copyCell(this.arena, target, ref)
    if (at !== 0) to.setExpiry(target, at)
    this.drop(ref)
  }

  /** Copies a record's value, in the same encoding, and its expiry to `to` under a key that is not there. */
  copy(ref: number, to: Entries, newKey: Bytes, clock: number): void {
    const at = this.expiry(ref)
    let target = to.add(newKey, this.type(ref), clock)
    const collection = this.collection(ref)
    if (collection !== undefined) collection.copyTo(record.cellOf(target))
    else target = to.settle(target, to.strings.write(target, this.strings.read(ref), this.strings.kind(ref)))
    if (at !== 0) to.setExpiry(target, at)
  }

  /** Bytes of the record and its value; those of a large collection are guessed from about `samples` elements. */
  memory(ref: number, samples?: number): number {
    return this.dict.recordSize(ref) + (this.collection(ref)?.memory(samples) ?? this.strings.memory(ref))
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

  /** The record that probably is a key's, to touch its memory ahead; 0 where surely none is. See hashAhead. */
  likelyRecord(key: Bytes, isFirst: boolean): number {
    return this.dict.homeRef(hashAhead(key, isFirst))
  }

  /** Gives everything back; these entries are of no use afterwards. */
  free(): void {
    this.expiries.clear()
    this.dict.forEach((ref) => {
      this.freeValue(ref, false)
    })
    this.dict.free()
  }

  /** As free, in steps: true when all is given back. */
  drain(count: number): boolean {
    this.expiries.clear()
    return this.dict.drain(count, (ref) => this.freeValue(ref, true))
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
