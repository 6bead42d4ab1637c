/**
 * How long a client is ready to wait, as commands are told it.
 */
import { failWith } from '../../errors.ts'
import type { Bytes } from '../../memory/bytes.ts'
import { integerArg } from '../arguments.ts'

/** Whole milliseconds, 0 or more, that end at a time the clock can say. */
export function timeoutArg(b: Bytes, now: number): number {
  const timeout = integerArg(b, 'ERR timeout is not an integer or out of range')
  if (timeout < 0) failWith('ERR timeout is negative')
  if (!Number.isSafeInteger(timeout + now)) failWith('ERR timeout is out of range')
  return timeout
}
