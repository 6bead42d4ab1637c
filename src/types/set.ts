/**
 * Sets: an intset while all members are integers, a listpack while they are few and short, a dictionary from then on.
 *
 * What `random` returns is valid until the next `random`; what the functions given to forEach and scan see, until they
 * return. Such a function may look at and change other collections, but not walk another set or change this one.
 */
import { type Arena, MASK, SHIFT } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { hashOf } from '../memory/hashing.ts'
import { parseInt64 } from '../memory/numbers.ts'
import { cellEncoding, cellReference, setCell } from './cell.ts'
import { complete } from './complete.ts'
import { Dict } from './dict.ts'
import * as intset from './intset.ts'
import * as listpack from './listpack.ts'
import { type CheckedListpack, isDistinct } from './listpack-check.ts'
import { EntryEncoder, EntryReader, entrySize, integerEntrySize } from './listpack-entry.ts'
import type { EncodingLimits, Heap, Remains } from './value.ts'

const LISTPACK = 0
const TABLE = 1
const INTSET = 2

const ENCODING_NAMES = ['listpack', 'hashtable', 'intset'] as const

/** Valkey's bound on set-max-intset-entries, whatever is configured. */
const MAX_INTSET_ENTRIES = 2 ** 30

const wanted = new EntryEncoder()
/** What walks show. */
const walked = new EntryReader()
const walkedView = new Bytes()
/** What `random` shows. */
const picked = new EntryReader()
const pickedView = new Bytes()
/** What `packed` shows. */
const packedView = new Bytes()
/** What a conversion reads. */
const old = new EntryReader()

export class SetValue {
  private readonly heap: Heap
  private readonly arena: Arena
  private readonly limits: EncodingLimits
  private readonly cell: number

  constructor(heap: Heap, limits: EncodingLimits, cell: number) {
    this.heap = heap
    this.arena = heap.arena
    this.limits = limits
    this.cell = cell
  }

  /** `hint`: the first member, which decides between intset and listpack; `expected` members to come. */
  static init(heap: Heap, limits: EncodingLimits, cell: number, hint?: Bytes, expected = 0): void {
    const { arena } = heap
    if (
      hint !== undefined &&
      expected <= limits['set-max-intset-entries'] &&
      parseInt64(hint) !== undefined
    ) {
      setCell(arena, cell, INTSET, intset.create(arena))
    } else if (expected <= limits['set-max-listpack-entries']) {
      setCell(arena, cell, LISTPACK, listpack.create(arena))
    } else {
      SetValue.initTable(heap, cell, expected)
    }
  }

  /** A set without small encoding, for that many members. */
  static initTable(heap: Heap, cell: number, expected: number): void {
    const table = new Dict(heap)
    table.reserve(expected)
    setCell(heap.arena, cell, TABLE, heap.handles.add(table))
  }

  /** A set of the members in a listpack; false, and nothing is made, where one is there twice. */
  static initFromListpack(heap: Heap, limits: EncodingLimits, cell: number, from: CheckedListpack): boolean {
    if (!isDistinct(heap, from.pack, 1)) return false
    setCell(heap.arena, cell, LISTPACK, listpack.createCopy(heap.arena, from.pack))
    const set = new SetValue(heap, limits, cell)
    if (from.count > limits['set-max-listpack-entries']) complete(set, () => set.toTable(0))
    return true
  }

  /** A set of the members of an intset from outside; false, and nothing is made, where the bytes are none. */
  static initFromIntset(heap: Heap, limits: EncodingLimits, cell: number, ints: Bytes): boolean {
    if (!intset.isValid(ints)) return false
    const ref = intset.createCopy(heap.arena, ints)
    setCell(heap.arena, cell, INTSET, ref)
    const set = new SetValue(heap, limits, cell)
    if (set.size > limits['set-max-intset-entries']) complete(set, () => set.toTable(0))
    return true
  }

  private get kind(): number {
    return cellEncoding(this.arena, this.cell)
  }

  private get ref(): number {
    return cellReference(this.arena, this.cell)
  }

  private get table(): Dict {
    return this.heap.handles.get(this.ref) as Dict
  }

  get size(): number {
    switch (this.kind) {
      case INTSET:
        return intset.count(this.arena, this.ref)
      case LISTPACK:
        return listpack.count(this.arena, this.ref)
      default:
        return this.table.size
    }
  }

  get encoding(): 'intset' | 'listpack' | 'hashtable' {
    return ENCODING_NAMES[this.kind]!
  }

