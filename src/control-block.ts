/**
 * What threads know of the running script: a few words of shared memory, an Int32Array. The engine's thread writes the first
 * and the limits, at the cost of a store each; the guardian reads them, and writes the others, all but KILL and KILLED.
 */

/** Odd while a script runs; up by one at its start and its end. */
export const SEQUENCE = 0
/** The engine has something for the sleeping guardian. */
export const WAKE = 1
/** After so many milliseconds of one script the guardian sets the alarm; 0: never. */
export const LIMIT_MS = 2
/** The sequence number of the last script that the guardian has seen at two glances: it took SEEN_AFTER_MS at most before. */
export const SEEN = 3
/**
 * The sequence number of a script that is to end, written by who cannot ask the engine: the metrics thread. The guardian sets
 * the alarm, and the engine ends the script unless it has written. Of a script that is over it says nothing.
 */
export const KILL = 4
/** The guardian, having seen no script for a while, glances rarely; or there is none. */
export const DROWSY = 5
/** The sequence number of the last script that the engine ended because of KILL. */
export const KILLED = 6
const WORDS = 7

/** A script that ran for so long has been seen. */
export const SEEN_AFTER_MS = 10
/** And of one that has for so long it is told who runs it. */
export const TOLD_AFTER_MS = 100

export function newControlBlock(): Int32Array {
  const control = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT))
  control[DROWSY] = 1
  return control
}

/** Wakes the guardian. */
export function wakeGuardian(control: Int32Array): void {
  Atomics.store(control, WAKE, 1)
  Atomics.notify(control, WAKE)
}

export function isScriptRunning(control: Int32Array): boolean {
  return (Atomics.load(control, SEQUENCE) & 1) === 1
}

/** The script that runs is the one that is to end. */
export function isKillAsked(control: Int32Array): boolean {
  const sequence = Atomics.load(control, SEQUENCE)
  return (sequence & 1) === 1 && Atomics.load(control, KILL) === sequence
}
