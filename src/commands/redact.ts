/**
 * Keeps secrets out of the slow log and MONITOR.
 */
import type { Bytes } from '../memory/bytes.ts'

const REDACTED = Buffer.from('(redacted)')

/** What the argument was is gone for all who look at the request after the command. */
export function redact(argument: Bytes): void {
  argument.set(REDACTED, 0, REDACTED.length)
}
