/**
 * The close look at a run: how much of its time goes into commands, and how many keys they are given that the caller did
 * not declare, and which. The first PROFILED_FIRST runs of each script are looked at, and then so many that looking takes BUDGET of
 * its time: of the shortest scripts one run in some hundred, of slow ones each.
 *
 * What is not looked at counts like what was: a run's time is parted as that of all looks together, and its keys are their
 * mean.
 */
import type { ScriptCall } from '../commands/services/scripts.ts'
import type { Command } from '../commands/table.ts'
import {
  addDuration,
  CALLS,
  KEYS_OUTSIDE,
  MICROSECONDS,
  PROFILE_DUE,
  PROFILED,
  PROFILED_COMMAND_MICROSECONDS,
  PROFILED_FROM,
  PROFILED_KEYS_OUTSIDE,
  PROFILED_MICROSECONDS,
  PROFILED_UNTIL,
  type ScriptRecord,
} from '../counting/scripts/record.ts'
import { KEY_MAX, KEYS_MAX } from '../counting/scripts/undeclared-keys.ts'
import type { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { Clock } from './clock.ts'
import type { RunningScript } from './running-script.ts'

export const PROFILED_FIRST = 16
/** Share of a script's time that looking may take. */
const BUDGET = 1 / 512
/** What a look takes, and each command that is timed in it, microseconds. Measured, roughly. */
const LOOK_COST = 0.5
const COMMAND_COST = 0.2
/** The most runs between two looks, on average. */
const STRIDE_MAX = 1024
/** After so many times what should lie between two looks, the next run is looked at: runs have become slow. */
const OVERDUE = 8

/** The first commands of a run are all timed, of those after them one in so many, on average, which stands for the others. */
const TIMED_FIRST = 64
const TIMED_ONE_IN = 16
const NOT_TIMED = -1

const NONE: readonly string[] = []

export class ScriptProfile {
  private readonly clock: Clock
  /** The run that is looked at. */
  private run: RunningScript | null = null
  private call!: ScriptCall
  private start = 0
  private commandMs = 0
  private keysOutside = 0
  /** The last of them, as latin1 text. */
  private undeclared: string[] = []
  private commands = 0
  private timed = 0
  /** Commands for which those that were timed stand. */
  private stoodFor = 0
  /** Commands until one is timed, and how many it stands for. */
  private toTimed = 0
  private weight = 1
  /** The run that was looked at last: its record, its number, and the share of commands. */
  private record: ScriptRecord | null = null
  private number = 0
  private share = 0

  constructor(clock: Clock) {
    this.clock = clock
  }

  get isLooking(): boolean {
    return this.run !== null
  }

  begin(run: RunningScript, call: ScriptCall): void {
    this.run = run
    this.call = call
    this.commandMs = 0
    this.keysOutside = 0
    this.commands = 0
    this.timed = 0
    this.stoodFor = 0
    this.toTimed = 0
    this.weight = 1
    this.start = this.clock.tick()
  }

  /** A command of the run begins; `endCommand` wants the answer. */
  beginCommand(command: Command, args: Args): number {
    if (++this.commands > TIMED_FIRST && !this.isToBeTimed()) return NOT_TIMED
    const { firstKey, keys } = this.call
    const own = this.run!.args
    if (command.hasKeys) {
      for (const { position } of command.keys(args)) {
        const key = args.at(position)
        if (!isDeclared(own, firstKey, keys, key)) this.noteUndeclared(key)
      }
    }
    this.timed++
    this.stoodFor += this.weight
    return this.clock.tick()
  }

  private noteUndeclared(key: Bytes): void {
    this.keysOutside += this.weight
    const { undeclared } = this
    const text = key.len <= KEY_MAX ? key.latin1() : `${key.slice(0, KEY_MAX).latin1()}...`
    if (undeclared.includes(text)) return
    undeclared.push(text)
    if (undeclared.length > KEYS_MAX) undeclared.shift()
  }

  /** The undeclared keys of the run, the very last first; each is answered once. */
  takeUndeclared(): readonly string[] {
    if (this.undeclared.length === 0) return NONE
    const keys = this.undeclared.reverse()
    this.undeclared = []
    return keys
  }

  private isToBeTimed(): boolean {
    if (this.toTimed === 0) {
      this.weight = 1 + Math.floor(Math.random() * (2 * TIMED_ONE_IN - 1))
      this.toTimed = this.weight
    }
    return --this.toTimed === 0
  }

  endCommand(started: number): void {
    if (started !== NOT_TIMED) this.commandMs += (this.clock.tick() - started) * this.weight
  }

  /** The run is over. */
  end(record: ScriptRecord): void {
    const microseconds = (this.clock.tick() - this.start) * 1000
    // The last few may have none that stands for them.
    const missed = this.stoodFor === 0 ? 1 : this.commands / this.stoodFor
    const inCommands = Math.min(microseconds, this.commandMs * 1000 * missed)
    const keysOutside = this.keysOutside * missed
    record[PROFILED]!++
    record[PROFILED_MICROSECONDS]! += microseconds
    record[PROFILED_COMMAND_MICROSECONDS]! += inCommands
    record[PROFILED_KEYS_OUTSIDE]! += keysOutside
    const before = Math.max(0, record[CALLS]! - record[PROFILED_UNTIL]! - 1)
    record[KEYS_OUTSIDE]! += keysOutside + before * (record[PROFILED_KEYS_OUTSIDE]! / record[PROFILED]!)
    record[PROFILED_UNTIL] = record[CALLS]!
    this.record = record
    this.number = record[CALLS]!
    this.share = microseconds > 0 ? inCommands / microseconds : 0
    this.run = null
    this.plan(record, microseconds)
  }

  private plan(record: ScriptRecord, microseconds: number): void {
    const between = (LOOK_COST + COMMAND_COST * this.timed) / BUDGET
    const stride =
      record[PROFILED]! < PROFILED_FIRST ? 1 : Math.min(STRIDE_MAX, Math.max(1, between / microseconds))
    record[PROFILED_FROM] = record[CALLS]! + Math.floor(Math.random() * (2 * stride - 1))
    record[PROFILE_DUE] = record[MICROSECONDS]! + OVERDUE * between
  }

  /** The time of the last run was taken; it stands for so many runs. */
  count(record: ScriptRecord, microseconds: number, runs: number): void {
    if (this.record === record && this.number === record[CALLS]) {
      addDuration(record, microseconds, 1, this.share)
      if (runs > 1) addDuration(record, microseconds, runs - 1)
      return
    }
    addDuration(record, microseconds, runs)
    if (record[MICROSECONDS]! <= record[PROFILE_DUE]!) return
    // By chance one run later: of runs that are slow and quick in turn both kinds are looked at.
    const next = record[CALLS]! + Math.floor(Math.random() * 2)
    if (record[PROFILED_FROM]! > next) record[PROFILED_FROM] = next
  }
}

function isDeclared(call: Args, firstKey: number, keys: number, key: Bytes): boolean {
  for (let i = firstKey; i < firstKey + keys; i++) if (call.at(i).equals(key)) return true
  return false
}
