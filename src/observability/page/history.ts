/**
 * How the server and each script did over the last minutes: what the shared counters had gained each second. Kept by the
 * metrics thread, so that the page has a past when it is opened.
 */
import { METRICS } from '../fields.ts'
import { MAX_SCRIPT_RECORDS, OTHER, type ScriptMemory } from '../scripts/memory.ts'
import {
  CALLS,
  MICROSECONDS,
  percentiles,
  RECORD_SLOTS,
  type ScriptRecord,
  SLOWEST,
  STATE_FREE,
  STEP_COUNT,
  STEPS,
} from '../scripts/record.ts'
import type { Figures } from '../shared-figures.ts'
import type { History, Moment, Trail } from './protocol.ts'

/** Moments kept: ten minutes. */
const MOMENTS_MAX = 600
/** Moments that make one point of a script's trail, and points kept: ten minutes again. */
const MOMENTS_PER_POINT = 5
const POINTS_MAX = 120
/** Scripts that have a trail; of more, those go that have not run for longest. */
const TRAILS_MAX = 512

/** The commands that run scripts. */
const RUNNERS = new Set(['eval', 'eval_ro', 'evalsha', 'evalsha_ro', 'fcall', 'fcall_ro'])

const COMMANDS_METRIC = metricIndex('redis_commands_processed_total')
const ERRORS_METRIC = metricIndex('redis_total_error_replies')
const MEMORY_METRIC = metricIndex('redis_memory_used_bytes')
const CLIENTS_METRIC = metricIndex('redis_connected_clients')
export const MAX_MEMORY_METRIC = metricIndex('redis_memory_max_bytes')

function metricIndex(name: string): number {
  const index = METRICS.findIndex((metric) => metric.name === name)
  if (index < 0) throw new Error(`no metric ${name}`)
  return index
}

/** What a script did within the last second. */
export interface Pace {
  /** Runs a second. */
  readonly rate: number
  /** Share of the time. */
  readonly load: number
}

export const NO_PACE: Pace = { rate: 0, load: 0 }

/** What is remembered of a script. */
interface Memory {
  readonly id: string
  calls: number
  microseconds: number
  pace: Pace
  /** The steps at the last moment, and those since the last point. */
  readonly steps: Float64Array
  readonly gained: Float64Array
  gainedCalls: number
  readonly trail: Trail
}

export class Recorder {
  readonly history: History = {
    time: [],
    commands: [],
    runs: [],
    errors: [],
    p50: [],
    p99: [],
    memory: [],
    clients: [],
  }
  private readonly scripts: ScriptMemory
  /** By the place of the record; in the order of the last run. */
  private readonly known = new Map<number, Memory>()
  /** Runs of all records, at the last moment. */
  private readonly calls = new Float64Array(MAX_SCRIPT_RECORDS + 1)
  private readonly scratch = new Float64Array(RECORD_SLOTS)
  private readonly gained = new Float64Array(STEP_COUNT)
  private last: { readonly at: number; readonly totals: readonly [number, number, number] } | null = null
  private moments = 0

  constructor(scripts: ScriptMemory) {
    this.scripts = scripts
  }

  /** Notes what there is now; `now` is Unix time in ms. */
  sample(figures: Figures, now: number): Moment {
    const totals = totalsOf(figures)
    const seconds = this.last === null ? 0 : (now - this.last.at) / 1000
    const [commands, errors, runs] = totals.map((total, i) =>
      seconds > 0 ? Math.max(0, total - this.last!.totals[i]!) / seconds : 0,
    )
    this.last = { at: now, totals }
    this.noteScripts(seconds)
    const slowest = this.scratch[SLOWEST]!
    const moment: Moment = {
      time: now / 1000,
      commands: commands!,
      errors: errors!,
      runs: runs!,
      p50: this.percentileOf(this.gained, 50, slowest),
      p99: this.percentileOf(this.gained, 99, slowest),
      memory: figures.metrics[MEMORY_METRIC]!,
      clients: figures.metrics[CLIENTS_METRIC]!,
    }
    append(this.history, moment, MOMENTS_MAX)
    if (++this.moments % MOMENTS_PER_POINT === 0) this.addPoints(now)
    return moment
  }

