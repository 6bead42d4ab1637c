/**
 * The figures of scripts as the metrics thread sees them: read from the shared memory when they are asked for, whatever
 * the engine's thread does meanwhile.
 */
import { keptId, OTHER, type ScriptMemory } from './memory.ts'
import {
  BUSY,
  BYTES_IN,
  BYTES_OUT,
  CALLS,
  COMMAND_MICROSECONDS,
  COMMANDS,
  COUNTERS,
  COUNTERS_END,
  ERROR_CODES_MAX,
  ERRORS,
  INDEX,
  KEYS_OUTSIDE,
  KILL_REASONS,
  KILLS,
  KIND,
  KIND_FUNCTION,
  KIND_SCRIPT,
  LUA_PEAK,
  MICROSECONDS,
  percentiles,
  type ScriptRecord,
  SLOWEST,
  STARTED,
  STATE_FREE,
  STATE_LABELLED,
} from './record.ts'

/** A reading across a change of records is tried again so often, and then taken as it is. */
const READ_ATTEMPTS = 8

/** Digits of a SHA that a label has. */
const LABEL_DIGITS = 12

/** All that is known of a script. */
export interface ScriptFigures {
  readonly kind: 'script' | 'function' | 'other'
  /** The SHA, or `library.function`. */
  readonly id: string
  /** As its author calls it; empty where it has no name. */
  readonly name: string
  /** Of the metrics: its own label, or `other`. */
  readonly label: string
  readonly calls: number
  readonly errors: Readonly<Record<string, number>>
  readonly kills: Readonly<Record<string, number>>
  readonly busy: number
  /** Time in seconds: in all, in Lua, in commands. */
  readonly seconds: number
  readonly luaSeconds: number
  readonly commandSeconds: number
  /** Microseconds of one run. */
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  readonly commands: number
  readonly keysOutside: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly luaPeakBytes: number
  /** Unix ms of the start of the last run; 0 before the first. */
  readonly lastRun: number
}

export interface CurrentRun {
  readonly kind: 'script' | 'function' | 'other'
  readonly id: string
  readonly name: string
  /** Of the metrics: its own label, or `other`. */
  readonly label: string
  /** Unix ms. */
  readonly since: number
  /** It has called a command that writes, and so cannot be killed. */
  readonly wrote: boolean
}

/** What is seen under a label: `counters` as in a record from COUNTERS on. */
export interface LabelledCounters {
  readonly label: string
  readonly name: string
  readonly counters: Float64Array
  readonly luaPeakBytes: number
  readonly lastRun: number
}

export class ScriptReader {
  readonly memory: ScriptMemory
  /** What `other` was seen as last: it never goes back. */
  private lastOther = new Float64Array(COUNTERS_END - COUNTERS)
  private resets = 0

  constructor(memory: ScriptMemory) {
    this.memory = memory
  }

  /** Every script that has a record, and the others together as the last. */
  all(): ScriptFigures[] {
    return this.consistently(() => {
      const found: ScriptFigures[] = []
      const codes = this.memory.codeNames
      for (let i = OTHER + 1; i < this.memory.used; i++) {
        if (this.memory.state(i) !== STATE_FREE) found.push(this.figures(i, codes))
      }
      found.push(this.figures(OTHER, codes))
      return found
    })
  }

  /** The script of an id, or of the first digits of a SHA. */
  find(id: string): { readonly figures: ScriptFigures; readonly record: ScriptRecord } | undefined {
    const { memory } = this
    const wanted = keptId(id)
    return this.consistently(() => {
      for (let i = 0; i < memory.used; i++) {
        if (memory.state(i) === STATE_FREE || !isMeant(memory.id(i), wanted)) continue
        return { figures: this.figures(i, memory.codeNames), record: Float64Array.from(memory.record(i)) }
      }
      return undefined
    })
  }

  get running(): CurrentRun | undefined {
    return this.consistently(() => {
      const running = this.memory.running
      if (running === undefined) return undefined
      const record = this.memory.record(running.index)
      const { kind, name } = this.identity(record)
      const id = this.memory.runningId(running.index)
      return {
        kind,
        id,
        name,
        label: this.labelAt(running.index),
        since: record[STARTED]!,
        wrote: running.wrote,
      }
    })
  }

  /** What the metrics show: a row for each label, `other` the last. */
  labelled(): LabelledCounters[] {
    const rows = this.consistently(() => this.readLabelled())
    const { resets } = this.memory
    const other = rows.at(-1)!.counters
    if (resets === this.resets) {
      for (const [i, last] of this.lastOther.entries()) other[i] = Math.max(other[i]!, last)
    }
    this.resets = resets
    this.lastOther = other.slice()
    return rows
  }

