/**
 * What threads know of the running script: a few words of shared memory, an Int32Array. The engine's thread writes the first
 * and the limits, at the cost of a store each; the guardian reads them, and writes the others.
 */

/** Odd while a script runs; up by one at its start and its end. */
export const SEQUENCE = 0
/** The engine has something for the sleeping guardian. */
export const WAKE = 1
/** How many requests the guardian has dealt with, for the engine to wait for. */
export const ANSWERED = 2
/** After so many milliseconds of one script the guardian sets the alarm; 0: never. */
export const LIMIT_MS = 3
/** The sequence number of the last script that the guardian has seen at two glances: it took SEEN_AFTER_MS at most before. */
export const SEEN = 4
/** The guardian, having seen no script for a while, glances rarely; or there is none. */
export const DROWSY = 5
const WORDS = 6

/** A script that ran for so long has been seen. */
export const SEEN_AFTER_MS = 10

export function newControlBlock(): Int32Array {
  const control = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT))
  control[DROWSY] = 1
  return control
}
