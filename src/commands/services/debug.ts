/**
 * What DEBUG changes for tests.
 */

/** What DEBUG changes for tests. */
export interface DebugSwitches {
  /** Expired keys are removed in the background. */
  activeExpire: boolean
  /** Scripts may call commands that are denied to them otherwise. */
  denyScriptsDisabled: boolean
  /** Nothing is done periodically. */
  cronPaused: boolean
  /** Idle connections do not give their buffers back. */
  keepsBuffers: boolean
  /** Blocks the whole engine. */
  sleep(milliseconds: number): void
}
