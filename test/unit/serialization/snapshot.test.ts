import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { datasetDigest } from '../../../src/commands/server/dataset-digest.ts'
import { Keyspace } from '../../../src/keyspace/keyspace.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { loadSnapshot, takeSnapshot } from '../../../src/serialization/snapshot.ts'
import { limits } from '../keyspace/limits.ts'

const NOW = 1_000_000

function keyspace(): Keyspace {
  return new Keyspace(3, limits, { now: NOW })
}

function copyOf(original: Keyspace): Keyspace {
  const copy = keyspace()
  loadSnapshot(copy, takeSnapshot(original))
  return copy
}

function fill(space: Keyspace, elements: number): void {
  for (const [i, db] of space.all.entries()) {
    const named = (type: string) => Bytes.from(`${type}:${i}`)
    db.writeString(named('string'), Bytes.from('x'.repeat(elements)))
    db.writeString(Bytes.from('\0\xff', 'latin1'), Bytes.from('12345'))
    db.writeString(Bytes.from('77'), Bytes.from(''))
    const hash = db.openHash(named('hash'))
    const set = db.openSet(named('set'))
    const numbers = db.openSet(named('numbers'), Bytes.from('1'))
    const zset = db.openSortedSet(named('zset'))
    const list = db.openList(named('list'))
    for (let n = 0; n < elements; n++) {
      hash.set(Bytes.from(`f${n}`), Bytes.from(`v${n}`))
      set.add(Bytes.from(`m${n}`))
      numbers.add(Bytes.from(String(n)))
      zset.set(Bytes.from(`m${n}`), n / 3)
      list.pushRight(Bytes.from(`e${n}`))
    }
  }
}

describe('a snapshot', () => {
  for (const elements of [1, 10, 5000]) {
    test(`of all types with ${elements} elements`, () => {
      const original = keyspace()
      fill(original, elements)
      const copy = copyOf(original)
      assert.equal(datasetDigest(copy.all), datasetDigest(original.all))
      assert.deepEqual(
        copy.all.map((db) => db.size),
        original.all.map((db) => db.size),
      )
    })
  }

  test('of nothing', () => {
    assert.equal(copyOf(keyspace()).database(0).size, 0)
  })

  test('keeps expiries', () => {
    const original = keyspace()
    const db = original.database(1)
    for (const [key, at] of [
      ['later', NOW + 5],
      ['never', 0],
    ] as const) {
      db.writeString(Bytes.from(key), Bytes.from('v'))
      if (at !== 0) db.setExpiry(Bytes.from(key), at)
    }
    const copy = copyOf(original).database(1)
    assert.equal(copy.expiry(Bytes.from('later')), NOW + 5)
    assert.equal(copy.expiry(Bytes.from('never')), -1)
  })

  test('is cut into pieces that are whole by themselves', () => {
    const original = keyspace()
    const value = Bytes.from('x'.repeat(6 * 1024 * 1024))
    for (let i = 0; i < 8; i++) original.database(0).writeString(Bytes.from(`k${i}`), value)
    const pieces = takeSnapshot(original)
    assert.ok(pieces.length > 1)
    const copy = keyspace()
    loadSnapshot(copy, pieces)
    assert.equal(copy.database(0).size, 8)
  })

  test('leaves no trace', () => {
    const original = keyspace()
    fill(original, 10)
    const { hits, misses, dirty } = original
    takeSnapshot(original)
    assert.deepEqual([original.hits, original.misses, original.dirty], [hits, misses, dirty])
    assert.equal(original.noTouch, false)
  })
})
