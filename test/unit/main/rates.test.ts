import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Rate } from '../../../src/main/rates.ts'

test('a steady stream has its rate, once enough samples are there', () => {
  const rate = new Rate()
  for (let i = 0; i <= 16; i++) rate.sample(1000 + i * 100, i * 50)
  assert.equal(rate.perSecond, 500)
})

test('it falls to nothing when the stream ends, and a counter set back does not count', () => {
  const rate = new Rate()
  for (let i = 0; i <= 16; i++) rate.sample(1000 + i * 100, i * 50)
  for (let i = 17; i <= 33; i++) rate.sample(1000 + i * 100, 0)
  assert.equal(rate.perSecond, 0)
})
