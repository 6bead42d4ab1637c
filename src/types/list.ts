/**
 * Lists: a listpack while they are short, a quicklist from then on, and a listpack again when they have shrunk enough.
 *
 * What `get` and the pops return is valid until the next of the same kind; what a function given to `forEach` sees, until it
 * returns. Such a function may look at and change other collections, but not walk another list or change this one.
 */
import { type Arena, MASK, SHIFT } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { ifMemoryAllows } from '../memory/out-of-memory.ts'
import { cellEncoding, cellReference, setCell } from './cell.ts'
import { complete } from './complete.ts'
import * as listpack from './listpack.ts'
import type { CheckedListpack } from './listpack-check.ts'
import { EntryEncoder, EntryReader } from './listpack-entry.ts'
import { keepBytes, Quicklist } from './quicklist.ts'
import { exceedsListpack } from './quicklist-limits.ts'
import type { ElementFn, NodeFn } from './quicklist-search.ts'
import type { EncodingLimits, Heap, Remains } from './value.ts'

const LISTPACK = 0
const QUICKLIST = 1

const entry = new EntryEncoder()
const nodeView = new Bytes()
/** What `get` and the pops read, and what walks show. */
const got = new EntryReader()
const shown = new EntryReader()

export class List {
  private readonly heap: Heap
  private readonly arena: Arena
  private readonly limits: EncodingLimits
  private readonly cell: number
  /** Pushes announced by `expect` that are still to come. */
  private expected = 0

  constructor(heap: Heap, limits: EncodingLimits, cell: number) {
    this.heap = heap
    this.arena = heap.arena
    this.limits = limits
    this.cell = cell
  }

  static init(heap: Heap, cell: number): void {
    setCell(heap.arena, cell, LISTPACK, listpack.create(heap.arena))
  }

  /** An empty list to be filled by `appendNode`, `appendPlainNode` or pushes, then settled. */
  static initNodes(heap: Heap, limits: EncodingLimits, cell: number): void {
    const quicklist = new Quicklist(heap, limits['list-max-listpack-size'])
    setCell(heap.arena, cell, QUICKLIST, heap.handles.add(quicklist))
  }

  appendNode({ pack, count }: CheckedListpack): void {
    this.quicklist.appendNode(pack, count)
  }

  appendPlainNode(value: Bytes): void {
    this.quicklist.appendPlainNode(value)
  }

  /** Ends the filling: a short list becomes a listpack. */
  settle(): void {
    this.becomeListpack(false)
  }

  get nodeCount(): number {
    return this.isSmall ? 1 : this.quicklist.nodeCount
  }

  /** Shows the nodes, of which a short list is one. */
  forEachNode(fn: NodeFn): void {
    if (this.isSmall) fn(listpack.show(this.arena, this.ref, nodeView), false)
    else this.quicklist.forEachNode(fn)
  }

  private get isSmall(): boolean {
    return cellEncoding(this.arena, this.cell) === LISTPACK
  }

  /** The listpack, or the handle of the quicklist. */
  private get ref(): number {
    return cellReference(this.arena, this.cell)
  }

  private set listpack(ref: number) {
    setCell(this.arena, this.cell, LISTPACK, ref)
  }

  private get quicklist(): Quicklist {
    return this.heap.handles.get(this.ref) as Quicklist
  }

  get size(): number {
    return this.isSmall ? listpack.count(this.arena, this.ref) : this.quicklist.length
  }

  get encoding(): 'listpack' | 'quicklist' {
    return this.isSmall ? 'listpack' : 'quicklist'
  }

  // ---- conversion

  /** Announces that one command will push `count` elements of so many bytes together: they decide the encoding at once. */
  expect(count: number, bytes: number): void {
    this.growBy(count, bytes)
    this.expected = count
  }

  /** Makes a quicklist of a listpack that is too small for so many elements and bytes more. */
  private growBy(more: number, bytes: number): void {
    if (!this.isSmall) return
    const ref = this.ref
    const fill = this.limits['list-max-listpack-size']
    const newBytes = listpack.bytes(this.arena, ref) + bytes
    if (!exceedsListpack(fill, newBytes, listpack.count(this.arena, ref) + more)) return
    const count = listpack.count(this.arena, ref)
    const quicklist = complete(new Quicklist(this.heap, fill), (filled) => {
      if (count > 0) filled.appendNode(listpack.show(this.arena, ref, nodeView), count)
    })
    listpack.free(this.arena, ref)
    setCell(this.arena, this.cell, QUICKLIST, this.heap.handles.add(quicklist))
  }

  /** Makes a listpack of a quicklist that has become short, if there is memory for it. */
  private shrink(): void {
    this.becomeListpack(true)
  }

  private becomeListpack(hasShrunk: boolean): void {
    const handle = this.ref
    const { quicklist } = this
    let ref = 0
    ifMemoryAllows(() => {
      ref = quicklist.toListpack(this.limits['list-max-listpack-size'], hasShrunk)
    })
    if (ref === 0) return
    quicklist.free()
    this.heap.handles.release(handle)
    this.listpack = ref
  }

  // ---- the ends

  pushLeft(value: Bytes): void {
    this.push(value, true)
  }

  pushRight(value: Bytes): void {
    this.push(value, false)
  }

  private push(value: Bytes, left: boolean): void {
    if (this.expected > 0) this.expected--
    else this.growBy(1, value.len)
    if (!this.isSmall) {
      this.quicklist.push(value, left)
      return
    }
    const ref = this.ref
    const pos = left ? listpack.FIRST : listpack.end(this.arena, ref)
    this.listpack = listpack.insert(this.arena, ref, pos, entry.set(value))
  }

