import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Histogram } from '../../../src/observability/histogram.ts'

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
  assert.equal(histogram.total, 2)
  assert.equal(histogram.percentile(50), 1)
  assert.equal(histogram.upTo(1e9), 2)
  histogram.reset()
  assert.equal(histogram.percentile(50), 0)
})

test('steps double, and the untimed calls are where most are', () => {
  const histogram = new Histogram()
  histogram.record(500)
  histogram.record(9_000, 3)
  histogram.record(5e12)
  assert.deepEqual(histogram.steps(0), [
    [1, 1],
    [16, 4],
    [1073741, 5],
  ])
  assert.deepEqual(histogram.steps(2), [
    [1, 1],
    [16, 6],
    [1073741, 7],
  ])
  assert.deepEqual(new Histogram().steps(0), [])
  assert.deepEqual(new Histogram().steps(3), [[1, 3]])
})
