/**
 * Which calls are timed. Reading the clock costs as much as a small command: of calls that are short, one in about
 * CALLS_PER_SAMPLE is timed and, if it proves to be short too, stands for the untimed ones of its command before it. These
 * count as short:
 *
 * - commands that are fast by nature, and have little to read and to write;
 * - scripts, but for the first of a read event, if the guardian watches and has not seen them: nothing that takes
 *   SEEN_AFTER_MS escapes it, and what it has seen is timed after all, from the last reading of the clock on;
 * - commands that a script calls, if they have been short so far (stats.ts): the script is timed as a whole. Whether
 *   somebody asks for them is decided when it begins.
 *
 * Where command logs or latency monitor ask for calls as short as that, every call is timed.
 */
import { FAST } from '../commands/flags.ts'
import type { Command } from '../commands/table.ts'
import { DROWSY, SEEN, SEEN_AFTER_MS, SEQUENCE } from '../control-block.ts'
import type { Clock } from './clock.ts'
import type { CommandLogs } from './command-log.ts'
import type { LatencyMonitor } from './latency.ts'

const CALLS_PER_SAMPLE = 16
/** The most calls in a row that go untimed. */
const STRIDE_MAX = 2 * CALLS_PER_SAMPLE

/** A command with a larger request or reply is timed, as moving bytes takes time. */
const SMALL_BYTES = 4096

/** What a fast command never takes. */
const FAST_MAX_MS = 1

export interface StopwatchParts {
  readonly clock: Clock
  readonly commandLogs: CommandLogs
  readonly latency: LatencyMonitor
  /** Undefined without a guardian. */
  readonly control: Int32Array | undefined
}

export class Stopwatch {
  private readonly clock: Clock
  private readonly commandLogs: CommandLogs
  private readonly latency: LatencyMonitor
  private readonly control: Int32Array | undefined
  /** Calls until one is timed. */
  private callsToSample = 1
  private scriptStrideMax = STRIDE_MAX
  /** Calls ran since the clock was read. */
  private isClockBehind = false
  /** No script of the read event has been timed. */
  private isFirstScript = true

  constructor(parts: StopwatchParts) {
    this.clock = parts.clock
    this.commandLogs = parts.commandLogs
    this.latency = parts.latency
    this.control = parts.control
  }

  /** The commands of a read event follow. */
  beginBatch(): void {
    this.clock.tick()
    this.isClockBehind = false
    this.isFirstScript = true
  }

  /** Whether a call goes untimed, if it proves to be short. */
  skips(command: Command, requestBytes: number): boolean {
    return requestBytes < SMALL_BYTES && this.mayBeShort(command) && --this.callsToSample > 0
  }

  private mayBeShort(command: Command): boolean {
    if ((command.flags & FAST) !== 0) {
      return !this.concerns(FAST_MAX_MS)
    }
    if (!command.isScript || this.control === undefined) return false
    const isFirst = this.isFirstScript
    this.isFirstScript = false
    return !isFirst && this.control[DROWSY] === 0 && !this.concerns(SEEN_AFTER_MS)
  }

  /** Command logs or latency monitor want to know of calls that take less, or are small. */
  private concerns(milliseconds: number): boolean {
    const { commandLogs } = this
    return (
      commandLogs.slow.wants(milliseconds * 1000 - 1) ||
      commandLogs.largeFrom < SMALL_BYTES ||
      this.latency.threshold < milliseconds
    )
  }

  /** Whether a call that went untimed was as short as it had to be. */
  provedShort(command: Command, replyBytes: number): boolean {
    if (replyBytes >= SMALL_BYTES) return false
    const { control } = this
    if (command.isScript && control![SEEN] === control![SEQUENCE]! - 1) return false
    this.isClockBehind = true
    return true
  }

  /**
   * Whether a call that was timed could have gone untimed, so that its time says something of those that did. A slow one
   * stands for itself alone.
   */
  isSample(command: Command, microseconds: number): boolean {
    if ((command.flags & FAST) !== 0) return microseconds < FAST_MAX_MS * 1000
    return command.isScript && microseconds < SEEN_AFTER_MS * 1000
  }

  /** The commands of a script follow. */
  beginScript(): void {
    this.scriptStrideMax = this.concerns(FAST_MAX_MS) ? 0 : STRIDE_MAX
    if (this.scriptStrideMax === 0) this.callsToSample = 1
  }

  /** Whether a command of a script goes untimed. Left to chance, or loops as long as the stride show always the same. */
  skipsInScript(hasBeenShort: boolean): boolean {
    return --this.callsToSample > 0 && hasBeenShort
  }

  /** The moment before a call, in ms: that after the last, if that was timed. */
  start(): number {
    this.beginStride(STRIDE_MAX)
    return this.isClockBehind ? this.clock.tick() : this.clock.monotonic
  }

  startInScript(): number {
    this.beginStride(this.scriptStrideMax)
    return this.clock.tick()
  }

  private beginStride(max: number): void {
    if (this.callsToSample <= 0) this.callsToSample = 1 + Math.floor(Math.random() * max)
  }

  /** Microseconds since `started`. */
  stop(started: number): number {
    this.isClockBehind = false
    return (this.clock.tick() - started) * 1000
  }
}
