/**
 * Glob patterns over bytes, with the semantics of KEYS, PSUBSCRIBE and CONFIG GET: `*`, `?`, `[a-z]`, `[^a]` and `\` to
 * escape. Every element but `*` takes exactly one byte, so it is enough to come back to the last star: the work is
 * bounded by the product of the two lengths.
 */
import type { Bytes } from '../memory/bytes.ts'

const STAR = 42
const QUESTION_MARK = 63
const OPEN = 91
const CLOSE = 93
const BACKSLASH = 92
const CARET = 94
const DASH = 45

/** A pattern with more groups of stars than this matches nothing, as in Valkey. */
const STARS_MAX = 1000

/** Whether the whole text matches. An empty text matches an empty pattern only, not even `*`. */
export function matchGlob(pattern: Bytes, text: Bytes, ignoreCase = false): boolean {
  const pat = pattern.buf
  const patEnd = pattern.off + pattern.len
  const str = text.buf
  const strEnd = text.off + text.len
  if (text.len === 0) return pattern.len === 0
  let p = pattern.off
  let t = text.off
  /** Behind the last star, and where in the text what follows it is being tried. */
  let retryPattern = -1
  let retryText = 0
  let stars = 0
  while (t < strEnd) {
    if (p < patEnd && pat[p] === STAR) {
      p = skipStars(pat, p, patEnd)
      if (p === patEnd) return true
      if (++stars > STARS_MAX) return false
      retryPattern = p
      retryText = t
      continue
    }
    const next = p < patEnd ? matchElement(pat, p, patEnd, str[t]!, ignoreCase) : -1
    if (next >= 0) {
      p = next
      t++
    } else {
      if (retryPattern < 0) return false
      p = retryPattern
      t = ++retryText
    }
  }
  return skipStars(pat, p, patEnd) === patEnd
}

/** Whether the pattern is `*`, which commands take for "everything", empty names included. */
export function matchesAll(pattern: Bytes): boolean {
  return pattern.len === 1 && pattern.byteAt(0) === STAR
}

function skipStars(pat: Buffer, p: number, end: number): number {
  while (p < end && pat[p] === STAR) p++
  return p
}

/** The position behind the element at `p` if it matches the byte, -1 if it does not. */
function matchElement(pat: Buffer, p: number, end: number, byte: number, ignoreCase: boolean): number {
  const c = pat[p]!
  if (c === QUESTION_MARK) return p + 1
  if (c === OPEN) return matchClass(pat, p + 1, end, byte, ignoreCase)
  const at = c === BACKSLASH && p + 1 < end ? p + 1 : p
  return same(pat[at]!, byte, ignoreCase) ? at + 1 : -1
}

/**
 * A class whose first byte is at `p`. One that is not closed ends with the pattern. An escaped byte is compared as it is,
 * whatever the case; a range includes both ends in any order and may end in `]`.
 */
function matchClass(pat: Buffer, start: number, end: number, byte: number, ignoreCase: boolean): number {
  let p = start
  const negated = p < end && pat[p] === CARET
  if (negated) p++
  let found = false
  for (; p < end && pat[p] !== CLOSE; p++) {
    if (pat[p] === BACKSLASH && p + 1 < end) {
      p++
      if (pat[p] === byte) found = true
    } else if (p + 2 < end && pat[p + 1] === DASH) {
      if (inRange(pat[p]!, pat[p + 2]!, byte, ignoreCase)) found = true
      p += 2
    } else if (same(pat[p]!, byte, ignoreCase)) {
      found = true
    }
  }
  if (found === negated) return -1
  return p < end ? p + 1 : end
}

function same(a: number, b: number, ignoreCase: boolean): boolean {
  return a === b || (ignoreCase && lower(a) === lower(b))
}

/** Valkey compares `char`s, which are signed: bytes above 127 come before all others. */
function inRange(first: number, last: number, byte: number, ignoreCase: boolean): boolean {
  let from = signed(first)
  let to = signed(last)
  let c = signed(byte)
  if (from > to) [from, to] = [to, from]
  if (ignoreCase) {
    from = lower(from)
    to = lower(to)
    c = lower(c)
  }
  return c >= from && c <= to
}

function signed(byte: number): number {
  return (byte << 24) >> 24
}

function lower(c: number): number {
  return c >= 65 && c <= 90 ? c + 32 : c
}
