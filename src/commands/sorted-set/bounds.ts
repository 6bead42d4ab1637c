/**
 * Ranges of a sorted set by rank, score or member. Whatever they were given by, they come down to ascending ranks.
 */
import { fail } from '../../errors.ts'
import { Bytes } from '../../memory/bytes.ts'
import { parseDouble } from '../../memory/parse-double.ts'
import type { SortedSet } from '../../types/sorted-set.ts'
import { integerArg } from '../arguments.ts'

export interface Bounds {
  /** Rank of the first member within; not below `end` when there is none. */
  first(set: SortedSet): number
  /** Rank behind the last member within. */
  end(set: SortedSet): number
}

const PLUS = 43
const MINUS = 45
const PARENTHESIS = 40
const BRACKET = 91
const SPACES_BEFORE = /^[ \t-\r]+/
/** What parseDouble refuses because it is beyond a double's range, which as a bound is infinite or zero. */
const OUT_OF_RANGE = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/

export function rankBounds(start: Bytes, stop: Bytes, fromHighest = false): Bounds {
  return new RankBounds(integerArg(start), integerArg(stop), fromHighest)
}

class RankBounds implements Bounds {
  private readonly start: number
  private readonly stop: number
  /** Ranks are counted from the highest member. */
  private readonly fromHighest: boolean

  constructor(start: number, stop: number, fromHighest: boolean) {
    this.start = start
    this.stop = stop
    this.fromHighest = fromHighest
  }

  first({ size }: SortedSet): number {
    return this.fromHighest ? size - this.above(size) : this.below(size)
  }

  end({ size }: SortedSet): number {
    return this.fromHighest ? size - this.below(size) : this.above(size)
  }

  private below(size: number): number {
    return Math.max(0, this.start < 0 ? size + this.start : this.start)
  }

  private above(size: number): number {
    return Math.min(this.stop < 0 ? size + this.stop : this.stop, size - 1) + 1
  }
}

export function scoreBounds(min: Bytes, max: Bytes): Bounds {
  const minExclusive = isExclusive(min)
  const maxExclusive = isExclusive(max)
  return new ScoreBounds(scoreOf(min, minExclusive), minExclusive, scoreOf(max, maxExclusive), maxExclusive)
}

function isExclusive(b: Bytes): boolean {
  return b.len > 0 && b.byteAt(0) === PARENTHESIS
}

/** As strtod, which skips spaces, ends at a zero byte, takes nothing for 0, and goes to infinity or zero where a double ends. */
function scoreOf(b: Bytes, exclusive: boolean): number {
  const text = exclusive ? b.slice(1) : b
  const score = parseDouble(text)
  if (score !== undefined) return score
  const printed = text.printed()
  if (printed === '') return 0
  const trimmed = printed.replace(SPACES_BEFORE, '')
  if (OUT_OF_RANGE.test(trimmed)) return Number(trimmed)
  return parseDouble(Bytes.from(trimmed, 'latin1')) ?? fail('scoreRange')
}

class ScoreBounds implements Bounds {
  private readonly min: number
  private readonly minExclusive: boolean
  private readonly max: number
  private readonly maxExclusive: boolean

  constructor(min: number, minExclusive: boolean, max: number, maxExclusive: boolean) {
    this.min = min
    this.minExclusive = minExclusive
    this.max = max
    this.maxExclusive = maxExclusive
  }

  first(set: SortedSet): number {
    return set.countBelow(this.min, this.minExclusive)
  }

  end(set: SortedSet): number {
    return set.countBelow(this.max, !this.maxExclusive)
  }
}

export function lexBounds(min: Bytes, max: Bytes): Bounds {
  return new LexBounds(lexBound(min), lexBound(max))
}

/** A place between members: 'lowest' is before all of them, 'highest' behind. */
type LexBound = 'lowest' | 'highest' | { readonly member: Bytes; readonly exclusive: boolean }

function lexBound(b: Bytes): LexBound {
  if (b.len === 0) fail('lexRange')
  const sign = b.byteAt(0)
  if (sign === MINUS && b.len === 1) return 'lowest'
  if (sign === PLUS && b.len === 1) return 'highest'
  if (sign !== PARENTHESIS && sign !== BRACKET) fail('lexRange')
  return { member: b.slice(1), exclusive: sign === PARENTHESIS }
}

class LexBounds implements Bounds {
  private readonly min: LexBound
  private readonly max: LexBound

  constructor(min: LexBound, max: LexBound) {
    this.min = min
    this.max = max
  }

  first(set: SortedSet): number {
    if (typeof this.min === 'string') return this.min === 'lowest' ? 0 : set.size
    return set.countBelowLex(this.min.member, this.min.exclusive)
  }

  end(set: SortedSet): number {
    if (typeof this.max === 'string') return this.max === 'lowest' ? 0 : set.size
    return set.countBelowLex(this.max.member, !this.max.exclusive)
  }
}
