import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptLedger } from '../../../src/counting/scripts/ledger.ts'
import { MAX_SCRIPT_RECORDS, ScriptMemory } from '../../../src/counting/scripts/memory.ts'
import { ScriptReader } from '../../../src/counting/scripts/reader.ts'
import {
  CALLS,
  KIND_SCRIPT,
  MICROSECONDS,
  PROFILED_FROM,
  percentiles,
} from '../../../src/counting/scripts/record.ts'
import { Clock } from '../../../src/engine/clock.ts'
import { ScriptStatistics } from '../../../src/engine/script-statistics.ts'
import { Args } from '../../../src/memory/args.ts'

function setUp(labels = 2) {
  const ledger = new ScriptLedger({ 'script-metrics-max-labels': labels, 'metrics-port': 0 })
  const statistics = new ScriptStatistics(ledger, new Clock())
  const reader = new ScriptReader(new ScriptMemory(ledger.memory.buffer))
  const idOf = (n: number) => n.toString(16).padStart(8, '0').padEnd(40, '0')
  const open = (n: number) =>
    ledger.open({ record: null }, { kind: KIND_SCRIPT, id: idOf(n), name: '', text: Buffer.alloc(0) })
  const begin = (n: number, record: Float64Array) => {
    const args = Args.from('evalsha', idOf(n), '0')
    const run = { name: idOf(n), isFunction: false, args, wrote: false }
    return statistics.begin(record, run, { args, firstKey: 3, keys: 0, readOnly: false })
  }
  return { ledger, statistics, reader, idOf, open, begin }
}

test('the script that runs is known by its SHA, whether or not it has a record of its own', () => {
  // With labels all of them, so that none has to make room.
  const { ledger, statistics, reader, idOf, open, begin } = setUp(MAX_SCRIPT_RECORDS)
  const first = open(0)
  for (let n = 1; n < MAX_SCRIPT_RECORDS; n++) open(n)
  assert.equal(reader.running, undefined)
  for (const n of [MAX_SCRIPT_RECORDS, 0]) {
    const record = n === 0 ? first : open(n)
    assert.equal(record === ledger.other, n !== 0)
    begin(n, record)
    assert.equal(reader.running!.id, idOf(n))
    statistics.count(0, 0, 0, 0)
    statistics.end()
    statistics.timed(10, true)
    assert.equal(statistics.timedId, idOf(n))
  }
  assert.equal(reader.running, undefined)
})

test('the first run is looked at closely; a script that goes makes no other look due', () => {
  const { ledger, statistics, open, begin } = setUp()
  const { other } = ledger
  const gone = open(1)
  gone[CALLS] = 10_000
  assert.equal(begin(2, other), true)
  statistics.count(0, 0, 0, 0)
  statistics.end()
  other[PROFILED_FROM] = other[CALLS]! + 100
  ledger.close(gone)
  assert.equal(begin(2, other), false)
  statistics.end()
})

test('a slow run counts once; the untimed ones before it wait for one as short as they were', () => {
  const { statistics, open, begin } = setUp()
  const record = open(1)
  const run = () => {
    begin(1, record)
    statistics.count(0, 0, 0, 0)
    statistics.end()
  }
  for (let i = 0; i < 24; i++) run()
  run()
  statistics.timed(160_000, false)
  assert.equal(record[MICROSECONDS], 160_000)
  run()
  statistics.timed(10, true)
  assert.equal(record[MICROSECONDS], 160_000 + 25 * 10)
  assert.deepEqual(percentiles(record, [50, 95]).map(Math.round), [10, 10])
})
