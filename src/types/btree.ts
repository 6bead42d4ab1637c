/**
 * The order of a large sorted set: a counted B+tree whose nodes (btree-node.ts) lie in the arena.
 *
 * An inner node counts the entries below each of its children, so that a rank is a sum along one path. A node that has few
 * entries left goes together with a neighbour, if that still leaves room to grow.
 */
import { type Arena, MASK, SHIFT } from '../memory/arena.ts'
import {
  BELOW,
  CHILDREN,
  COUNT,
  countOf,
  cutChild,
  cutEntries,
  INNER_BYTES,
  INNER_MAX,
  INNER_RECORDS,
  INNER_SIZE,
  LEAF_BYTES,
  LEAF_MAX,
  LEAF_RECORDS,
  LEAF_SIZE,
  linkLeaf,
  moveChildren,
  moveEntries,
  NEXT,
  PREVIOUS,
  putChild,
  putEntry,
  SCORES,
  shiftEntry,
  sumBelow,
  unlinkLeaf,
} from './btree-node.ts'
import { BTreeReader, type MemberRecords, pathIndex, pathNode } from './btree-search.ts'

/** A node with fewer looks for a neighbour to go together with, where both have no more than these. */
const LEAF_FEW = LEAF_MAX >> 2
const LEAF_MERGED_MAX = LEAF_MAX - LEAF_FEW
const INNER_FEW = INNER_MAX >> 2
const INNER_MERGED_MAX = INNER_MAX - INNER_FEW

function newLeaf(arena: Arena): number {
  const leaf = arena.alloc(LEAF_BYTES)
  const i = arena.i32[leaf >>> SHIFT]!
  const o = (leaf & MASK) << 1
  i[o + COUNT] = 0
  i[o + NEXT] = 0
  i[o + PREVIOUS] = 0
  return leaf
}

export class BTree extends BTreeReader {
  private leaves = 1
  private inners = 0
  /** Taken for inner nodes of a split that is about to happen. */
  private readonly taken: number[] = []

  constructor(arena: Arena, members: MemberRecords) {
    super(arena, members, newLeaf(arena))
  }

  /**
   * Takes the memory for splitting the leaf at the path's end, before anything is changed: for the inner nodes above it that
   * are full, for a new root where all are, and for the new leaf, which is returned.
   */
  private takeNodes(): number {
    const { arena, taken } = this
    let d = this.depth - 1
    while (d >= 0 && countOf(arena, pathNode[d]!) === INNER_MAX) d--
    const inners = d < 0 ? this.depth + 1 : this.depth - 1 - d
    try {
      while (taken.length < inners) taken.push(arena.alloc(INNER_BYTES))
      return newLeaf(arena)
    } catch (error) {
      for (const inner of taken.splice(0)) arena.release(inner, INNER_BYTES)
      throw error
    }
  }

  private newInner(): number {
    const inner = this.taken.pop()!
    this.arena.i32[inner >>> SHIFT]![((inner & MASK) << 1) + COUNT] = 0
    this.inners++
    return inner
  }

  private releaseInner(inner: number): void {
    this.arena.release(inner, INNER_BYTES)
    this.inners--
  }

  private releaseLeaf(leaf: number): void {
    this.arena.release(leaf, LEAF_BYTES)
    this.leaves--
  }

  // ---- insertion

  insert(score: number, ref: number): void {
    this.seekRecord(score, ref)
    let leaf = this.descend()
    let at = this.position(leaf)
    if (countOf(this.arena, leaf) === LEAF_MAX) {
      this.splitLeaf(leaf, at, score, ref)
      leaf = this.descend()
      at = this.position(leaf)
    }
    this.addBelow(1)
    putEntry(this.arena, leaf, at, score, ref)
  }

  /** Changes the counts along the path. */
  private addBelow(delta: number): void {
    for (let d = 0; d < this.depth; d++) {
      const node = pathNode[d]!
      this.arena.i32[node >>> SHIFT]![((node & MASK) << 1) + BELOW + pathIndex[d]!]! += delta
    }
  }

  /**
   * Splits a full leaf at the path's end in halves, to make room for (score, ref) at an index. Where that is behind all
   * others it starts a leaf of its own instead: rising scores leave full leaves behind.
   */
  private splitLeaf(leaf: number, at: number, score: number, ref: number): void {
    const arena = this.arena
    const right = this.takeNodes()
    this.leaves++
    linkLeaf(arena, right, leaf)
    const isLast = arena.i32[right >>> SHIFT]![((right & MASK) << 1) + NEXT] === 0
    if (isLast && at === LEAF_MAX) {
      this.addChild(this.depth - 1, right, score, ref, 0)
      return
    }
    moveEntries(arena, leaf, LEAF_MAX >> 1, right)
    const firstScore = arena.f64[right >>> SHIFT]![(right & MASK) + SCORES]!
    const firstRef = arena.i32[right >>> SHIFT]![((right & MASK) << 1) + LEAF_RECORDS]!
    this.addChild(this.depth - 1, right, firstScore, firstRef, countOf(arena, right))
  }

