/**
 * Reading a large list (quicklist.ts): elements by index, walks.
 */
import { Bytes } from '../memory/bytes.ts'
import { wrap } from './listpack.ts'
import { EntryReader, entrySize, previousEntry } from './listpack-entry.ts'
import { COUNT, END, QuicklistNodes, START } from './quicklist-nodes.ts'
import type { Heap } from './value.ts'

/** Shows an element; false ends the walk. */
export type ElementFn = (value: Bytes, index: number) => boolean | void

/** Shows a node: a listpack, or the element of a plain node. */
export type NodeFn = (node: Bytes, isPlain: boolean) => void

const entries = new Bytes()
/** What `get` shows, and what walks show. */
const got = new EntryReader()
const shown = new EntryReader()

export class QuicklistReader {
  length = 0
  protected readonly nodes: QuicklistNodes
  /** Where the last `locate` ended: the node, the element's index within it, and its position in a packed node's chunk. */
  protected node = 0
  protected offset = 0
  protected position = 0

  protected constructor(heap: Heap, chunkBytes: number) {
    this.nodes = new QuicklistNodes(heap, chunkBytes)
  }

  /** Finds the element of an index below the length, from the nearer end. */
  protected locate(index: number): void {
    const { nodes } = this
    const { dir } = nodes
    let k: number
    let before: number
    if (index < this.length / 2) {
      k = 0
      before = 0
      for (let n = dir[nodes.at(0) + COUNT]!; before + n <= index; n = dir[nodes.at(k) + COUNT]!) {
        before += n
        k++
      }
    } else {
      k = nodes.count - 1
      before = this.length - dir[nodes.at(k) + COUNT]!
      while (before > index) before -= dir[nodes.at(--k) + COUNT]!
    }
    const d = nodes.at(k)
    this.node = k
    this.offset = index - before
    this.position = nodes.isPlain(d) ? 0 : this.seek(d, index - before)
  }

  /** The position of an element in its packed node, from the nearer side. */
  private seek(d: number, offset: number): number {
    const { nodes } = this
    const { dir } = nodes
    const m = nodes.memoryOf(d)
    const base = nodes.base(d)
    const n = dir[d + COUNT]!
    if (offset <= n >> 1) return this.skip(m, base + dir[d + START]!, offset) - base
    let p = base + dir[d + END]!
    for (let k = n; k > offset; k--) p = previousEntry(m, p)
    return p - base
  }

  /** The place behind n entries from p on. */
  protected skip(m: Buffer, p: number, n: number): number {
    let at = p
    for (let k = 0; k < n; k++) {
      const c = m[at]!
      // Short strings without a call: they are most of what there is.
      at += (c & 0xc0) === 0x80 ? (c & 63) + 2 : entrySize(m, at)
    }
    return at
  }

  get nodeCount(): number {
    return this.nodes.count
  }

  /** Shows every node: its entries as a listpack, or a plain node's element. */
  forEachNode(fn: NodeFn): void {
    const { nodes } = this
    for (let k = 0; k < nodes.count; k++) {
      const d = nodes.at(k)
      if (nodes.isPlain(d)) fn(nodes.plain(d, got.bytes), true)
      else {
        entries.set(nodes.memoryOf(d), nodes.base(d) + nodes.dir[d + START]!, nodes.bytes(d))
        fn(wrap(entries, nodes.dir[d + COUNT]!), false)
      }
    }
  }

  get(index: number): Bytes {
    this.locate(index)
    const d = this.nodes.at(this.node)
    if (this.nodes.isPlain(d)) return this.nodes.plain(d, got.bytes)
    return got.read(this.nodes.memoryOf(d), this.nodes.base(d) + this.position)
  }

  /** Shows `count` elements from `start` on (`reverse`: towards the head); all must be there. */
  forEach(start: number, count: number, reverse: boolean, fn: ElementFn): void {
    if (count === 0) return
    this.locate(start)
    const { nodes } = this
    let p = this.position
    let offset = this.offset
    let index = start
    for (let k = this.node, left = count; ; ) {
      const d = nodes.at(k)
      const n = Math.min(left, reverse ? offset + 1 : nodes.dir[d + COUNT]! - offset)
      if (nodes.isPlain(d)) {
        if (fn(nodes.plain(d, shown.bytes), index) === false) return
      } else if (!this.walkNode(d, p, n, reverse, index, fn)) return
      left -= n
      if (left === 0) return
      if (reverse) {
        index -= n
        const before = nodes.at(--k)
        offset = nodes.dir[before + COUNT]! - 1
        if (!nodes.isPlain(before)) p = this.seek(before, offset)
      } else {
        index += n
        offset = 0
        p = nodes.dir[nodes.at(++k) + START]!
      }
    }
  }

  /** Shows n elements of a packed node from position p on; false when fn ended it. */
  private walkNode(d: number, p: number, n: number, reverse: boolean, index: number, fn: ElementFn): boolean {
    const m = this.nodes.memoryOf(d)
    let at = this.nodes.base(d) + p
    for (let k = 0; k < n; k++) {
      if (fn(shown.read(m, at), reverse ? index - k : index + k) === false) return false
      if (!reverse) at += entrySize(m, at)
      else if (k < n - 1) at = previousEntry(m, at)
    }
    return true
  }
}
