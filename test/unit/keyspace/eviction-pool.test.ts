import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EvictionPool } from '../../../src/keyspace/eviction-pool.ts'
import { Keyspace } from '../../../src/keyspace/keyspace.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { limits } from './limits.ts'

const SIZE = 16

test('keeps the best candidates, in order, whatever their keys', () => {
  const db = new Keyspace(1, limits, { now: 0 }).database(0)
  const step = fc.record({
    take: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
    score: fc.integer({ min: -20, max: 20 }),
    length: fc.oneof({ weight: 9, arbitrary: fc.nat(40) }, fc.constantFrom(255, 256, 257, 5000)),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const pool = new EvictionPool()
      /** Scores and keys by rising score; of the same score, the newest first. */
      const model: { score: number; key: string }[] = []
      const shared = Buffer.alloc(6000)
      for (const [i, { take, score, length }] of steps.entries()) {
        if (take) {
          const best = pool.take()
          const expected = model.pop()
          assert.equal(best?.score, expected?.score)
          assert.equal(best?.key.latin1(), expected?.key)
          continue
        }
        const key = `${i}:`.padEnd(length, 'k')
        // The key's memory is used again right away.
        shared.latin1Write(key, 0)
        pool.offer(db, new Bytes(shared, 0, key.length), score)
        const place = model.filter((m) => m.score < score).length
        if (model.length < SIZE) model.splice(place, 0, { score, key })
        else if (place > 0) {
          model.splice(place, 0, { score, key })
          model.shift()
        }
      }
      for (let best = pool.take(); best !== undefined; best = pool.take()) {
        assert.equal(best.key.latin1(), model.pop()?.key)
      }
      assert.equal(model.length, 0)
    }),
  )
})
