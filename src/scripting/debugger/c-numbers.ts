/** The numbers a user types, as C reads them. */

const INT64_MAX = 2n ** 63n - 1n

/** atoi(): the digits the text begins with, 0 where it begins with none. */
export function leadingInteger(text: string): number {
  const [digits = '0'] = /^[ \t-\r]*[+-]?\d+/.exec(text) ?? []
  const value = BigInt(digits.trim().replace(/^\+/, ''))
  const clamped = value > INT64_MAX ? INT64_MAX : value < -INT64_MAX - 1n ? -INT64_MAX - 1n : value
  return Number(BigInt.asIntN(32, clamped))
}
