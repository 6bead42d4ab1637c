import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Histogram, risingSteps, STEP_BOUNDS } from '../../../src/counting/histogram.ts'

test('percentiles are those of the sorted durations, to two digits', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1_000_000_000 }), { minLength: 1, maxLength: 50 }),
      fc.integer({ min: 1, max: 100 }),
      (durations, percent) => {
        const histogram = new Histogram()
        for (const duration of durations) histogram.record(duration)
        const rank = Math.max(1, Math.floor((percent / 100) * durations.length + 0.5))
        const exact = durations.toSorted((a, b) => a - b)[rank - 1]!
        const answer = histogram.percentile(percent)
        assert.ok(answer >= exact && answer <= exact * 1.01 + 1, `${answer} for ${exact}`)
      },
    ),
  )
})

test('a duration counts as the highest of its bucket', () => {
  const histogram = new Histogram()
  histogram.record(232_000)
  assert.equal(histogram.percentile(50), 232_447)
  assert.equal(histogram.percentile(0), 231_424)
})

test('durations below and above the range count as its ends', () => {
  const histogram = new Histogram()
  histogram.record(0.2)
  histogram.record(5e12)
  assert.equal(histogram.stepCounts(0).at(-1), 2)
  assert.equal(histogram.percentile(50), 1)
  assert.equal(histogram.percentile(100), 1_002_438_655)
  assert.equal(new Histogram().percentile(50), 0)
})

test('more calls than 32 bits count are counted', () => {
  const histogram = new Histogram()
  histogram.record(5000, 2 ** 32)
  histogram.record(5000)
  assert.deepEqual(risingSteps(histogram.stepCounts(0)), [[8, 2 ** 32 + 1]])
})

test('steps count the durations up to their ends', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000_000_000 }), { maxLength: 50 }), (durations) => {
      const histogram = new Histogram()
      for (const duration of durations) histogram.record(duration)
      for (const [i, count] of histogram.stepCounts(0).entries()) {
        const bound = STEP_BOUNDS[i]! * 1000
        // An end is known to a microsecond and to two digits.
        assert.ok(count >= durations.filter((d) => d <= bound * 0.99 - 1000).length)
        assert.ok(count <= durations.filter((d) => d <= bound * 1.01 + 1000).length)
      }
    }),
  )
})

test('steps double, and the untimed calls are where most are', () => {
  const histogram = new Histogram()
  histogram.record(500)
  histogram.record(9_000, 3)
  histogram.record(5e12)
  assert.deepEqual(risingSteps(histogram.stepCounts(0)), [
    [1, 1],
    [16, 4],
    [1073741, 5],
  ])
  assert.deepEqual(risingSteps(histogram.stepCounts(2)), [
    [1, 1],
    [16, 6],
    [1073741, 7],
  ])
  assert.deepEqual(risingSteps(new Histogram().stepCounts(0)), [])
  assert.deepEqual(risingSteps(new Histogram().stepCounts(3)), [[1, 3]])
})
