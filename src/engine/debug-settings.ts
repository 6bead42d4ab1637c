/**
 * What DEBUG switches on and off, for tests.
 */
import type { DebugSwitches } from '../commands/services/debug.ts'

export class DebugSettings implements DebugSwitches {
  activeExpire = true
  denyScriptsDisabled = false
  cronPaused = false
  keepsBuffers = false
  readonly sleep: (milliseconds: number) => void

  constructor(sleep: (milliseconds: number) => void) {
    this.sleep = sleep
  }
}
