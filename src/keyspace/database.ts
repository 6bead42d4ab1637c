/** Contract only: the implementation replaces this file. */
import type { Bytes } from '../memory/bytes.ts'
import type { Hash } from '../types/hash.ts'
import type { List } from '../types/list.ts'
import type { SetValue } from '../types/set.ts'
import type { SortedSet } from '../types/sorted-set.ts'
import type { KeyspaceEvent } from './events.ts'

export type TypeName = 'string' | 'list' | 'set' | 'zset' | 'hash' | 'stream'

/**
 * One of the 16 databases. Every look-up drops a key that has expired. `read*` counts keyspace hits and misses and
 * touches the key's access clock; `find*` is the look-up of a command that writes: neither. All throw WRONGTYPE.
 */
export declare class Database {
  readonly index: number
  get size(): number
  /** Keys with an expiry. */
  get expires(): number

  exists(key: Bytes): boolean
  /** As exists, counting hit or miss, with the event keymiss; the access clock stays (EXISTS, TYPE). */
  readExists(key: Bytes): boolean
  /** As readExists, and the access clock is touched whatever CLIENT NO-TOUCH says (TOUCH). */
  touch(key: Bytes): boolean
  type(key: Bytes): TypeName | undefined

  /** The value as text (an integer is printed); valid until the next call. */
  readString(key: Bytes): Bytes | undefined
  findString(key: Bytes): Bytes | undefined
  /** As readString, but undefined where the key holds something else (MGET, SORT). */
  readStringIfAny(key: Bytes): Bytes | undefined
  /** Replaces whatever the key held; the expiry goes unless `keepTtl`. */
  writeString(key: Bytes, value: Bytes, keepTtl?: boolean): void
  /** As writeString, and the result's OBJECT ENCODING is `raw` (APPEND, SETRANGE). */
  writeRawString(key: Bytes, value: Bytes, keepTtl?: boolean): void
  /** As writeString, with the expiry `at` (Unix ms): one look-up. */
  writeStringUntil(key: Bytes, value: Bytes, at: number): void
  /**
   * INCR and its family in one look-up: adds to the 64-bit integer at key (0 when there is none), expiry kept, and returns
   * the sum, a bigint beyond 2^53. Throws wrongType, notInteger, overflow.
   */
  incrementBy(key: Bytes, delta: number | bigint): number | bigint
  /** Appends to the string at key, or makes it with `value`; returns the new length. In place where there is room. */
  appendString(key: Bytes, value: Bytes): number
  /** Overwrites from `offset` on, with zero bytes before it as needed (SETRANGE); the key is made when there is none. Returns the new length. */
  overwriteString(key: Bytes, offset: number, value: Bytes): number

  readHash(key: Bytes): Hash | undefined
  findHash(key: Bytes): Hash | undefined
  /** The hash at key, made when there is none. */
  openHash(key: Bytes): Hash
  readSet(key: Bytes): SetValue | undefined
  findSet(key: Bytes): SetValue | undefined
  openSet(key: Bytes, hint?: Bytes, expected?: number): SetValue
  readSortedSet(key: Bytes): SortedSet | undefined
  findSortedSet(key: Bytes): SortedSet | undefined
  openSortedSet(key: Bytes, expected?: number, longestMember?: number): SortedSet
  readList(key: Bytes): List | undefined
  findList(key: Bytes): List | undefined
  openList(key: Bytes): List

  /** Removes the key; false when there was none. Does not notify: call `changed`. */
  delete(key: Bytes): boolean
  /** After removing elements: removes the key if its collection is empty, with the event `del`; true when it was. */
  deleteIfEmpty(key: Bytes, value: { readonly size: number }): boolean

  /** Unix time in ms, -1: no expiry, -2: no such key. */
  expiry(key: Bytes): number
  /** As expiry, counting hit or miss as readExists does (TTL). */
  readExpiry(key: Bytes): number
  /** False when there is no such key. */
  setExpiry(key: Bytes, at: number): boolean
  /**
   * Deletes a key whose new expiry lies in the past (EXPIRE k -1, SET PXAT): event `expired`, counted in expired_keys, dirty
   * grows. All of it done here, no `changed` needed. False when there was none.
   */
  deleteExpired(key: Bytes): boolean
  /** True when there was an expiry to remove. */
  persist(key: Bytes): boolean

  /** Moves an entry (value and expiry) to another name or database, replacing what is there. */
  move(key: Bytes, to: Database, newKey: Bytes): void
  /** A deep copy of the entry, expiry included, replacing what is there. */
  copy(key: Bytes, to: Database, newKey: Bytes): void

  /** Calls fn for about `count` keys from the cursor on; returns the next cursor, 0 at the end. Expired keys are skipped (and dropped). */
  scan(cursor: number, count: number, fn: (key: Bytes, type: TypeName) => void): number
  forEach(fn: (key: Bytes) => void): void
  randomKey(): Bytes | undefined
  /** Removes all keys; WATCHers of keys that were there are told, `dirty` grows by the number of keys. No events. */
  clear(): void
  /** Exchanges all keys with another database (SWAPDB); WATCHers of both are told. */
  swapWith(other: Database): void

  /** OBJECT ENCODING, IDLETIME (s), FREQ, REFCOUNT: what is known of a key without touching it; undefined when absent. */
  inspect(key: Bytes): { encoding: string; idleSeconds: number; frequency: number; memory: number } | undefined

  /**
   * Says that a command changed the key: WATCHers are told, the keyspace event goes out, `dirty` grows by `count`. Every
   * mutation ends here.
   */
  changed(key: Bytes, event: KeyspaceEvent, count?: number): void
  /** Sends the event only (a second event of the same change, such as `expire` after `set`). */
  notify(key: Bytes, event: KeyspaceEvent): void
}
