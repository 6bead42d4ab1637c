/**
 * Large sorted sets: a dictionary of members, whose records begin with the score, and a B+tree that holds their order.
 */
import { type Arena, MASK, SHIFT } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { hashOf } from '../memory/hashing.ts'
import { SORTED_SET_BYTES } from '../memory/object-sizes.ts'
import { BTree } from './btree.ts'
import { complete } from './complete.ts'
import { Dict } from './dict.ts'
import type { MemberFn } from './sorted-set-listpack.ts'
import type { Heap, Remains } from './value.ts'

const SCORE_BYTES = 8

/** What is shown to callers. */
const shown = new Bytes()

function orderOf(arena: Arena, members: Dict): BTree {
  try {
    return new BTree(arena, members)
  } catch (error) {
    members.free()
    throw error
  }
}

export class SortedSetTree implements Remains {
  private readonly arena: Arena
  private readonly members: Dict
  private readonly order: BTree

  constructor(heap: Heap, expected: number) {
    this.arena = heap.arena
    this.members = new Dict(heap, SCORE_BYTES)
    this.order = orderOf(heap.arena, this.members)
    if (expected > 0) this.members.reserve(expected)
    this.arena.outside += SORTED_SET_BYTES
  }

  get size(): number {
    return this.members.size
  }

  private find(member: Bytes): number {
    return this.members.find(member, hashOf(member))
  }

  private scoreOf(ref: number): number {
    return this.arena.f64[ref >>> SHIFT]![ref & MASK]!
  }

  private setScore(ref: number, score: number): void {
    this.arena.f64[ref >>> SHIFT]![ref & MASK] = score
  }

  score(member: Bytes): number | undefined {
    const ref = this.find(member)
    return ref === 0 ? undefined : this.scoreOf(ref)
  }

  /** True when the member is new. */
  set(member: Bytes, score: number): boolean {
    const hash = hashOf(member)
    const ref = this.members.find(member, hash)
    if (ref === 0) {
      this.insert(this.members.add(member, hash), score)
      return true
    }
    const old = this.scoreOf(ref)
    if (old !== score) {
      this.order.update(old, score, ref)
      this.setScore(ref, score)
    }
    return false
  }

  /** Puts a new member's record in order; one that gets no place there goes. */
  private insert(added: number, score: number): void {
    this.setScore(added, score)
    try {
      this.order.insert(score, added)
    } catch (error) {
      this.members.remove(added)
      throw error
    }
  }

  delete(member: Bytes): boolean {
    const ref = this.find(member)
    if (ref === 0) return false
    this.order.delete(this.scoreOf(ref), ref)
    this.members.remove(ref)
    return true
  }

  rank(member: Bytes): number {
    const ref = this.find(member)
    return ref === 0 ? -1 : this.order.rank(this.scoreOf(ref), ref)
  }

  countBelow(score: number, inclusive: boolean): number {
    return this.order.countBelow(score, inclusive)
  }

  countBelowLex(member: Bytes, inclusive: boolean): number {
    return this.order.countBelowMember(member, inclusive)
  }

  /** Shows `count` members from ascending rank `start` on, upwards or downwards; all must be there. */
  range(start: number, count: number, reverse: boolean, fn: MemberFn): void {
    this.order.range(start, count, reverse, (ref, score) => fn(this.members.key(ref, shown), score))
  }

  deleteRange(start: number, count: number): void {
    this.order.deleteRange(start, count, (ref) => this.members.remove(ref))
  }

  scan(cursor: number, count: number, fn: MemberFn): number {
    return this.members.scan(cursor, count, (ref) => this.show(ref, fn))
  }

  random(fn: MemberFn): void {
    this.show(this.members.random(), fn)
  }

  private show(ref: number, fn: MemberFn): void {
    fn(this.members.key(ref, shown), this.scoreOf(ref))
  }

  clone(heap: Heap): SortedSetTree {
    return complete(new SortedSetTree(heap, this.size), (copy) => {
      this.order.range(0, this.size, false, (ref, score) => {
        copy.insert(copy.members.addCopy(this.members, ref), score)
      })
    })
  }

  free(): void {
    this.order.free()
    this.members.free()
    this.arena.outside -= SORTED_SET_BYTES
  }

  drain(count: number): boolean {
    if (!this.members.drain(count)) return false
    this.order.free()
    this.arena.outside -= SORTED_SET_BYTES
    return true
  }

  memory(samples?: number): number {
    return SORTED_SET_BYTES + this.members.memory(samples) + this.order.memory()
  }
}
