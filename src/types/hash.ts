/**
 * Hashes: fields with values, in a listpack while they are few and short, in a dictionary from then on. Long listpacks
 * have an index of their fields.
 *
 * What `get` returns is valid until the next `get`; what the functions given to forEach, scan and random see, until they
 * return. Such a function may look at and change other collections, but not walk another hash or change this one.
 */
import { type Arena, MASK, SHIFT } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { hashOf } from '../memory/hashing.ts'
import { cellEncoding, cellReference, setCell } from './cell.ts'
import { complete } from './complete.ts'
import { Dict } from './dict.ts'
import * as fieldIndex from './field-index.ts'
import * as listpack from './listpack.ts'
import { type CheckedListpack, isDistinct } from './listpack-check.ts'
import { EntryEncoder, EntryReader, entrySize } from './listpack-entry.ts'
import type { EncodingLimits, Heap, Remains } from './value.ts'

const LISTPACK = 0
const TABLE = 1
/** A listpack, and OBJECT ENCODING says so, with an index over its fields. */
const INDEXED = 2

/** A listpack of more fields gets an index; it loses it at half as many. */
const MAX_WALKED = 128

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
/** What `packed` shows. */
const packedView = new Bytes()
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

  /** A hash of the fields and values in a listpack; false, and nothing is made, where a field is there twice. */
  static initFrom(heap: Heap, limits: EncodingLimits, cell: number, from: CheckedListpack): boolean {
    const { pack, count } = from
    if (count % 2 !== 0 || !isDistinct(heap, pack, 2)) return false
    const { arena } = heap
    const ref = listpack.createCopy(arena, pack)
    setCell(arena, cell, LISTPACK, ref)
    const fields = count / 2
    const hash = new Hash(heap, limits, cell)
    if (fields > limits['hash-max-listpack-entries']) complete(hash, () => hash.toTable(0))
    else if (fields > MAX_WALKED) hash.setIndex(fieldIndex.build(arena, ref), ref)
    return true
  }

  /** The cell's listpack has this index, or none. */
  private setIndex(index: number, pack: number): void {
    setCell(this.arena, this.cell, index === 0 ? LISTPACK : INDEXED, index === 0 ? pack : index)
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

  /** The listpack, with an index or without. */
  private get pack(): number {
    const { kind, ref } = this
    return kind === INDEXED ? fieldIndex.packOf(this.arena, ref) : ref
  }

  private setPack(pack: number): void {
    if (this.kind === INDEXED) fieldIndex.setPack(this.arena, this.ref, pack)
    else setCell(this.arena, this.cell, LISTPACK, pack)
  }

  get size(): number {
    return this.kind === TABLE ? this.table.size : listpack.count(this.arena, this.pack) >> 1
  }

  get encoding(): 'listpack' | 'hashtable' {
    return this.kind === TABLE ? 'hashtable' : 'listpack'
  }

  /** The listpack as it lies, null when there is none; valid until the hash is changed. */
  get packed(): Bytes | null {
    return this.kind === TABLE ? null : listpack.show(this.arena, this.pack, packedView)
  }

  // ---- one field

  /** The position of a field in the listpack, 0 when there is none; leaves its entry in `wanted`. */
  private locate(pack: number, name: Bytes): number {
    wanted.set(name)
    if (this.kind === INDEXED) return fieldIndex.find(this.arena, this.ref, wanted)
    return listpack.find(this.arena, pack, wanted, listpack.FIRST, 2)
  }

  private locateIfPossible(pack: number, name: Bytes): number {
    return listpack.couldHold(this.arena, pack, name.len) ? this.locate(pack, name) : 0
  }

  get(name: Bytes): Bytes | undefined {
    if (this.kind === TABLE) {
      const table = this.table
      const record = table.find(name, hashOf(name))
      return record === 0 ? undefined : table.value(record, gotView)
    }
    const pack = this.pack
    const pos = this.locateIfPossible(pack, name)
    if (pos === 0) return undefined
    const m = this.arena.u8[pack >>> SHIFT]!
    const p = ((pack & MASK) << 3) + pos
    return got.read(m, p + entrySize(m, p))
  }

  has(name: Bytes): boolean {
    if (this.kind === TABLE) return this.table.find(name, hashOf(name)) !== 0
    return this.locateIfPossible(this.pack, name) !== 0
  }

  /** Announces that one command will set this many fields: too many for a listpack, and there will be none. */
  expect(fields: number): void {
    if (this.kind !== TABLE && fields > this.limits['hash-max-listpack-entries']) this.toTable(fields)
  }

  /** True when the field is new. */
  set(name: Bytes, to: Bytes): boolean {
    if (this.kind === TABLE) return this.setInTable(name, to)
    const pack = this.pack
    if (!this.fits(pack, name.len, to.len)) {
      this.toTable(0)
      return this.setInTable(name, to)
    }
    const pos = this.locate(pack, name)
    const fields = (listpack.count(this.arena, pack) >> 1) + (pos === 0 ? 1 : 0)
    if (fields > this.limits['hash-max-listpack-entries']) {
      this.toTable(1)
      return this.setInTable(name, to)
    }
    if (pos === 0) this.append(pack, wanted.append(to))
    else this.replace(pack, listpack.next(this.arena, pack, pos), newValue.set(to))
    return pos === 0
  }

  private fits(pack: number, nameBytes: number, valueBytes: number): boolean {
    const limit = this.limits['hash-max-listpack-value']
    if (nameBytes > limit || valueBytes > limit) return false
    return listpack.bytes(this.arena, pack) + nameBytes + valueBytes <= listpack.MAX_LISTPACK_BYTES
  }

  private append(pack: number, pair: EntryEncoder): void {
    const { arena } = this
    const pos = listpack.end(arena, pack)
    const moved = listpack.append(arena, pack, pair)
    if (moved !== pack) this.setPack(moved)
    if (this.kind === INDEXED) this.setIndex(fieldIndex.append(arena, this.ref, pos), moved)
    else if (listpack.count(arena, moved) > 2 * MAX_WALKED) {
      this.setIndex(fieldIndex.build(arena, moved), moved)
    }
  }

  private replace(pack: number, valuePos: number, to: EntryEncoder): void {
    const before = listpack.bytes(this.arena, pack)
    const moved = listpack.replace(this.arena, pack, valuePos, to)
    if (moved !== pack) this.setPack(moved)
    if (this.kind === INDEXED) {
      fieldIndex.shift(this.arena, this.ref, valuePos, listpack.bytes(this.arena, moved) - before)
    }
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
    if (this.kind === TABLE) {
      const table = this.table
      const record = table.find(name, hashOf(name))
      if (record !== 0) table.remove(record)
      return record !== 0
    }
    const pack = this.pack
    const pos = this.locateIfPossible(pack, name)
    if (pos !== 0) this.deletePair(pack, pos)
    return pos !== 0
  }

  private deletePair(pack: number, pos: number): void {
    const { arena } = this
    const indexed = this.kind === INDEXED
    if (indexed) fieldIndex.remove(arena, this.ref, pos)
    const before = listpack.bytes(arena, pack)
    const moved = this.cutPair(pack, pos, indexed)
    if (moved !== pack) this.setPack(moved)
    if (!indexed) return
    if (listpack.count(arena, moved) < MAX_WALKED) {
      fieldIndex.free(arena, this.ref)
      setCell(arena, this.cell, LISTPACK, moved)
    } else fieldIndex.shift(arena, this.ref, pos, listpack.bytes(arena, moved) - before)
  }

  private cutPair(pack: number, pos: number, indexed: boolean): number {
    try {
      return listpack.remove(this.arena, pack, pos, 2)
    } catch (error) {
      if (indexed) fieldIndex.place(this.arena, this.ref, pos)
      throw error
    }
  }

  /** From listpack to dictionary, with room for `expected` fields more. */
  private toTable(expected: number): void {
    const table = complete(new Dict(this.heap), (filled) => {
      filled.reserve(this.size + expected)
      this.walkPack(oldField, oldValue, (name, to) => {
        const hash = hashOf(name)
        filled.find(name, hash)
        filled.add(name, hash, to)
      })
    })
    this.freePack()
    setCell(this.arena, this.cell, TABLE, this.heap.handles.add(table))
  }

  private freePack(): void {
    listpack.free(this.arena, this.pack)
    if (this.kind === INDEXED) fieldIndex.free(this.arena, this.ref)
  }

  // ---- walking

  private walkPack(nameReader: EntryReader, valueReader: EntryReader, fn: PairFn): void {
    const pack = this.pack
    const m = this.arena.u8[pack >>> SHIFT]!
    const base = (pack & MASK) << 3
    const end = base + listpack.end(this.arena, pack)
    for (let p = base + listpack.FIRST; p < end; p += entrySize(m, p)) {
      const name = nameReader.read(m, p)
      p += entrySize(m, p)
      fn(name, valueReader.read(m, p))
    }
  }

  forEach(fn: PairFn): void {
    if (this.kind !== TABLE) {
      this.walkPack(field, value, fn)
      return
    }
    const table = this.table
    table.forEach((record) => {
      fn(table.key(record, fieldView), table.value(record, valueView))
    })
  }

  /** Calls fn for about `count` elements from the cursor on (all of them in a listpack); returns the next cursor, 0 at the end. */
  scan(cursor: number, count: number, fn: PairFn): number {
    if (this.kind !== TABLE) {
      this.walkPack(field, value, fn)
      return 0
    }
    const table = this.table
    return table.scan(cursor, count, (record) =>
      fn(table.key(record, fieldView), table.value(record, valueView)),
    )
  }

  /** One uniformly random element. */
  random(fn: PairFn): void {
    if (this.kind === TABLE) {
      const table = this.table
      const record = table.random()
      fn(table.key(record, fieldView), table.value(record, valueView))
      return
    }
    const pack = this.pack
    const m = this.arena.u8[pack >>> SHIFT]!
    const pos = listpack.seek(this.arena, pack, 2 * Math.floor(Math.random() * this.size))
    const p = ((pack & MASK) << 3) + pos
    fn(field.read(m, p), value.read(m, p + entrySize(m, p)))
  }

  // ---- the whole

  free(): void {
    if (this.kind === TABLE) this.take().free()
    else this.freePack()
  }

  /** Takes a large hash out of its cell, to be drained; null where it is small, to be freed. */
  abandon(): Remains | null {
    return this.kind === TABLE ? this.take() : null
  }

  private take(): Dict {
    return this.heap.handles.take(this.ref) as Dict
  }

  /** Makes a copy in another cell, which holds nothing. */
  copyTo(cell: number): void {
    const { arena, kind } = this
    if (kind === TABLE) {
      setCell(arena, cell, TABLE, this.heap.handles.add(this.table.clone(this.heap)))
      return
    }
    const pack = listpack.duplicate(arena, this.pack)
    new Hash(this.heap, this.limits, cell).setIndex(
      kind === INDEXED ? fieldIndex.build(arena, pack) : 0,
      pack,
    )
  }

  /** Bytes of memory held; those of a large hash are guessed from about `samples` fields. */
  memory(samples?: number): number {
    const { arena, kind } = this
    if (kind === TABLE) return this.table.memory(samples)
    return listpack.memory(arena, this.pack) + (kind === INDEXED ? fieldIndex.memory(arena, this.ref) : 0)
  }
}
