import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bytes } from '../../../src/memory/bytes.ts'
import { parseInt64, putInteger } from '../../../src/memory/numbers.ts'

test('every safe integer reads back as it was written', () => {
  const buf = Buffer.alloc(24)
  const roundTrip = (n: number) => {
    const end = putInteger(buf, 2, n)
    assert.equal(buf.latin1Slice(2, end), String(n))
    assert.equal(parseInt64(new Bytes(buf, 2, end - 2)), n)
  }
  for (const n of [
    0,
    9,
    10,
    99,
    100,
    0x7fffffff,
    0x80000000,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ]) {
    roundTrip(n)
  }
  fc.assert(fc.property(fc.maxSafeInteger(), roundTrip), { numRuns: 1000 })
})
