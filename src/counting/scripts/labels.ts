/**
 * Which scripts have a label of their own in the metrics: `script-metrics-max-labels` of them at once. All others are seen
 * together as `other`.
 *
 * Every run is seen under the label that its script has at that moment, and stays there: so no series ever goes back, and
 * none jumps. A script that gets a label begins there at 0; what it did before stays with `other`. When it loses the label,
 * or leaves the cache, its series end and `other` goes on from where it was. `ScriptMemory.hidden` keeps the account.
 *
 * The first scripts get their labels when they come, after SCRIPT FLUSH too if that is not done again and again. Then a
 * label that has become free goes to the busiest script without one, and each LABEL_TURNOVER_MS only one more is given
 * away: a server that is sent thousands of scripts for one run each must not fill Prometheus with series over time. A
 * script keeps its label until it leaves the cache, or has not run for LABEL_IDLE_MS while others wait for one; one that
 * has never run gives it up at once.
 */
import { OTHER, type ScriptMemory } from './memory.ts'
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

export const LABEL_TURNOVER_MS = 60_000
export const LABEL_IDLE_MS = 3_600_000
/** SCRIPT FLUSH makes those that come the first ones again, but not more often than this. */
export const LABEL_RESTART_MS = 3_600_000

export class ScriptLabels {
  private readonly memory: ScriptMemory
  private readonly settings: { readonly 'script-metrics-max-labels': number }
  /** Labels in use. */
  private count = 0
  /** Labels given away that nobody had before. */
  private first = 0
  /** Labels that may be given away now, of those that others had. */
  private credit = 0
  private creditedAt = 0
  private nextIdleCheck = 0
  private now = 0
  private nextRestart = 0

  constructor(memory: ScriptMemory, settings: { readonly 'script-metrics-max-labels': number }) {
    this.memory = memory
    this.settings = settings
  }

  private get max(): number {
    return this.settings['script-metrics-max-labels']
  }

  /** Whether a script that comes gets a label at once: a STATE. */
  stateAtStart(): number {
    if (this.first >= this.max || this.count >= this.max) return STATE_USED
    this.first++
    this.count++
    return STATE_LABELLED
  }

  /** A script with a label went. */
  lost(): void {
    this.count--
  }

  /** All scripts went, as somebody asked for it: those that come are the first again. */
  restart(): void {
    if (this.now < this.nextRestart) return
    this.nextRestart = this.now + LABEL_RESTART_MS
    this.first = this.count
  }

  /** Gives and takes labels; called every moment. `now` is Unix time in ms. */
  assign(now: number): void {
    const { max } = this
    this.now = now
    this.earn(now)
    if (this.count > max) return this.take(this.leastBusy(this.count - max))
    const isFull = this.count >= max
    const unused = isFull ? this.records(STATE_LABELLED).filter(hasNeverRun) : []
    const mayGive = Math.floor(this.credit) + Math.max(0, max - this.first) + unused.length
    const isIdleCheck = isFull && now >= this.nextIdleCheck
    if (mayGive === 0 || (isFull && !isIdleCheck && unused.length === 0)) return
    const waiting = this.waiting()
    if (isIdleCheck) this.nextIdleCheck = now + LABEL_TURNOVER_MS
    if (isFull) {
      const idle = isIdleCheck ? this.idle(now) : []
      const taken = [...unused, ...idle].slice(0, Math.min(mayGive, waiting.length))
      this.take(taken)
      // Nobody has had a label in which nothing was ever counted.
      this.first -= Math.min(unused.length, taken.length)
    }
    const busiest = waiting.sort((a, b) => b[MICROSECONDS]! - a[MICROSECONDS]!)
    for (const record of busiest.slice(0, Math.min(max - this.count, mayGive))) this.give(record)
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

  private waiting(): ScriptRecord[] {
    return this.records(STATE_USED).filter((record) => !hasNeverRun(record))
  }

  private leastBusy(count: number): ScriptRecord[] {
    return this.records(STATE_LABELLED)
      .sort((a, b) => a[MICROSECONDS]! - b[MICROSECONDS]!)
      .slice(0, count)
  }

  private idle(now: number): ScriptRecord[] {
    return this.records(STATE_LABELLED).filter(
      (record) => !hasNeverRun(record) && now - record[STARTED]! > LABEL_IDLE_MS,
    )
  }

  private give(record: ScriptRecord): void {
    const { memory } = this
    const hidden = memory.hidden(record[INDEX]!)
    const hiddenOther = memory.hidden(OTHER)
    memory.step()
    for (let i = COUNTERS; i < COUNTERS_END; i++) {
      hiddenOther[i - COUNTERS]! -= record[i]! - hidden[i - COUNTERS]!
      hidden[i - COUNTERS] = record[i]!
    }
    record[STATE] = STATE_LABELLED
    memory.step()
    this.count++
    if (this.first < this.max) this.first++
    else this.credit--
  }

  private take(records: readonly ScriptRecord[]): void {
    for (const record of records) {
      this.memory.step()
      this.memory.hidden(record[INDEX]!).set(record.subarray(COUNTERS, COUNTERS_END))
      record[STATE] = STATE_USED
      this.memory.step()
      this.count--
    }
  }
}

function hasNeverRun(record: ScriptRecord): boolean {
  return record[CALLS] === 0
}
