import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { copyBytes, moveBytes } from '../../../src/memory/copy.ts'

const SIZE = 300
const filled = () => Buffer.from(Array.from({ length: SIZE }, (_, i) => i & 255))
const span = fc.record({ to: fc.nat(150), from: fc.nat(150), n: fc.nat(150) })

test('moves ranges that overlap either way', () => {
  fc.assert(
    fc.property(span, ({ to, from, n }) => {
      const moved = filled()
      moveBytes(moved, to, from, n)
      assert.deepEqual(moved, Buffer.from(filled().fill(filled().subarray(from, from + n), to, to + n)))
    }),
  )
})

test('copies between buffers and within one', () => {
  fc.assert(
    fc.property(span, fc.boolean(), ({ to, from, n }, same) => {
      const source = filled()
      const target = same ? source : Buffer.alloc(2 * SIZE)
      const at = same ? Math.min(SIZE - n, from + n + (to % 20)) : to
      if (same && at < from + n) return
      copyBytes(target, at, source, from, n)
      assert.deepEqual(target.subarray(at, at + n), filled().subarray(from, from + n))
    }),
  )
})
