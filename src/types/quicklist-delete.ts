/**
 * Deleting the elements of a large list (quicklist.ts) that equal a value: entries are compared as they lie, with the value
 * encoded once.
 */
import { Bytes } from '../memory/bytes.ts'
import { moveBytes } from '../memory/copy.ts'
import { EntryEncoder, entrySize } from './listpack-entry.ts'
import { COUNT, END, type QuicklistNodes, START } from './quicklist-nodes.ts'

/** The value. */
const wanted = new EntryEncoder()
const plainView = new Bytes()

/** Deletes up to `count` elements equal to value, from the head or the tail; returns how many. */
export function deleteEqual(nodes: QuicklistNodes, value: Bytes, count: number, fromTail: boolean): number {
  wanted.set(value)
  let left = count
  for (let k = fromTail ? nodes.count - 1 : 0; k >= 0 && k < nodes.count && left > 0; ) {
    const d = nodes.at(k)
    const found = countEqual(nodes, d, value)
    const n = Math.min(found, left)
    left -= n
    if (n > 0 && n === nodes.dir[d + COUNT]) nodes.remove(k, 1)
    else {
      if (n > 0) cutEqual(nodes, d, fromTail ? found - n : 0, n)
      if (!fromTail) k++
    }
    if (fromTail) k--
  }
  return count - left
}

/** How many elements of a node are the value, which is encoded. */
function countEqual(nodes: QuicklistNodes, d: number, value: Bytes): number {
  if (nodes.isPlain(d)) return nodes.plain(d, plainView).equals(value) ? 1 : 0
  const m = nodes.memoryOf(d)
  const end = nodes.base(d) + nodes.dir[d + END]!
  let n = 0
  for (let p = nodes.base(d) + nodes.dir[d + START]!; p < end; p += entrySize(m, p)) if (isEntry(m, p)) n++
  return n
}

/** Takes `count` elements that are the encoded value out of a packed node, leaving the first `skip` of them. */
function cutEqual(nodes: QuicklistNodes, d: number, skip: number, count: number): void {
  const { dir } = nodes
  const m = nodes.memoryOf(d)
  const base = nodes.base(d)
  const end = base + dir[d + END]!
  let seen = 0
  /** What was kept ends at `to`; what is to follow it begins at `from`. */
  let to = base + dir[d + START]!
  let from = to
  for (let p = from; seen < skip + count; p += entrySize(m, p)) {
    if (!isEntry(m, p) || seen++ < skip) continue
    moveBytes(m, to, from, p - from)
    to += p - from
    from = p + wanted.len
  }
  moveBytes(m, to, from, end - from)
  dir[d + END] = to + end - from - base
  dir[d + COUNT]! -= count
  nodes.fitIfSparse(d)
}

/** Whether the entry at p is the encoded element. */
function isEntry(m: Buffer, p: number): boolean {
  const n = wanted.len
  const last = n - 1
  if (m[p] !== wanted.buf[0] || entrySize(m, p) !== n || m[p + last] !== wanted.buf[last]) return false
  return m.compare(wanted.buf, 0, n, p, p + n) === 0
}
