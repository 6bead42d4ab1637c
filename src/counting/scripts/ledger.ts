/**
 * Which script has which record: they are given out when scripts come and taken back when they go. What a record holds then
 * goes to the record of all others, so that the sums stay right. The engine's thread owns it.
 */
import { ScriptFeed } from './feed.ts'
import { ScriptLabels } from './labels.ts'
import { keptId, MAX_SCRIPT_RECORDS, OTHER, ScriptMemory } from './memory.ts'
import {
  addDuration,
  CALLS,
  COUNTERS,
  COUNTERS_END,
  ERROR_CODES_MAX,
  INDEX,
  KIND_OTHER,
  LUA_PEAK,
  PROFILED_FROM,
  PROFILED_UNTIL,
  percentiles,
  RECORD_SLOTS,
  type ScriptRecord,
  SLOWEST,
  STARTED,
  STATE,
  STATE_FREE,
  STATE_LABELLED,
  STATE_USED,
  STEPS,
  TIMED,
} from './record.ts'

/** Codes that have numbers of their own whatever codes scripts invent. */
const USUAL_CODES = [
  'ERR',
  'WRONGTYPE',
  'OOM',
  'NOSCRIPT',
  'BUSY',
  'READONLY',
  'NOPERM',
  'NOAUTH',
  'EXECABORT',
]

export interface ScriptIdentity {
  readonly kind: number
  /** SHA, or `library.function`. */
  readonly id: string
  /** What its author calls it; empty where it has no name. */
  readonly name: string
  readonly text: Buffer
}

export interface LedgerSettings {
  readonly 'script-metrics-max-labels': number
  readonly 'metrics-port': number
}

export class ScriptLedger {
  readonly memory = new ScriptMemory()
  readonly labels: ScriptLabels
  readonly feed: ScriptFeed
  readonly other: ScriptRecord
  /** Scripts that had to share the record of the others. */
  unrecorded = 0
  private readonly free: number[] = []
  private readonly codes = new Map<string, number>()
  /** By record, to be told again to a new metrics thread. */
  private readonly texts: (Buffer | undefined)[] = []

  constructor(settings: LedgerSettings) {
    this.other = this.memory.occupy(OTHER, KIND_OTHER, STATE_USED, 'other', '')
    this.labels = new ScriptLabels(this.memory, settings)
    this.feed = new ScriptFeed(settings['metrics-port'] !== 0)
    for (const code of USUAL_CODES) this.numberOf(code)
  }

  /** A record for a script that came; that of the others where all are in use. */
  open({ kind, id: whole, name, text }: ScriptIdentity): ScriptRecord {
    const { memory, labels } = this
    const id = keptId(whole)
    const index = this.free.pop() ?? memory.used
    if (index > MAX_SCRIPT_RECORDS) {
      this.unrecorded++
      return this.other
    }
    memory.step()
    const record = memory.occupy(index, kind, labels.stateAtStart(), id, name)
    memory.step()
    this.texts[index] = text
    this.feed.opened(id, text)
    return record
  }

  /** Tells the feed of all scripts there are. */
  tellTexts(): void {
    for (const [index, text] of this.texts.entries()) {
      if (text !== undefined) this.feed.opened(this.memory.id(index), text)
    }
  }

  /** The script went. */
  close(record: ScriptRecord): void {
    const index = record[INDEX]!
    if (index === OTHER || record[STATE] === STATE_FREE) return
    this.feed.closed(this.memory.id(index))
    this.texts[index] = undefined
    this.memory.step()
    this.fold(record)
    if (record[STATE] === STATE_LABELLED) this.labels.lost()
    record[STATE] = STATE_FREE
    this.memory.step()
    this.free.push(index)
  }

  private fold(record: ScriptRecord): void {
    const { other, memory } = this
    settle(record)
    const isLabelled = record[STATE] === STATE_LABELLED
    const hidden = memory.hidden(record[INDEX]!)
    const hiddenOther = memory.hidden(OTHER)
    for (let i = COUNTERS; i < COUNTERS_END; i++) {
      other[i]! += record[i]!
      // What was seen under the script's own label is not to be seen again.
      hiddenOther[i - COUNTERS]! += isLabelled ? record[i]! : hidden[i - COUNTERS]!
    }
    for (let i = STEPS; i < RECORD_SLOTS; i++) other[i]! += record[i]!
    for (const i of [STARTED, LUA_PEAK, SLOWEST]) other[i] = Math.max(other[i]!, record[i]!)
    for (const i of [TIMED, PROFILED_FROM, PROFILED_UNTIL]) other[i]! += record[CALLS]!
  }

  /** The number of an error code; 0 where it has none of its own. */
  numberOf(code: string): number {
    const known = this.codes.get(code)
    if (known !== undefined) return known
    const number = this.memory.codeNumber(code)
    if (this.codes.size < ERROR_CODES_MAX) this.codes.set(code, number)
    return number
  }

  /** Sets all figures back; labels stay. */
  reset(): void {
    const { memory } = this
    memory.step()
    for (let i = 0; i < memory.used; i++) {
      if (memory.state(i) !== STATE_FREE) clear(memory.record(i), memory.hidden(i))
    }
    memory.noteReset()
    memory.step()
  }
}

/** Runs that no other stands for were short: they took as long as most, and not the mean, which slow ones raise. */
function settle(record: ScriptRecord): void {
  const untimed = record[CALLS]! - record[TIMED]!
  if (untimed > 0) addDuration(record, percentiles(record, [50])[0]!, untimed)
}

function clear(record: ScriptRecord, hidden: Float64Array): void {
  record.fill(0, COUNTERS)
  for (const i of [LUA_PEAK, TIMED, SLOWEST, PROFILED_FROM, PROFILED_UNTIL]) record[i] = 0
  hidden.fill(0)
}
