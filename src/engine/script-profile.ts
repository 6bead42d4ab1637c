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
import { ProfiledCommand } from './profiled-command.ts'
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

const NOT_TIMED = -1

const NONE: readonly string[] = []

export class ScriptProfile {
  private readonly clock: Clock
  /** The run that is looked at. */
  private run: RunningScript | null = null
  private call!: ScriptCall
  private start = 0
  /** The last keys that were not declared, as latin1 text. */
  private undeclared: string[] = []
  /** By id; undefined for a command that no run that was looked at has called. */
  private readonly commands: (ProfiledCommand | undefined)[] = []
  /** Those that the run has called. */
  private readonly called: ProfiledCommand[] = []
  /** The one whose call is timed. */
  private current!: ProfiledCommand
  private looks = 0
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
    this.called.length = 0
    this.looks++
    this.start = this.clock.tick()
  }

  /** A command of the run begins; `endCommand` wants the answer. */
  beginCommand(command: Command, args: Args): number {
    const profiled = this.profiled(command.id)
    if (!profiled.call()) return NOT_TIMED
    this.current = profiled
    const { firstKey, keys } = this.call
    const own = this.run!.args
    if (command.hasKeys) {
      for (const { position } of command.keys(args)) {
        const key = args.at(position)
        if (!isDeclared(own, firstKey, keys, key)) this.noteUndeclared(key)
      }
    }
    return this.clock.tick()
  }

  private profiled(id: number): ProfiledCommand {
    const profiled = (this.commands[id] ??= new ProfiledCommand())
    if (profiled.run !== this.looks) {
      profiled.begin(this.looks)
      this.called.push(profiled)
    }
    return profiled
  }

  private noteUndeclared(key: Bytes): void {
    this.current.noteKeyOutside()
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

  endCommand(started: number): void {
    if (started !== NOT_TIMED) this.current.took(this.clock.tick() - started)
  }

  /** The run is over. */
  end(record: ScriptRecord): void {
    const microseconds = (this.clock.tick() - this.start) * 1000
    let commandMs = 0
    let keysOutside = 0
    let timed = 0
    for (const command of this.called) {
      commandMs += command.totalMilliseconds
      keysOutside += command.totalKeysOutside
      timed += command.timed
    }
    const inCommands = Math.min(microseconds, commandMs * 1000)
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
    this.plan(record, microseconds, timed)
  }

  private plan(record: ScriptRecord, microseconds: number, timed: number): void {
    const between = (LOOK_COST + COMMAND_COST * timed) / BUDGET
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