  popLeft(): Bytes | undefined {
    return this.pop(true)
  }

  popRight(): Bytes | undefined {
    return this.pop(false)
  }

  private pop(left: boolean): Bytes | undefined {
    if (!this.isSmall) {
      const value = this.quicklist.pop(left)
      this.shrink()
      return value
    }
    const ref = this.ref
    const end = listpack.end(this.arena, ref)
    if (end === listpack.FIRST) return undefined
    const pos = left ? listpack.FIRST : listpack.previous(this.arena, ref, end)
    const value = keepBytes(this.read(got, ref, pos))
    this.listpack = listpack.remove(this.arena, ref, pos, 1)
    return value
  }

  private read(reader: EntryReader, ref: number, pos: number): Bytes {
    return reader.read(this.arena.u8[ref >>> SHIFT]!, ((ref & MASK) << 3) + pos)
  }

  // ---- by index

  /** Element at a 0-based index below size. */
  get(index: number): Bytes | undefined {
    if (index < 0 || index >= this.size) return undefined
    if (!this.isSmall) return this.quicklist.get(index)
    const ref = this.ref
    return this.read(got, ref, listpack.seek(this.arena, ref, index))
  }

  set(index: number, value: Bytes): void {
    this.growBy(1, value.len)
    if (!this.isSmall) {
      this.quicklist.set(index, value)
      this.shrink()
      return
    }
    const ref = this.ref
    const pos = listpack.seek(this.arena, ref, index)
    this.listpack = listpack.replace(this.arena, ref, pos, entry.set(value))
  }

  /** Puts the value before the element at `index` (`index` = size appends). */
  insert(index: number, value: Bytes): void {
    if (index === this.size) {
      this.push(value, false)
      return
    }
    this.growBy(1, value.len)
    if (!this.isSmall) {
      this.quicklist.insert(index, value)
      return
    }
    const ref = this.ref
    const pos = listpack.seek(this.arena, ref, index)
    this.listpack = listpack.insert(this.arena, ref, pos, entry.set(value))
  }

  /** Walks `count` elements from `start` on (`reverse`: towards the head); fn may return false to stop. */
  forEach(start: number, count: number, reverse: boolean, fn: ElementFn): void {
    const { size } = this
    if (start < 0 || start >= size) return
    const n = Math.min(count, reverse ? start + 1 : size - start)
    if (!this.isSmall) {
      this.quicklist.forEach(start, n, reverse, fn)
      return
    }
    const ref = this.ref
    let pos = listpack.seek(this.arena, ref, start)
    for (let k = 0; k < n; k++) {
      if (fn(this.read(shown, ref, pos), reverse ? start - k : start + k) === false) return
      pos = reverse ? listpack.previous(this.arena, ref, pos) : listpack.next(this.arena, ref, pos)
    }
  }

  // ---- deletion

  /** Deletes elements start .. start+count-1; a count of 0 may still change the encoding, as an LTRIM that trims nothing does. */
  deleteRange(start: number, count: number): void {
    const n = Math.max(0, Math.min(count, this.size - start))
    if (!this.isSmall) {
      this.quicklist.deleteRange(start, n)
      this.shrink()
      return
    }
    if (n === 0) return
    const ref = this.ref
    this.listpack = listpack.remove(this.arena, ref, listpack.seek(this.arena, ref, start), n)
  }

  /** Deletes up to `count` (0: all) elements equal to value, from the head or the tail; returns how many. */
  deleteEqual(value: Bytes, count: number, fromTail: boolean): number {
    const limit = count === 0 ? this.size : Math.min(count, this.size)
    if (this.isSmall) return this.deleteEqualSmall(value, limit, fromTail)
    const deleted = this.quicklist.deleteEqual(value, limit, fromTail)
    if (deleted > 0) this.shrink()
    return deleted
  }

  private deleteEqualSmall(value: Bytes, limit: number, fromTail: boolean): number {
    const { arena } = this
    if (!listpack.couldHold(arena, this.ref, value.len)) return 0
    entry.set(value)
    let deleted = 0
    let pos = fromTail ? listpack.previous(arena, this.ref, listpack.end(arena, this.ref)) : listpack.FIRST
    while (deleted < limit) {
      const ref = this.ref
      if (fromTail)
        while (pos !== 0 && !listpack.equals(arena, ref, pos, entry)) pos = listpack.previous(arena, ref, pos)
      else pos = listpack.find(arena, ref, entry, pos, 1)
      if (pos === 0) break
      const before = fromTail ? listpack.previous(arena, ref, pos) : pos
      this.listpack = listpack.remove(arena, ref, pos, 1)
      pos = before
      deleted++
    }
    return deleted
  }

  free(): void {
    if (this.isSmall) listpack.free(this.arena, this.ref)
    else this.take().free()
  }

  /** Takes a large list out of its cell, to be drained; null where it is small, to be freed. */
  abandon(): Remains | null {
    return this.isSmall ? null : this.take()
  }

  private take(): Quicklist {
    return this.heap.handles.take(this.ref) as Quicklist
  }

  /** Makes a copy in another cell, which holds nothing. */
  copyTo(cell: number): void {
    const { arena, heap } = this
    if (this.isSmall) setCell(arena, cell, LISTPACK, listpack.duplicate(arena, this.ref))
    else setCell(arena, cell, QUICKLIST, heap.handles.add(this.quicklist.clone(heap)))
  }

  /** Bytes of memory held. */
  memory(): number {
    return this.isSmall ? listpack.memory(this.arena, this.ref) : this.quicklist.memory()
  }
}
