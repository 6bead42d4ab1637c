/**
 * Records of scripts and their labels: nothing that is seen ever goes back, and nothing is seen twice.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LABEL_IDLE_MS, LABEL_TURNOVER_MS } from '../../../../src/counting/scripts/labels.ts'
import { type RecordOwner, ScriptLedger } from '../../../../src/counting/scripts/ledger.ts'
import { MAX_SCRIPT_RECORDS, ScriptMemory } from '../../../../src/counting/scripts/memory.ts'
import { ScriptReader } from '../../../../src/counting/scripts/reader.ts'
import {
  addDuration,
  CALLS,
  COUNTERS,
  INDEX,
  KIND_FUNCTION,
  KIND_SCRIPT,
  type ScriptRecord,
  STARTED,
  TIMED,
} from '../../../../src/counting/scripts/record.ts'

const NOW = 1_700_000_000_000

/** They differ in their first digits. */
function idOf(n: number): string {
  return n.toString(16).padStart(8, '0').padEnd(40, '0')
}

function newLedger(labels = 2) {
  const settings = { 'script-metrics-max-labels': labels, 'metrics-port': 0 }
  const ledger = new ScriptLedger(settings)
  const reader = new ScriptReader(new ScriptMemory(ledger.memory.buffer))
  const open = (n: number, owner: RecordOwner = { record: null }) =>
    ledger.open(owner, { kind: KIND_SCRIPT, id: idOf(n), name: `script${n}`, text: Buffer.alloc(0) })
  const run = (record: ScriptRecord, times = 1, microseconds = 10) => {
    record[CALLS]! += times
    record[STARTED] = NOW
    addDuration(record, microseconds, times)
    record[TIMED] = record[CALLS]!
  }
  const calls = () => {
    ledger.rest.account()
    return Object.fromEntries(
      reader.labelled().map(({ name, counters }) => [name, counters[CALLS - COUNTERS]!]),
    )
  }
  return { ledger, reader, settings, open, run, calls }
}

test('the first scripts have labels, the others are one', () => {
  const { ledger, open, run, calls } = newLedger()
  for (const n of [1, 2, 3, 4]) run(open(n), n)
  ledger.labels.assign(NOW)
  assert.deepEqual(calls(), { script1: 1, script2: 2, '': 7 })
})

test('the script that runs has the label it has in the metrics', () => {
  const { ledger, reader, open } = newLedger(1)
  for (const [n, label] of [
    [1, '000000010000'],
    [2, 'other'],
  ] as const) {
    ledger.memory.begin(open(n)[INDEX]!)
    assert.equal(reader.running!.label, label)
    ledger.memory.end()
  }
})

test('a script that goes takes its label along; what was seen elsewhere stays there', () => {
  const { ledger, reader, open, run, calls } = newLedger()
  const [first, second, third] = [open(1), open(2), open(3)]
  run(first, 5)
  run(second, 1)
  run(third, 3)
  ledger.close(first)
  assert.deepEqual(calls(), { script2: 1, '': 3 })
  ledger.close(third)
  assert.deepEqual(calls(), { script2: 1, '': 3 })
  // The figures beside the metrics have all that was.
  assert.equal(reader.all().at(-1)!.calls, 8)
})

test('a free label goes to the busiest, which begins at 0; one more each LABEL_TURNOVER_MS', () => {
  const { ledger, open, run, calls } = newLedger()
  const records = [1, 2, 3, 4].map((n) => open(n))
  for (const [i, record] of records.entries()) run(record, i + 1)
  ledger.labels.assign(NOW)
  for (const record of records.slice(0, 2)) ledger.close(record)
  ledger.labels.assign(NOW + LABEL_TURNOVER_MS)
  assert.deepEqual(calls(), { script4: 0, '': 7 })
  run(records[3]!, 10)
  run(records[2]!, 20)
  ledger.labels.assign(NOW + LABEL_TURNOVER_MS + 1)
  assert.deepEqual(calls(), { script4: 10, '': 27 })
  ledger.labels.assign(NOW + 2 * LABEL_TURNOVER_MS)
  assert.deepEqual(calls(), { script3: 0, script4: 10, '': 27 })
})

