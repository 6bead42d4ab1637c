/**
 * The options of SET and GETEX. One record is reused for every command: parsing allocates nothing.
 */
import { fail } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import { hasMore } from '../arguments.ts'
import { MILLISECONDS, positiveExpireTime, SECONDS, type TimeUnit } from '../keys/expire-time.ts'

export const NX = 1 << 0
export const XX = 1 << 1
export const IFEQ = 1 << 2
export const GET = 1 << 3
export const KEEPTTL = 1 << 4
export const PERSIST = 1 << 5
export const EX = 1 << 6
export const PX = 1 << 7
export const EXAT = 1 << 8
export const PXAT = 1 << 9

export const EXPIRY = EX | PX | EXAT | PXAT
export const ABSOLUTE = EXAT | PXAT
const IN_SECONDS = EX | EXAT
const CONDITION = NX | XX | IFEQ
const TTL_FATE = KEEPTTL | PERSIST | EXPIRY

/** Options that each command takes. */
const SET_OPTIONS = CONDITION | GET | KEEPTTL | EXPIRY
const GETEX_OPTIONS = PERSIST | EXPIRY

/** Options that may not stand beside one: an option may be repeated, IFEQ may not. */
const EXCLUDED: ReadonlyMap<number, number> = new Map([
  [NX, XX | IFEQ],
  [XX, NX | IFEQ],
  [IFEQ, CONDITION],
  [GET, 0],
  [KEEPTTL, PERSIST | EXPIRY],
  [PERSIST, KEEPTTL | EXPIRY],
  [EX, TTL_FATE & ~EX],
  [PX, TTL_FATE & ~PX],
  [EXAT, TTL_FATE & ~EXAT],
  [PXAT, TTL_FATE & ~PXAT],
])
const WITH_VALUE = IFEQ | EXPIRY

export class StringOptions {
  /** The options given, or-ed. */
  flags = 0
  private timeAt = 0
  private comparisonAt = 0

  has(flags: number): boolean {
    return (this.flags & flags) !== 0
  }

  parseSet(args: Args): this {
    return this.parse(args, 3, SET_OPTIONS)
  }

  parseGetex(args: Args): this {
    return this.parse(args, 2, GETEX_OPTIONS)
  }

  /** The Unix time in ms that the expiry option gives. */
  expiry(args: Args, now: number, command: string): number {
    const unit: TimeUnit = this.has(IN_SECONDS) ? SECONDS : MILLISECONDS
    return positiveExpireTime(args.at(this.timeAt), unit, this.has(ABSOLUTE) ? 0 : now, command)
  }

  /** What IFEQ compares with. */
  comparison(args: Args): Bytes {
    return args.at(this.comparisonAt)
  }

  private parse(args: Args, start: number, allowed: number): this {
    this.flags = 0
    for (let i = start; i < args.count; i++) {
      const option = optionOf(args.at(i)) & allowed
      if (option === 0 || this.has(EXCLUDED.get(option)!)) fail('syntax')
      if ((option & WITH_VALUE) !== 0) {
        if (!hasMore(args, i)) fail('syntax')
        i++
        if (option === IFEQ) this.comparisonAt = i
        else this.timeAt = i
      }
      this.flags |= option
    }
    return this
  }
}

function optionOf(b: Bytes): number {
  switch (b.len) {
    case 2:
      return b.is('NX') ? NX : b.is('XX') ? XX : b.is('EX') ? EX : b.is('PX') ? PX : 0
    case 3:
      return b.is('GET') ? GET : 0
    case 4:
      return b.is('EXAT') ? EXAT : b.is('PXAT') ? PXAT : b.is('IFEQ') ? IFEQ : 0
    case 7:
      return b.is('KEEPTTL') ? KEEPTTL : b.is('PERSIST') ? PERSIST : 0
    default:
      return 0
  }
}
