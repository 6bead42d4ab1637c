import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptLedger } from '../../../../src/counting/scripts/ledger.ts'
import { ScriptReader } from '../../../../src/counting/scripts/reader.ts'
import {
  addDuration,
  CALLS,
  KIND_SCRIPT,
  type ScriptRecord,
} from '../../../../src/counting/scripts/record.ts'
import { figuresShape, SharedFigures } from '../../../../src/observability/metrics/shared-figures.ts'
import { Recorder } from '../../../../src/observability/page/history.ts'
import type { Trail } from '../../../../src/observability/page/protocol.ts'
import { RowChanges, readRows } from '../../../../src/observability/page/rows.ts'
import { sampleSource } from '../fields/source.ts'

const source = sampleSource()
const shared = new SharedFigures(
  figuresShape(
    16,
    source.commands.map((command) => command.name),
  ),
)
shared.publish(source)
const figures = shared.read()!

function setUp() {
  const ledger = new ScriptLedger({ 'script-metrics-max-labels': 50, 'metrics-port': 0 })
  const reader = new ScriptReader(ledger.memory)
  const recorder = new Recorder(ledger.memory)
  const open = (id: string) =>
    ledger.open({ record: null }, { kind: KIND_SCRIPT, id, name: '', text: Buffer.from('') })
  return { ledger, reader, recorder, open }
}

function run(record: ScriptRecord, microseconds: number, times: number): void {
  record[CALLS]! += times
  addDuration(record, microseconds, times)
}

test('figures are gains a second', () => {
  const { recorder, open } = setUp()
  const record = open('a')
  recorder.sample(figures, 0)
  run(record, 100, 5)
  recorder.sample(figures, 1000)
  run(record, 1000, 100)
  const moment = recorder.sample(figures, 3000)
  assert.deepEqual(recorder.paces.get('a'), { rate: 50, load: 0.05 })
  assert.ok(moment.p50! >= 900 && moment.p50! <= 1100, String(moment.p50))
  assert.equal(recorder.sample(figures, 4000).p50, null)
  assert.equal(recorder.paces.get('a'), undefined)
  assert.deepEqual(recorder.history.time, [0, 1, 3, 4])
  assert.equal(recorder.history.memory[0], 2_000_000)
})

test('history and trails have ends', () => {
  const { recorder, open } = setUp()
  const record = open('a')
  for (let i = 0; i < 700; i++) {
    run(record, 10, 1)
    recorder.sample(figures, i * 1000)
  }
  for (const column of Object.values(recorder.history)) assert.equal(column.length, 600)
  const trail = recorder.trailOf('a')!
  assert.equal(trail.time.length, 120)
  assert.ok(trail.p99.every((value) => value !== null))
})

test('those that ran last have trails', () => {
  const { recorder, open } = setUp()
  const records = Array.from({ length: 600 }, (_, i) => open(`script${i}`))
  for (const record of records) run(record, 10, 1)
  recorder.sample(figures, 0)
  run(records[0]!, 10, 1)
  recorder.sample(figures, 1000)
  const kept = records.filter((_, i) => recorder.trailOf(`script${i}`) !== undefined)
  assert.equal(kept.length, 512)
  assert.ok(kept.includes(records[0]!))
})

test('a record of another script begins anew', () => {
  const { ledger, recorder, open } = setUp()
  const record = open('a')
  run(record, 100, 1000)
  recorder.sample(figures, 0)
  ledger.close(record)
  run(open('b'), 100, 2000)
  recorder.sample(figures, 1000)
  assert.equal(recorder.paces.get('b')!.rate, 2000)
  assert.equal(recorder.trailOf('a'), undefined)
  assert.notEqual(recorder.trailOf('b'), undefined)
})

test('figures that are set back begin anew', () => {
  const { ledger, recorder, open } = setUp()
  const record = open('a')
  recorder.sample(figures, 0)
  run(record, 100, 1000)
  recorder.sample(figures, 1000)
  ledger.reset()
  run(record, 100, 2000)
  recorder.sample(figures, 2000)
  assert.equal(recorder.paces.get('a')!.rate, 2000)
})

/** Runs that a trail tells of. */
function runsOf(trail: Trail): number {
  return Math.round(trail.runs.reduce((sum, perSecond) => sum + perSecond * 5, 0))
}

test('what a script did before it lost its trail is no gain', () => {
  const { recorder, open } = setUp()
  const records = Array.from({ length: 600 }, (_, i) => open(`script${i}`))
  let now = 0
  const moments = (times: number) => {
    for (let i = 0; i < times; i++) recorder.sample(figures, (now += 1000))
  }
  moments(1)
  run(records[0]!, 10, 1_000_000)
  moments(4)
  for (const record of records.slice(1)) run(record, 10, 1)
  moments(1)
  assert.equal(recorder.trailOf('script0'), undefined)
  run(records[0]!, 500, 1)
  run(records[5]!, 900, 1000)
  const { p50 } = recorder.sample(figures, (now += 1000))
  assert.ok(p50! > 800, String(p50))
  moments(4)
  assert.equal(runsOf(recorder.trailOf('script0')!), 1)
})

test('trails of more scripts than there is room for tell of no run twice', () => {
  const { recorder, open } = setUp()
  const records = Array.from({ length: 600 }, (_, i) => open(`script${i}`))
  recorder.sample(figures, 0)
  const made = new Map<Trail, number>()
  for (let point = 0; point < 12; point++) {
    // Other trails are lost each time.
    const running = records.map((_, i) => i).filter((i) => i % 3 !== point % 3)
    for (const i of running) run(records[i]!, 10, point + 1)
    for (let i = 1; i <= 5; i++) recorder.sample(figures, (point * 5 + i) * 1000)
    for (const i of running) {
      const trail = recorder.trailOf(`script${i}`)!
      made.set(trail, (made.get(trail) ?? 0) + point + 1)
    }
  }
  assert.ok(made.size > 1000)
  const kept = records.flatMap((_, i) => recorder.trailOf(`script${i}`) ?? [])
  assert.equal(kept.length, 512)
  for (const trail of kept) assert.equal(runsOf(trail), made.get(trail))
})

test('rows are sorted by time, and told when they change', () => {
  const { ledger, reader, recorder, open } = setUp()
  const [a, b] = [open('a'), open('b')]
  run(a, 10, 1)
  run(b, 20, 1)
  const read = () => readRows(reader, recorder.paces).rows
  assert.deepEqual(
    read().map((row) => row.id),
    ['b', 'a'],
  )
  const changes = new RowChanges()
  assert.equal(changes.since(read()).changed.length, 2)
  assert.deepEqual(changes.since(read()), { changed: [], gone: [] })
  run(a, 10, 1)
  assert.deepEqual(
    changes.since(read()).changed.map((row) => row.id),
    ['a'],
  )
  ledger.close(b)
  const { changed, gone } = changes.since(read())
  assert.deepEqual([changed.map((row) => row.id), gone], [['other'], ['b']])
})
