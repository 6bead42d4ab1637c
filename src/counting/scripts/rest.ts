/**
 * What the metrics show as `other`: one row, to which is added now and then what the scripts without a label have gained.
 * So a reader of the metrics adds nothing up, and what it reads never goes back, whoever gets or loses a label or leaves.
 *
 * `ScriptMemory.accounted` keeps of each record how much of it is in that row, or was seen under a label that is gone. Of
 * a script with a label all else is seen under that.
 */
import { REST, type ScriptMemory } from './memory.ts'
import {
  COUNTERS,
  COUNTERS_END,
  INDEX,
  KIND_OTHER,
  LUA_PEAK,
  type ScriptRecord,
  STARTED,
  STATE_USED,
} from './record.ts'

export class RestSum {
  private readonly memory: ScriptMemory
  private readonly row: ScriptRecord

  constructor(memory: ScriptMemory) {
    this.memory = memory
    this.row = memory.occupy(REST, KIND_OTHER, STATE_USED, 'other', '')
  }

  /** Adds what the scripts without a label have gained. */
  account(): void {
    const { memory } = this
    for (let i = 0; i < memory.used; i++) {
      if (memory.state(i) === STATE_USED && memory.hasGained(i)) this.add(memory.record(i))
    }
  }

  /** Adds what one of them has gained. */
  add(record: ScriptRecord): void {
    const { memory, row } = this
    const accounted = memory.accounted(record[INDEX]!)
    memory.change(REST, () => {
      for (let i = COUNTERS; i < COUNTERS_END; i++) {
        row[i]! += record[i]! - accounted[i - COUNTERS]!
        accounted[i - COUNTERS] = record[i]!
      }
      for (const i of [STARTED, LUA_PEAK]) row[i] = Math.max(row[i]!, record[i]!)
    })
  }
}
