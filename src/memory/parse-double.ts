/**
 * Reads a double as C's `strtod` does, over the whole text: decimal, hexadecimal (`0x1.8p3`), `inf` and `infinity` in
 * any case. Refused, as Valkey refuses them: `nan`, surrounding spaces, and what over- or underflows a double.
 */
import type { Bytes } from './bytes.ts'
import { parseInt64 } from './numbers.ts'

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?[0-9]+))?$/
const INFINITE = /^([+-]?)inf(?:inity)?$/i
const NON_ZERO_MANTISSA = /^[^eE]*[1-9]/
/** An exponent beyond this is out of any double's range whatever the digits before it, up to this many. */
const EXPONENT_MAX = 1_000_000

export function parseDouble(b: Bytes): number | undefined {
  const integer = parseInt64(b)
  if (integer !== undefined) return Number(integer)
  const text = b.latin1()
  if (DECIMAL.test(text)) return inRange(Number(text), NON_ZERO_MANTISSA.test(text))
  const infinite = INFINITE.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity
  return parseHexadecimal(text)
}

function inRange(value: number, nonZero: boolean): number | undefined {
  if (Math.abs(value) === Infinity || (value === 0 && nonZero)) return undefined
  return value
}

function parseHexadecimal(text: string): number | undefined {
  const parts = HEXADECIMAL.exec(text)
  if (parts === null) return undefined
  const fraction = parts[3] ?? ''
  const digits = (parts[2] ?? '') + fraction
  if (digits === '') return undefined
  const mantissa = BigInt(`0x${digits}`)
  if (mantissa === 0n) return parts[1] === '-' ? -0 : 0
  const written = Number(parts[4] ?? 0)
  if (Math.abs(written) > EXPONENT_MAX) return undefined
  const value = scale(mantissa, written - 4 * fraction.length)
  return inRange(parts[1] === '-' ? -value : value, true)
}

/** mantissa * 2^exponent, rounded once, to nearest even. */
function scale(mantissa: bigint, exponent: number): number {
  const bits = mantissa.toString(2).length
  const magnitude = bits + exponent
  if (magnitude > 1024) return Infinity
  // A double keeps 53 bits, fewer below 2^-1022; the bits dropped decide the rounding.
  const kept = Math.min(53, magnitude + 1074)
  if (kept < 0) return 0
  const drop = bits - kept
  if (drop <= 0) return multiplyByPowerOfTwo(Number(mantissa), exponent)
  const half = 1n << BigInt(drop - 1)
  let high = mantissa >> BigInt(drop)
  const rest = mantissa & ((half << 1n) - 1n)
  if (rest > half || (rest === half && (high & 1n) === 1n)) high++
  return multiplyByPowerOfTwo(Number(high), exponent + drop)
}

/** Exact: `value` has at most 53 bits and the product is representable or overflows. */
function multiplyByPowerOfTwo(value: number, exponent: number): number {
  const first = Math.max(-1000, Math.min(1000, exponent))
  return value * 2 ** first * 2 ** (exponent - first)
}
