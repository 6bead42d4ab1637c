import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  age,
  ago,
  bytes,
  count,
  duration,
  percent,
  rate,
  shortId,
  span,
  title,
} from '../../../src/page/format.ts'

test('durations have three digits and a unit', () => {
  const expected: readonly [number | null, string][] = [
    [0, '0 µs'],
    [0.5, '0.50 µs'],
    [12.34, '12.3 µs'],
    [999.4, '999 µs'],
    [999.6, '1.00 ms'],
    [1234, '1.23 ms'],
    [999_600, '1.00 s'],
    [12_345_678, '12.3 s'],
    [125e6, '2 min 5 s'],
    [null, '–'],
  ]
  for (const [value, text] of expected) assert.equal(duration(value), text)
})

test('spans have two units', () => {
  const expected: readonly [number, string][] = [
    [0.4, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [3725, '1 h 2 min'],
    [90_061, '1 d 1 h'],
  ]
  for (const [value, text] of expected) assert.equal(span(value), text)
})

test('counts, rates, sizes and shares are short', () => {
  assert.deepEqual([0, 7, 999, 1000, 12_345, 999_600, 1e9].map(count), [
    ...['0', '7', '999', '1.00 k', '12.3 k', '1.00 M', '1.00 G'],
  ])
  assert.deepEqual([0, 0.001, 0.5, 12.34, 1234].map(rate), ['0', '0', '0.50', '12.3', '1.23 k'])
  assert.deepEqual([0, 999, 1024, 15e6].map(bytes), ['0 B', '999 B', '1.00 KB', '14.3 MB'])
  assert.deepEqual([0, 0.0001, 0.05, 1].map(percent), ['0 %', '<0.1 %', '5.0 %', '100.0 %'])
})

test('ages and moments', () => {
  assert.deepEqual([0, 1234, 99_000, 125_000].map(age), ['0.0 s', '1.2 s', '99.0 s', '2 min 5 s'])
  assert.deepEqual([-5, 500, 12_000, 3_725_000].map(ago), ['now', 'now', '12 s ago', '1 h ago'])
})

test('scripts go by their names, or by the first digits of the SHA', () => {
  const sha = '0123456789abcdef0123456789abcdef01234567'
  assert.equal(shortId(sha), '0123456789ab')
  assert.equal(shortId('lib.peek'), 'lib.peek')
  assert.equal(title({ id: sha, name: '' }), '0123456789ab')
  assert.equal(title({ id: sha, name: 'lock' }), 'lock')
})
