/**
 * The 80-bit extended numbers that INCRBYFLOAT and HINCRBYFLOAT calculate with (C's `long double` on x86-64), so that
 * 0.1 + 0.2 is 0.3: 64 bits of mantissa, each operation rounded once to nearest even, printed with 17 decimals.
 */
import type { Bytes } from './bytes.ts'
import { parseInt64 } from './numbers.ts'

const MANTISSA_BITS = 64
/** 2^EXPONENT_MAX is the first power that overflows; 2^EXPONENT_MIN the smallest (subnormal) number. */
const EXPONENT_MAX = 16384
const EXPONENT_MIN = -16445
/** Longer texts are not read. */
const TEXT_MAX = 5 * 1024 - 1
/** Decimal magnitudes beyond which the range above is left for certain. */
const DECIMAL_MAGNITUDE_MAX = 4940
const DECIMAL_MAGNITUDE_MIN = -4970
const DECIMALS = 17
const DECIMALS_SCALE = 10n ** BigInt(DECIMALS)

const DECIMAL = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?[0-9]+))?$/
const INFINITE = /^([+-]?)inf(?:inity)?$/i

export class LongDouble {
  static readonly ZERO = new LongDouble(0n, 0)
  static readonly INFINITY = new LongDouble(1n, Infinity)
  static readonly NEGATIVE_INFINITY = new LongDouble(-1n, Infinity)

  /** The value is mantissa * 2^exponent; infinite where the exponent is. */
  private readonly mantissa: bigint
  private readonly exponent: number

  constructor(mantissa: bigint, exponent: number) {
    this.mantissa = mantissa
    this.exponent = exponent
  }

  /** As `strtold`, of the whole text; undefined for what is no number, NaN, and what over- or underflows. */
  static parse(b: Bytes): LongDouble | undefined {
    const integer = parseInt64(b)
    if (integer !== undefined) return new LongDouble(BigInt(integer), 0)
    if (b.len === 0 || b.len > TEXT_MAX) return undefined
    const text = b.latin1()
    const infinite = INFINITE.exec(text)
    if (infinite !== null) return infinite[1] === '-' ? LongDouble.NEGATIVE_INFINITY : LongDouble.INFINITY
    const magnitude = parseDecimal(text) ?? parseHexadecimal(text)
    if (magnitude === undefined) return undefined
    return text[0] === '-' ? new LongDouble(-magnitude.mantissa, magnitude.exponent) : magnitude
  }

  /** The non-negative `numerator / denominator * 2^exponent`, rounded; undefined where it over- or underflows. */
  static round(numerator: bigint, denominator: bigint, exponent: number): LongDouble | undefined {
    if (numerator === 0n) return LongDouble.ZERO
    // Two bits more than are kept, and a last one that says whether anything was cut off, decide the rounding.
    const shift = Math.max(0, MANTISSA_BITS + 2 - bitLength(numerator) + bitLength(denominator))
    const scaled = numerator << BigInt(shift)
    let quotient = (scaled / denominator) << 1n
    if (scaled % denominator !== 0n) quotient |= 1n
    return roundMantissa(quotient, exponent - shift - 1)
  }

  get isFinite(): boolean {
    return Number.isFinite(this.exponent)
  }

  /** The rounded sum; undefined where it would not be a finite number. */
  plus(other: LongDouble): LongDouble | undefined {
    if (!this.isFinite || !other.isFinite) return undefined
    const exponent = Math.min(this.exponent, other.exponent)
    const sum =
      (this.mantissa << BigInt(this.exponent - exponent)) +
      (other.mantissa << BigInt(other.exponent - exponent))
    const magnitude = LongDouble.round(sum < 0n ? -sum : sum, 1n, exponent)
    if (magnitude === undefined) return undefined
    return sum < 0n ? new LongDouble(-magnitude.mantissa, magnitude.exponent) : magnitude
  }

  /** Rounded to 17 decimals, without trailing zeros and never with an exponent. */
  toString(): string {
    if (!this.isFinite) return this.mantissa < 0n ? '-inf' : 'inf'
    if (this.exponent >= 0) return String(this.mantissa << BigInt(this.exponent))
    const magnitude = this.mantissa < 0n ? -this.mantissa : this.mantissa
    const scaled = shiftRightToEven(magnitude * DECIMALS_SCALE, -this.exponent)
    if (scaled === 0n) return '0'
    const digits = String(scaled).padStart(DECIMALS + 1, '0')
    const fraction = digits.slice(-DECIMALS).replace(/0+$/, '')
    const whole = (this.mantissa < 0n ? '-' : '') + digits.slice(0, -DECIMALS)
    return fraction === '' ? whole : `${whole}.${fraction}`
  }
}

function parseDecimal(text: string): LongDouble | undefined {
  const parts = DECIMAL.exec(text)
  if (parts === null) return undefined
  const fraction = parts[3] ?? ''
  const digits = parts[2] + fraction
  if (digits === '') return undefined
  const significant = digits.replace(/^0+/, '')
  if (significant === '') return LongDouble.ZERO
  const exponent = Number(parts[4] ?? 0) - fraction.length
  const magnitude = significant.length + exponent
  if (magnitude > DECIMAL_MAGNITUDE_MAX || magnitude < DECIMAL_MAGNITUDE_MIN) return undefined
  const power = 10n ** BigInt(Math.abs(exponent))
  return exponent >= 0
    ? LongDouble.round(BigInt(significant) * power, 1n, 0)
    : LongDouble.round(BigInt(significant), power, 0)
}

function parseHexadecimal(text: string): LongDouble | undefined {
  const parts = HEXADECIMAL.exec(text)
  if (parts === null) return undefined
  const fraction = parts[3] ?? ''
  const digits = (parts[2] ?? '') + fraction
  if (digits === '') return undefined
  return LongDouble.round(BigInt(`0x${digits}`), 1n, Number(parts[4] ?? 0) - 4 * fraction.length)
}

/** `mantissa * 2^exponent` in 64 bits of mantissa, or fewer where it is subnormal. */
function roundMantissa(mantissa: bigint, exponent: number): LongDouble | undefined {
  const bits = bitLength(mantissa)
  const magnitude = bits + exponent
  const kept = Math.min(MANTISSA_BITS, magnitude - EXPONENT_MIN)
  if (magnitude > EXPONENT_MAX || kept < 0) return undefined
  const drop = bits - kept
  if (drop <= 0) return new LongDouble(mantissa, exponent)
  const rounded = shiftRightToEven(mantissa, drop)
  if (rounded === 0n || bitLength(rounded) + exponent + drop > EXPONENT_MAX) return undefined
  return new LongDouble(rounded, exponent + drop)
}

function shiftRightToEven(value: bigint, count: number): bigint {
  const high = value >> BigInt(count)
  const half = 1n << BigInt(count - 1)
  const rest = value - (high << BigInt(count))
  return rest > half || (rest === half && (high & 1n) === 1n) ? high + 1n : high
}

function bitLength(value: bigint): number {
  const hex = value.toString(16)
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28
}
