/**
 * Sorted sets: members ordered by score, those of the same score by their bytes. A listpack while they are few and short, a
 * dictionary with a B+tree from then on.
 *
 * A member shown to a function is valid until that returns. The function may look at and change other collections, but not
 * walk another sorted set or change this one.
 */
import type { Arena } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { ifMemoryAllows } from '../memory/out-of-memory.ts'
import { cellEncoding, cellReference, setCell } from './cell.ts'
import { complete } from './complete.ts'
import * as listpack from './listpack.ts'
import { type CheckedListpack, isDistinct } from './listpack-check.ts'
import type { MemberFn } from './sorted-set-listpack.ts'
import * as small from './sorted-set-listpack.ts'
import { SortedSetTree } from './sorted-set-tree.ts'
import type { EncodingLimits, Heap, Remains } from './value.ts'

const LISTPACK = 0
const TREE = 1

/** What `packed` shows. */
const packedView = new Bytes()

export class SortedSet {
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

  /** An empty set that is about to get `expected` members, of at most `longestMember` bytes. */
  static init(heap: Heap, limits: EncodingLimits, cell: number, expected = 0, longestMember = 0): void {
    const tooMany = expected > limits['zset-max-listpack-entries']
    if (tooMany || longestMember > limits['zset-max-listpack-value']) SortedSet.initTree(heap, cell, expected)
    else setCell(heap.arena, cell, LISTPACK, listpack.create(heap.arena))
  }

  /** A set of the members and scores in a listpack; false, and nothing is made, where they are not what a set is made of. */
  static initFrom(heap: Heap, limits: EncodingLimits, cell: number, from: CheckedListpack): boolean {
    const { pack, count } = from
    if (!small.isValid(pack) || !isDistinct(heap, pack, 2)) return false
    setCell(heap.arena, cell, LISTPACK, listpack.createCopy(heap.arena, pack))
    const set = new SortedSet(heap, limits, cell)
    if (count / 2 > limits['zset-max-listpack-entries']) complete(set, () => set.convert(count / 2))
    return true
  }

  /** An empty tree to be filled, then settled. */
  static initTree(heap: Heap, cell: number, expected: number): void {
    setCell(heap.arena, cell, TREE, heap.handles.add(new SortedSetTree(heap, expected)))
  }

  /** A tree that was filled becomes a listpack if its members are few and short, and there is memory for it. */
  settle(): void {
    const { size, limits } = this
    if (this.isSmall || size > limits['zset-max-listpack-entries']) return
    const { tree } = this
    let longest = 0
    tree.range(0, size, false, (member) => {
      longest = Math.max(longest, member.len)
    })
    if (longest > limits['zset-max-listpack-value']) return
    ifMemoryAllows(() => {
      const pack = this.packOf(tree)
      this.free()
      this.listpack = pack
    })
  }

  private packOf(tree: SortedSetTree): number {
    const { arena } = this
    let pack = listpack.create(arena)
    try {
      tree.range(0, tree.size, false, (member, score) => {
        pack = small.add(arena, pack, member, score)
      })
      return pack
    } catch (error) {
      listpack.free(arena, pack)
      throw error
    }
  }

  /** The listpack as it lies, null when there is none; valid until the set is changed. */
  get packed(): Bytes | null {
    return this.isSmall ? listpack.show(this.arena, this.ref, packedView) : null
  }

  private get isSmall(): boolean {
    return cellEncoding(this.arena, this.cell) === LISTPACK
  }

  /** The listpack, or the handle of the tree. */
  private get ref(): number {
    return cellReference(this.arena, this.cell)
  }

  private set listpack(ref: number) {
    setCell(this.arena, this.cell, LISTPACK, ref)
  }

  private get tree(): SortedSetTree {
    return this.heap.handles.get(this.ref) as SortedSetTree
  }

  get size(): number {
    return this.isSmall ? small.size(this.arena, this.ref) : this.tree.size
  }

  get encoding(): 'listpack' | 'skiplist' {
    return this.isSmall ? 'listpack' : 'skiplist'
  }

  /** Announces that one command will set this many members, of at most `longestMember` bytes. */
  expect(members: number, longestMember: number): void {
    if (!this.isSmall) return
    const tooMany = members > this.limits['zset-max-listpack-entries']
    if (tooMany || longestMember > this.limits['zset-max-listpack-value']) this.convert(members)
  }

  /** Stays a tree from now on, however small. */
  unpack(): void {
    if (this.isSmall) this.convert(this.size)
  }

  /** From listpack to tree, with room for `expected` members. */
  private convert(expected: number): void {
    const ref = this.ref
    const size = this.size
    const tree = complete(new SortedSetTree(this.heap, Math.max(size, expected)), (filled) =>
      small.convertEach(this.arena, ref, (member, score) => filled.set(member, score)),
    )
    listpack.free(this.arena, ref)
    setCell(this.arena, this.cell, TREE, this.heap.handles.add(tree))
  }

