/**
 * The options of SORT and SORT_RO, and the keys these commands use.
 */
import { fail } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import { hasMore, integerArg } from '../arguments.ts'

const HASH_SIGN = 35
const STAR = 42
const FIRST_OPTION = 2

export interface SortOptions {
  descending: boolean
  alpha: boolean
  start: number
  /** Negative: all. */
  count: number
  by: Bytes | undefined
  /** Some BY was constant: nothing is sorted, whatever a later BY says. */
  unsorted: boolean
  gets: Bytes[]
  store: Bytes | undefined
}

/**
 * `checkPattern` refuses a pattern by which elements name keys: it is asked only where a pattern does that, or could.
 */
export function parseSortOptions(
  args: Args,
  isReadOnly: boolean,
  checkPattern: (option: 'BY' | 'GET', pattern: Bytes) => void,
): SortOptions {
  const options: SortOptions = {
    descending: false,
    alpha: false,
    start: 0,
    count: -1,
    by: undefined,
    unsorted: false,
    gets: [],
    store: undefined,
  }
  for (let i = FIRST_OPTION; i < args.count; i++) {
    const option = args.at(i)
    if (option.is('ASC')) options.descending = false
    else if (option.is('DESC')) options.descending = true
    else if (option.is('ALPHA')) options.alpha = true
    else if (option.is('LIMIT') && hasMore(args, i, 2)) {
      options.start = Math.max(0, integerArg(args.at(++i)))
      options.count = integerArg(args.at(++i))
    } else if (!isReadOnly && option.is('STORE') && hasMore(args, i)) options.store = args.at(++i)
    else if (option.is('BY') && hasMore(args, i)) {
      options.by = args.at(++i)
      if (starOf(options.by) < 0) options.unsorted = true
      else checkPattern('BY', options.by)
    } else if (option.is('GET') && hasMore(args, i)) {
      const pattern = args.at(++i)
      checkPattern('GET', pattern)
      options.gets.push(pattern)
    } else fail('syntax')
  }
  return options
}

/** The pattern that stands for the elements themselves. */
export function isElement(pattern: Bytes): boolean {
  return pattern.len === 1 && pattern.byteAt(0) === HASH_SIGN
}

/** The position of the first star of a pattern, -1 when it is constant. */
export function starOf(pattern: Bytes): number {
  for (let i = 0; i < pattern.len; i++) if (pattern.byteAt(i) === STAR) return i
  return -1
}

/** The sorted key and the last STORE's; arguments of the other options are no keywords. */
export function sortKeys(args: Args): number[] {
  let store = 0
  for (let i = FIRST_OPTION; i < args.count; i++) {
    const option = args.at(i)
    if (option.is('LIMIT')) i += 2
    else if (option.is('GET') || option.is('BY')) i++
    else if (option.is('STORE') && hasMore(args, i)) store = i + 1
  }
  return store === 0 ? [1] : [1, store]
}