  /** The intset or listpack as it lies, null when there is neither; valid until the set is changed. */
  get packed(): Bytes | null {
    const { arena, kind, ref } = this
    if (kind === TABLE) return null
    return kind === INTSET ? intset.show(arena, ref, packedView) : listpack.show(arena, ref, packedView)
  }

  /** The position of a member in the listpack, 0 when there is none. */
  private locate(ref: number, member: Bytes): number {
    if (!listpack.couldHold(this.arena, ref, member.len)) return 0
    return listpack.find(this.arena, ref, wanted.set(member), listpack.FIRST, 1)
  }

  has(member: Bytes): boolean {
    switch (this.kind) {
      case INTSET: {
        const v = parseInt64(member)
        return v !== undefined && intset.find(this.arena, this.ref, v) >= 0
      }
      case LISTPACK:
        return this.locate(this.ref, member) !== 0
      default:
        return this.table.find(member, hashOf(member)) !== 0
    }
  }

  /** Announces that one command will add this many members: too many for the encoding, and it becomes a dictionary. */
  expect(members: number): void {
    const { kind, limits } = this
    if (
      (kind === LISTPACK && members > limits['set-max-listpack-entries']) ||
      (kind === INTSET && members > limits['set-max-intset-entries'])
    ) {
      this.toTable(members)
    }
  }

  // ---- change

  /** True when the member is new. */
  add(member: Bytes): boolean {
    switch (this.kind) {
      case INTSET:
        return this.addToIntset(member)
      case LISTPACK:
        return this.addToListpack(member)
      default:
        return this.addToTable(member)
    }
  }

  private addToTable(member: Bytes): boolean {
    const table = this.table
    const hash = hashOf(member)
    if (table.find(member, hash) !== 0) return false
    table.add(member, hash)
    return true
  }

  private addToListpack(member: Bytes): boolean {
    const { arena, cell } = this
    const ref = this.ref
    if (this.locate(ref, member) !== 0) return false
    if (!this.fitsListpack(listpack.count(arena, ref), listpack.bytes(arena, ref), member.len)) {
      this.toTable(1)
      return this.addToTable(member)
    }
    const moved = listpack.append(arena, ref, wanted.set(member))
    if (moved !== ref) setCell(arena, cell, LISTPACK, moved)
    return true
  }

  /** Whether a member of `length` bytes may join `count` others of `bytes` bytes in a listpack. */
  private fitsListpack(count: number, bytes: number, length: number): boolean {
    return (
      count < this.limits['set-max-listpack-entries'] &&
      length <= this.limits['set-max-listpack-value'] &&
      bytes + length <= listpack.MAX_LISTPACK_BYTES
    )
  }

  private addToIntset(member: Bytes): boolean {
    const ref = this.ref
    const v = parseInt64(member)
    if (v === undefined) {
      this.leaveIntset(member)
      return true
    }
    const rank = intset.find(this.arena, ref, v)
    if (rank >= 0) return false
    const max = Math.min(this.limits['set-max-intset-entries'], MAX_INTSET_ENTRIES)
    if (intset.count(this.arena, ref) >= max) {
      this.toTable(1)
      return this.addToTable(member)
    }
    setCell(this.arena, this.cell, INTSET, intset.insert(this.arena, ref, -1 - rank, v))
    return true
  }

  /** Adds the first member that is no integer. As Valkey does, all members are taken to be as long as the longest. */
  private leaveIntset(member: Bytes): void {
    const ref = this.ref
    const count = intset.count(this.arena, ref)
    let longest = 0
    let bytes = 0
    if (count > 0) {
      for (const v of [intset.at(this.arena, ref, 0), intset.at(this.arena, ref, count - 1)]) {
        longest = Math.max(longest, old.print(v).len)
        bytes = Math.max(bytes, integerEntrySize(v) * count)
      }
    }
    if (longest <= this.limits['set-max-listpack-value'] && this.fitsListpack(count, bytes, member.len)) {
      this.intsetToListpack(member)
    } else {
      this.toTable(1)
      this.addToTable(member)
    }
  }

  private intsetToListpack(member: Bytes): void {
    const ref = this.ref
    wanted.clear()
    for (let i = 0, n = intset.count(this.arena, ref); i < n; i++) {
      wanted.appendInteger(intset.at(this.arena, ref, i))
    }
    const { buf, len, count } = wanted.append(member)
    const pack = listpack.createFrom(this.arena, buf, 0, len, count)
    intset.free(this.arena, ref)
    setCell(this.arena, this.cell, LISTPACK, pack)
  }