  /** What scripts do now, by id; those that are not in it do nothing. */
  paces(): ReadonlyMap<string, Pace> {
    const paces = new Map<string, Pace>()
    for (const { id, pace } of this.known.values()) if (pace !== NO_PACE) paces.set(id, pace)
    return paces
  }

  trailOf(id: string): Trail | undefined {
    for (const memory of this.known.values()) if (memory.id === id) return memory.trail
    return undefined
  }

  private noteScripts(seconds: number): void {
    this.gained.fill(0)
    this.scratch[SLOWEST] = 0
    for (let i = OTHER + 1; i < this.scripts.used; i++) {
      const record = this.scripts.record(i)
      const known = this.known.get(i)
      const hasRun = record[CALLS] !== this.calls[i]
      this.calls[i] = record[CALLS]!
      if (this.scripts.state(i) === STATE_FREE) this.known.delete(i)
      // The time of a run may be noted after the run.
      else if (hasRun || (known !== undefined && known.microseconds !== record[MICROSECONDS])) {
        this.noteScript(i, record, known, seconds)
      } else if (known !== undefined) known.pace = NO_PACE
    }
  }

  private noteScript(index: number, record: ScriptRecord, known: Memory | undefined, seconds: number): void {
    const id = this.scripts.id(index)
    const isSame = known?.id === id && known.calls <= record[CALLS]!
    const memory = isSame ? known : newMemory(id)
    // Those that ran last are at the end.
    this.known.delete(index)
    this.known.set(index, memory)
    if (this.known.size > TRAILS_MAX) this.known.delete(this.known.keys().next().value!)
    // What a script did before it was first seen was not done within the last second.
    if (this.last !== null && seconds > 0 && isSame) {
      const load = (record[MICROSECONDS]! - memory.microseconds) / 1e6 / seconds
      memory.pace = {
        rate: (record[CALLS]! - memory.calls) / seconds,
        load: Math.min(1, Math.max(0, load)),
      }
    }
    memory.gainedCalls += record[CALLS]! - memory.calls
    memory.calls = record[CALLS]!
    memory.microseconds = record[MICROSECONDS]!
    for (let step = 0; step < STEP_COUNT; step++) {
      const runs = record[STEPS + step]! - memory.steps[step]!
      memory.steps[step]! += runs
      memory.gained[step]! += runs
      this.gained[step]! += runs
    }
    this.scratch[SLOWEST] = Math.max(this.scratch[SLOWEST]!, record[SLOWEST]!)
  }

  private addPoints(now: number): void {
    for (const [index, memory] of this.known) {
      const slowest = this.scripts.record(index)[SLOWEST]!
      const point = {
        time: now / 1000,
        runs: memory.gainedCalls / MOMENTS_PER_POINT,
        p50: this.percentileOf(memory.gained, 50, slowest),
        p99: this.percentileOf(memory.gained, 99, slowest),
      }
      append(memory.trail, point, POINTS_MAX)
      memory.gained.fill(0)
      memory.gainedCalls = 0
    }
  }

  private percentileOf(steps: Float64Array, percent: number, slowest: number): number | null {
    if (steps.every((runs) => runs === 0)) return null
    this.scratch.set(steps, STEPS)
    this.scratch[SLOWEST] = slowest
    return percentiles(this.scratch, [percent])[0]!
  }
}

function newMemory(id: string): Memory {
  return {
    id,
    calls: 0,
    microseconds: 0,
    pace: NO_PACE,
    steps: new Float64Array(STEP_COUNT),
    gained: new Float64Array(STEP_COUNT),
    gainedCalls: 0,
    trail: { time: [], runs: [], p50: [], p99: [] },
  }
}

function totalsOf(figures: Figures): [number, number, number] {
  let runs = 0
  for (const { name, calls } of figures.commands) if (RUNNERS.has(name)) runs += calls
  return [figures.metrics[COMMANDS_METRIC]!, figures.metrics[ERRORS_METRIC]!, runs]
}

/** Adds a value to each of the arrays, and drops the oldest beyond `max`. */
function append<T extends { [K in keyof T]: (number | null)[] }>(
  arrays: T,
  values: { readonly [K in keyof T]: number | null },
  max: number,
): void {
  for (const name of Object.keys(arrays) as (keyof T)[]) {
    const array: (number | null)[] = arrays[name]
    array.push(values[name])
    if (array.length > max) array.shift()
  }
}