test('after all went at once, those that come are the first again', () => {
  const { ledger, open, run, calls } = newLedger()
  for (const n of [1, 2, 3]) open(n)
  for (const record of [1, 2].map((n) => open(n))) ledger.close(record)
  assert.deepEqual(calls(), { script1: 0, script2: 0, '': 0 })
  for (let i = 1; i <= 3; i++) ledger.close(ledger.memory.record(i))
  run(open(4))
  assert.deepEqual(calls(), { '': 1 })
  ledger.labels.restart()
  run(open(5))
  assert.deepEqual(calls(), { script5: 1, '': 1 })
})

test('who has not run for long makes room; fewer labels are taken from the least busy', () => {
  const { ledger, settings, open, run, calls } = newLedger()
  const [first, second, third] = [open(1), open(2), open(3)]
  run(first, 1)
  run(second, 5)
  ledger.labels.assign(NOW)
  second[STARTED] = NOW + LABEL_IDLE_MS
  run(third, 3)
  ledger.labels.assign(NOW + LABEL_IDLE_MS + LABEL_TURNOVER_MS)
  assert.deepEqual(calls(), { script2: 5, script3: 0, '': 3 })
  run(first, 1)
  assert.deepEqual(calls(), { script2: 5, script3: 0, '': 4 })
  settings['script-metrics-max-labels'] = 1
  ledger.labels.assign(NOW + LABEL_IDLE_MS + LABEL_TURNOVER_MS)
  assert.deepEqual(calls(), { script2: 5, '': 4 })
})

test('whatever happens, every run is seen once, and no label goes back', () => {
  const step = fc.record({
    script: fc.nat(7),
    action: fc.constantFrom('run', 'run', 'run', 'close', 'assign', 'limit'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { ledger, settings, open, run, calls } = newLedger(3)
      const records = new Map<number, ScriptRecord>()
      let now = NOW
      let seen = calls()
      for (const { script, action } of steps) {
        if (action === 'run') {
          const record = records.get(script) ?? open(script)
          records.set(script, record)
          const before = sum(calls())
          run(record)
          assert.equal(sum(calls()), before + 1)
        } else if (action === 'close' && records.has(script)) {
          ledger.close(records.get(script)!)
          records.delete(script)
        } else if (action === 'limit') settings['script-metrics-max-labels'] = script
        else if (action === 'assign') {
          now += LABEL_TURNOVER_MS * (1 + script * 10)
          ledger.labels.assign(now)
        }
        const labels = calls()
        for (const [name, count] of Object.entries(labels)) {
          // A script that left the cache and came again begins anew.
          if (name in seen && action !== 'close') assert.ok(count >= seen[name]!, name)
        }
        seen = labels
      }
    }),
  )
})

function sum(calls: Record<string, number>): number {
  return Object.values(calls).reduce((a, b) => a + b, 0)
}

test('10,000 scripts at once share what records there are', () => {
  const { ledger, reader, open, run, calls } = newLedger(50)
  for (let n = 0; n < 10_000; n++) run(open(n))
  for (let n = 0; n < 10_000; n++) run(open(n))
  ledger.labels.assign(NOW)
  assert.equal(Object.keys(calls()).length, 51)
  assert.equal(sum(calls()), 20_000)
  assert.equal(reader.all().length, MAX_SCRIPT_RECORDS + 1)
  assert.equal(
    reader.all().reduce((total, figures) => total + figures.calls, 0),
    20_000,
  )
})

test('10,000 scripts one after the other get few labels over time', () => {
  const { ledger, open, run, calls } = newLedger(50)
  const names = new Set<string>()
  for (let n = 0; n < 10_000; n++) {
    const record = open(n)
    run(record)
    // 100 a second.
    ledger.labels.assign(NOW + n * 10)
    for (const name of Object.keys(calls())) names.add(name)
    ledger.close(record)
  }
  assert.ok(names.size <= 51 + (10_000 * 10) / LABEL_TURNOVER_MS + 50, String(names.size))
})

test('reset sets all back to 0; labels stay', () => {
  const { ledger, reader, open, run, calls } = newLedger(1)
  run(open(1), 5)
  run(open(2), 5)
  assert.deepEqual(calls(), { script1: 5, '': 5 })
  ledger.reset()
  assert.deepEqual(calls(), { script1: 0, '': 0 })
  assert.ok(reader.all().every((figures) => figures.calls === 0 && figures.max === 0))
})

test('error codes beyond the limit count as other', () => {
  const { ledger } = newLedger()
  assert.equal(ledger.memory.code(ledger.numberOf('WRONGTYPE')), 'WRONGTYPE')
  for (let i = 0; i < 100; i++) ledger.numberOf(`CODE${i}`)
  assert.equal(ledger.memory.code(ledger.numberOf('CODE0')), 'CODE0')
  assert.equal(ledger.memory.code(ledger.numberOf('CODE99')), 'other')
  assert.equal(ledger.memory.code(ledger.numberOf('X'.repeat(40))), 'other')
})

