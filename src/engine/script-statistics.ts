/**
 * Counts what scripts and functions do, into the records of counting/scripts. What is counted of every run costs a few
 * additions. How long runs take is known of those that the stopwatch times, each standing for the runs since the last; some
 * are looked at closely (script-profile.ts).
 */

import type { CommandLogEntry } from '../commands/services/command-log.ts'
import type { ScriptCall } from '../commands/services/scripts.ts'
import type { Caller } from '../counting/scripts/feed.ts'
import type { ScriptLedger } from '../counting/scripts/ledger.ts'
import {
  BUSY,
  BYTES_IN,
  BYTES_OUT,
  CALLS,
  COMMANDS,
  ERRORS,
  INDEX,
  KILL_REASONS,
  KILLS,
  type KillReason,
  LUA_PEAK,
  PROFILED_FROM,
  type ScriptRecord,
  STARTED,
  TIMED,
} from '../counting/scripts/record.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { Clock } from './clock.ts'
import type { RunningScript } from './running-script.ts'
import { ScriptProfile } from './script-profile.ts'

/** Characters of an error code; what is longer is none. */
const CODE_MAX = 31

export class ScriptStatistics {
  readonly ledger: ScriptLedger
  readonly profile: ScriptProfile
  private readonly clock: Clock
  /** Of the run that goes on, or the last. */
  private record: ScriptRecord
  /** A run ended whose time has not been asked for. */
  private isFinished = false
  /** The last command that `timed` was told of ran a script. */
  private hasTimed = false

  constructor(ledger: ScriptLedger, clock: Clock) {
    this.ledger = ledger
    this.clock = clock
    this.profile = new ScriptProfile(clock)
    this.record = ledger.other
  }

  /** In place of its record for a run that is debugged: its time is that of its user, and all that is known is that it runs. */
  uncounted(record: ScriptRecord): ScriptRecord {
    record[STARTED] = this.clock.now
    return record.slice()
  }

  /** A run begins; whether it is looked at closely. */
  begin(record: ScriptRecord, run: RunningScript, call: ScriptCall): boolean {
    const { memory } = this.ledger
    const index = record[INDEX]!
    this.record = record
    // Before it is seen to run, or it would be seen to run since its last start.
    record[STARTED] = this.clock.now
    memory.begin(index)
    if (record[CALLS]! < record[PROFILED_FROM]!) return false
    this.profile.begin(run, call)
    return true
  }

  count(commands: number, bytesIn: number, bytesOut: number, luaPeak: number): void {
    const { record } = this
    record[CALLS]!++
    record[COMMANDS]! += commands
    record[BYTES_IN]! += bytesIn
    record[BYTES_OUT]! += bytesOut
    if (luaPeak > record[LUA_PEAK]!) record[LUA_PEAK] = luaPeak
    this.isFinished = true
  }

  end(): void {
    this.ledger.memory.end()
    if (!this.profile.isLooking) return
    this.profile.end(this.record)
    this.tellUndeclared()
  }

  private tellUndeclared(): void {
    const keys = this.profile.takeUndeclared()
    if (keys.length > 0) this.ledger.usedUndeclared(this.record[INDEX]!, keys)
  }

  /** The time of a command that runs scripts was taken; a sample stands for the untimed runs before it as well. */
  timed(microseconds: number, isSample: boolean): void {
    this.hasTimed = this.isFinished
    if (!this.isFinished) return
    this.isFinished = false
    const { record } = this
    const runs = isSample ? record[CALLS]! - record[TIMED]! : 1
    this.profile.count(record, microseconds, runs)
    record[TIMED]! += runs
  }

  /** The script that the last command ran whose time was taken; empty where it ran none. */
  get timedId(): string {
    return this.hasTimed ? this.ledger.memory.runningId(this.record[INDEX]!) : ''
  }

  ranSlowly(id: string, entry: CommandLogEntry, user: string): void {
    const { time, value: microseconds, address: client, clientName } = entry
    const args = entry.args.map((arg) => arg.latin1())
    this.ledger.feed.ranSlowly(id, { time, microseconds, client, clientName, user, args })
  }

  /** A command that may run a script is about to be timed. */
  expect(): void {
    this.isFinished = false
  }

  /** The run answered an error: `-CODE text`. */
  error(reply: Bytes): void {
    const text = reply.slice(1, Math.min(reply.len, CODE_MAX + 2)).latin1()
    const end = text.search(/[ \r]/)
    const code = end < 0 ? 'ERR' : text.slice(0, end)
    this.record[ERRORS + this.ledger.numberOf(code)]!++
  }

  killed(reason: KillReason): void {
    this.record[KILLS + KILL_REASONS.indexOf(reason)]!++
  }

  busy(): void {
    this.record[BUSY]!++
    this.ledger.tellOf(this.record[INDEX]!)
  }

  /** The run goes on for long. */
  goesOn(run: number, caller: Caller): void {
    this.tellUndeclared()
    this.ledger.feed.goesOn(run, caller)
  }

  /** What its author calls the script that runs; empty where it has no name. */
  get authorsName(): string {
    return this.ledger.memory.name(this.record[INDEX]!)
  }

  noteWrite(): void {
    this.ledger.memory.noteWrite()
  }
}
