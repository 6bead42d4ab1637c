/**
 * What HSCAN, SSCAN and ZSCAN share: cursor, options, and a reply of a cursor and the matching elements.
 */
import { fail } from '../../errors.ts'
import { matchesAll, matchGlob } from '../../keyspace/glob.ts'
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { hasMore, integerArg } from '../arguments.ts'
import { MemberList } from './member-list.ts'

const DEFAULT_COUNT = 10
const FIRST_OPTION = 3
/** As strtoull reads it: what is negative wraps. */
const CURSOR = /^[ \t-\r]*([+-]?)0*([0-9]{1,20})$/
const CURSOR_MAX = 2n ** 64n - 1n
const CURSOR_LENGTH_MAX = 1024
/** Integers as Valkey writes them are no cursors where they are negative. */
const NEGATIVE = /^-[1-9][0-9]*$/
const NEGATIVE_MAX = 2n ** 63n

export type ScannedType = 'hash' | 'set' | 'zset'

interface ScanOptions {
  count: number
  pattern: Bytes | undefined
  onlyMembers: boolean
}

/** A scan position; rounded beyond 2^53, where no cursor of ours lies. */
export function cursorArg(b: Bytes): number {
  const text = b.len > CURSOR_LENGTH_MAX ? '' : b.latin1()
  const match = CURSOR.exec(text)
  if (match === null) fail('invalidCursor')
  const size = BigInt(match[2]!)
  if (size > CURSOR_MAX || (NEGATIVE.test(text) && size <= NEGATIVE_MAX)) fail('invalidCursor')
  return Number(match[1] === '-' ? BigInt.asUintN(64, -size) : size)
}

export function replyEmptyScan(reply: ReplySink): void {
  reply.array(2)
  reply.text('0')
  reply.array(0)
}

/**
 * Parses the options and answers the elements that `scan` shows from `cursor` on, `valueText` turning an element's second
 * half into bytes (absent for sets). The cursor stands first in the reply and is known last: the elements are gathered
 * before any is written.
 */
export function replyScan<V>(
  args: Args,
  reply: ReplySink,
  type: ScannedType,
  scan: (count: number, fn: (member: Bytes, value: V) => void) => number,
  valueText?: (value: V) => Bytes,
): void {
  const { count, pattern, onlyMembers } = scanOptions(args, type)
  const found = new MemberList()
  const next = scan(count, (member, value) => {
    if (pattern !== undefined && !matchGlob(pattern, member)) return
    found.push(member)
    if (valueText !== undefined && !onlyMembers) found.push(valueText(value))
  })
  reply.array(2)
  reply.text(String(next))
  reply.array(found.size)
  for (let i = 0; i < found.size; i++) reply.bulk(found.at(i))
}

function scanOptions(args: Args, type: ScannedType): ScanOptions {
  const options: ScanOptions = { count: DEFAULT_COUNT, pattern: undefined, onlyMembers: false }
  for (let i = FIRST_OPTION; i < args.count; i++) {
    const option = args.at(i)
    if (option.is('COUNT') && hasMore(args, i)) {
      options.count = integerArg(args.at(++i))
      if (options.count < 1) fail('syntax')
    } else if (option.is('MATCH') && hasMore(args, i)) {
      const pattern = args.at(++i)
      options.pattern = matchesAll(pattern) ? undefined : pattern
    } else if (option.is('NOVALUES')) {
      if (type !== 'hash') fail('novaluesOnlyHscan')
      options.onlyMembers = true
    } else if (option.is('NOSCORES')) {
      if (type !== 'zset') fail('noscoresOnlyZscan')
      options.onlyMembers = true
    } else {
      fail('syntax')
    }
  }
  return options
}
