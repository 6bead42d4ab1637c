/**
 * Hashes: fields with values, in a listpack while they are few and short, in a dictionary from then on.
 *
 * What `get` returns is valid until the next `get`; what the functions given to forEach, scan and random see, until they
 * return. Such a function may look at and change other collections, but not walk another hash or change this one.
 */
import { type Arena, MASK, SHIFT } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { hashOf } from '../memory/hashing.ts'
import { cellEncoding, cellReference, setCell } from './cell.ts'
import { Dict } from './dict.ts'
import * as listpack from './listpack.ts'
import { EntryEncoder, EntryReader, entrySize } from './listpack-entry.ts'
import type { EncodingLimits, Heap } from './value.ts'

const LISTPACK = 0
const TABLE = 1

/** The field looked for, and for new fields the value behind it. */
const wanted = new EntryEncoder()
const newValue = new EntryEncoder()
/** What `get` shows. */
const got = new EntryReader()
const gotView = new Bytes()
/** What walks show. */
const field = new EntryReader()
const value = new EntryReader()
const fieldView = new Bytes()
const valueView = new Bytes()
/** What a conversion reads. */
const oldField = new EntryReader()
const oldValue = new EntryReader()

type PairFn = (field: Bytes, value: Bytes) => void

export class Hash {
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

  static init(heap: Heap, cell: number): void {
    setCell(heap.arena, cell, LISTPACK, listpack.create(heap.arena))
  }

  private get small(): boolean {
    return cellEncoding(this.arena, this.cell) === LISTPACK
  }

  private get ref(): number {
    return cellReference(this.arena, this.cell)
  }

  private get table(): Dict {
    return this.heap.handles.get(this.ref) as Dict
  }

  get size(): number {
    return this.small ? listpack.count(this.arena, this.ref) >> 1 : this.table.size
  }

  get encoding(): 'listpack' | 'hashtable' {
    return this.small ? 'listpack' : 'hashtable'
  }

  /** The position of a field in the listpack, 0 when there is none. */
  private locate(ref: number, name: Bytes): number {
    if (!listpack.couldHold(this.arena, ref, name.len)) return 0
    return listpack.find(this.arena, ref, wanted.set(name), listpack.FIRST, 2)
  }

  get(name: Bytes): Bytes | undefined {
    const { arena, cell } = this
    if (cellEncoding(arena, cell) !== LISTPACK) {
      const table = this.table
      const record = table.find(name, hashOf(name))
      return record === 0 ? undefined : table.value(record, gotView)
    }
    const ref = cellReference(arena, cell)
    const pos = this.locate(ref, name)
    if (pos === 0) return undefined
    const m = arena.u8[ref >>> SHIFT]!
    const p = ((ref & MASK) << 3) + pos
    return got.read(m, p + entrySize(m, p))
  }

  has(name: Bytes): boolean {
    if (!this.small) return this.table.find(name, hashOf(name)) !== 0
    return this.locate(this.ref, name) !== 0
  }

  /** Announces that one command will set this many fields: too many for a listpack, and there will be none. */
  expect(fields: number): void {
    if (this.small && fields > this.limits['hash-max-listpack-entries']) this.convert(fields)
  }

  /** True when the field is new. */
  set(name: Bytes, to: Bytes): boolean {
    const { arena, cell } = this
    if (cellEncoding(arena, cell) !== LISTPACK) return this.setInTable(name, to)
    const ref = cellReference(arena, cell)
    if (!this.fits(ref, name.len, to.len)) {
      this.convert(0)
      return this.setInTable(name, to)
    }
    const pos = listpack.find(arena, ref, wanted.set(name), listpack.FIRST, 2)
    const moved =
      pos === 0
        ? listpack.append(arena, ref, wanted.append(to))
        : listpack.replace(arena, ref, listpack.next(arena, ref, pos), newValue.set(to))
    if (moved !== ref) setCell(arena, cell, LISTPACK, moved)
    if (listpack.count(arena, moved) > 2 * this.limits['hash-max-listpack-entries']) this.convert(0)
    return pos === 0
  }

