/**
 * How the server and each script did over the last minutes: what the shared counters had gained each second. Kept by the
 * metrics thread, so that the page has a past when it is opened.
 */

import { OTHER, type ScriptMemory } from '../../counting/scripts/memory.ts'
import {
  percentiles,
  RECORD_SLOTS,
  SERIAL,
  SLOWEST,
  STATE_FREE,
  STEP_COUNT,
  STEPS,
} from '../../counting/scripts/record.ts'
import { METRICS } from '../fields/fields.ts'
import type { Figures } from '../metrics/shared-figures.ts'
import { Gains } from './gains.ts'
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
  /** Of its record. */
  readonly serial: number
  /** Runs since the last point, and by their durations. */
  calls: number
  readonly steps: Float64Array
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
  private readonly current = new Map<string, Pace>()
  private readonly gains: Gains
  private readonly scratch = new Float64Array(RECORD_SLOTS)
  /** Runs of all scripts since the last moment, by their durations; and the slowest of these scripts. */
  private readonly steps = new Float64Array(STEP_COUNT)
  private slowest = 0
  private last: { readonly at: number; readonly totals: readonly [number, number, number] } | null = null
  /** Since the last point. */
  private moments = 0
  private seconds = 0

  constructor(scripts: ScriptMemory) {
    this.scripts = scripts
    this.gains = new Gains(scripts)
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
    const moment: Moment = {
      time: now / 1000,
      commands: commands!,
      errors: errors!,
      runs: runs!,
      p50: this.percentileOf(this.steps, 50, this.slowest),
      p99: this.percentileOf(this.steps, 99, this.slowest),
      memory: figures.metrics[MEMORY_METRIC]!,
      clients: figures.metrics[CLIENTS_METRIC]!,
    }
    append(this.history, moment, MOMENTS_MAX)
    this.seconds += seconds
    if (++this.moments === MOMENTS_PER_POINT) this.addPoints(now)
    return moment
  }

  /** What scripts do now, by id; those that are not in it do nothing. */
  get paces(): ReadonlyMap<string, Pace> {
    return this.current
  }

  trailOf(id: string): Trail | undefined {
    for (const memory of this.known.values()) if (memory.id === id) return memory.trail
    return undefined
  }

  private noteScripts(seconds: number): void {
    const { scripts, known, gains } = this
    this.steps.fill(0)
    this.slowest = 0
    this.current.clear()
    gains.begin()
    for (let i = OTHER + 1; i < scripts.used; i++) {
      const memory = known.get(i)
      const isGone = scripts.state(i) === STATE_FREE || memory?.serial !== scripts.record(i)[SERIAL]
      if (memory !== undefined && isGone) known.delete(i)
      if (scripts.state(i) !== STATE_FREE && gains.look(i)) this.noteScript(i, seconds)
    }
  }

  private noteScript(index: number, seconds: number): void {
    const { known } = this
    const { id, serial, calls, microseconds, steps } = this.gains
    const before = known.get(index)
    const memory = before?.serial === serial ? before : newMemory(id, serial)
    // Those that ran last are at the end.
    known.delete(index)
    known.set(index, memory)
    if (known.size > TRAILS_MAX) known.delete(known.keys().next().value!)
    // What was before the first moment was not within a second.
    if (seconds === 0) return
    this.current.set(id, { rate: calls / seconds, load: Math.min(1, microseconds / 1e6 / seconds) })
    memory.calls += calls
    for (let step = 0; step < STEP_COUNT; step++) {
      memory.steps[step]! += steps[step]!
      this.steps[step]! += steps[step]!
    }
    this.slowest = Math.max(this.slowest, this.scripts.record(index)[SLOWEST]!)
  }

  private addPoints(now: number): void {
    for (const [index, memory] of this.known) {
      const slowest = this.scripts.record(index)[SLOWEST]!
      const point = {
        time: now / 1000,
        runs: this.seconds > 0 ? memory.calls / this.seconds : 0,
        p50: this.percentileOf(memory.steps, 50, slowest),
        p99: this.percentileOf(memory.steps, 99, slowest),
      }
      append(memory.trail, point, POINTS_MAX)
      memory.steps.fill(0)
      memory.calls = 0
    }
    this.moments = 0
    this.seconds = 0
  }

  private percentileOf(steps: Float64Array, percent: number, slowest: number): number | null {
    if (steps.every((runs) => runs === 0)) return null
    this.scratch.set(steps, STEPS)
    this.scratch[SLOWEST] = slowest
    return percentiles(this.scratch, [percent])[0]!
  }
}

function newMemory(id: string, serial: number): Memory {
  return {
    id,
    serial,
    calls: 0,
    steps: new Float64Array(STEP_COUNT),
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
