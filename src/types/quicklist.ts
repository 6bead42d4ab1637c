/**
 * Large lists: Valkey's quicklist, a sequence of nodes of a limited size. Which elements share a node follows Valkey's rules,
 * as whether a list that shrinks becomes a small one again depends on it.
 */
import type { Arena } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { copyBytes } from '../memory/copy.ts'
import { ifMemoryAllows } from '../memory/out-of-memory.ts'
import { complete } from './complete.ts'
import * as listpack from './listpack.ts'
import { EntryEncoder, EntryReader, entrySize, previousEntry } from './listpack-entry.ts'
import { deleteEqual } from './quicklist-delete.ts'
import {
  clampFill,
  ELEMENT_OVERHEAD,
  fitsListpack,
  isLargeElement,
  LISTPACK_OVERHEAD,
  maxNodeBytes,
  maxNodeCount,
} from './quicklist-limits.ts'
import { COUNT, END, MAX_CHUNK_BYTES, START } from './quicklist-nodes.ts'
import { QuicklistReader } from './quicklist-search.ts'
import type { Heap, Remains } from './value.ts'

/** The element a change is about. */
const entry = new EntryEncoder()
const popped = new EntryReader()
const plainView = new Bytes()

/** Copies of popped elements, whose memory may go with them. */
const copy = Buffer.allocUnsafeSlow(MAX_CHUNK_BYTES)
const copyView = new Bytes()

/** The bytes of an element that is about to go, valid until the next. */
export function keepBytes(value: Bytes): Bytes {
  const { len } = value
  const target = len > copy.length ? Buffer.allocUnsafeSlow(len) : copy
  copyBytes(target, 0, value.buf, value.off, len)
  return copyView.set(target, 0, len)
}

export class Quicklist extends QuicklistReader implements Remains {
  private readonly arena: Arena
  private readonly fill: number
  private readonly maxBytes: number
  private readonly maxCount: number

  constructor(heap: Heap, fill: number) {
    const maxBytes = maxNodeBytes(fill)
    super(heap, maxBytes)
    this.arena = heap.arena
    this.fill = fill
    this.maxBytes = maxBytes
    this.maxCount = maxNodeCount(clampFill(fill))
  }

  /** Puts a node with the n entries of a listpack behind the last, whatever its size. */
  appendNode(pack: Bytes, n: number): void {
    const { nodes } = this
    const bytes = pack.len - LISTPACK_OVERHEAD
    const d = nodes.addPacked(nodes.count, bytes, false)
    copyBytes(nodes.memoryOf(d), nodes.base(d), pack.buf, pack.off + listpack.FIRST, bytes)
    nodes.dir[d + END] = bytes
    nodes.dir[d + COUNT] = n
    this.length += n
  }

  appendPlainNode(value: Bytes): void {
    this.nodes.addPlain(this.nodes.count, value)
    this.length++
  }

  /** The elements as a listpack, where they are few enough to be one by the directive; 0 otherwise. */
  toListpack(fill: number, hasShrunk: boolean): number {
    const { nodes } = this
    if (nodes.count !== 1) return 0
    const d = nodes.at(0)
    if (nodes.isPlain(d)) return 0
    const bytes = nodes.bytes(d)
    if (!fitsListpack(fill, bytes + LISTPACK_OVERHEAD, this.length, hasShrunk)) return 0
    return listpack.createFrom(
      this.arena,
      nodes.memoryOf(d),
      nodes.base(d) + nodes.dir[d + START]!,
      bytes,
      this.length,
    )
  }

  private isLarge(length: number): boolean {
    return isLargeElement(length, this.maxBytes)
  }

  /** Whether there is a node k that takes an element of this length, which is not a large one. */
  private accepts(k: number, length: number): boolean {
    const { nodes } = this
    if (k < 0 || k >= nodes.count) return false
    const d = nodes.at(k)
    if (nodes.isPlain(d) || nodes.dir[d + COUNT]! >= this.maxCount) return false
    return nodes.bytes(d) + LISTPACK_OVERHEAD + length + ELEMENT_OVERHEAD <= this.maxBytes
  }

  // ---- the ends

  push(value: Bytes, left: boolean): void {
    if (this.isLarge(value.len)) {
      this.closeEnd(left)
      this.nodes.addPlain(left ? 0 : this.nodes.count, value)
    } else this.pushEntry(value, left)
    this.length++
  }

  private pushEntry(value: Bytes, left: boolean): void {
    const { nodes } = this
    entry.set(value)
    const k = left ? 0 : nodes.count - 1
    const d = this.accepts(k, value.len) ? nodes.at(k) : this.addEnd(left)
    this.putEntry(d, nodes.dir[d + (left ? START : END)]!)
  }