  private fits(ref: number, nameBytes: number, valueBytes: number): boolean {
    const limit = this.limits['hash-max-listpack-value']
    if (nameBytes > limit || valueBytes > limit) return false
    return listpack.bytes(this.arena, ref) + nameBytes + valueBytes <= listpack.MAX_LISTPACK_BYTES
  }

  private setInTable(name: Bytes, to: Bytes): boolean {
    const table = this.table
    const hash = hashOf(name)
    const record = table.find(name, hash)
    if (record === 0) table.add(name, hash, to)
    else table.setValue(record, to)
    return record === 0
  }

  delete(name: Bytes): boolean {
    if (!this.small) {
      const table = this.table
      const record = table.find(name, hashOf(name))
      if (record !== 0) table.remove(record)
      return record !== 0
    }
    const ref = this.ref
    const pos = this.locate(ref, name)
    if (pos === 0) return false
    const moved = listpack.remove(this.arena, ref, pos, 2)
    if (moved !== ref) setCell(this.arena, this.cell, LISTPACK, moved)
    return true
  }

  /** From listpack to dictionary, with room for `expected` fields more. */
  private convert(expected: number): void {
    const ref = this.ref
    const table = new Dict(this.heap)
    table.reserve(this.size + expected)
    const m = this.arena.u8[ref >>> SHIFT]!
    const base = (ref & MASK) << 3
    const end = base + listpack.end(this.arena, ref)
    for (let p = base + listpack.FIRST; p < end; p += entrySize(m, p)) {
      const name = oldField.read(m, p)
      p += entrySize(m, p)
      const hash = hashOf(name)
      table.find(name, hash)
      table.add(name, hash, oldValue.read(m, p))
    }
    listpack.free(this.arena, ref)
    setCell(this.arena, this.cell, TABLE, this.heap.handles.add(table))
  }

  forEach(fn: PairFn): void {
    if (!this.small) {
      const table = this.table
      table.forEach((record) => {
        fn(table.key(record, fieldView), table.value(record, valueView))
      })
      return
    }
    const ref = this.ref
    const m = this.arena.u8[ref >>> SHIFT]!
    const base = (ref & MASK) << 3
    const end = base + listpack.end(this.arena, ref)
    for (let p = base + listpack.FIRST; p < end; p += entrySize(m, p)) {
      const name = field.read(m, p)
      p += entrySize(m, p)
      fn(name, value.read(m, p))
    }
  }

  /** Calls fn for about `count` elements from the cursor on (all of them in a listpack); returns the next cursor, 0 at the end. */
  scan(cursor: number, count: number, fn: PairFn): number {
    if (this.small) {
      this.forEach(fn)
      return 0
    }
    const table = this.table
    return table.scan(cursor, count, (record) =>
      fn(table.key(record, fieldView), table.value(record, valueView)),
    )
  }

  /** One uniformly random element. */
  random(fn: PairFn): void {
    if (!this.small) {
      const table = this.table
      const record = table.random()
      fn(table.key(record, fieldView), table.value(record, valueView))
      return
    }
    const ref = this.ref
    const m = this.arena.u8[ref >>> SHIFT]!
    const pos = listpack.seek(this.arena, ref, 2 * Math.floor(Math.random() * this.size))
    const p = ((ref & MASK) << 3) + pos
    fn(field.read(m, p), value.read(m, p + entrySize(m, p)))
  }

  free(): void {
    if (this.small) {
      listpack.free(this.arena, this.ref)
      return
    }
    this.table.clear()
    this.heap.handles.release(this.ref)
  }

  /** Bytes of memory held, for MEMORY USAGE and accounting. */
  memory(): number {
    return this.small ? listpack.memory(this.arena, this.ref) : this.table.memory()
  }
}
