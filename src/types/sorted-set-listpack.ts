/**
 * Small sorted sets: a listpack of members, each followed by its score, in ascending order.
 *
 * A score that is an integer is an integer entry, another one its text. Positions are those of members; functions that
 * change the listpack return where it is afterwards.
 */
import { type Arena, MASK, SHIFT } from '../memory/arena.ts'
import { Bytes } from '../memory/bytes.ts'
import { formatDouble } from '../memory/numbers.ts'
import { parseDouble } from '../memory/parse-double.ts'
import * as listpack from './listpack.ts'
import { EntryEncoder, EntryReader, entrySize, integerAt, isInteger } from './listpack-entry.ts'

export type MemberFn = (member: Bytes, score: number) => void

/** Integers up to this magnitude are integer entries. */
const INTEGER_MAGNITUDE_MAX = 2 ** 62
const MAX_SCORE_TEXT = 32

const wanted = new EntryEncoder()
const pair = new EntryEncoder()
const scoreText = new Bytes(Buffer.alloc(MAX_SCORE_TEXT), 0, 0)
/** What walks show, what conversions read, and what is only compared. */
const shown = new EntryReader()
const converted = new EntryReader()
const compared = new EntryReader()

function appendScore(entries: EntryEncoder, score: number): void {
  if (Number.isInteger(score) && Math.abs(score) <= INTEGER_MAGNITUDE_MAX) {
    entries.appendInteger(score)
    return
  }
  scoreText.len = scoreText.buf.latin1Write(formatDouble(score), 0)
  entries.append(scoreText)
}

function scoreAt(m: Buffer, p: number): number {
  if (isInteger(m, p)) return Number(integerAt(m, p))
  const text = compared.read(m, p).latin1()
  if (text === 'inf') return Infinity
  return text === '-inf' ? -Infinity : Number(text)
}

/** Whether a checked listpack from outside is a small sorted set: members with scores, in their order. */
export function isValid({ buf, off, len }: Bytes): boolean {
  const end = off + len - 1
  let before = -1
  let scoreBefore = 0
  for (let p = off + listpack.FIRST; p < end; ) {
    const scoreP = p + entrySize(buf, p)
    if (scoreP >= end || !isScore(buf, scoreP)) return false
    const score = scoreAt(buf, scoreP)
    if (before >= 0) {
      if (score < scoreBefore) return false
      const inOrder = score > scoreBefore || shown.read(buf, before).compare(compared.read(buf, p)) < 0
      if (!inOrder) return false
    }
    before = p
    scoreBefore = score
    p = scoreP + entrySize(buf, scoreP)
  }
  return true
}

/** Whether an entry is the score that `scoreAt` reads. */
function isScore(m: Buffer, p: number): boolean {
  return isInteger(m, p) || parseDouble(compared.read(m, p)) === scoreAt(m, p)
}

export function size(arena: Arena, ref: number): number {
  return listpack.count(arena, ref) >> 1
}

/** The position of a member, 0 when it is not there. */
export function find(arena: Arena, ref: number, member: Bytes): number {
  if (!listpack.couldHold(arena, ref, member.len)) return 0
  return listpack.find(arena, ref, wanted.set(member), listpack.FIRST, 2)
}

/** The score of the member at a position. */
export function score(arena: Arena, ref: number, pos: number): number {
  const m = arena.u8[ref >>> SHIFT]!
  const p = ((ref & MASK) << 3) + pos
  return scoreAt(m, p + entrySize(m, p))
}

/** Adds a member that is not there. */
export function add(arena: Arena, ref: number, member: Bytes, to: number): number {
  const pos = place(arena, ref, member, to)
  appendScore(pair.set(member), to)
  return listpack.insert(arena, ref, pos, pair)
}

/** Where a member goes that is not there, or is there with another score. */
function place(arena: Arena, ref: number, member: Bytes, to: number): number {
  const m = arena.u8[ref >>> SHIFT]!
  const base = (ref & MASK) << 3
  const end = listpack.end(arena, ref)
  const last = listpack.previous(arena, ref, end)
  // Rising scores go to the end: no need to look at all the others.
  if (last === 0 || scoreAt(m, base + last) < to) return end
  for (let p = base + listpack.FIRST; p < base + end; ) {
    const scoreP = p + entrySize(m, p)
    const other = scoreAt(m, scoreP)
    if (other > to || (other === to && compared.read(m, p).compare(member) > 0)) return p - base
    p = scoreP + entrySize(m, scoreP)
  }
  return end
}

