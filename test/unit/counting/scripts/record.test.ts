/**
 * Durations of runs.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addDuration,
  COMMAND_MICROSECONDS,
  DURATION_BOUNDS,
  DURATIONS,
  durationSteps,
  LUA_MICROSECONDS,
  MICROSECONDS,
  PROFILED_COMMAND_MICROSECONDS,
  PROFILED_MICROSECONDS,
  percentiles,
  RECORD_SLOTS,
} from '../../../../src/counting/scripts/record.ts'

const durations = fc.array(fc.double({ min: 0.3, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 50 })

test('percentiles are near those of the sorted durations', () => {
  fc.assert(
    fc.property(durations, fc.integer({ min: 1, max: 100 }), (list, percent) => {
      const record = new Float64Array(RECORD_SLOTS)
      for (const duration of list) addDuration(record, duration, 1)
      const rank = Math.max(1, Math.round((percent / 100) * list.length))
      const exact = list.toSorted((a, b) => a - b)[rank - 1]!
      const answer = percentiles(record, [percent])[0]!
      assert.ok(answer >= exact * 0.999 && answer <= exact * 1.25 + 0.256, `${answer} for ${exact}`)
    }),
  )
  assert.deepEqual(percentiles(new Float64Array(RECORD_SLOTS), [50, 99]), [0, 0])
})

test('the steps of LATENCY HISTOGRAM count all', () => {
  fc.assert(
    fc.property(durations, (list) => {
      const record = new Float64Array(RECORD_SLOTS)
      for (const duration of list) addDuration(record, duration, 2)
      const { calls, steps } = durationSteps(record)
      assert.equal(calls, 2 * list.length)
      assert.equal(steps.at(-1)![1], calls)
      for (const [microseconds, count] of steps) {
        assert.ok(list.filter((d) => d <= microseconds).length * 2 <= count)
        assert.ok(list.filter((d) => d <= microseconds + 1).length * 2 >= count)
      }
    }),
  )
})

test('of runs longer than all steps the longest is told, and nothing above it', () => {
  const record = new Float64Array(RECORD_SLOTS)
  addDuration(record, 10, 98)
  for (const seconds of [20, 40]) addDuration(record, seconds * 1e6, 1)
  assert.deepEqual(percentiles(record, [99, 99.9]), [40e6, 40e6])
  assert.ok(percentiles(record, [50])[0]! < 15)
  assert.deepEqual(durationSteps(record).steps.at(-1), [40e6, 100])
})

test('a run counts in the first bound that it does not exceed', () => {
  const record = new Float64Array(RECORD_SLOTS)
  for (const microseconds of [10, 11, 1e7, 1e7 + 1]) addDuration(record, microseconds, 3)
  const counts = record.subarray(DURATIONS, DURATIONS + DURATION_BOUNDS.length + 1)
  assert.deepEqual([counts[0], counts[1], counts.at(-2), counts.at(-1)], [3, 3, 3, 3])
})

test('time is parted as that of the runs that were looked at, where nothing else is known', () => {
  const record = new Float64Array(RECORD_SLOTS)
  record[PROFILED_MICROSECONDS] = 40
  record[PROFILED_COMMAND_MICROSECONDS] = 10
  addDuration(record, 100, 4)
  assert.equal(record[MICROSECONDS], 400)
  assert.equal(record[COMMAND_MICROSECONDS], 100)
  addDuration(record, 100, 1, 1)
  assert.equal(record[COMMAND_MICROSECONDS], 200)
})

test('neither time in Lua nor time in commands is ever less', () => {
  const share = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.double({ min: 0, max: 1e9, noNaN: true }), share)), (runs) => {
      const record = new Float64Array(RECORD_SLOTS)
      for (const [microseconds, part] of runs) {
        const [lua, commands] = [record[LUA_MICROSECONDS]!, record[COMMAND_MICROSECONDS]!]
        addDuration(record, microseconds, 1, part)
        assert.ok(record[LUA_MICROSECONDS]! >= lua && record[COMMAND_MICROSECONDS]! >= commands)
      }
      const sum = record[LUA_MICROSECONDS]! + record[COMMAND_MICROSECONDS]!
      assert.ok(Math.abs(sum - record[MICROSECONDS]!) <= record[MICROSECONDS]! * 1e-12)
    }),
  )
})
