/**
 * A collection that belongs to no key yet: what comes from outside is built here first, so that a key changes only once all
 * of it has proved to be right.
 *
 * One call makes it a collection of a type; those named `...From` answer false, and make nothing, where the bytes given are
 * no such collection. In the end the collection goes to a key (Database.attach) or is freed.
 */
import { Bytes } from '../memory/bytes.ts'
import { cellEncoding, cellReference, setCell } from '../types/cell.ts'
import { Hash } from '../types/hash.ts'
import { List } from '../types/list.ts'
import type { CheckedListpack } from '../types/listpack-check.ts'
import { SetValue } from '../types/set.ts'
import { SortedSet } from '../types/sorted-set.ts'
import type { EncodingLimits, Heap } from '../types/value.ts'
import { HASH, LIST, SET, SORTED_SET } from './record.ts'

const CELL_BYTES = 8
const NOTHING = -1

/** Members that tables get room for at once; the number announced may be a lie. */
const MAX_RESERVED = 65_536

/** Makes a new set an intset. */
const ANY_INTEGER = Bytes.from('0')

export class DetachedValue {
  /** A type of records. */
  type = NOTHING
  private readonly heap: Heap
  private readonly limits: EncodingLimits
  private readonly cell: number

  constructor(heap: Heap, limits: EncodingLimits) {
    this.heap = heap
    this.limits = limits
    this.cell = heap.arena.alloc(CELL_BYTES)
  }

  /** A hash that is about to get so many fields. */
  hash(fields: number): Hash {
    Hash.init(this.heap, this.cell)
    this.type = HASH
    const hash = new Hash(this.heap, this.limits, this.cell)
    hash.expect(Math.min(fields, MAX_RESERVED))
    return hash
  }

  hashFrom(pack: CheckedListpack): boolean {
    return this.made(HASH, Hash.initFrom(this.heap, this.limits, this.cell, pack))
  }

  /** A set that is about to get so many members, of whatever kind. */
  set(members: number): SetValue {
    const { heap, limits, cell } = this
    if (members > limits['set-max-intset-entries']) {
      SetValue.initTable(heap, cell, Math.min(members, MAX_RESERVED))
    } else SetValue.init(heap, limits, cell, ANY_INTEGER)
    this.type = SET
    return new SetValue(heap, limits, cell)
  }

  setFrom(pack: CheckedListpack): boolean {
    return this.made(SET, SetValue.initFromListpack(this.heap, this.limits, this.cell, pack))
  }

  intsetFrom(ints: Bytes): boolean {
    return this.made(SET, SetValue.initFromIntset(this.heap, this.limits, this.cell, ints))
  }

  /** A sorted set that is about to get so many members, to be settled then. */
  sortedSet(members: number): SortedSet {
    SortedSet.initTree(this.heap, this.cell, Math.min(members, MAX_RESERVED))
    this.type = SORTED_SET
    return new SortedSet(this.heap, this.limits, this.cell)
  }

  sortedSetFrom(pack: CheckedListpack): boolean {
    return this.made(SORTED_SET, SortedSet.initFrom(this.heap, this.limits, this.cell, pack))
  }

  /** A list to be filled, then settled. */
  list(): List {
    List.initNodes(this.heap, this.limits, this.cell)
    this.type = LIST
    return new List(this.heap, this.limits, this.cell)
  }

  private made(type: number, done: boolean): boolean {
    if (done) this.type = type
    return done
  }

  /** A copy of a collection of that type; nothing is left of one for which memory does not suffice. */
  copyOf(type: number, collection: { copyTo(cell: number): void }): this {
    try {
      collection.copyTo(this.cell)
      this.type = type
      return this
    } catch (error) {
      this.free()
      throw error
    }
  }

  /** Gives the collection to another cell; this object is of no use any more. */
  moveTo(cell: number): void {
    const { arena } = this.heap
    setCell(arena, cell, cellEncoding(arena, this.cell), cellReference(arena, this.cell))
    arena.release(this.cell, CELL_BYTES)
  }

  /** Drops what was made. */
  free(): void {
    const { heap, limits, cell } = this
    if (this.type === HASH) new Hash(heap, limits, cell).free()
    else if (this.type === SET) new SetValue(heap, limits, cell).free()
    else if (this.type === SORTED_SET) new SortedSet(heap, limits, cell).free()
    else if (this.type === LIST) new List(heap, limits, cell).free()
    heap.arena.release(cell, CELL_BYTES)
  }
}