  /** From intset or listpack to dictionary, with room for `expected` members more. */
  private toTable(expected: number): void {
    const { kind, ref } = this
    const table = complete(new Dict(this.heap), (filled) => {
      filled.reserve(this.size + expected)
      this.walkBlob(old, (member) => {
        const hash = hashOf(member)
        filled.find(member, hash)
        filled.add(member, hash)
      })
    })
    if (kind === INTSET) intset.free(this.arena, ref)
    else listpack.free(this.arena, ref)
    setCell(this.arena, this.cell, TABLE, this.heap.handles.add(table))
  }

  delete(member: Bytes): boolean {
    const ref = this.ref
    switch (this.kind) {
      case INTSET: {
        const v = parseInt64(member)
        const rank = v === undefined ? -1 : intset.find(this.arena, ref, v)
        if (rank < 0) return false
        setCell(this.arena, this.cell, INTSET, intset.remove(this.arena, ref, rank))
        return true
      }
      case LISTPACK: {
        const pos = this.locate(ref, member)
        if (pos === 0) return false
        setCell(this.arena, this.cell, LISTPACK, listpack.remove(this.arena, ref, pos, 1))
        return true
      }
      default: {
        const table = this.table
        const record = table.find(member, hashOf(member))
        if (record !== 0) table.remove(record)
        return record !== 0
      }
    }
  }

  // ---- walking

  private walkBlob(reader: EntryReader, fn: (member: Bytes) => void): void {
    const ref = this.ref
    if (this.kind === INTSET) {
      const n = intset.count(this.arena, ref)
      for (let i = 0; i < n; i++) fn(reader.print(intset.at(this.arena, ref, i)))
      return
    }
    const m = this.arena.u8[ref >>> SHIFT]!
    const base = (ref & MASK) << 3
    const end = base + listpack.end(this.arena, ref)
    for (let p = base + listpack.FIRST; p < end; p += entrySize(m, p)) fn(reader.read(m, p))
  }

  forEach(fn: (member: Bytes) => void): void {
    if (this.kind !== TABLE) {
      this.walkBlob(walked, fn)
      return
    }
    const table = this.table
    table.forEach((record) => {
      fn(table.key(record, walkedView))
    })
  }

  /** Calls fn for about `count` members from the cursor on (all of them unless in a dictionary); returns the next cursor, 0 at the end. */
  scan(cursor: number, count: number, fn: (member: Bytes) => void): number {
    if (this.kind !== TABLE) {
      this.walkBlob(walked, fn)
      return 0
    }
    const table = this.table
    return table.scan(cursor, count, (record) => fn(table.key(record, walkedView)))
  }

  /** One uniformly random member. */
  random(): Bytes {
    const { kind, ref } = this
    if (kind === TABLE) {
      const table = this.table
      return table.key(table.random(), pickedView)
    }
    const index = Math.floor(Math.random() * this.size)
    if (kind === INTSET) return picked.print(intset.at(this.arena, ref, index))
    const pos = listpack.seek(this.arena, ref, index)
    return picked.read(this.arena.u8[ref >>> SHIFT]!, ((ref & MASK) << 3) + pos)
  }

  free(): void {
    const { kind, ref } = this
    if (kind === INTSET) intset.free(this.arena, ref)
    else if (kind === LISTPACK) listpack.free(this.arena, ref)
    else this.take().free()
  }

  /** Takes a large set out of its cell, to be drained; null where it is small, to be freed. */
  abandon(): Remains | null {
    return this.kind === TABLE ? this.take() : null
  }

  private take(): Dict {
    return this.heap.handles.take(this.ref) as Dict
  }

  /** Makes a copy in another cell, which holds nothing. */
  copyTo(cell: number): void {
    const { arena, kind, ref } = this
    if (kind === INTSET) setCell(arena, cell, INTSET, intset.createCopy(arena, this.packed!))
    else if (kind === LISTPACK) setCell(arena, cell, LISTPACK, listpack.duplicate(arena, ref))
    else setCell(arena, cell, TABLE, this.heap.handles.add(this.table.clone(this.heap)))
  }

  /** Bytes of memory held; those of a large set are guessed from about `samples` members. */
  memory(samples?: number): number {
    const { kind, ref } = this
    if (kind === INTSET) return intset.memory(this.arena, ref)
    return kind === LISTPACK ? listpack.memory(this.arena, ref) : this.table.memory(samples)
  }
}
