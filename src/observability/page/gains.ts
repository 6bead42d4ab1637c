/**
 * What records gained since they were looked at last. What they had then is kept of every record, whether its script has a
 * trail or not: so no past is ever taken for a gain.
 */
import { MAX_SCRIPT_RECORDS, type ScriptMemory } from '../../counting/scripts/memory.ts'
import { CALLS, MICROSECONDS, STEP_COUNT, STEPS } from '../../counting/scripts/record.ts'

/** What is kept of a record: CALLS, MICROSECONDS, and the steps. */
const SLOTS = 2 + STEP_COUNT

export class Gains {
  /** Of the record that was looked at last. */
  calls = 0
  microseconds = 0
  readonly steps = new Float64Array(STEP_COUNT)
  private readonly scripts: ScriptMemory
  private readonly before = new Float64Array((MAX_SCRIPT_RECORDS + 1) * SLOTS)
  /** Whose records they were. */
  private readonly ids: string[] = []
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

  /** Whether the record of this script has gained anything; what, is in the fields until the next is looked at. */
  look(index: number, id: string): boolean {
    const before = this.before.subarray(index * SLOTS, (index + 1) * SLOTS)
    const record = this.scripts.record(index)
    const { sequence } = this.scripts
    if (this.ids[index] !== id || record[CALLS]! < before[0]!) before.fill(0)
    this.ids[index] = id
    // The time of a run may be noted after the run.
    if (record[CALLS] === before[0] && record[MICROSECONDS] === before[1]) return false
    const { after } = this
    after[0] = record[CALLS]!
    after[1] = record[MICROSECONDS]!
    after.set(record.subarray(STEPS), 2)
    // Where records changed hands meanwhile, the next look sees what was gained.
    if (sequence % 2 !== 0 || this.scripts.sequence !== sequence) return false
    this.calls = after[0] - before[0]!
    this.microseconds = after[1] - before[1]!
    for (let i = 0; i < STEP_COUNT; i++) this.steps[i] = after[2 + i]! - before[2 + i]!
    before.set(after)
    return true
  }

  /** The record is nobody's. */
  forget(index: number): void {
    this.ids[index] = ''
  }
}