  /**
   * Puts a node behind the child on the path at depth d, from which it took `below` entries that begin with (score, ref).
   * The path is no longer good afterwards.
   */
  private addChild(d: number, child: number, score: number, ref: number, below: number): void {
    const arena = this.arena
    if (d < 0) {
      const old = this.root
      const left = this.depth === 0 ? countOf(arena, old) : sumBelow(arena, old, countOf(arena, old))
      this.root = this.newInner()
      this.depth++
      putChild(arena, this.root, 0, old, 0, 0, left)
      putChild(arena, this.root, 1, child, score, ref, below)
      return
    }
    let node = pathNode[d]!
    let at = pathIndex[d]! + 1
    if (countOf(arena, node) === INNER_MAX) {
      // As with leaves: nodes at the end stay full.
      const keep = at === INNER_MAX ? INNER_MAX - 1 : INNER_MAX >> 1
      const right = this.splitInner(d, node, keep)
      if (at > keep) {
        node = right
        at -= keep
      }
    }
    arena.i32[node >>> SHIFT]![((node & MASK) << 1) + BELOW + at - 1]! -= below
    putChild(arena, node, at, child, score, ref, below)
  }

  /** Moves all children of the node on the path but the first `keep` to a new node behind it. */
  private splitInner(d: number, node: number, keep: number): number {
    const arena = this.arena
    const right = this.newInner()
    const score = arena.f64[node >>> SHIFT]![(node & MASK) + SCORES + keep]!
    const ref = arena.i32[node >>> SHIFT]![((node & MASK) << 1) + INNER_RECORDS + keep]!
    moveChildren(arena, node, keep, right, score, ref)
    this.addChild(d - 1, right, score, ref, sumBelow(arena, right, countOf(arena, right)))
    return right
  }

  // ---- change and deletion

  /** Gives an entry another score. */
  update(from: number, to: number, ref: number): void {
    const arena = this.arena
    this.seekRecord(from, ref)
    const leaf = this.descend()
    const at = this.position(leaf)
    const f = arena.f64[leaf >>> SHIFT]!
    const s = (leaf & MASK) + SCORES
    if (f[s]! < to && to < f[s + countOf(arena, leaf) - 1]!) {
      // It stays within its leaf, which still holds it where it was.
      this.seekRecord(to, ref)
      const target = this.position(leaf)
      shiftEntry(arena, leaf, at, target > at ? target - 1 : target, to)
      if (at === 0) this.firstChanged(leaf)
      return
    }
    // In this order, as only the first can fail.
    this.insert(to, ref)
    this.delete(from, ref)
  }

  delete(score: number, ref: number): void {
    this.seekRecord(score, ref)
    const leaf = this.descend()
    this.cut(leaf, this.position(leaf), 1)
  }

  /** Deletes the entries of ranks start .. start+count-1, calling fn with the record of each when it is out of the tree. */
  deleteRange(start: number, count: number, fn: (ref: number) => void): void {
    const arena = this.arena
    for (let left = count; left > 0; ) {
      const leaf = this.descendToRank(start)
      const at = pathIndex[this.depth]!
      const n = Math.min(left, countOf(arena, leaf) - at)
      const r = ((leaf & MASK) << 1) + LEAF_RECORDS + at
      const records = arena.i32[leaf >>> SHIFT]!.slice(r, r + n)
      this.cut(leaf, at, n)
      for (const ref of records) fn(ref)
      left -= n
    }
  }

  /** Takes n entries out of the leaf at the path's end. */
  private cut(leaf: number, at: number, n: number): void {
    cutEntries(this.arena, leaf, at, n)
    if (this.depth === 0) return
    this.addBelow(-n)
    const left = countOf(this.arena, leaf)
    if (left === 0) {
      if (this.leaves === 1) this.becomeLeaf(leaf)
      else this.dropLeaf(leaf, pathIndex[this.depth - 1]!)
    } else {
      if (at === 0) this.firstChanged(leaf)
      if (left < LEAF_FEW) this.mergeLeaf()
    }
  }

  /** The leaf at the path's end begins with another entry: the inner node that keeps a copy of that must not refer to the old. */
  private firstChanged(leaf: number): void {
    const score = this.arena.f64[leaf >>> SHIFT]![(leaf & MASK) + SCORES]!
    this.putFirst(
      this.depth - 1,
      score,
      this.arena.i32[leaf >>> SHIFT]![((leaf & MASK) << 1) + LEAF_RECORDS]!,
    )
  }

