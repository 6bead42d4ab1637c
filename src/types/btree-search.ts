/**
 * Reading the B+tree (btree.ts): entries by score, member and rank.
 *
 * An entry is a score and the reference of the member's record; entries with the same score are ordered by the members'
 * bytes, read through the reference. The nodes are those of btree-node.ts.
 */
import { type Arena, MASK, SHIFT } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import {
  BELOW,
  CHILDREN,
  COUNT,
  countOf,
  INNER_RECORDS,
  LEAF_RECORDS,
  NEXT,
  PREVIOUS,
  SCORES,
  sumBelow,
} from './btree-node.ts'

/** More levels than 2^31 entries need. */
const MAX_DEPTH = 16
/** Records touched together before they are shown, so that the waits for memory overlap. */
const TOUCHED_AHEAD = 16

/** What a search looks for among the entries of a score: their beginning, a member, or their end. */
const BEGINNING = -1
const MEMBER = 0
const END = 1

/**
 * The path of the last descent: inner nodes and the index of the child taken. It and what a search looks for are shared by
 * all trees, so they are good until a function is called back.
 */
export const pathNode = new Int32Array(MAX_DEPTH)
export const pathIndex = new Int32Array(MAX_DEPTH)
const soughtMember = new Bytes()
const otherMember = new Bytes()
let soughtScore = 0
let soughtPlace = MEMBER
/** The record of the member sought, which is read when another of the same score is met; 0: soughtMember it is. */
let soughtRecord = 0

/** Where the members are. */
export interface MemberRecords {
  /** Points the view at the member of a record. */
  key(ref: number, view: Bytes): Bytes
}

export type EntryFn = (ref: number, score: number) => void

export class BTreeReader {
  protected readonly arena: Arena
  private readonly members: MemberRecords
  /** A leaf while there are no inner nodes. */
  protected root: number
  /** Levels of inner nodes. */
  protected depth = 0

  protected constructor(arena: Arena, members: MemberRecords, root: number) {
    this.arena = arena
    this.members = members
    this.root = root
  }

  protected seekRecord(score: number, ref: number): void {
    soughtScore = score
    soughtPlace = MEMBER
    soughtRecord = ref
  }

  /** Whether an entry of the score sought lies before what is sought (`orThere`: or is it). */
  private isBefore(ref: number, orThere: boolean): boolean {
    if (soughtPlace !== MEMBER) return soughtPlace === END
    if (soughtRecord !== 0) {
      if (ref === soughtRecord) return orThere
      this.members.key(soughtRecord, soughtMember)
    }
    const order = this.members.key(ref, otherMember).compare(soughtMember)
    return order < 0 || (orThere && order === 0)
  }

  /** Walks to the leaf of what is sought, leaving the path behind. */
  protected descend(): number {
    const arena = this.arena
    const score = soughtScore
    let node = this.root
    for (let d = 0; d < this.depth; d++) {
      const i = arena.i32[node >>> SHIFT]!
      const f = arena.f64[node >>> SHIFT]!
      const o = (node & MASK) << 1
      const s = (node & MASK) + SCORES
      let low = 1
      let high = i[o + COUNT]!
      while (low < high) {
        const middle = (low + high) >> 1
        const x = f[s + middle]!
        if (x < score || (x === score && this.isBefore(i[o + INNER_RECORDS + middle]!, true)))
          low = middle + 1
        else high = middle
      }
      pathNode[d] = node
      pathIndex[d] = low - 1
      node = i[o + CHILDREN + low - 1]!
    }
    return node
  }

  /** The index of the leaf's first entry not before what is sought. */
  protected position(leaf: number): number {
    const i = this.arena.i32[leaf >>> SHIFT]!
    const f = this.arena.f64[leaf >>> SHIFT]!
    const o = (leaf & MASK) << 1
    const s = (leaf & MASK) + SCORES
    const score = soughtScore
    let low = 0
    let high = i[o + COUNT]!
    while (low < high) {
      const middle = (low + high) >> 1
      const x = f[s + middle]!
      if (x < score || (x === score && this.isBefore(i[o + LEAF_RECORDS + middle]!, false))) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Walks to the leaf of a rank, leaving the path behind, and the rank's index in the leaf in `pathIndex[depth]`. */
  protected descendToRank(rank: number): number {
    const arena = this.arena
    let node = this.root
    let rest = rank
    for (let d = 0; d < this.depth; d++) {
      const i = arena.i32[node >>> SHIFT]!
      const o = (node & MASK) << 1
      let k = o + BELOW
      for (; rest >= i[k]!; k++) rest -= i[k]!
      k -= o + BELOW
      pathNode[d] = node
      pathIndex[d] = k
      node = i[o + CHILDREN + k]!
    }
    pathIndex[this.depth] = rest
    return node
  }

  /** The rank of an index in the leaf at the path's end. */
  private rankOnPath(at: number): number {
    let sum = at
    for (let d = 0; d < this.depth; d++) sum += sumBelow(this.arena, pathNode[d]!, pathIndex[d]!)
    return sum
  }

  /** The rank of an entry. */
  rank(score: number, ref: number): number {
    this.seekRecord(score, ref)
    return this.rankOnPath(this.position(this.descend()))
  }

  /** How many entries have a score below `score` (`inclusive`: below or equal). */
  countBelow(score: number, inclusive: boolean): number {
    soughtScore = score
    soughtPlace = inclusive ? END : BEGINNING
    return this.rankOnPath(this.position(this.descend()))
  }

  /** How many members sort below `member` (`inclusive`: or equal), where all have the same score. */
  countBelowMember(member: Bytes, inclusive: boolean): number {
    const first = this.descendToRank(0)
    soughtScore = this.arena.f64[first >>> SHIFT]![(first & MASK) + SCORES]!
    soughtPlace = MEMBER
    soughtRecord = 0
    soughtMember.set(member.buf, member.off, member.len)
    const leaf = this.descend()
    const at = this.position(leaf)
    const rank = this.rankOnPath(at)
    if (!inclusive || at === countOf(this.arena, leaf)) return rank
    const ref = this.arena.i32[leaf >>> SHIFT]![((leaf & MASK) << 1) + LEAF_RECORDS + at]!
    return this.isBefore(ref, true) ? rank + 1 : rank
  }

  /** Shows `count` entries from rank `start` on, upwards or downwards. All must be there. */
  range(start: number, count: number, reverse: boolean, fn: EntryFn): void {
    const arena = this.arena
    const step = reverse ? -1 : 1
    let leaf = count > 0 ? this.descendToRank(start) : 0
    let at = pathIndex[this.depth]!
    for (let left = count; left > 0; ) {
      const i = arena.i32[leaf >>> SHIFT]!
      const f = arena.f64[leaf >>> SHIFT]!
      const o = (leaf & MASK) << 1
      const s = (leaf & MASK) + SCORES
      const r = o + LEAF_RECORDS
      const here = Math.min(left, reverse ? at + 1 : i[o + COUNT]! - at)
      left -= here
      for (let rest = here; rest > 0; ) {
        const n = Math.min(rest, TOUCHED_AHEAD)
        if (n > 1) for (let k = 0; k < n; k++) arena.touch(i[r + at + k * step]!)
        for (let k = 0; k < n; k++, at += step) fn(i[r + at]!, f[s + at]!)
        rest -= n
      }
      if (left === 0) return
      leaf = i[o + (reverse ? PREVIOUS : NEXT)]!
      at = reverse ? countOf(arena, leaf) - 1 : 0
    }
  }
}
