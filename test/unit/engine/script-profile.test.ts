/**
 * Which runs are looked at closely, and what is made of it.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALL_COMMANDS } from '../../../src/commands/all.ts'
import { type Command, CommandTable } from '../../../src/commands/table.ts'
import { ScriptLedger } from '../../../src/counting/scripts/ledger.ts'
import {
  CALLS,
  COMMAND_MICROSECONDS,
  KEYS_OUTSIDE,
  KIND_SCRIPT,
  MICROSECONDS,
  PROFILED,
} from '../../../src/counting/scripts/record.ts'
import { Clock } from '../../../src/engine/clock.ts'
import { PROFILED_FIRST } from '../../../src/engine/script-profile.ts'
import { ScriptStatistics } from '../../../src/engine/script-statistics.ts'
import { Args } from '../../../src/memory/args.ts'

const TABLE = new CommandTable(ALL_COMMANDS)
const [GET, SORT] = ['get', 'sort'].map((name) => TABLE.lookup(Args.from(name).at(0))!) as [Command, Command]

/** Milliseconds in Lua, and of each command. */
interface Work {
  readonly lua: number
  readonly command?: number
  readonly commands?: number
  /** What commands are given. */
  readonly key?: string
  /** Milliseconds of one command of another name that follows the others. */
  readonly other?: number
}

function setUp() {
  let now = 0
  const clock = new Clock({ monotonic: () => now, wall: () => now, origin: 0 })
  const ledger = new ScriptLedger({ 'script-metrics-max-labels': 1, 'metrics-port': 0 })
  const statistics = new ScriptStatistics(ledger, clock)
  const identity = { kind: KIND_SCRIPT, id: 'a'.repeat(40), name: '', text: Buffer.alloc(0) }
  const record = ledger.open({ record: null }, identity)
  const args = Args.from('evalsha', 'a'.repeat(40), '1', 'declared')
  /** A run; whether it was looked at. */
  const run = ({ lua, command = 0, commands = 1, key = 'declared', other = 0 }: Work): boolean => {
    const started = now
    const call = { args, firstKey: 3, keys: 1, readOnly: false }
    const script = { name: 'a'.repeat(40), isFunction: false, args, wrote: false }
    const isLookedAt = statistics.begin(record, script, call)
    const runCommand = (command: Command, milliseconds: number) => {
      const begun = isLookedAt ? statistics.profile.beginCommand(command, Args.from(command.name, key)) : 0
      now += milliseconds
      if (isLookedAt) statistics.profile.endCommand(begun)
    }
    for (let i = 0; i < commands; i++) runCommand(GET, command)
    if (other > 0) runCommand(SORT, other)
    now += lua
    statistics.count(commands, 0, 0, 0)
    statistics.end()
    statistics.timed((now - started) * 1000, true)
    return isLookedAt
  }
  const times = (count: number, work: Work): number => {
    let looked = 0
    for (let i = 0; i < count; i++) looked += Number(run(work))
    return looked
  }
  return { record, run, times }
}

const QUICK: Work = { lua: 0.001, command: 0.001 }

test('the first runs are looked at, then few of the quick and all of the slow', () => {
  const { record, times } = setUp()
  assert.equal(times(PROFILED_FIRST, QUICK), PROFILED_FIRST)
  const looked = times(100_000, QUICK)
  assert.ok(looked > 100 && looked < 2000, String(looked))
  const slow = setUp()
  assert.equal(slow.times(100, { lua: 100, command: 1 }), 100)
  assert.equal(record[PROFILED], PROFILED_FIRST + looked)
})

test('a script that was quick is looked at as soon as it is slow', () => {
  const { record, run, times } = setUp()
  times(10_000, QUICK)
  const before = record[COMMAND_MICROSECONDS]!
  const looks = Array.from({ length: 20 }, () => run({ lua: 0, command: 100 }))
  assert.ok(looks.slice(0, 4).some(Boolean), JSON.stringify(looks))
  assert.ok(looks.slice(4).every(Boolean), JSON.stringify(looks))
  assert.ok(record[COMMAND_MICROSECONDS]! - before > 17 * 100_000)
})

test('the time of a run that is looked at is its own, that of others as of all looks', () => {
  const { record, times } = setUp()
  times(1, { lua: 0.01, commands: 0 })
  times(15, { lua: 0, command: 150 })
  assert.ok(Math.abs(record[COMMAND_MICROSECONDS]! - 15 * 150_000) < 1)
  times(100_000, QUICK)
  assert.ok(record[COMMAND_MICROSECONDS]! > 0.9 * record[MICROSECONDS]!)
  assert.ok(record[COMMAND_MICROSECONDS]! <= record[MICROSECONDS]!)
})

test('where commands are alike, those that are timed say exactly how all were', () => {
  const { record, times } = setUp()
  times(PROFILED_FIRST, { lua: 0, command: 1, commands: 100, key: 'other' })
  assert.equal(Math.round(record[KEYS_OUTSIDE]!), 100 * PROFILED_FIRST)
  assert.equal(Math.round(record[COMMAND_MICROSECONDS]!), 100_000 * PROFILED_FIRST)
})

test('of the commands of a run that calls many, some stand for the others', () => {
  const { record, run, times } = setUp()
  run({ lua: 100, command: 0.01, commands: 10_000, key: 'other' })
  assert.ok(
    Math.abs(record[COMMAND_MICROSECONDS]! / 100_000 - 1) < 0.25,
    String(record[COMMAND_MICROSECONDS]),
  )
  assert.ok(Math.abs(record[KEYS_OUTSIDE]! / 10_000 - 1) < 0.25, String(record[KEYS_OUTSIDE]))
  times(PROFILED_FIRST, { lua: 0, command: 0.0005, commands: 10_000 })
  // Looking takes long where commands are many: not each run is looked at.
  assert.ok(times(100, { lua: 0, command: 0.0005, commands: 10_000 }) < 50)
})

test('a slow command among many quick ones is neither missed nor taken for several', () => {
  const { record, run } = setUp()
  run({ lua: 10, command: 0, commands: 10_000, other: 70 })
  assert.equal(Math.round(record[COMMAND_MICROSECONDS]!), 70_000)
})

test('keys that were not declared are the mean of the looks', () => {
  const { record, times } = setUp()
  times(20_000, { ...QUICK, key: 'other', commands: 2 })
  times(1, { lua: 100, key: 'other', commands: 2 })
  times(4, { lua: 100, key: 'other', commands: 2 })
  assert.ok(record[KEYS_OUTSIDE]! <= 2 * record[CALLS]!)
  assert.ok(record[KEYS_OUTSIDE]! > 2 * (record[CALLS]! - 4), String(record[KEYS_OUTSIDE]))
})