  /** Makes (score, ref) the first entry below the child on the path at depth `from`. */
  private putFirst(from: number, score: number, ref: number): void {
    let d = from
    while (d >= 0 && pathIndex[d] === 0) d--
    if (d < 0) return
    const node = pathNode[d]!
    const k = pathIndex[d]!
    this.arena.f64[node >>> SHIFT]![(node & MASK) + SCORES + k] = score
    this.arena.i32[node >>> SHIFT]![((node & MASK) << 1) + INNER_RECORDS + k] = ref
  }

  // ---- nodes that go

  /** Index of the left one of two neighbours, child k and one beside it, that fit in `max` together; -1: there are none. */
  private pairAt(inner: number, k: number, max: number): number {
    const arena = this.arena
    const i = arena.i32[inner >>> SHIFT]!
    const children = ((inner & MASK) << 1) + CHILDREN
    const n = countOf(arena, i[children + k]!)
    if (k + 1 < countOf(arena, inner) && n + countOf(arena, i[children + k + 1]!) <= max) return k
    return k > 0 && n + countOf(arena, i[children + k - 1]!) <= max ? k - 1 : -1
  }

  /** Merges the leaf at the path's end with a neighbour, if they fit. */
  private mergeLeaf(): void {
    const node = pathNode[this.depth - 1]!
    const k = this.pairAt(node, pathIndex[this.depth - 1]!, LEAF_MERGED_MAX)
    if (k < 0) return
    const i = this.arena.i32[node >>> SHIFT]!
    const o = (node & MASK) << 1
    const right = i[o + CHILDREN + k + 1]!
    moveEntries(this.arena, right, 0, i[o + CHILDREN + k]!)
    i[o + BELOW + k]! += i[o + BELOW + k + 1]!
    this.dropLeaf(right, k + 1)
  }

  /** Likewise with the inner node at depth d of the path. */
  private mergeInner(d: number): void {
    const arena = this.arena
    const node = pathNode[d - 1]!
    const k = this.pairAt(node, pathIndex[d - 1]!, INNER_MERGED_MAX)
    if (k < 0) return
    const i = arena.i32[node >>> SHIFT]!
    const o = (node & MASK) << 1
    const right = i[o + CHILDREN + k + 1]!
    const score = arena.f64[node >>> SHIFT]![(node & MASK) + SCORES + k + 1]!
    moveChildren(arena, right, 0, i[o + CHILDREN + k]!, score, i[o + INNER_RECORDS + k + 1]!)
    i[o + BELOW + k]! += i[o + BELOW + k + 1]!
    this.releaseInner(right)
    this.dropChild(d - 1, k + 1)
  }

  /** Drops a leaf, child k of its node on the path. */
  private dropLeaf(leaf: number, k: number): void {
    unlinkLeaf(this.arena, leaf)
    this.releaseLeaf(leaf)
    this.dropChild(this.depth - 1, k)
  }

  /** Takes child k out of the node at depth d of the path. */
  private dropChild(d: number, k: number): void {
    const arena = this.arena
    const node = pathNode[d]!
    cutChild(arena, node, k)
    const left = countOf(arena, node)
    if (left === 0) {
      this.releaseInner(node)
      this.dropChild(d - 1, pathIndex[d - 1]!)
      return
    }
    if (k === 0) {
      const score = arena.f64[node >>> SHIFT]![(node & MASK) + SCORES]!
      this.putFirst(d - 1, score, arena.i32[node >>> SHIFT]![((node & MASK) << 1) + INNER_RECORDS]!)
    }
    if (d > 0 && left < INNER_FEW) this.mergeInner(d)
    while (this.depth > 0 && countOf(arena, this.root) === 1) this.lowerRoot()
  }

  private lowerRoot(): void {
    const old = this.root
    this.root = this.arena.i32[old >>> SHIFT]![((old & MASK) << 1) + CHILDREN]!
    this.depth--
    this.releaseInner(old)
  }

  /** The last leaf, at the path's end, is all there is. */
  private becomeLeaf(leaf: number): void {
    for (let d = 0; d < this.depth; d++) this.releaseInner(pathNode[d]!)
    this.root = leaf
    this.depth = 0
  }

  /** Gives the nodes back; the tree is of no use afterwards. */
  free(): void {
    this.freeBelow(this.root, this.depth)
  }

  private freeBelow(node: number, levels: number): void {
    if (levels === 0) {
      this.releaseLeaf(node)
      return
    }
    const first = ((node & MASK) << 1) + CHILDREN
    const end = first + countOf(this.arena, node)
    for (let k = first; k < end; k++) this.freeBelow(this.arena.i32[node >>> SHIFT]![k]!, levels - 1)
    this.releaseInner(node)
  }

  /** Bytes of the nodes. */
  memory(): number {
    return this.leaves * LEAF_SIZE + this.inners * INNER_SIZE
  }
}
