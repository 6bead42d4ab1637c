/**
 * The figures of scripts as the metrics thread sees them: read from the shared memory when they are asked for, whatever
 * the engine's thread does meanwhile.
 */
import { keptId, LABEL_DIGITS, labelOf, OTHER, REST, type ScriptMemory } from './memory.ts'
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
  KEYS_OUTSIDE,
  KILL_REASONS,
  KILLS,
  KIND,
  LUA_MICROSECONDS,
  LUA_PEAK,
  MICROSECONDS,
  PROFILED,
  percentiles,
  RECORD_SLOTS,
  type ScriptRecord,
  SLOWEST,
  STARTED,
  STATE_FREE,
  STATE_LABELLED,
} from './record.ts'

/** By number. */
const KINDS = ['other', 'script', 'function'] as const

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
  /** As estimated from the runs that were looked at closely. */
  readonly keysOutside: number
  /** Runs that were looked at closely, for the two times and for the keys; as long as it is 0, nothing is known of those. */
  readonly profiled: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly luaPeakBytes: number
  /** Unix ms of the start of the last run; 0 before the first. */
  readonly lastRun: number
}

type Identity = Pick<ScriptFigures, 'kind' | 'id' | 'name' | 'label'>

/** What a script can be called by. */
type Called = Pick<ScriptFigures, 'id' | 'name'>

export interface FoundScript {
  readonly figures: ScriptFigures
  readonly record: ScriptRecord
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

/** A record as it was at one moment. */
interface Reading {
  readonly identity: Identity
  /** Overwritten by the next reading. */
  readonly record: ScriptRecord
}

export class ScriptReader {
  readonly memory: ScriptMemory
  private readonly scratch = new Float64Array(RECORD_SLOTS)

  constructor(memory: ScriptMemory) {
    this.memory = memory
  }

  /** Every script that has a record, and the others together as the last. */
  all(): ScriptFigures[] {
    const found = new Map<string, ScriptFigures>()
    const { memory } = this
    const codes = memory.codeNames
    for (let i = OTHER + 1; i < memory.used; i++) {
      const reading = this.read(i)
      // One that left and came again meanwhile may have been met before.
      if (reading !== undefined) found.set(reading.identity.id, figuresOf(reading, codes))
    }
    return [...found.values(), figuresOf(this.read(OTHER)!, codes)]
  }

  /** The script that is called so; of several the one that ran last. */
  find(called: string): FoundScript | undefined {
    const wanted = keptId(called)
    let found: FoundScript | undefined
    for (const known of this.known()) {
      if (!isCalled(known, wanted)) continue
      const one = this.foundAt(known.index, wanted)
      if (one?.figures.id === wanted) return one
      if (one !== undefined && (found === undefined || one.figures.lastRun > found.figures.lastRun))
        found = one
    }
    return found
  }

  /** For each of these the scripts that are called so. */
  findAll(called: readonly string[]): ScriptFigures[][] {
    const known = [...this.known()]
    return called.map((name) => {
      const wanted = keptId(name)
      const meant = known.filter((one) => isCalled(one, wanted))
      return meant.flatMap(({ index }) => this.foundAt(index, wanted)?.figures ?? [])
    })
  }

  /** What the scripts are called that have records; they may come and go meanwhile. */
  private *known(): Iterable<Called & { readonly index: number }> {
    const { memory } = this
    for (let index = 0; index < memory.used; index++) {
      if (memory.state(index) === STATE_FREE) continue
      yield { index, id: memory.id(index), name: memory.name(index) }
    }
  }

  /** The script there, if it is still called so. */
  private foundAt(index: number, wanted: string): FoundScript | undefined {
    const reading = this.read(index)
    if (reading === undefined || !isCalled(reading.identity, wanted)) return undefined
    return { figures: figuresOf(reading, this.memory.codeNames), record: reading.record.slice() }
  }

  get running(): CurrentRun | undefined {
    const { memory } = this
    const { running } = memory
    if (running === undefined) return undefined
    const { index, wrote } = running
    const run = memory.whole(index, () => ({
      ...this.identity(index),
      id: memory.runningId(index),
      since: memory.record(index)[STARTED]!,
      wrote,
    }))
    // Otherwise it has just ended.
    return memory.running?.index === index ? run : undefined
  }

  /** What the metrics show: a row for each label, `other` the last. */
  labelled(): LabelledCounters[] {
    const { memory } = this
    const rows = new Map<string, LabelledCounters>()
    for (let i = OTHER + 1; i < memory.used; i++) {
      if (memory.state(i) !== STATE_LABELLED) continue
      const row = memory.whole(i, () => (memory.state(i) === STATE_LABELLED ? this.row(i) : undefined))
      // One that left and came again meanwhile may have been met before.
      if (row !== undefined) rows.set(row.label, row)
    }
    return [...rows.values(), memory.whole(REST, () => this.row(REST))]
  }

  /** What is to be seen of a record under the label it has now. */
  private row(index: number): LabelledCounters {
    const { memory } = this
    const record = memory.record(index)
    const accounted = memory.accounted(index)
    const counters = record.slice(COUNTERS, COUNTERS_END)
    for (let i = 0; i < counters.length; i++) counters[i]! -= accounted[i]!
    return {
      label: labelOf(memory.id(index)),
      name: memory.name(index),
      counters,
      luaPeakBytes: record[LUA_PEAK]!,
      lastRun: record[STARTED]!,
    }
  }

  private read(index: number): Reading | undefined {
    const { memory, scratch } = this
    return memory.whole(index, () => {
      if (memory.state(index) === STATE_FREE) return undefined
      scratch.set(memory.record(index))
      return { identity: this.identity(index), record: scratch }
    })
  }

  private identity(index: number): Identity {
    const { memory } = this
    const id = memory.id(index)
    const label = memory.state(index) === STATE_LABELLED ? labelOf(id) : 'other'
    return { kind: KINDS[memory.record(index)[KIND]!] ?? 'other', id, name: memory.name(index), label }
  }
}

/** Whether it is what is wanted: an id, twelve or more of the first digits of a SHA in either case, or a name. */
export function isCalled({ id, name }: Called, wanted: string): boolean {
  if (id === wanted || (name !== '' && name === wanted)) return true
  return wanted.length >= LABEL_DIGITS && id.startsWith(wanted.toLowerCase()) && labelOf(id) !== id
}

/** What a script has that has not run. */
export function noFigures(identity: Identity): ScriptFigures {
  return figuresOf({ identity, record: new Float64Array(RECORD_SLOTS) }, [])
}

const PERCENTS = [50, 90, 99, 99.9]

/** A record's figures by name; `codes` by number. Written out, as V8 makes slow objects of large ones that are put together. */
function figuresOf({ identity, record }: Reading, codes: readonly string[]): ScriptFigures {
  const { kind, id, name, label } = identity
  const calls = record[CALLS]!
  const microseconds = record[MICROSECONDS]!
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
    luaSeconds: record[LUA_MICROSECONDS]! / 1e6,
    commandSeconds: record[COMMAND_MICROSECONDS]! / 1e6,
    mean: calls === 0 ? 0 : microseconds / calls,
    p50,
    p90,
    p99,
    p999,
    max: record[SLOWEST]!,
    commands: record[COMMANDS]!,
    keysOutside: Math.round(record[KEYS_OUTSIDE]!),
    profiled: record[PROFILED]!,
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
