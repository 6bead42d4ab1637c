/**
 * What is counted of a script: a record, numbers at the places below. A script that has run holds its record as the view
 * `ScriptMemory` gives, so that counting is adding to places of an array.
 */

/** Where in ScriptMemory it is. */
export const INDEX = 0
/** One of the STATEs below. */
export const STATE = 1
/** One of the KINDs below. */
export const KIND = 2
/** Unix ms of the start of the last run. */
export const STARTED = 3
/** The most that one run added to Lua's memory, bytes. */
export const LUA_PEAK = 4
/** When CALLS are so many, a run is looked at closely (engine/script-profile.ts). */
export const PROFILED_FROM = 5
/** Runs whose time is counted: they were timed, or a sample has stood for them. */
export const TIMED = 6
/** When MICROSECONDS are more, the next look is overdue. */
export const PROFILE_DUE = 7
/** The longest run that was timed, microseconds. */
export const SLOWEST = 8
/** CALLS when the last close look ended. */
export const PROFILED_UNTIL = 9
/** Which of all records that were ever given out it is. */
export const SERIAL = 10

/** What grows, and is summed up where scripts are put together: from here to COUNTERS_END. */
export const COUNTERS = 11
export const CALLS = COUNTERS
/** Commands called. */
export const COMMANDS = COUNTERS + 1
/** Bytes of keys and arguments. */
export const BYTES_IN = COUNTERS + 2
/** Bytes of replies. */
export const BYTES_OUT = COUNTERS + 3
/** Time, in microseconds; how much of it was spent in Lua itself, and how much in commands: neither is ever less. */
export const MICROSECONDS = COUNTERS + 4
export const LUA_MICROSECONDS = COUNTERS + 5
export const COMMAND_MICROSECONDS = COUNTERS + 6
/** Keys that commands were given and the caller had not declared, as estimated from the runs that were looked at closely. */
export const KEYS_OUTSIDE = COUNTERS + 7
/** Runs that went beyond `busy-reply-threshold`. */
export const BUSY = COUNTERS + 8
/** Runs that were looked at closely; their time, how much of it was spent in commands, and keys as above. */
export const PROFILED = COUNTERS + 9
export const PROFILED_MICROSECONDS = COUNTERS + 10
export const PROFILED_COMMAND_MICROSECONDS = COUNTERS + 11
export const PROFILED_KEYS_OUTSIDE = COUNTERS + 12
/** Runs that were ended, by the reason's place in KILL_REASONS. */
export const KILLS = COUNTERS + 13
/** Errors answered, by the number of their code. */
export const ERRORS = KILLS + 4
/** Runs by duration: the first of DURATION_BOUNDS that they do not exceed, or none. */
export const DURATIONS = ERRORS + 32
export const DURATION_BOUNDS = [
  10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 0.5, 1,
  2.5, 5, 10,
] as const
export const COUNTERS_END = DURATIONS + DURATION_BOUNDS.length + 1

/** Runs by duration, more finely: four steps for each doubling, from 1 microsecond to 17 seconds; the last has all longer ones. */
export const STEPS = COUNTERS_END
export const STEP_COUNT = 100
export const RECORD_SLOTS = STEPS + STEP_COUNT

export const STATE_FREE = 0
export const STATE_USED = 1
/** It has a label of its own in the metrics. */
export const STATE_LABELLED = 2

export const KIND_OTHER = 0
export const KIND_SCRIPT = 1
export const KIND_FUNCTION = 2

/** SCRIPT KILL and FUNCTION KILL; `lua-memory-limit`; a defect that cost the interpreter; the metrics' page. */
export const KILL_REASONS = ['user', 'memory', 'fault', 'page'] as const
export type KillReason = (typeof KILL_REASONS)[number]

/** Error codes told apart; the first stands for all others. */
export const ERROR_CODES_MAX = DURATIONS - ERRORS

/** A script's record, see the places above. */
export type ScriptRecord = Float64Array

const STEP_UNITS_MAX = 2 ** 26 - 1
/** The unit of steps, in microseconds. */
const STEP_UNIT = 0.256

/** Share of the time that the script spends in commands, 0 to 1, as far as it was looked at. */
function commandShare(record: ScriptRecord): number {
  const microseconds = record[PROFILED_MICROSECONDS]!
  return microseconds > 0 ? record[PROFILED_COMMAND_MICROSECONDS]! / microseconds : 0
}

/** Counts `runs` runs that took so long, a share of it in commands. */
export function addDuration(
  record: ScriptRecord,
  microseconds: number,
  runs: number,
  share = commandShare(record),
): void {
  record[MICROSECONDS]! += microseconds * runs
  record[LUA_MICROSECONDS]! += microseconds * runs * (1 - share)
  record[COMMAND_MICROSECONDS]! += microseconds * runs * share
  if (microseconds > record[SLOWEST]!) record[SLOWEST] = microseconds
  const seconds = microseconds / 1e6
  let bound = 0
  while (bound < DURATION_BOUNDS.length && seconds > DURATION_BOUNDS[bound]!) bound++
  record[DURATIONS + bound]! += runs
  record[STEPS + stepOf(microseconds)]! += runs
}

function stepOf(microseconds: number): number {
  const units = Math.min(STEP_UNITS_MAX, microseconds / STEP_UNIT) | 0
  if (units < 4) return units
  const exponent = 31 - Math.clz32(units)
  return (exponent - 1) * 4 + ((units >> (exponent - 2)) & 3)
}

/** The end of a step, microseconds; that of the last is nowhere. */
function stepEnd(step: number): number {
  if (step === STEP_COUNT - 1) return Number.POSITIVE_INFINITY
  if (step < 4) return (step + 1) * STEP_UNIT
  const exponent = (step >> 2) + 1
  return (5 + (step & 3)) * 2 ** (exponent - 2) * STEP_UNIT
}

/** The durations that so many percent of the runs do not exceed, rising, in microseconds; 0 where there are none. */
export function percentiles(record: ScriptRecord, percents: readonly number[]): number[] {
  let total = 0
  for (let i = STEPS; i < RECORD_SLOTS; i++) total += record[i]!
  const slowest = record[SLOWEST]!
  let step = -1
  let seen = 0
  return percents.map((percent) => {
    const wanted = Math.max(1, Math.round((percent / 100) * total))
    while (seen < wanted && step < STEP_COUNT - 1) seen += record[STEPS + ++step]!
    return total === 0 ? 0 : Math.min(stepEnd(step), slowest)
  })
}

/** Durations in steps that double: microseconds, and how many runs took at most as long. */
export function durationSteps(record: ScriptRecord): { calls: number; steps: [number, number][] } {
  const steps: [number, number][] = []
  const slowest = Math.ceil(record[SLOWEST]!)
  let seen = 0
  let before = 0
  for (let i = 0; i < STEP_COUNT; i++) {
    seen += record[STEPS + i]!
    if (i % 4 !== 3 || seen === before) continue
    steps.push([i === STEP_COUNT - 1 ? slowest : Math.floor(stepEnd(i)), seen])
    before = seen
  }
  return { calls: seen, steps }
}
