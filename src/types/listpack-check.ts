/**
 * Whether bytes from outside are a listpack that can be trusted: every entry within its bounds, readable from either side
 * and written the one way that look-ups expect.
 */
import { Bytes } from '../memory/bytes.ts'
import { hashOf } from '../memory/hashing.ts'
import { complete } from './complete.ts'
import { Dict } from './dict.ts'
import { FIRST, wrap } from './listpack.ts'
import {
  END,
  EntryEncoder,
  EntryReader,
  encodedSize,
  entrySize,
  integerAt,
  integerEntrySize,
  isInteger,
  putBackLength,
} from './listpack-entry.ts'
import type { Heap } from './value.ts'

const MANY = 0xffff
/** First bytes of entries: strings with longer lengths, and the last one that has a meaning. */
const STRING_12 = 0xe0
const STRING_32 = 0xf0
const INT_64 = 0xf4
/** The longest length at an entry's end. */
const BACK_BYTES = 5
/** Up to this size it is one byte. */
const SMALL_ENTRY = 128

const reader = new EntryReader()
const back = Buffer.alloc(BACK_BYTES)
const element = new Bytes()

export interface CheckedListpack {
  /** The bytes given, or others that say the same where those are not written as they should. */
  readonly pack: Bytes
  readonly count: number
}

/** Null where the bytes are no listpack. */
export function checkListpack(pack: Bytes): CheckedListpack | null {
  const { buf, off, len } = pack
  if (len <= FIRST || buf.readUInt32LE(off) !== len || buf[off + len - 1] !== END) return null
  const end = off + len - 1
  let count = 0
  let isRegular = true
  for (let p = off + FIRST; p < end; count++) {
    const size = checkedSize(buf, p, end)
    if (size === 0) return null
    isRegular &&= isRegularEntry(buf, p, size)
    p += size
  }
  const stored = buf.readUInt16LE(off + 4)
  if (stored !== MANY && stored !== count) return null
  return { pack: isRegular ? pack : rewrite(pack), count }
}

/** The size of the entry at p if it lies before `end` and says at both ends how long it is; 0 otherwise. */
function checkedSize(m: Buffer, p: number, end: number): number {
  const c = m[p]!
  if (c > INT_64) return 0
  const headBytes = c === STRING_32 ? 5 : c >= STRING_12 && c < STRING_32 ? 2 : 1
  if (p + headBytes > end) return 0
  const size = entrySize(m, p)
  if (p + size > end) return 0
  if (size <= SMALL_ENTRY) return m[p + size - 1] === size - 1 ? size : 0
  // The lengths' own sizes: there is but one that goes with an entry's size.
  for (let backBytes = 1; backBytes <= BACK_BYTES; backBytes++) {
    if (putBackLength(back, 0, size - backBytes) !== backBytes) continue
    return back.compare(m, p + size - backBytes, p + size, 0, backBytes) === 0 ? size : 0
  }
  return 0
}

/** Whether the entry is the shortest of its value. */
function isRegularEntry(m: Buffer, p: number, size: number): boolean {
  if (isInteger(m, p)) return integerEntrySize(integerAt(m, p)) === size
  return encodedSize(reader.read(m, p)) === size
}

function rewrite(pack: Bytes): Bytes {
  const entries = new EntryEncoder()
  forEachEntry(pack, (value) => {
    entries.append(value)
  })
  return wrap(element.set(entries.buf, 0, entries.len), entries.count)
}

/** Shows the values in a checked listpack. */
export function forEachEntry({ buf, off, len }: Bytes, fn: (value: Bytes) => void): void {
  const end = off + len - 1
  for (let p = off + FIRST; p < end; p += entrySize(buf, p)) fn(reader.read(buf, p))
}

/** Whether no two entries of a checked listpack are the same, looking at every `step`-th. */
export function isDistinct(heap: Heap, { buf, off, len }: Bytes, step: 1 | 2): boolean {
  const end = off + len - 1
  let distinct = true
  const known = complete(new Dict(heap), (seen) => {
    for (let p = off + FIRST; p < end && distinct; ) {
      const size = entrySize(buf, p)
      element.set(buf, p, size)
      const hash = hashOf(element)
      distinct = seen.find(element, hash) === 0
      if (distinct) seen.add(element, hash)
      p += size
      if (step === 2) p += entrySize(buf, p)
    }
  })
  known.free()
  return distinct
}
