import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { copyBytes, moveBytes } from '../../../src/memory/copy.ts'
import { copyingView } from '../../../src/memory/views.ts'

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

test('copies nothing but the range between buffers that are used often, where words are moved', () => {
  const source = filled()
  const target = Buffer.alloc(2 * SIZE)
  for (let i = 0; i < 200; i++) copyBytes(target, 0, source, 0, 8)
  assert.ok(copyingView(source) !== null && copyingView(target) !== null)
  fc.assert(
    fc.property(fc.nat(150), fc.nat(150), fc.nat(40), (to, from, n) => {
      target.fill(255)
      const expected = Buffer.from(target)
      expected.set(source.subarray(from, from + n), to)
      copyBytes(target, to, source, from, n)
      assert.deepEqual(target, expected)
    }),
  )
})
