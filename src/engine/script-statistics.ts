/**
 * Counts what scripts and functions do, into the records of counting/scripts. What is counted of every run costs a few
 * additions. How long runs take is known of those that the stopwatch times, each standing for the runs since the last; one
 * run in PROFILED_ONE_IN, and every script's first, is looked at closely: how much of its time goes into commands, and
 * which keys they are given that the caller did not declare.
 */
import type { ScriptCall } from '../commands/services/scripts.ts'
import type { SlowlogEntry } from '../commands/services/slowlog.ts'
import type { Command } from '../commands/table.ts'
import type { Caller } from '../counting/scripts/feed.ts'
import type { ScriptLedger } from '../counting/scripts/ledger.ts'
import {
  addDuration,
  BUSY,
  BYTES_IN,
  BYTES_OUT,
  CALLS,
  COMMAND_SHARE,
  COMMANDS,
  ERRORS,
  INDEX,
  KEYS_OUTSIDE,
  KILL_REASONS,
  KILLS,
  type KillReason,
  LUA_PEAK,
  PROFILED_FROM,
  PROFILED_UNTIL,
  type ScriptRecord,
  STARTED,
  TIMED,
} from '../counting/scripts/record.ts'
import type { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { Clock } from './clock.ts'
import type { RunningScript } from './running-script.ts'

/** On average. */
const PROFILED_ONE_IN = 512

/** How much the last close look counts against those before. */
const PROFILE_WEIGHT = 0.25

/** Characters of an error code; what is longer is none. */
const CODE_MAX = 31

export class ScriptStatistics {
  readonly ledger: ScriptLedger
  private readonly clock: Clock
  /** Of the run that goes on, or the last. */
  private record: ScriptRecord
  /** A run ended whose time has not been asked for. */
  private isFinished = false
  /** The last command that `timed` was told of ran a script. */
  private hasTimed = false
  /** The run that is looked at closely. */
  private profiled: RunningScript | null = null
  private profiledCall!: ScriptCall
  private profileStart = 0
  private commandMs = 0
  private keysOutside = 0

  constructor(ledger: ScriptLedger, clock: Clock) {
    this.ledger = ledger
    this.clock = clock
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
    this.profiled = run
    this.profiledCall = call
    this.commandMs = 0
    this.keysOutside = 0
    this.profileStart = this.clock.tick()
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
    if (this.profiled !== null) this.endProfile()
  }

  private endProfile(): void {
    const { record } = this
    const elapsed = this.clock.tick() - this.profileStart
    const share = elapsed > 0 ? Math.min(1, this.commandMs / elapsed) : 0
    const known = record[COMMAND_SHARE]!
    record[COMMAND_SHARE] = record[PROFILED_UNTIL] === 0 ? share : known + (share - known) * PROFILE_WEIGHT
    record[KEYS_OUTSIDE]! += this.keysOutside * Math.max(0, record[CALLS]! - record[PROFILED_UNTIL]!)
    record[PROFILED_UNTIL] = record[CALLS]!
    record[PROFILED_FROM] = record[CALLS]! + Math.floor(Math.random() * (2 * PROFILED_ONE_IN - 1))
    this.profiled = null
  }

  /** A command of the run that is looked at begins. */
  beginCommand(command: Command, args: Args): number {
    const { firstKey, keys } = this.profiledCall
    const own = this.profiled!.args
    if (command.hasKeys) {
      for (const { position } of command.keys(args)) {
        if (!isDeclared(own, firstKey, keys, args.at(position))) this.keysOutside++
      }
    }
    return this.clock.tick()
  }

  endCommand(started: number): void {
    this.commandMs += this.clock.tick() - started
  }

  /** The time of a command that runs scripts was taken; a sample stands for the untimed runs before it as well. */
  timed(microseconds: number, isSample: boolean): void {
    this.hasTimed = this.isFinished
    if (!this.isFinished) return
    this.isFinished = false
    const { record } = this
    const runs = isSample ? record[CALLS]! - record[TIMED]! : 1
    addDuration(record, microseconds, runs)
    record[TIMED]! += runs
  }

  /** The script that the last command ran whose time was taken; empty where it ran none. */
  get timedId(): string {
    return this.hasTimed ? this.ledger.memory.runningId(this.record[INDEX]!) : ''
  }

  ranSlowly(id: string, entry: SlowlogEntry, user: string): void {
    const { time, microseconds, address: client, clientName } = entry
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

function isDeclared(call: Args, firstKey: number, keys: number, key: Bytes): boolean {
  for (let i = firstKey; i < firstKey + keys; i++) if (call.at(i).equals(key)) return true
  return false
}