/** Gives the member at a position another score. */
export function update(arena: Arena, ref: number, pos: number, member: Bytes, to: number): number {
  if (!staysAt(arena, ref, pos, to)) {
    const target = place(arena, ref, member, to)
    appendScore(pair.set(member), to)
    return listpack.replaceElsewhere(arena, ref, pos, 2, target, pair)
  }
  pair.clear()
  appendScore(pair, to)
  return listpack.replace(arena, ref, listpack.next(arena, ref, pos), pair)
}

/** Whether a score lies between those of the neighbours of the member at a position. */
function staysAt(arena: Arena, ref: number, pos: number, to: number): boolean {
  const m = arena.u8[ref >>> SHIFT]!
  const base = (ref & MASK) << 3
  const before = listpack.previous(arena, ref, pos)
  if (before !== 0 && scoreAt(m, base + before) >= to) return false
  const after = listpack.next(arena, ref, listpack.next(arena, ref, pos))
  return after === listpack.end(arena, ref) || to < score(arena, ref, after)
}

/** Deletes n members from the one at a position on. */
export function remove(arena: Arena, ref: number, pos: number, n: number): number {
  return listpack.remove(arena, ref, pos, 2 * n)
}

/** The position of a rank, or of the end. */
export function seek(arena: Arena, ref: number, rank: number): number {
  return listpack.seek(arena, ref, 2 * rank)
}

export function rank(arena: Arena, ref: number, pos: number): number {
  const m = arena.u8[ref >>> SHIFT]!
  const base = (ref & MASK) << 3
  let entries = 0
  for (let p = base + listpack.FIRST; p < base + pos; p += entrySize(m, p)) entries++
  return entries >> 1
}

/** How many members have a score below `limit` (`inclusive`: or equal to it). */
export function countBelow(arena: Arena, ref: number, limit: number, inclusive: boolean): number {
  const m = arena.u8[ref >>> SHIFT]!
  const base = (ref & MASK) << 3
  const end = base + listpack.end(arena, ref)
  let n = 0
  for (let p = base + listpack.FIRST; p < end; p += entrySize(m, p)) {
    p += entrySize(m, p)
    const other = scoreAt(m, p)
    if (other > limit || (other === limit && !inclusive)) break
    n++
  }
  return n
}

/** How many members sort below `limit` by bytes (`inclusive`: or are equal to it), where all have the same score. */
export function countBelowLex(arena: Arena, ref: number, limit: Bytes, inclusive: boolean): number {
  const m = arena.u8[ref >>> SHIFT]!
  const base = (ref & MASK) << 3
  const end = base + listpack.end(arena, ref)
  let n = 0
  for (let p = base + listpack.FIRST; p < end; p += entrySize(m, p)) {
    const order = compared.read(m, p).compare(limit)
    if (order > 0 || (order === 0 && !inclusive)) break
    n++
    p += entrySize(m, p)
  }
  return n
}

/** Shows `count` members from the one at a position on; all must be there. */
export function walk(arena: Arena, ref: number, pos: number, count: number, fn: MemberFn): void {
  walkWith(shown, arena, ref, pos, count, fn)
}

/** Shows all members to a conversion, which may run while another set is walked. */
export function convertEach(arena: Arena, ref: number, fn: MemberFn): void {
  walkWith(converted, arena, ref, listpack.FIRST, size(arena, ref), fn)
}

function walkWith(
  reader: EntryReader,
  arena: Arena,
  ref: number,
  pos: number,
  count: number,
  fn: MemberFn,
): void {
  const m = arena.u8[ref >>> SHIFT]!
  let p = ((ref & MASK) << 3) + pos
  for (let k = 0; k < count; k++) {
    const scoreP = p + entrySize(m, p)
    const value = scoreAt(m, scoreP)
    fn(reader.read(m, p), value)
    p = scoreP + entrySize(m, scoreP)
  }
}

/** Likewise downwards. */
export function walkBack(arena: Arena, ref: number, pos: number, count: number, fn: MemberFn): void {
  let at = pos
  for (let k = 0; k < count; k++) {
    if (k > 0) at = listpack.previous(arena, ref, listpack.previous(arena, ref, at))
    walk(arena, ref, at, 1, fn)
  }
}
