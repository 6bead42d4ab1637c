/**
 * The metrics of scripts and functions. The label `script` is the first digits of the SHA, or library and function, and
 * `name` what the script calls itself; which of them have labels of their own is decided in counting/scripts/labels.ts.
 */

import { labelOf } from '../../counting/scripts/memory.ts'
import type { CurrentRun, LabelledCounters } from '../../counting/scripts/reader.ts'
import {
  BUSY,
  BYTES_IN,
  BYTES_OUT,
  CALLS,
  COMMAND_MICROSECONDS,
  COMMANDS,
  COUNTERS,
  DURATION_BOUNDS,
  DURATIONS,
  ERRORS,
  KEYS_OUTSIDE,
  KILL_REASONS,
  KILLS,
  LUA_MICROSECONDS,
  MICROSECONDS,
  PROFILED,
} from '../../counting/scripts/record.ts'
import {
  type Family,
  type FamilyType,
  type Labels,
  labelSet,
  type Sample,
  type Scrape,
  withLabel,
} from './family.ts'

/** A script that has been running for less is not shown: there would be another at each scrape. */
const RUNNING_SHOWN_MS = 100
/** One that has been running for so long is named, with a label of its own or without: a scrape shows one at most. */
const RUNNING_NAMED_MS = 1000

/** As labels. */
const BOUNDS = [...DURATION_BOUNDS.map(String), '+Inf']

function at({ counters }: LabelledCounters, place: number): number {
  return counters[place - COUNTERS]!
}

function labelsOf({ label, name }: LabelledCounters): Labels {
  return labelSet('script', label, 'name', name)
}

function family(
  type: FamilyType,
  name: string,
  help: string,
  samples: (row: LabelledCounters, scrape: Scrape) => Iterable<Sample>,
): Family {
  return {
    type,
    name: `perilune_script_${name}`,
    help,
    samples: (scrape) => scrape.scripts.flatMap((row) => [...samples(row, scrape)]),
  }
}

function perScript(
  type: FamilyType,
  name: string,
  help: string,
  value: (row: LabelledCounters) => number,
): Family {
  return family(type, name, help, (row) => [{ labels: labelsOf(row), value: value(row) }])
}

function* errors(row: LabelledCounters, { codes }: Scrape): Iterable<Sample> {
  for (const [number, code] of codes.entries()) {
    const value = at(row, ERRORS + number)
    if (value > 0) yield { labels: withLabel(labelsOf(row), 'code', code), value }
  }
}

function* kills(row: LabelledCounters): Iterable<Sample> {
  for (const [number, reason] of KILL_REASONS.entries()) {
    yield { labels: withLabel(labelsOf(row), 'reason', reason), value: at(row, KILLS + number) }
  }
}

function* durations(row: LabelledCounters): Iterable<Sample> {
  const labels = labelsOf(row)
  let seen = 0
  for (let i = 0; i <= DURATION_BOUNDS.length; i++) {
    seen += at(row, DURATIONS + i)
    yield { suffix: '_bucket', labels: withLabel(labels, 'le', BOUNDS[i]!), value: seen }
  }
  yield { suffix: '_sum', labels, value: at(row, MICROSECONDS) / 1e6 }
  yield { suffix: '_count', labels, value: seen }
}

/** Of the script that runs now. */
function running(
  name: string,
  help: string,
  value: (script: CurrentRun, milliseconds: number) => number,
): Family {
  return {
    type: 'gauge',
    name: `perilune_script_running_${name}`,
    help: `${help}; absent where none has been running for a tenth of a second`,
    samples({ running: script, now }) {
      const milliseconds = now - (script?.since ?? now)
      if (script === undefined || milliseconds < RUNNING_SHOWN_MS) return []
      // Of the others each that is a little slow would be a new series.
      const isNamed = script.label !== 'other' || milliseconds >= RUNNING_NAMED_MS
      const labels = isNamed
        ? labelSet('script', labelOf(script.id), 'name', script.name)
        : labelSet('script', script.label, 'name', '')
      return [{ labels, value: value(script, milliseconds) }]
    },
  }
}

export const SCRIPT_FAMILIES: readonly Family[] = [
  perScript('counter', 'calls_total', 'Runs of a script or function', (row) => at(row, CALLS)),
  family('counter', 'errors_total', 'Errors that scripts answered, by code', errors),
  family(
    'counter',
    'kills_total',
    'Runs that were ended: by a command of a user, on the page, for want of memory, by a defect of the interpreter',
    kills,
  ),
  family('histogram', 'duration_seconds', 'Time that runs took; short ones are timed by samples', durations),
  perScript('counter', 'busy_total', 'Runs that went beyond busy-reply-threshold', (row) => at(row, BUSY)),
  perScript(
    'counter',
    'lua_seconds_total',
    'Time spent in Lua itself, as in the runs that were looked at closely',
    (row) => at(row, LUA_MICROSECONDS) / 1e6,
  ),
  perScript(
    'counter',
    'command_seconds_total',
    'Time spent in commands that scripts called, as in the runs that were looked at closely',
    (row) => at(row, COMMAND_MICROSECONDS) / 1e6,
  ),
  perScript('counter', 'commands_total', 'Commands that scripts called', (row) => at(row, COMMANDS)),
  perScript(
    'counter',
    'undeclared_keys_total',
    'Keys that scripts used and their callers had not declared, as in the runs that were looked at closely',
    (row) => Math.round(at(row, KEYS_OUTSIDE)),
  ),
  perScript(
    'counter',
    'profiled_total',
    'Runs that were looked at closely, from which the time in Lua and in commands and undeclared keys of all are estimated',
    (row) => at(row, PROFILED),
  ),
  perScript(
    'gauge',
    'lua_memory_peak_bytes',
    'The most that one run added to the memory of Lua',
    (row) => row.luaPeakBytes,
  ),
  perScript('counter', 'input_bytes_total', 'Bytes of keys and arguments', (row) => at(row, BYTES_IN)),
  perScript('counter', 'output_bytes_total', 'Bytes of replies', (row) => at(row, BYTES_OUT)),
  perScript(
    'gauge',
    'last_run_timestamp_seconds',
    'Start of the last run, Unix time; 0 before the first',
    (row) => row.lastRun / 1000,
  ),
  running('seconds', 'For how long the script that runs now has been running', (_, ms) => ms / 1000),
  running(
    'killable',
    'Whether the script that runs now can be killed: 1, or 0 once it has written',
    ({ wrote }) => (wrote ? 0 : 1),
  ),
]
