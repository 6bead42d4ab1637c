/**
 * What the page and the metrics thread tell each other. The page imports nothing else of the server.
 */

/** The script that runs now. */
export interface RunningNow {
  /** Of this run, for the request to end it. */
  readonly run: number
  readonly id: string
  readonly name: string
  /** Milliseconds since it began. */
  readonly age: number
  /** It has called a command that writes, and so cannot be killed. */
  readonly wrote: boolean
  /** Known once it has been running for a tenth of a second. */
  readonly caller: Caller | null
}

/** Who runs a script, and how. */
export interface Caller {
  /** Address. */
  readonly client: string
  /** As set by CLIENT SETNAME; empty where it was not. */
  readonly clientName: string
  /** Of access control. */
  readonly user: string
  /** The command's name first; cut as in the slow log. */
  readonly args: readonly string[]
}

/** How the server did, a figure a second: parallel arrays, the oldest first. */
export interface History {
  /** Unix time in seconds. */
  time: number[]
  /** A second. */
  commands: number[]
  runs: number[]
  errors: number[]
  /** Microseconds of one run; null where none was timed. */
  p50: (number | null)[]
  p99: (number | null)[]
  memory: number[]
  clients: number[]
}

/** One moment of the history. */
export type Moment = { readonly [K in keyof History]: History[K][number] }

/** How one script did. */
export interface Trail {
  time: number[]
  runs: number[]
  p50: (number | null)[]
  p99: (number | null)[]
}

export interface ScriptRow {
  readonly id: string
  readonly name: string
  readonly kind: 'script' | 'function' | 'other'
  readonly calls: number
  /** Runs a second, and the share of the engine's time that they take, now. */
  readonly rate: number
  readonly load: number
  /** Seconds spent in all, and in Lua itself. */
  readonly seconds: number
  readonly luaSeconds: number
  /** Microseconds of one run. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly errors: number
  readonly kills: number
  /** Unix ms; 0 before the first. */
  readonly lastRun: number
}

/** All about one script, as `/scripts/:id` answers. */
export interface ScriptDetail {
  readonly kind: ScriptRow['kind']
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
  /** As estimated from the runs that were looked at closely, as are the times in Lua and in commands. */
  readonly keysOutside: number
  /** Those runs. */
  readonly profiled: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly luaPeakBytes: number
  /** Unix ms; 0 before the first. */
  readonly lastRun: number
  /** Runs that took at most so many seconds, and more than the one before; null: longer. */
  readonly durations: readonly { readonly le: number | null; readonly runs: number }[]
  /** Cut where it is long: the whole has `sourceBytes`; null where it is not known. */
  readonly source: string | null
  readonly sourceBytes: number | null
  /** The last keys that it used and its callers had not declared; the very last first. */
  readonly undeclaredKeys: readonly string[]
  /** The last first. */
  readonly slowRuns: readonly SlowRun[]
  /** The run that goes on now. */
  readonly running: RunningNow | null
}

/** A run that the slow log has. */
export interface SlowRun extends Caller {
  /** Unix time in seconds. */
  readonly time: number
  readonly microseconds: number
}

/** How the engine is. */
export interface EngineState {
  /** Milliseconds since its last sign of life. */
  readonly silence: number
  readonly running: RunningNow | null
}

/** Event `start`: the first of a stream. */
export interface StartEvent {
  readonly version: string
  readonly valkeyVersion: string
  /** Unix ms, by the clock of the server: now, and of its start. */
  readonly now: number
  readonly startedAt: number
  readonly maxMemory: number
  readonly engine: EngineState
  readonly history: History
  readonly scripts: readonly ScriptRow[]
  /** Scripts for which there was no room. */
  readonly hidden: number
}

/** Event `moment`: every second, with the scripts that changed and the ids of those that went. */
export interface MomentEvent {
  readonly now: number
  readonly engine: EngineState
  readonly moment: Moment
  readonly changed: readonly ScriptRow[]
  readonly gone: readonly string[]
  readonly hidden: number
}

/** What came of a request to end the running script. */
export type KillOutcome = 'ended' | 'over' | 'unkillable' | 'pending'