  score(member: Bytes): number | undefined {
    if (!this.isSmall) return this.tree.score(member)
    const ref = this.ref
    const pos = small.find(this.arena, ref, member)
    return pos === 0 ? undefined : small.score(this.arena, ref, pos)
  }

  /** Adds the member or changes its score; true when it is new. */
  set(member: Bytes, score: number): boolean {
    if (!this.isSmall) return this.tree.set(member, score)
    const ref = this.ref
    const pos = small.find(this.arena, ref, member)
    if (pos !== 0) {
      if (small.score(this.arena, ref, pos) !== score) {
        this.listpack = small.update(this.arena, ref, pos, member, score)
      }
      return false
    }
    if (!this.fits(member)) {
      this.convert(this.size + 1)
      return this.tree.set(member, score)
    }
    this.listpack = small.add(this.arena, ref, member, score)
    return true
  }

  private fits(member: Bytes): boolean {
    return (
      this.size < this.limits['zset-max-listpack-entries'] &&
      member.len <= this.limits['zset-max-listpack-value'] &&
      listpack.bytes(this.arena, this.ref) + member.len <= listpack.MAX_LISTPACK_BYTES
    )
  }

  delete(member: Bytes): boolean {
    if (!this.isSmall) return this.tree.delete(member)
    const pos = small.find(this.arena, this.ref, member)
    if (pos === 0) return false
    this.listpack = small.remove(this.arena, this.ref, pos, 1)
    return true
  }

  /** 0-based position in ascending order, -1 when absent. */
  rank(member: Bytes): number {
    if (!this.isSmall) return this.tree.rank(member)
    const pos = small.find(this.arena, this.ref, member)
    return pos === 0 ? -1 : small.rank(this.arena, this.ref, pos)
  }

  /** How many members have a score below `score` (`inclusive`: below or equal). The rank where a score range starts or ends. */
  countBelow(score: number, inclusive: boolean): number {
    if (!this.isSmall) return this.tree.countBelow(score, inclusive)
    return small.countBelow(this.arena, this.ref, score, inclusive)
  }

  /** How many members sort below `member` by bytes (`inclusive`: or equal), in a set whose scores are all the same. */
  countBelowLex(member: Bytes, inclusive: boolean): number {
    if (!this.isSmall) return this.tree.countBelowLex(member, inclusive)
    return small.countBelowLex(this.arena, this.ref, member, inclusive)
  }

  /** Members of ranks start .. start+count-1 in ascending order; `reverse`: ranks counted from the highest, descending. */
  range(start: number, count: number, reverse: boolean, fn: MemberFn): void {
    const size = this.size
    const n = Math.min(count, size - start)
    if (n <= 0) return
    const first = reverse ? size - 1 - start : start
    if (!this.isSmall) {
      this.tree.range(first, n, reverse, fn)
      return
    }
    const ref = this.ref
    const pos = small.seek(this.arena, ref, first)
    if (reverse) small.walkBack(this.arena, ref, pos, n, fn)
    else small.walk(this.arena, ref, pos, n, fn)
  }

  /** Deletes the members of ascending ranks start .. start+count-1, showing each first when fn is given. */
  deleteRange(start: number, count: number, fn?: MemberFn): void {
    const n = Math.min(count, this.size - start)
    if (n <= 0) return
    if (fn !== undefined) this.range(start, n, false, fn)
    if (!this.isSmall) {
      this.tree.deleteRange(start, n)
      return
    }
    const ref = this.ref
    this.listpack = small.remove(this.arena, ref, small.seek(this.arena, ref, start), n)
  }

  /** Calls fn for about `count` members from the cursor on (all of them in a listpack); returns the next cursor, 0 at the end. */
  scan(cursor: number, count: number, fn: MemberFn): number {
    if (!this.isSmall) return this.tree.scan(cursor, count, fn)
    this.range(0, this.size, false, fn)
    return 0
  }

  /** One uniformly random member. */
  random(fn: MemberFn): void {
    if (this.isSmall) this.range(Math.floor(Math.random() * this.size), 1, false, fn)
    else this.tree.random(fn)
  }

  free(): void {
    if (this.isSmall) listpack.free(this.arena, this.ref)
    else this.take().free()
  }

  /** Takes a large set out of its cell, to be drained; null where it is small, to be freed. */
  abandon(): Remains | null {
    return this.isSmall ? null : this.take()
  }

  private take(): SortedSetTree {
    return this.heap.handles.take(this.ref) as SortedSetTree
  }

  /** Makes a copy in another cell, which holds nothing. */
  copyTo(cell: number): void {
    const { arena, heap } = this
    if (this.isSmall) setCell(arena, cell, LISTPACK, listpack.duplicate(arena, this.ref))
    else setCell(arena, cell, TREE, heap.handles.add(this.tree.clone(heap)))
  }

  /** Bytes of memory held; those of a large set are guessed from about `samples` members. */
  memory(samples?: number): number {
    return this.isSmall ? listpack.memory(this.arena, this.ref) : this.tree.memory(samples)
  }
}
