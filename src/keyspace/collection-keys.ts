/**
 * Keys that hold collections: hashes, sets, sorted sets, lists.
 *
 * `read*` is the look-up of a command that only reads, `find*` and `open*` are those of commands that write (lookups.ts).
 * All throw WRONGTYPE where the key holds something else.
 */
import type { Bytes } from '../memory/bytes.ts'
import type { Hash } from '../types/hash.ts'
import type { List } from '../types/list.ts'
import type { SetValue } from '../types/set.ts'
import type { SortedSet } from '../types/sorted-set.ts'
import { DetachedValue } from './detached-value.ts'
import { HASH, LIST, SET, SORTED_SET } from './record.ts'
import { StringKeys } from './string-keys.ts'

export class CollectionKeys extends StringKeys {
  readHash(key: Bytes): Hash | undefined {
    const ref = this.expect(this.lookupRead(key), HASH)
    return ref === 0 ? undefined : this.entries.hash(ref)
  }

  findHash(key: Bytes): Hash | undefined {
    const ref = this.expect(this.lookupWrite(key), HASH)
    return ref === 0 ? undefined : this.entries.hash(ref)
  }

  /** The one at key, made when there is none. */
  openHash(key: Bytes): Hash {
    const ref = this.expect(this.lookupWrite(key), HASH)
    return ref === 0 ? this.entries.newHash(key, this.announce(key)) : this.entries.hash(ref)
  }

  readSet(key: Bytes): SetValue | undefined {
    const ref = this.expect(this.lookupRead(key), SET)
    return ref === 0 ? undefined : this.entries.set(ref)
  }

  findSet(key: Bytes): SetValue | undefined {
    const ref = this.expect(this.lookupWrite(key), SET)
    return ref === 0 ? undefined : this.entries.set(ref)
  }

  /** The one at key, made when there is none. */
  openSet(key: Bytes, hint?: Bytes, expected?: number): SetValue {
    const ref = this.expect(this.lookupWrite(key), SET)
    return ref === 0 ? this.entries.newSet(key, this.announce(key), hint, expected) : this.entries.set(ref)
  }

  readSortedSet(key: Bytes): SortedSet | undefined {
    const ref = this.expect(this.lookupRead(key), SORTED_SET)
    return ref === 0 ? undefined : this.entries.sortedSet(ref)
  }

  findSortedSet(key: Bytes): SortedSet | undefined {
    const ref = this.expect(this.lookupWrite(key), SORTED_SET)
    return ref === 0 ? undefined : this.entries.sortedSet(ref)
  }

  /** The one at key, made when there is none. */
  openSortedSet(key: Bytes, expected?: number, longestMember?: number): SortedSet {
    const ref = this.expect(this.lookupWrite(key), SORTED_SET)
    return ref === 0
      ? this.entries.newSortedSet(key, this.announce(key), expected, longestMember)
      : this.entries.sortedSet(ref)
  }

  readList(key: Bytes): List | undefined {
    const ref = this.expect(this.lookupRead(key), LIST)
    return ref === 0 ? undefined : this.entries.list(ref)
  }

  findList(key: Bytes): List | undefined {
    const ref = this.expect(this.lookupWrite(key), LIST)
    return ref === 0 ? undefined : this.entries.list(ref)
  }

  /** The one at key, made when there is none. */
  openList(key: Bytes): List {
    const ref = this.expect(this.lookupWrite(key), LIST)
    return ref === 0 ? this.entries.newList(key, this.announce(key)) : this.entries.list(ref)
  }

  /** A new collection that belongs to no key yet. */
  detached(): DetachedValue {
    return new DetachedValue(this.keyspace.heap, this.keyspace.settings)
  }

  /** Makes a collection, not to be used further, the value of a key that is not there. */
  attach(key: Bytes, value: DetachedValue): void {
    this.entries.attach(key, value, this.announce(key))
  }
}