  /** Adds a node at an end, with room for as many elements like the one encoded as it may get. */
  private addEnd(left: boolean): number {
    const { nodes } = this
    this.closeEnd(left)
    const room = Math.min(this.maxBytes, this.maxCount * entry.len)
    return nodes.addPacked(left ? 0 : nodes.count, Math.max(entry.len, room), left)
  }

  /** Gives back the room of the node at an end that is about to get another one beside it. */
  private closeEnd(left: boolean): void {
    const { nodes } = this
    if (nodes.count > 0) nodes.fit(nodes.at(left ? 0 : nodes.count - 1))
  }

  /** Puts the encoded element at a position of a packed node. */
  private putEntry(d: number, p: number): void {
    const { nodes } = this
    const at = nodes.openGap(d, p, entry.len)
    copyBytes(nodes.memoryOf(d), nodes.base(d) + at, entry.buf, 0, entry.len)
    nodes.dir[d + COUNT]!++
  }

  /** The element is valid until the next is popped. */
  pop(left: boolean): Bytes | undefined {
    if (this.length === 0) return undefined
    const { nodes } = this
    const k = left ? 0 : nodes.count - 1
    const d = nodes.at(k)
    if (nodes.isPlain(d)) {
      const shown = nodes.plain(d, plainView)
      // A buffer of its own outlives the node.
      const value = shown.len > MAX_CHUNK_BYTES ? shown : keepBytes(shown)
      nodes.remove(k, 1)
      this.length--
      return value
    }
    const m = nodes.memoryOf(d)
    const base = nodes.base(d)
    const end = base + nodes.dir[d + END]!
    const p = left ? base + nodes.dir[d + START]! : previousEntry(m, end)
    const value = keepBytes(popped.read(m, p))
    if (left) nodes.dir[d + START] = p + entrySize(m, p) - base
    else nodes.dir[d + END] = p - base
    if (--nodes.dir[d + COUNT]! === 0) nodes.remove(k, 1)
    this.length--
    return value
  }

  // ---- the middle

  /** Puts the value before the element at an index below the length. */
  insert(index: number, value: Bytes): void {
    const { nodes } = this
    this.locate(index)
    const k = this.node
    const atHead = this.offset === 0
    if (this.isLarge(value.len)) {
      if (!atHead) this.split(k, this.position, this.offset)
      nodes.addPlain(atHead ? k : k + 1, value)
    } else this.insertEntry(k, atHead, value)
    this.length++
  }

  /** Puts a value before the element located in node k. */
  private insertEntry(k: number, atHead: boolean, value: Bytes): void {
    const { nodes } = this
    entry.set(value)
    if (this.accepts(k, value.len)) this.putEntry(nodes.at(k), this.position)
    else if (!atHead) {
      this.split(k, this.position, this.offset)
      this.putEntry(nodes.at(k), nodes.dir[nodes.at(k) + END]!)
      this.mergeAround(k + 1)
    } else if (this.accepts(k - 1, value.len)) {
      const d = nodes.at(k - 1)
      this.putEntry(d, nodes.dir[d + END]!)
    } else this.addSingle(k)
  }

  /** Adds a node at index k with the encoded element alone. */
  private addSingle(k: number): void {
    this.putEntry(this.nodes.addPacked(k, entry.len, false), 0)
  }

  /** Moves the first n elements of packed node k, those before position p, to a new node before it. */
  private split(k: number, p: number, n: number): void {
    const { nodes } = this
    const bytes = p - nodes.dir[nodes.at(k) + START]!
    const left = nodes.addPacked(k, bytes, false)
    const right = nodes.at(k + 1)
    const { dir } = nodes
    const from = nodes.base(right) + dir[right + START]!
    copyBytes(nodes.memoryOf(left), nodes.base(left), nodes.memoryOf(right), from, bytes)
    dir[left + END] = bytes
    dir[left + COUNT] = n
    dir[right + START] = p
    dir[right + COUNT]! -= n
    nodes.fitIfSparse(right)
  }

  /** Merges the pairs of nodes around node k that fit together. */
  private mergeAround(k: number): void {
    let center = k
    if (this.mergeNext(center - 2)) center--
    this.mergeNext(center + 1)
    if (this.mergeNext(center - 1)) center--
    this.mergeNext(center)
  }

  /** Merges node k with the one behind it, if both are there and fit together, and there is memory for it. */
  private mergeNext(k: number): boolean {
    const { nodes } = this
    if (k < 0 || k + 1 >= nodes.count) return false
    const a = nodes.at(k)
    const b = nodes.at(k + 1)
    if (nodes.isPlain(a) || nodes.isPlain(b)) return false
    const { dir } = nodes
    const count = dir[a + COUNT]! + dir[b + COUNT]!
    const bytes = nodes.bytes(b)
    if (count > this.maxCount || nodes.bytes(a) + bytes + LISTPACK_OVERHEAD > this.maxBytes) return false
    let p = 0
    const hasRoom = ifMemoryAllows(() => {
      p = nodes.openGap(a, dir[a + END]!, bytes)
    })
    if (!hasRoom) return false
    const from = nodes.base(b) + dir[b + START]!
    copyBytes(nodes.memoryOf(a), nodes.base(a) + p, nodes.memoryOf(b), from, bytes)
    dir[a + COUNT] = count
    nodes.remove(k + 1, 1)
    return true
  }

