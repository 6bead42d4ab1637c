/**
 * Numbers as text, as Valkey reads and prints them: strict 64-bit integers, doubles in their shortest form.
 */
import type { Bytes } from './bytes.ts'
import { lastScale, shortestDigits } from './shortest-digits.ts'

export const INT64_MIN = -(2n ** 63n)
export const INT64_MAX = 2n ** 63n - 1n

/** Digits that always fit a double exactly. */
const SAFE_DIGITS = 15

/**
 * A canonical 64-bit signed integer (no `+`, no leading zeros, no spaces): a number where it is exact, a bigint beyond
 * 2^53, undefined where the bytes are anything else.
 */
export function parseInt64(b: Bytes): number | bigint | undefined {
  const n = b.len
  const buf = b.buf
  let p = b.off
  const end = p + n
  if (n === 0 || n > 20) return undefined
  const negative = buf[p] === 45
  if (negative) p++
  const digits = end - p
  if (digits === 0) return undefined
  if (buf[p] === 48) return n === 1 ? 0 : undefined
  if (digits > SAFE_DIGITS) return parseLong(b, p, end)
  let v = 0
  for (; p < end; p++) {
    const c = buf[p]! - 48
    if (c < 0 || c > 9) return undefined
    v = v * 10 + c
  }
  return negative ? -v : v
}

function parseLong(b: Bytes, start: number, end: number): number | bigint | undefined {
  for (let p = start; p < end; p++) {
    const c = b.buf[p]!
    if (c < 48 || c > 57) return undefined
  }
  const v = BigInt(b.latin1())
  if (v < INT64_MIN || v > INT64_MAX) return undefined
  const n = Number(v)
  return Number.isSafeInteger(n) ? n : v
}

/** Writes the decimal digits of a safe integer at `p`; returns the position behind them. */
export function putInteger(buf: Uint8Array, p: number, value: number): number {
  let v = value
  if (v < 0) {
    buf[p++] = 45
    v = -v
  }
  if (v < 10) {
    buf[p] = 48 + v
    return p + 1
  }
  let digits = 1
  for (let x = 10; x <= v; x *= 10) digits++
  for (let i = p + digits - 1; i >= p; i--) {
    const q = v < 0x80000000 ? (v / 10) | 0 : Math.floor(v / 10)
    buf[i] = 48 + (v - q * 10)
    v = q
  }
  return p + digits
}

/** Integers up to this magnitude are printed as such. */
const INTEGER_MAGNITUDE_MAX = 2 ** 62
/** How many zeros a larger number may end with in plain notation, and how many decimals a number may have. */
const PLAIN_ZEROS_MAX = 7
const PLAIN_DECIMALS_MAX = 6
/** With this exponent of ten, it may have more. */
const PLAIN_EXPONENT_MAX = 3
/** Characters of a number in scientific notation, sign included, up to its exponent. */
const SCIENTIFIC_DIGITS_MAX = 18

/** A double in a short form that reads back the same, in the notation of Valkey's fpconv: `3`, `0.1`, `inf`, `1e+21`. */
export function formatDouble(v: number): string {
  if (Number.isInteger(v)) {
    if (Number.isSafeInteger(v)) return Object.is(v, -0) ? '-0' : String(v)
    if (Math.abs(v) <= INTEGER_MAGNITUDE_MAX) return String(BigInt(v))
  }
  if (v === Infinity) return 'inf'
  if (v === -Infinity) return '-inf'
  if (Number.isNaN(v)) return 'nan'
  const digits = shortestDigits(v)
  return (v < 0 ? '-' : '') + inNotation(digits, lastScale(), v < 0)
}

/** Digits whose last stands for 10^scale. */
function inNotation(digits: string, scale: number, isNegative: boolean): string {
  if (scale >= 0 && scale <= PLAIN_ZEROS_MAX) return digits + '0'.repeat(scale)
  const exponent = scale + digits.length - 1
  if (scale < 0 && (scale >= -PLAIN_DECIMALS_MAX || Math.abs(exponent) <= PLAIN_EXPONENT_MAX)) {
    if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
    return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
  }
  const shown = digits.slice(0, SCIENTIFIC_DIGITS_MAX - (isNegative ? 1 : 0))
  const mantissa = shown.length === 1 ? shown : `${shown[0]}.${shown.slice(1)}`
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
}
