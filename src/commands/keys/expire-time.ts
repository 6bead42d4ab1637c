/**
 * Reads the expiry that SET, GETEX and the EXPIRE family take: seconds or milliseconds, from now or since 1970.
 */
import { failWith } from '../../errors.ts'
import type { Bytes } from '../../memory/bytes.ts'
import { INT64_MAX, INT64_MIN } from '../../memory/numbers.ts'
import { int64Arg } from '../arguments.ts'

export const SECONDS = 1000
export const MILLISECONDS = 1
export type TimeUnit = typeof SECONDS | typeof MILLISECONDS

/** Below this a number of seconds is exact in milliseconds, with any base added. */
const PLAIN_MAX = 4e12
/** The largest double that is a 64-bit integer: what lies behind it is as good as never. */
const TIME_MAX = 2 ** 63 - 1024

/**
 * The Unix time in ms that lies `b` units after `base`; it may lie in the past. `command` names the command in the error
 * of a time that 64 bits cannot hold.
 */
export function expireTime(b: Bytes, unit: TimeUnit, base: number, command: string): number {
  const given = int64Arg(b)
  if (typeof given === 'number' && given < PLAIN_MAX && given > -PLAIN_MAX) return given * unit + base
  const at = BigInt(given) * BigInt(unit)
  if (at > INT64_MAX - BigInt(base) || at < INT64_MIN) failExpireTime(command)
  return Math.min(Number(at) + base, TIME_MAX)
}

/** As expireTime, where Valkey refuses 0 and less. */
export function positiveExpireTime(b: Bytes, unit: TimeUnit, base: number, command: string): number {
  if (int64Arg(b) <= 0) failExpireTime(command)
  return expireTime(b, unit, base, command)
}

function failExpireTime(command: string): never {
  failWith(`ERR invalid expire time in '${command}' command`)
}
