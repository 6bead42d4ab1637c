/**
 * Numbers as text, as Valkey reads and prints them: strict 64-bit integers, doubles in their shortest form.
 */
import type { Bytes } from './bytes.ts'

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
/** A number of this many decimals, or with this exponent, is no longer printed in plain notation. */
const PLAIN_DECIMALS_MAX = 6
const PLAIN_EXPONENT_MAX = 3
/** How many zeros a number too large to be printed as an integer may end with in plain notation. */
const PLAIN_ZEROS_MAX = 7

/** A double in its shortest form that reads back the same, in the notation of Valkey's fpconv: `3`, `0.1`, `inf`, `1e+21`. */
export function formatDouble(v: number): string {
  if (Number.isInteger(v)) {
    if (Number.isSafeInteger(v)) return Object.is(v, -0) ? '-0' : String(v)
    if (Math.abs(v) <= INTEGER_MAGNITUDE_MAX) return String(BigInt(v))
  }
  if (v === Infinity) return 'inf'
  if (v === -Infinity) return '-inf'
  if (Number.isNaN(v)) return 'nan'
  const text = String(v)
  const point = text.indexOf('.')
  const isPlain = point >= 0 && text.length - point - 1 <= PLAIN_DECIMALS_MAX && !text.includes('e')
  return isPlain ? text : formatDigits(v)
}

/** The shortest digits come from JavaScript, the choice of a notation is fpconv's. */
function formatDigits(v: number): string {
  const sign = v < 0 ? '-' : ''
  const [mantissa, power] = Math.abs(v).toExponential().split('e') as [string, string]
  const digits = mantissa.replace('.', '')
  const exponent = Number(power)
  /** The value is digits * 10^scale. */
  const scale = exponent - digits.length + 1
  if (scale >= 0 && scale <= PLAIN_ZEROS_MAX) return sign + digits + '0'.repeat(scale)
  if (scale < 0 && (scale >= -PLAIN_DECIMALS_MAX || Math.abs(exponent) <= PLAIN_EXPONENT_MAX)) {
    if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
    return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
  }
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
}
