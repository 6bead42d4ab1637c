import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { InputBacklog } from '../../../src/net/input-backlog.ts'
import { OutputQueue, recycle } from '../../../src/net/output-queue.ts'

const bytes = fc
  .tuple(fc.constantFrom(1, 100, 16_384, 50_000), fc.nat(255))
  .map(([max, seed]) => Buffer.from(Array.from({ length: (seed * 7919) % (max + 1) }, (_, i) => seed + i)))

describe('output queue', () => {
  test('gives back what was appended, in order', () => {
    const step = fc.oneof(
      bytes.map((buf) => ({ append: buf, owned: false })),
      bytes.filter((buf) => buf.length > 0).map((buf) => ({ append: buf, owned: true })),
      fc.constant({ append: null, owned: false }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const queue = new OutputQueue()
        const expected: Buffer[] = []
        const got: Buffer[] = []
        const shift = () => {
          const chunk = queue.shift()
          if (chunk === undefined) return false
          got.push(Buffer.from(chunk.buffer.subarray(0, chunk.length)))
          recycle(chunk.buffer)
          return true
        }
        for (const { append, owned } of steps) {
          if (append === null) shift()
          else {
            // Surrounded by bytes that are not to be taken.
            if (owned) queue.appendOwned(Buffer.concat([append, Buffer.from('.')]), append.length)
            else queue.append(Buffer.concat([Buffer.from('.'), append, Buffer.from('.')]), 1, append.length)
            expected.push(append)
          }
          const waiting = expected.reduce((n, b) => n + b.length, 0) - got.reduce((n, b) => n + b.length, 0)
          assert.equal(queue.bytes, waiting)
        }
        while (shift());
        assert.equal(queue.bytes, 0)
        assert.equal(queue.chunkCount, 0)
        assert.ok(Buffer.concat(got).equals(Buffer.concat(expected)))
      }),
    )
  })

  test('puts small messages together', () => {
    const queue = new OutputQueue()
    for (let i = 0; i < 1000; i++) queue.append(Buffer.from('message'), 0, 7)
    assert.equal(queue.chunkCount, 1)
    for (let i = 0; i < 100_000; i++) queue.append(Buffer.from('message'), 0, 7)
    assert.ok(queue.chunkCount < 30)
    queue.clear()
    assert.deepEqual([queue.bytes, queue.chunkCount], [0, 0])
  })
})

describe('input backlog', () => {
  test('keeps what was appended until it is consumed', () => {
    const step = fc.oneof(bytes, fc.double({ min: 0, max: 1, noNaN: true }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const backlog = new InputBacklog()
        let model = Buffer.alloc(0)
        for (const next of steps) {
          if (typeof next === 'number') {
            const n = Math.floor(next * model.length)
            backlog.consume(backlog.start + n)
            model = model.subarray(n)
          } else {
            backlog.append(Buffer.concat([Buffer.from('.'), next]), 1, 1 + next.length)
            model = Buffer.concat([model, next])
          }
          assert.equal(backlog.bytes, model.length)
          assert.ok(backlog.buffer.subarray(backlog.start, backlog.end).equals(model))
        }
      }),
    )
  })

  test('gives memory back when it is empty', () => {
    const backlog = new InputBacklog()
    backlog.append(Buffer.alloc(100_000), 0, 100_000)
    assert.ok(backlog.freeBytes >= 0)
    backlog.consume(backlog.end)
    assert.equal(backlog.freeBytes, 0)
  })
})