  private readLabelled(): LabelledCounters[] {
    const { memory } = this
    const rows: LabelledCounters[] = []
    const other = this.row(OTHER)
    let { luaPeakBytes, lastRun } = other
    for (let i = OTHER + 1; i < memory.used; i++) {
      const state = memory.state(i)
      if (state === STATE_FREE) continue
      if (state === STATE_LABELLED) {
        rows.push(this.row(i))
        continue
      }
      const record = memory.record(i)
      addSeen(other.counters, record, memory.hidden(i))
      luaPeakBytes = Math.max(luaPeakBytes, record[LUA_PEAK]!)
      lastRun = Math.max(lastRun, record[STARTED]!)
    }
    rows.push({ ...other, luaPeakBytes, lastRun })
    return rows
  }

  /** What is to be seen of a record under the label it has now. */
  private row(index: number): LabelledCounters {
    const { memory } = this
    const record = memory.record(index)
    const counters = new Float64Array(COUNTERS_END - COUNTERS)
    addSeen(counters, record, memory.hidden(index))
    const { id, name } = this.identity(record)
    return { label: labelOf(id), name, counters, luaPeakBytes: record[LUA_PEAK]!, lastRun: record[STARTED]! }
  }

  private identity(record: ScriptRecord): Pick<ScriptFigures, 'kind' | 'id' | 'name'> {
    const index = record[INDEX]!
    const kind =
      record[KIND] === KIND_SCRIPT ? 'script' : record[KIND] === KIND_FUNCTION ? 'function' : 'other'
    return { kind, id: this.memory.id(index), name: this.memory.name(index) }
  }

  private figures(index: number, codes: readonly string[]): ScriptFigures {
    const record = this.memory.record(index)
    const identity = this.identity(record)
    return figuresOf(record, { ...identity, label: this.labelAt(index) }, codes)
  }

  private labelAt(index: number): string {
    return this.memory.state(index) === STATE_LABELLED ? labelOf(this.memory.id(index)) : 'other'
  }

  private consistently<T>(read: () => T): T {
    for (let attempt = 1; ; attempt++) {
      const before = this.memory.sequence
      const result = read()
      const isWhole = before % 2 === 0 && this.memory.sequence === before
      if (isWhole || attempt === READ_ATTEMPTS) return result
    }
  }
}

/** Adds what is to be seen of a record. */
function addSeen(counters: Float64Array, record: ScriptRecord, hidden: Float64Array): void {
  for (let i = 0; i < counters.length; i++) counters[i]! += record[COUNTERS + i]! - hidden[i]!
}

/** What a label calls a script. */
export function labelOf(id: string): string {
  return /^[0-9a-f]{40}$/.test(id) ? id.slice(0, LABEL_DIGITS) : id
}

function isMeant(id: string, wanted: string): boolean {
  return id === wanted || (wanted.length >= LABEL_DIGITS && labelOf(id) !== id && id.startsWith(wanted))
}

const PERCENTS = [50, 90, 99, 99.9]

/** A record's figures by name; `codes` by number. Written out, as V8 makes slow objects of large ones that are put together. */
function figuresOf(
  record: ScriptRecord,
  { kind, id, name, label }: Pick<ScriptFigures, 'kind' | 'id' | 'name' | 'label'>,
  codes: readonly string[],
): ScriptFigures {
  const calls = record[CALLS]!
  const microseconds = record[MICROSECONDS]!
  const commandMicroseconds = record[COMMAND_MICROSECONDS]!
  const [p50, p90, p99, p999] = percentiles(record, PERCENTS) as [number, number, number, number]
  return {
    kind,
    id,
    name,
    label,
    calls,
    errors: errorsOf(record, codes),
    kills: Object.fromEntries(KILL_REASONS.map((reason, i) => [reason, record[KILLS + i]!])),
    busy: record[BUSY]!,
    seconds: microseconds / 1e6,
    luaSeconds: (microseconds - commandMicroseconds) / 1e6,
    commandSeconds: commandMicroseconds / 1e6,
    mean: calls === 0 ? 0 : microseconds / calls,
    p50,
    p90,
    p99,
    p999,
    max: record[SLOWEST]!,
    commands: record[COMMANDS]!,
    keysOutside: record[KEYS_OUTSIDE]!,
    bytesIn: record[BYTES_IN]!,
    bytesOut: record[BYTES_OUT]!,
    luaPeakBytes: record[LUA_PEAK]!,
    lastRun: record[STARTED]!,
  }
}

function errorsOf(record: ScriptRecord, codes: readonly string[]): Record<string, number> {
  const errors: Record<string, number> = {}
  for (let i = 0; i < Math.min(codes.length, ERROR_CODES_MAX); i++) {
    const count = record[ERRORS + i]!
    if (count > 0) errors[codes[i]!] = count
  }
  return errors
}
