import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Keyspace } from '../../../src/keyspace/keyspace.ts'
import { LazyFree } from '../../../src/keyspace/lazy-free.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import type { Remains } from '../../../src/types/value.ts'
import { limits } from './limits.ts'

function b(text: string): Bytes {
  return Bytes.from(text)
}

/** Something of so many pieces. */
class Pile implements Remains {
  readonly size: number
  left: number

  constructor(size: number) {
    this.size = size
    this.left = size
  }

  drain(count: number): boolean {
    assert.ok(this.left > 0 || this.size === 0, 'nothing may be asked of what is gone')
    this.left = Math.max(0, this.left - count)
    return this.left === 0
  }
}

describe('what is freed lazily', () => {
  test('is gone at once when it is little', () => {
    const lazy = new LazyFree()
    let calls = 0
    lazy.onWork = () => calls++
    lazy.add(new Pile(500))
    assert.ok(lazy.isIdle)
    assert.equal(lazy.freed, 1)
    assert.equal(lazy.pending, 0)
    assert.equal(calls, 0)
  })

  test('waits when it is much, and goes in steps', () => {
    const lazy = new LazyFree()
    let calls = 0
    lazy.onWork = () => calls++
    const piles = [new Pile(5000), new Pile(3000)]
    for (const pile of piles) lazy.add(pile)
    assert.equal(calls, 1, 'one call is enough')
    assert.equal(lazy.pending, 2)
    let steps = 0
    while (!lazy.step(100)) steps++
    assert.ok(steps >= 50 && steps <= 80, `${steps}`)
    assert.deepEqual(
      piles.map((pile) => pile.left),
      [0, 0],
    )
    assert.equal(lazy.pending, 0)
    assert.equal(lazy.freed, 2)
    lazy.add(new Pile(5000))
    assert.equal(calls, 2)
  })

  test('cannot pile up without bound', () => {
    const lazy = new LazyFree()
    const piles = Array.from({ length: 100 }, () => new Pile(100_000))
    for (const [i, pile] of piles.entries()) {
      lazy.add(pile)
      const waiting = piles.slice(0, i + 1).reduce((sum, { left }) => sum + left, 0)
      assert.ok(waiting <= 1_100_000, `${waiting}`)
    }
    assert.ok(lazy.freed >= 85, `${lazy.freed}`)
    lazy.finish()
    assert.equal(lazy.freed, 100)
  })
})

describe('a keyspace', () => {
  const time = { now: 1_000_000 }

  function newKeyspace(changes: object = {}) {
    const keyspace = new Keyspace(2, { ...limits, ...changes }, time)
    const held = () => keyspace.heap.arena.used + keyspace.heap.arena.outside
    return { keyspace, db: keyspace.database(0), held, empty: held() }
  }

  function fillSet(keyspace: Keyspace, key: string, members: number): void {
    const set = keyspace.database(0).openSet(b(key))
    for (let i = 0; i < members; i++) set.add(b(`member:${i}`))
  }

  test('deletes large values lazily where it is asked or configured to', () => {
    const { keyspace, db, held, empty } = newKeyspace()
    const ways: readonly (() => void)[] = [
      () => assert.ok(db.delete(b('set'))),
      () => db.writeString(b('set'), b('v')),
      () => db.deleteExpired(b('set')),
      () => assert.ok(db.evict(b('set'), false)),
    ]
    for (const [i, way] of ways.entries()) {
      fillSet(keyspace, 'set', 5000)
      way()
      assert.equal(keyspace.lazyFree.pending, 1, `way ${i}`)
      assert.ok(held() - empty > 100_000, 'it still counts')
      keyspace.lazyFree.finish()
      assert.ok(held() - empty < 1000, `way ${i}: ${held() - empty}`)
      db.delete(b('set'))
    }
    assert.equal(keyspace.lazyFree.freed, ways.length)
  })

  test('deletes them at once where it is not', () => {
    const { keyspace, db, held, empty } = newKeyspace({
      'lazyfree-lazy-server-del': false,
      'lazyfree-lazy-expire': false,
      'lazyfree-lazy-eviction': false,
    })
    const ways: readonly (() => void)[] = [
      () => assert.ok(db.delete(b('set'))),
      () => db.deleteExpired(b('set')),
      () => assert.ok(db.evict(b('set'), false)),
    ]
    for (const way of ways) {
      fillSet(keyspace, 'set', 5000)
      way()
      assert.equal(held(), empty)
    }
    assert.equal(keyspace.lazyFree.freed, 0)
  })

  test('small values are not worth it', () => {
    const { keyspace, db } = newKeyspace({ 'set-max-listpack-entries': 0 })
    fillSet(keyspace, 'set', 64)
    db.delete(b('set'))
    assert.equal(keyspace.lazyFree.freed, 0)
    fillSet(keyspace, 'set', 65)
    db.delete(b('set'))
    assert.equal(keyspace.lazyFree.freed, 1)
  })

  test('a database is emptied lazily, large values in it too', () => {
    const { keyspace, db, held, empty } = newKeyspace()
    for (let i = 0; i < 3000; i++) db.writeStringUntil(b(`key:${i}`), b('x'.repeat(i % 100)), time.now + 1000)
    fillSet(keyspace, 'set', 5000)
    const list = db.openList(b('list'))
    for (let i = 0; i < 20_000; i++) list.pushRight(b('x'.repeat(100)))
    db.clear(true)
    assert.equal(db.size, 0)
    assert.equal(db.expires, 0)
    assert.equal(keyspace.lazyFree.pending, 3002)
    db.writeString(b('new'), b('1'))
    keyspace.lazyFree.finish()
    assert.equal(keyspace.lazyFree.freed, 3002)
    assert.equal(db.readString(b('new'))?.latin1(), '1')
    db.delete(b('new'))
    assert.equal(held(), empty)
  })
})
