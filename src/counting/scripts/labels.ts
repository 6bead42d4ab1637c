/**
 * Which scripts have a label of their own in the metrics: `script-metrics-max-labels` of them at once. All others are seen
 * together as `other` (rest.ts).
 *
 * Every run is seen under the label that its script has at that moment, and stays there: so no series ever goes back, and
 * none jumps. A script that gets a label begins there at 0; what it did before stays with `other`. When it loses the label,
 * or leaves the cache, its series end and `other` goes on from where it was. No two have the same label: of scripts whose
 * SHAs begin alike the second waits.
 *
 * The first scripts get their labels when they first run, after SCRIPT FLUSH too if that is not done again and again. Then
 * a label that has become free goes to the busiest script without one, and each LABEL_TURNOVER_MS only one more is given
 * away: a server that is sent thousands of scripts for one run each must not fill Prometheus with series over time. A
 * script keeps its label until it leaves the cache, or has not run for LABEL_IDLE_MS while others wait for one.
 */
import { labelOf, OTHER, type ScriptMemory } from './memory.ts'
import {
  CALLS,
  COUNTERS,
  COUNTERS_END,
  INDEX,
  MICROSECONDS,
  type ScriptRecord,
  STARTED,
  STATE,
  STATE_LABELLED,
  STATE_USED,
} from './record.ts'
import type { RestSum } from './rest.ts'

export const LABEL_TURNOVER_MS = 60_000
export const LABEL_IDLE_MS = 3_600_000
/** SCRIPT FLUSH makes those that come the first ones again, but not more often than this. */
export const LABEL_RESTART_MS = 3_600_000

export class ScriptLabels {
  private readonly memory: ScriptMemory
  private readonly rest: RestSum
  private readonly settings: { readonly 'script-metrics-max-labels': number }
  private readonly inUse = new Set<string>()
  /** Labels given away that nobody had before. */
  private first = 0
  /** Labels that may be given away now, of those that others had. */
  private credit = 0
  private creditedAt = 0
  private nextIdleCheck = 0
  private now = 0
  private nextRestart = 0

  constructor(
    memory: ScriptMemory,
    rest: RestSum,
    settings: { readonly 'script-metrics-max-labels': number },
  ) {
    this.memory = memory
    this.rest = rest
    this.settings = settings
  }

  private get max(): number {
    return this.settings['script-metrics-max-labels']
  }

  /** Whether a script that comes gets a label at once: a STATE. */
  stateAtStart(id: string): number {
    const label = labelOf(id)
    if (this.first >= this.max || this.inUse.size >= this.max || this.inUse.has(label)) return STATE_USED
    this.first++
    this.inUse.add(label)
    return STATE_LABELLED
  }

  /** A script with a label went. */
  lost(id: string): void {
    this.inUse.delete(labelOf(id))
  }

  /** All scripts went, as somebody asked for it: those that come are the first again. */
  restart(): void {
    if (this.now < this.nextRestart) return
    this.nextRestart = this.now + LABEL_RESTART_MS
    this.first = this.inUse.size
  }

  /** Gives and takes labels; called every moment. `now` is Unix time in ms. */
  assign(now: number): void {
    const { max } = this
    const { size } = this.inUse
    this.now = now
    this.earn(now)
    if (size > max) return this.take(this.leastBusy(size - max))
    const isFull = size >= max
    const mayGive = Math.floor(this.credit) + Math.max(0, max - this.first)
    if (mayGive === 0 || (isFull && now < this.nextIdleCheck)) return
    const waiting = this.waiting()
    if (isFull) {
      this.nextIdleCheck = now + LABEL_TURNOVER_MS
      this.take(this.idle(now).slice(0, Math.min(mayGive, waiting.length)))
    }
    const busiest = waiting.sort((a, b) => b[MICROSECONDS]! - a[MICROSECONDS]!)
    for (const record of busiest.slice(0, Math.min(max - this.inUse.size, mayGive))) this.give(record)
  }

  private earn(now: number): void {
    if (this.creditedAt === 0) this.creditedAt = now
    this.credit = Math.min(this.max, this.credit + Math.max(0, now - this.creditedAt) / LABEL_TURNOVER_MS)
    this.creditedAt = now
  }

  private records(state: number): ScriptRecord[] {
    const found: ScriptRecord[] = []
    for (let i = OTHER + 1; i < this.memory.used; i++) {
      if (this.memory.state(i) === state) found.push(this.memory.record(i))
    }
    return found
  }

  /** One for each label that nobody has. */
  private waiting(): ScriptRecord[] {
    const waiting = new Map<string, ScriptRecord>()
    for (const record of this.records(STATE_USED)) {
      const label = this.labelOf(record)
      if (record[CALLS]! > 0 && !this.inUse.has(label) && !waiting.has(label)) waiting.set(label, record)
    }
    return [...waiting.values()]
  }

  private labelOf(record: ScriptRecord): string {
    return labelOf(this.memory.id(record[INDEX]!))
  }

  private leastBusy(count: number): ScriptRecord[] {
    return this.records(STATE_LABELLED)
      .sort((a, b) => a[MICROSECONDS]! - b[MICROSECONDS]!)
      .slice(0, count)
  }

  private idle(now: number): ScriptRecord[] {
    return this.records(STATE_LABELLED).filter((record) => now - record[STARTED]! > LABEL_IDLE_MS)
  }

  private give(record: ScriptRecord): void {
    // What it did until now is seen under `other`.
    this.rest.add(record)
    this.memory.change(record[INDEX]!, () => {
      record[STATE] = STATE_LABELLED
    })
    this.inUse.add(this.labelOf(record))
    if (this.first < this.max) this.first++
    else this.credit--
  }

  private take(records: readonly ScriptRecord[]): void {
    const { memory } = this
    for (const record of records) {
      const index = record[INDEX]!
      memory.change(index, () => {
        memory.accounted(index).set(record.subarray(COUNTERS, COUNTERS_END))
        record[STATE] = STATE_USED
      })
      this.inUse.delete(this.labelOf(record))
    }
  }
}
