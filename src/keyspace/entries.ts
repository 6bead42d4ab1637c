/**
 * The entries of a database: records (records.ts) with the values they hold, strings and collections. This class and those
 * it is made of alone know the layout; `Database` speaks of keys and values.
 *
 * What changes a value asks for memory before it changes anything.
 */
import { Bytes } from '../memory/bytes.ts'
import { Hash } from '../types/hash.ts'
import { List } from '../types/list.ts'
import { SetValue } from '../types/set.ts'
import { SortedSet } from '../types/sorted-set.ts'
import type { EncodingLimits, Heap, Remains } from '../types/value.ts'
import { DetachedValue } from './detached-value.ts'
import { LAZY_PIECES, type LazyFree } from './lazy-free.ts'
import * as record from './record.ts'
import { HASH, LIST, SET, SORTED_SET, STRING } from './record.ts'
import { Records } from './records.ts'
import { Strings } from './strings.ts'

const NOTHING = new Bytes()

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

export class Entries extends Records implements Remains {
  private readonly limits: EncodingLimits & LazySettings
  private readonly lazyFree: LazyFree
  private readonly strings: Strings

  /** `extra`: bytes of each record that belong to a subclass, behind the header. */
  constructor(heap: Heap, limits: EncodingLimits & LazySettings, lazyFree: LazyFree, extra = 0) {
    super(heap, extra)
    this.limits = limits
    this.lazyFree = lazyFree
    this.strings = new Strings(heap, this.dict)
  }

  /** Removes a record and its value; `lazily`: a large one is given back in steps. */
  remove(ref: number, lazily: boolean): void {
    this.freeValue(ref, lazily)
    this.drop(ref)
  }

  // ---- strings: the records may move, the new reference is returned

  string(ref: number): Bytes {
    return this.strings.read(ref)
  }

  stringEncoding(ref: number): string {
    return this.strings.encoding(ref)
  }

  /** Adds a key that is not there, with a string, of that kind where it is short (record.ts). */
  newString(key: Bytes, clock: number, value: Bytes, kind: number): number {
    const long = this.strings.longCopy(value)
    const ref = this.add(key, STRING, clock, long === null ? value : undefined)
    this.strings.adopt(ref, long, kind)
    return ref
  }

  newInteger(key: Bytes, clock: number, value: number | bigint): number {
    return this.newString(key, clock, this.strings.print(value), record.INLINE)
  }

  /** Makes `value` the record's value, whatever it held, of that kind where it is short. */
  setString(ref: number, value: Bytes, kind: number): number {
    if (this.type(ref) === STRING) return this.settle(ref, this.strings.write(ref, value, kind))
    const long = this.strings.longCopy(value)
    const emptied = this.vacate(ref, STRING, long === null ? value : NOTHING)
    this.strings.adopt(emptied, long, kind)
    return emptied
  }

  /**
   * Frees a record's value, to be followed by one of that type: of a short string, `inline` already is its bytes. Memory is
   * asked for first. The cell is to be set. Returns where the record is.
   */
  private vacate(ref: number, type: number, inline: Bytes): number {
    const moved = this.settle(ref, this.dict.setValue(ref, inline))
    this.freeValue(moved, this.limits['lazyfree-lazy-server-del'])
    record.setTypeAndClock(this.arena, moved, type, this.clock(moved))
    return moved
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
    return this.hash(this.addCollection(key, HASH, clock, (cell) => Hash.init(this.heap, cell)))
  }

  newSet(key: Bytes, clock: number, hint?: Bytes, expected?: number): SetValue {
    const init = (cell: number) => SetValue.init(this.heap, this.limits, cell, hint, expected)
    return this.set(this.addCollection(key, SET, clock, init))
  }

  newSortedSet(key: Bytes, clock: number, expected?: number, longestMember?: number): SortedSet {
    const init = (cell: number) => SortedSet.init(this.heap, this.limits, cell, expected, longestMember)
    return this.sortedSet(this.addCollection(key, SORTED_SET, clock, init))
  }

  newList(key: Bytes, clock: number): List {
    return this.list(this.addCollection(key, LIST, clock, (cell) => List.init(this.heap, cell)))
  }

  /** Adds a key that is not there, whose value `init` makes in its cell. */
  private addCollection(key: Bytes, type: number, clock: number, init: (cell: number) => void): number {
    const ref = this.add(key, type, clock)
    try {
      init(record.cellOf(ref))
      return ref
    } catch (error) {
      this.drop(ref)
      throw error
    }
  }

  /** Adds a key that is not there, with a collection that becomes its own; it is freed where there is no memory for the key. */
  attach(key: Bytes, value: DetachedValue, clock: number): void {
    this.attachAt(0, key, value, clock)
  }

  /** As attach, in the place of the value of record `target` unless that is 0; returns the key's record. */
  private attachAt(target: number, key: Bytes, value: DetachedValue, clock: number): number {
    try {
      const ref = target === 0 ? this.add(key, value.type, clock) : this.vacate(target, value.type, NOTHING)
      value.moveTo(record.cellOf(ref))
      return ref
    } catch (error) {
      value.free()
      throw error
    }
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

  /**
   * Moves a record's value, clock and expiry to `to`, under another key or in the place of what `target`, the record of that
   * key there, holds; no value is copied but short strings.
   */
  transfer(ref: number, to: Entries, newKey: Bytes, target: number): void {
    const type = this.type(ref)
    const at = this.expiry(ref)
    if (at !== 0) to.makeRoomForExpiry()
    const inline = type === STRING && !this.strings.isLarge(ref) ? this.strings.read(ref) : NOTHING
    const moved =
      target === 0 ? to.add(newKey, type, this.clock(ref), inline) : to.vacate(target, type, inline)
    record.copyCell(this.arena, moved, ref)
    to.follow(moved, this.clock(ref), at)
    this.drop(ref)
  }

  /** Copies a record's value, in the same encoding, and its expiry likewise. */
  copy(ref: number, to: Entries, newKey: Bytes, target: number, clock: number): void {
    const at = this.expiry(ref)
    if (at !== 0) to.makeRoomForExpiry()
    const collection = this.collection(ref)
    to.follow(
      collection === undefined
        ? to.putString(target, newKey, this.strings.read(ref), this.strings.kind(ref), clock)
        : to.attachAt(target, newKey, this.duplicate(ref, collection), clock),
      clock,
      at,
    )
  }

  private putString(target: number, key: Bytes, value: Bytes, kind: number, clock: number): number {
    return target === 0 ? this.newString(key, clock, value, kind) : this.setString(target, value, kind)
  }

  private duplicate(ref: number, collection: Collection): DetachedValue {
    return new DetachedValue(this.heap, this.limits).copyOf(this.type(ref), collection)
  }

  /** Makes clock and expiry (0: none) those of a value that came from elsewhere. */
  private follow(ref: number, clock: number, at: number): void {
    this.setClock(ref, clock)
    if (at === 0) this.clearExpiry(ref)
    else this.setExpiry(ref, at)
  }

  /** Bytes of the record and its value; those of a large collection are guessed from about `samples` elements. */
  memory(ref: number, samples?: number): number {
    return this.dict.recordSize(ref) + (this.collection(ref)?.memory(samples) ?? this.strings.memory(ref))
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
}