  /** Puts the value in the place of the element at an index below the length. */
  set(index: number, value: Bytes): void {
    const { nodes } = this
    this.locate(index)
    const d = nodes.at(this.node)
    if (nodes.isPlain(d)) this.replacePlain(this.node, value)
    else if (this.isLarge(value.len)) this.replaceByLarge(this.node, value)
    else this.replaceEntry(d, this.position, value)
  }

  /** A packed node takes the new value whatever it makes of its size. */
  private replaceEntry(d: number, p: number, value: Bytes): void {
    const { nodes } = this
    const old = entrySize(nodes.memoryOf(d), nodes.base(d) + p)
    entry.set(value)
    const more = entry.len - old
    const at = more > 0 ? nodes.openGap(d, p + old, more) - old : more < 0 ? nodes.closeGap(d, p, -more) : p
    copyBytes(nodes.memoryOf(d), nodes.base(d) + at, entry.buf, 0, entry.len)
    nodes.fitIfSparse(d)
  }

  private replacePlain(k: number, value: Bytes): void {
    const { nodes } = this
    if (this.isLarge(value.len)) nodes.addPlain(k + 1, value)
    else {
      entry.set(value)
      if (this.accepts(k + 1, value.len)) this.putEntry(nodes.at(k + 1), nodes.dir[nodes.at(k + 1) + START]!)
      else this.addSingle(k + 1)
    }
    nodes.remove(k, 1)
  }

  /** Replaces the element located in packed node k. */
  private replaceByLarge(k: number, value: Bytes): void {
    const { nodes } = this
    const whole = nodes.at(k)
    const size = entrySize(nodes.memoryOf(whole), nodes.base(whole) + this.position)
    if (this.offset < nodes.dir[whole + COUNT]! - 1) this.split(k, this.position + size, this.offset + 1)
    nodes.addPlain(k + 1, value)
    const d = nodes.at(k)
    if (nodes.dir[d + COUNT] === 1) {
      nodes.remove(k, 1)
      return
    }
    this.cut(d, nodes.dir[d + END]! - size, size, 1)
    this.mergeAround(k + 1)
  }

  // ---- deletion

  /** Takes n elements out of a packed node, `size` bytes from position p on. */
  private cut(d: number, p: number, size: number, n: number): void {
    this.nodes.closeGap(d, p, size)
    this.nodes.dir[d + COUNT]! -= n
    this.nodes.fitIfSparse(d)
  }

  /** Deletes elements start .. start+count-1, which must be there. */
  deleteRange(start: number, count: number): void {
    if (count === 0) return
    const { nodes } = this
    this.locate(start)
    let k = this.node
    let left = count
    this.length -= count
    if (this.offset > 0) {
      const n = Math.min(left, nodes.dir[nodes.at(k) + COUNT]! - this.offset)
      this.cutFrom(nodes.at(k), this.position, n)
      left -= n
      k++
    }
    let whole = 0
    while (left > 0 && left >= nodes.dir[nodes.at(k + whole) + COUNT]!) {
      left -= nodes.dir[nodes.at(k + whole) + COUNT]!
      whole++
    }
    if (whole > 0) nodes.remove(k, whole)
    if (left > 0) this.cutFrom(nodes.at(k), nodes.dir[nodes.at(k) + START]!, left)
  }

  /** Takes n elements from position p on out of a packed node. */
  private cutFrom(d: number, p: number, n: number): void {
    const from = this.nodes.base(d) + p
    this.cut(d, p, this.skip(this.nodes.memoryOf(d), from, n) - from, n)
  }

  /** Deletes up to `count` elements equal to value, from the head or the tail; returns how many. */
  deleteEqual(value: Bytes, count: number, fromTail: boolean): number {
    const deleted = deleteEqual(this.nodes, value, count, fromTail)
    this.length -= deleted
    return deleted
  }

  clone(heap: Heap): Quicklist {
    return complete(new Quicklist(heap, this.fill), (copy) => {
      for (let k = 0; k < this.nodes.count; k++) copy.nodes.addCopy(this.nodes, this.nodes.at(k))
      copy.length = this.length
    })
  }

  free(): void {
    this.nodes.free()
  }

  /** Of Remains: its pieces are the nodes. */
  get size(): number {
    return this.nodes.count
  }

  drain(count: number): boolean {
    const { nodes } = this
    const n = Math.min(count, nodes.count)
    nodes.remove(nodes.count - n, n)
    if (nodes.count > 0) return false
    nodes.free()
    return true
  }

  memory(): number {
    return this.nodes.memory()
  }
}
