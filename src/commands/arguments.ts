/**
 * Reads the arguments that many commands share: integers, floats, counts, lists of keys. What is not well formed is
 * answered with Valkey's error, or with the text the command gives instead.
 */
import { ERRORS, failWith } from '../errors.ts'
import { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import { INT64_MIN, parseInt64 } from '../memory/numbers.ts'
import { parseDouble } from '../memory/parse-double.ts'

const INT32_MAX = 0x7fffffff

/** A 64-bit integer, exact: a bigint where a number would not be. */
export function int64Arg(b: Bytes, message: string = ERRORS.notInteger): number | bigint {
  return parseInt64(b) ?? failWith(message)
}

/**
 * A 64-bit integer as a number: exact up to 2^53, rounded beyond, which is enough for indexes, counts and limits that are
 * compared with sizes.
 */
export function integerArg(b: Bytes, message: string = ERRORS.notInteger): number {
  return Number(parseInt64(b) ?? failWith(message))
}

/** An integer between min and max, both included. */
export function integerInRange(b: Bytes, min: number, max: number, message?: string): number {
  const value = integerArg(b, message)
  if (value < min || value > max) {
    failWith(message ?? `ERR value is out of range, value must between ${min} and ${max}`)
  }
  return value
}

/** A 32-bit integer. */
export function int32Arg(b: Bytes, message?: string): number {
  return integerInRange(b, -INT32_MAX - 1, INT32_MAX, message)
}

/** An integer of 0 or more, such as the count of LPOP. */
export function positiveCount(b: Bytes, message?: string): number {
  const value = integerArg(b, message ?? ERRORS.notPositive)
  if (value < 0) failWith(message ?? ERRORS.notPositive)
  return value
}

/** A count whose sign is a mode (LREM, SRANDMEMBER): its magnitude must be a 64-bit integer too. */
export function signedCount(b: Bytes): number {
  const value = int64Arg(b)
  if (value === INT64_MIN) failWith(ERRORS.countRange)
  return Number(value)
}

/** A double, `inf` included, never NaN. */
export function floatArg(b: Bytes, message: string = ERRORS.notFloat): number {
  return parseDouble(b) ?? failWith(message)
}

/** The request whose command is named at `first`: one that this one is about. */
export function innerRequest(args: Args, first: number): Args {
  const request = new Args()
  for (let i = first; i < args.count; i++) {
    const { buf, off, len } = args.at(i)
    request.push(buf, off, len)
  }
  return request
}

/** Whether at least `count` arguments follow the one at `index`. */
export function hasMore(args: Args, index: number, count = 1): boolean {
  return index + count < args.count
}

/** The error of a (sub)command called with a wrong number of arguments; `name` as `set` or `object|encoding`. */
export function failArity(name: string): never {
  failWith(`ERR wrong number of arguments for '${name}' command`)
}
