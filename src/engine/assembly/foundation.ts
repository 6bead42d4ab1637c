/**
 * What the engine itself stands on.
 */
import type { Constraints } from '../constraints.ts'
import type { DebugSettings } from '../debug-settings.ts'
import type { Clients } from './clients.ts'
import type { Data } from './data.ts'
import type { Instruments } from './instruments.ts'
import type { Memory } from './memory.ts'

export interface Foundation extends Instruments, Data, Clients, Memory {
  readonly constraints: Constraints
  readonly debug: DebugSettings
}
