/**
 * What the engine counts. Commands by id in typed arrays: counting must not allocate.
 */

import type { ListedCommand } from '../commands/services/commands.ts'
import type { NamedDurations } from '../commands/services/latency.ts'
import { Histogram, risingSteps } from '../counting/histogram.ts'

/** Error codes told apart by `errorstat_*`; further ones of scripts are counted together, as Valkey does, so that a script
 * that invents codes cannot fill the memory. */
const MAX_ERROR_CODES = 128
const OVERFLOW = 'ERRORSTATS_OVERFLOW'

const MAX_CODE_LENGTH = 30

/** A command that takes longer, on average, is not short: to time it costs little then. */
const SHORT_MICROSECONDS = 20

function codeOf(text: string): string {
  const space = text.indexOf(' ')
  return space < 0 || space > MAX_CODE_LENGTH ? 'ERR' : text.slice(0, space)
}

export class Stats {
  readonly calls: Float64Array
  readonly microseconds: Float64Array
  /** Refused before they ran (arity, authentication, memory ...). */
  readonly rejected: Float64Array
  /** Ran and answered an error. */
  readonly failed: Float64Array
  /** Calls whose time is counted: they were timed, or a sample has stood for them. */
  private readonly timed: Float64Array
  /** Durations by command, undefined before the first call. */
  readonly latencies: (Histogram | undefined)[]
  /** `latency-tracking`: durations are kept. */
  trackLatency = true
  readonly errors = new Map<string, number>()
  unexpectedErrorReplies = 0
  totalErrorReplies = 0
  connectionsReceived = 0
  connectionsRejected = 0
  bytesIn = 0
  bytesOut = 0
  readsProcessed = 0
  writesProcessed = 0
  clientsClosedForQueryBuffer = 0
  clientsClosedForOutputBuffer = 0

  constructor(commands: number) {
    this.calls = new Float64Array(commands)
    this.microseconds = new Float64Array(commands)
    this.rejected = new Float64Array(commands)
    this.failed = new Float64Array(commands)
    this.timed = new Float64Array(commands)
    this.latencies = new Array(commands).fill(undefined)
  }

  /** Commands that ran, those of scripts and transactions included. */
  get commandsProcessed(): number {
    return this.calls.reduce((sum, calls) => sum + calls, 0)
  }

  /** The calls of the command that were timed were short, and there were such. */
  hasBeenShort(id: number): boolean {
    return this.microseconds[id]! < SHORT_MICROSECONDS * this.timed[id]!
  }

  /** Counts a call whose time another one stands for. */
  untimedCall(id: number, failed: boolean): void {
    this.calls[id]!++
    if (failed) this.failed[id]!++
  }

  /** Counts a call that was timed; one that is a sample also for the untimed ones of its command before it. */
  timedCall(id: number, microseconds: number, failed: boolean, isSample: boolean): void {
    const calls = ++this.calls[id]!
    const stoodFor = isSample ? calls - this.timed[id]! : 1
    this.microseconds[id]! += microseconds * stoodFor
    this.timed[id]! += stoodFor
    if (failed) this.failed[id]!++
    if (this.trackLatency) (this.latencies[id] ??= new Histogram()).record(microseconds * 1000, stoodFor)
  }

  /** Counts an error reply by its code, the first word. A text that has none, or one too long, counts as plain `ERR`. */
  error(text: string): void {
    this.countCode(codeOf(text))
  }

  /** As `error`, of one that a script made, whose code may be any. */
  scriptError(text: string): void {
    const code = codeOf(text)
    const isTooMany = this.errors.size >= MAX_ERROR_CODES && !this.errors.has(code)
    this.countCode(isTooMany ? OVERFLOW : code)
  }

  private countCode(code: string): void {
    this.totalErrorReplies++
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1)
  }

  /** How many calls of a command took at most as long as each of STEP_BOUNDS; undefined where there were none. */
  durationSteps(id: number): number[] | undefined {
    const untimed = this.trackLatency ? this.calls[id]! - this.timed[id]! : 0
    const histogram = this.latencies[id] ?? (untimed > 0 ? new Histogram() : undefined)
    return histogram?.stepCounts(untimed)
  }

  /** LATENCY HISTOGRAM of commands: those that were called. */
  durations(commands: readonly ListedCommand[]): NamedDurations[] {
    return commands.flatMap(({ id, name }) => {
      const counts = this.durationSteps(id)
      return counts === undefined ? [] : { name, calls: counts.at(-1)!, steps: risingSteps(counts) }
    })
  }

  /** CONFIG RESETSTAT. */
  reset(): void {
    for (const table of [this.calls, this.microseconds, this.rejected, this.failed, this.timed]) table.fill(0)
    this.latencies.fill(undefined)
    this.errors.clear()
    this.unexpectedErrorReplies = 0
    this.totalErrorReplies = 0
    this.connectionsReceived = 0
    this.connectionsRejected = 0
    this.bytesIn = 0
    this.bytesOut = 0
    this.readsProcessed = 0
    this.writesProcessed = 0
    this.clientsClosedForQueryBuffer = 0
    this.clientsClosedForOutputBuffer = 0
  }
}
