/**
 * Random elements of a collection for HRANDFIELD, SRANDMEMBER, SPOP and ZRANDMEMBER.
 */
import { failWith } from '../../errors.ts'
import type { Bytes } from '../../memory/bytes.ts'
import { MemberTable } from './member-list.ts'

/** Random picks with repetition in one command; beyond, the reply would only exhaust memory. */
const PICKS_MAX = 2 ** 26

/** Where a count stops when each element comes with a second one, which doubles the reply. */
export const PAIRS_MAX = 2 ** 62

/**
 * When more than one in this many elements is wanted, walking the whole collection is cheaper than picking elements until
 * enough different ones have come up.
 */
const WALK_SHARE = 3

export interface Source<V> {
  readonly size: number
  readonly encoding: string
  forEach(fn: (member: Bytes, value: V) => void): void
  random(fn: (member: Bytes, value: V) => void): void
}

/** How many elements a `count` argument asks for: a negative one allows repetition. */
export function sampleSize(source: { readonly size: number }, count: number): number {
  if (count >= 0) return Math.min(count, source.size)
  if (-count > PICKS_MAX) failWith(`ERR value is out of range, at most ${PICKS_MAX} random elements at once`)
  return -count
}

/** Shows `sampleSize(source, count)` random elements: different ones, or with repetition where count is negative. */
export function sample<V>(source: Source<V>, count: number, emit: (member: Bytes, value: V) => void): void {
  if (count < 0) {
    for (let i = 0; i < -count; i++) source.random(emit)
  } else if (count >= source.size) {
    source.forEach(emit)
  } else if (count === 1) {
    source.random(emit)
  } else if (prefersWalk(source, count)) {
    walk(source, count, emit)
  } else {
    pick(source, count, emit)
  }
}

/** Small encodings have no random access, so that a pick costs as much as a walk. */
export function prefersWalk(
  source: { readonly size: number; readonly encoding: string },
  count: number,
): boolean {
  return source.encoding === 'listpack' || count * WALK_SHARE > source.size
}

/** Selection sampling: each element is taken with the probability that makes all choices of `count` equally likely. */
function walk<V>(source: Source<V>, count: number, emit: (member: Bytes, value: V) => void): void {
  let wanted = count
  let left = source.size
  source.forEach((member, value) => {
    if (Math.random() * left < wanted) {
      emit(member, value)
      wanted--
    }
    left--
  })
}

function pick<V>(source: Source<V>, count: number, emit: (member: Bytes, value: V) => void): void {
  const taken = new MemberTable()
  const emitNew = (member: Bytes, value: V) => {
    if (taken.add(member)) emit(member, value)
  }
  while (taken.size < count) source.random(emitNew)
}