test('an error code may be called as those without a number are', () => {
  const { ledger } = newLedger()
  assert.equal(ledger.numberOf('other'), 0)
  const names = ledger.memory.codeNames
  assert.equal(new Set(names).size, names.length)
})

/** Has all records in use; who has them, by number. Every script began at another moment. */
function fill(open: (n: number, owner: RecordOwner) => ScriptRecord, run: (record: ScriptRecord) => void) {
  return Array.from({ length: MAX_SCRIPT_RECORDS }, (_, n) => {
    const owner: RecordOwner = { record: null }
    run(open(n, owner))
    owner.record![STARTED] = NOW + n
    return owner
  })
}

test('where all records are in use, who has not run for longest of a few makes room, and is told', () => {
  const { ledger, reader, open, run, calls } = newLedger(2)
  const owners = fill(open, run)
  owners[2]!.record![STARTED] = NOW + 10_000
  run(open(10_000))
  assert.deepEqual(
    owners.flatMap(({ record }, n) => (record === null ? n : [])),
    [3],
  )
  assert.equal(reader.find(idOf(10_000))!.figures.calls, 1)
  assert.equal(reader.find(idOf(3)), undefined)
  assert.equal(reader.all().at(-1)!.calls, 1)
  // It comes again, where the hand is now.
  run(open(3, owners[3]))
  assert.deepEqual([owners[3]!.record![CALLS], owners[32]!.record], [1, null])
  assert.deepEqual(calls(), { script0: 1, script1: 1, '': MAX_SCRIPT_RECORDS })
  ledger.close(owners[32]!.record)
})

test('neither the script that runs nor one with a label has to make room', () => {
  const { ledger, open, run } = newLedger(40)
  const owners = fill(open, run)
  // Labels wherever the hand looks: this run counts with the others.
  assert.equal(open(10_000), ledger.other)
  ledger.memory.begin(owners[40]!.record![INDEX]!)
  assert.notEqual(open(10_000), ledger.other)
  assert.deepEqual(
    owners.flatMap(({ record }, n) => (record === null ? n : [])),
    [41],
  )
})

test('scripts whose SHAs begin alike are not the same series twice', () => {
  const { ledger, reader, run, calls } = newLedger(3)
  const [first, second] = ['first', 'second'].map((name, i) => {
    const id = `${'a'.repeat(39)}${i}`
    return ledger.open({ record: null }, { kind: KIND_SCRIPT, id, name, text: Buffer.alloc(0) })
  }) as [ScriptRecord, ScriptRecord]
  run(first, 3)
  run(second, 4)
  ledger.labels.assign(NOW)
  ledger.labels.assign(NOW + LABEL_TURNOVER_MS)
  assert.deepEqual(calls(), { first: 3, '': 4 })
  ledger.close(first)
  ledger.labels.assign(NOW + LABEL_TURNOVER_MS)
  run(second, 2)
  assert.deepEqual(calls(), { second: 2, '': 4 })
  assert.equal(reader.labelled()[0]!.label, 'a'.repeat(12))
})

test('flushing over and over makes no series without end', () => {
  const { ledger, open, run, calls } = newLedger(2)
  const names = new Set<string>()
  for (let flush = 0; flush < 100; flush++) {
    const records = [open(2 * flush), open(2 * flush + 1)]
    for (const record of records) run(record)
    ledger.labels.assign(NOW + flush)
    for (const name of Object.keys(calls())) names.add(name)
    for (const record of records) ledger.close(record)
    ledger.labels.restart()
  }
  assert.equal(names.size, 1 + 2 + 2)
})

test('functions whose names begin alike are told apart, however long', () => {
  const { ledger, reader, run } = newLedger(2)
  const ids = ['one', 'two'].map((end) => `library.${'f'.repeat(200)}_${end}`)
  for (const [i, id] of ids.entries()) {
    const identity = { kind: KIND_FUNCTION, id, name: '', text: Buffer.alloc(0) }
    run(ledger.open({ record: null }, identity), i + 1)
  }
  assert.equal(new Set(reader.labelled().map(({ label }) => label)).size, 3)
  assert.deepEqual(
    ids.map((id) => reader.find(id)?.figures.calls),
    [1, 2],
  )
})
