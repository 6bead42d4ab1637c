/**
 * How long things take: the spikes that LATENCY tells of, and the durations of commands and scripts.
 */
import type { ListedCommand } from './commands.ts'

export interface LatencySpike {
  /** Unix time in seconds. */
  readonly time: number
  readonly milliseconds: number
}

export interface LatencyEvent {
  readonly name: string
  readonly latest: LatencySpike
  /** Milliseconds of the worst, and of all. */
  readonly worst: number
  readonly total: number
  readonly count: number
  /** The oldest first. */
  readonly history: readonly LatencySpike[]
}

export interface LatencyMonitor {
  events(): readonly LatencyEvent[]
  find(name: string): LatencyEvent | undefined
  /** Forgets the named events, all when none is named; how many there were. */
  reset(names: readonly string[]): number
}

/** How long calls of something took. */
export interface NamedDurations {
  readonly name: string
  readonly calls: number
  /** Microseconds, rising, and how many calls took at most as long; the last counts all. */
  readonly steps: readonly (readonly [number, number])[]
}

export interface Durations {
  /** Of those that were called. */
  ofCommands(commands: readonly ListedCommand[]): readonly NamedDurations[]
  /** Of `script|<sha>` and `function|<library>.<function>`: one, none where there is no such script or it never ran. */
  ofScript(name: string): readonly NamedDurations[]
}
