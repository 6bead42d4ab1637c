/**
 * What records gained since they were looked at last. What they had then is kept of every record, whether its script has a
 * trail or not: so no past is ever taken for a gain.
 */
import { MAX_SCRIPT_RECORDS, type ScriptMemory } from '../../counting/scripts/memory.ts'
import {
  CALLS,
  MICROSECONDS,
  type ScriptRecord,
  SERIAL,
  STEP_COUNT,
  STEPS,
} from '../../counting/scripts/record.ts'

/** What is kept of a record: SERIAL, CALLS, MICROSECONDS, and the steps. */
const FIXED = 3
const SLOTS = FIXED + STEP_COUNT

export class Gains {
  /** Of the record that was looked at last: whose it is, and what it gained. */
  id = ''
  serial = 0
  calls = 0
  microseconds = 0
  readonly steps = new Float64Array(STEP_COUNT)
  private readonly scripts: ScriptMemory
  private readonly before = new Float64Array((MAX_SCRIPT_RECORDS + 1) * SLOTS)
  private readonly after = new Float64Array(SLOTS)
  private resets = 0

  constructor(scripts: ScriptMemory) {
    this.scripts = scripts
  }

  /** Before records are looked at: figures that were set back begin anew. */
  begin(): void {
    const { resets } = this.scripts
    if (resets !== this.resets) this.before.fill(0)
    this.resets = resets
  }

  /** Whether a record has gained anything; what, is in the fields until the next is looked at. */
  look(index: number): boolean {
    const { scripts, after } = this
    const record = scripts.record(index)
    const before = this.before.subarray(index * SLOTS, (index + 1) * SLOTS)
    // The time of a run may be noted after the run.
    if (isSame(record, before)) return false
    this.id = scripts.whole(index, () => {
      after[0] = record[SERIAL]!
      after[1] = record[CALLS]!
      after[2] = record[MICROSECONDS]!
      after.set(record.subarray(STEPS), FIXED)
      return scripts.id(index)
    })
    if (after[0] !== before[0]) before.fill(0)
    this.serial = after[0]!
    this.calls = after[1]! - before[1]!
    this.microseconds = after[2]! - before[2]!
    for (let i = 0; i < STEP_COUNT; i++) this.steps[i] = after[FIXED + i]! - before[FIXED + i]!
    before.set(after)
    return this.calls > 0 || this.microseconds > 0
  }
}

function isSame(record: ScriptRecord, before: Float64Array): boolean {
  return record[SERIAL] === before[0] && record[CALLS] === before[1] && record[MICROSECONDS] === before[2]
}
