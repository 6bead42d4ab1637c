import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyingView, dropView, mayKeepView, viewOf } from '../../../src/memory/views.ts'

const LARGE = 2 * 1024 * 1024

/** The view that a buffer gets when it is copied often, null where it gets none. */
function viewAfterMany(buf: Buffer): DataView | null {
  for (let i = 0; i < 200; i++) {
    const view = copyingView(buf)
    if (view !== null) return view
  }
  return null
}

test('a view shows all bytes of its buffer, wherever that begins', () => {
  const whole = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8])
  assert.equal(viewOf(whole.subarray(2)).getInt32(0, true), 0x06050403)
  assert.equal(viewOf(whole.subarray(2, 6)).byteLength, 4)
})

test('the views of the last two buffers are kept', () => {
  const [a, b] = [Buffer.alloc(8), Buffer.alloc(8)]
  const view = viewOf(a)
  viewOf(b)
  assert.equal(viewOf(a), view)
  viewOf(Buffer.alloc(8))
  viewOf(Buffer.alloc(8))
  assert.notEqual(viewOf(a), view)
})

test('a buffer that is copied often gets a view, one that is copied once does not', () => {
  const buf = Buffer.alloc(8)
  assert.equal(copyingView(Buffer.alloc(8)) ?? copyingView(Buffer.alloc(8)), null)
  const view = viewAfterMany(buf)
  assert.ok(view !== null)
  assert.equal(copyingView(buf), view)
})

test('large buffers are kept where their owner says so, until they are given back', () => {
  const buf = Buffer.alloc(LARGE)
  assert.equal(viewAfterMany(buf), null)
  mayKeepView(buf)
  assert.ok(viewAfterMany(buf) !== null)
  dropView(buf)
  assert.equal(viewAfterMany(buf), null)
})

test('large memory that threads share is kept', () => {
  assert.ok(viewAfterMany(Buffer.from(new SharedArrayBuffer(LARGE))) !== null)
})
