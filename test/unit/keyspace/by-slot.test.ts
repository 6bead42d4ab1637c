/**
 * The keys of a cluster's node are listed by slot: whatever happens to them, the lists hold what the database holds.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hashSlot, SLOTS } from '../../../src/cluster/hash-slot.ts'
import type { Database } from '../../../src/keyspace/database.ts'
import { Keyspace } from '../../../src/keyspace/keyspace.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { limits } from './limits.ts'

const CLUSTERED = true

function newDatabase() {
  const time = { now: 1_000_000 }
  return { time, db: new Keyspace(1, limits, time, CLUSTERED).database(0) }
}

const key = (name: string) => Bytes.from(name)

function listOf(db: Database, slot: number, limit = Infinity): string[] {
  const names: string[] = []
  db.bySlot!.forEach(slot, limit, (found) => names.push(found.latin1()))
  return names
}

function assertConsistent(db: Database): void {
  const expected = new Map<number, string[]>()
  db.forEach((found) => {
    const slot = hashSlot(found)
    expected.set(slot, [...(expected.get(slot) ?? []), found.latin1()])
  })
  let listed = 0
  for (let slot = 0; slot < SLOTS; slot++) {
    const names = expected.get(slot) ?? []
    assert.equal(db.bySlot!.size(slot), names.length)
    if (names.length > 0) assert.deepEqual(listOf(db, slot).sort(), names.sort())
    listed += names.length
  }
  assert.equal(listed, db.size)
}

/** Two tags, so that lists are long; and no tag. */
const name = fc
  .tuple(fc.constantFrom('{a}', '{b}', ''), fc.nat(12))
  .map(([tag, number]) => `${tag}key:${number}`)
const value = fc.constantFrom('', '1', 'some text', 'x'.repeat(300), 'y'.repeat(20_000))

const step = fc.oneof(
  fc.record({ op: fc.constant('set' as const), name, value }),
  fc.record({ op: fc.constant('append' as const), name, value }),
  fc.record({ op: fc.constant('increment' as const), name }),
  fc.record({ op: fc.constant('hash' as const), name }),
  fc.record({ op: fc.constant('delete' as const), name }),
  fc.record({ op: fc.constant('expire' as const), name, in: fc.nat(100) }),
  fc.record({ op: fc.constant('wait' as const), for: fc.nat(100) }),
  fc.record({ op: fc.constant('rename' as const), name, to: name }),
  fc.record({ op: fc.constant('copy' as const), name, to: name }),
  fc.record({ op: fc.constant('detached' as const), name }),
  fc.record({ op: fc.constant('clear' as const) }),
)

test('the lists follow all changes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
      const { db, time } = newDatabase()
      for (const step of steps) {
        if (step.op === 'wait') time.now += step.for
        else if (step.op === 'clear') db.clear()
        else apply(db, step, time.now)
      }
      while (db.expireStep(0, 1000) !== 0);
      assertConsistent(db)
    }),
    { numRuns: 60 },
  )
})

type Step = typeof step extends fc.Arbitrary<infer T> ? Exclude<T, { op: 'wait' | 'clear' }> : never

function apply(db: Database, step: Step, now: number): void {
  const target = key(step.name)
  const type = db.type(target)
  const isString = type === undefined || type === 'string'
  switch (step.op) {
    case 'set':
      return db.writeString(target, key(step.value), step.value === '1')
    case 'append':
      if (isString) db.appendString(target, key(step.value))
      return
    case 'increment':
      if (type === undefined || (isString && db.findString(target)!.latin1() === '1')) {
        db.incrementBy(target, 10 ** 6)
      }
      return
    case 'hash':
      if (type === undefined || type === 'hash') db.openHash(target).set(key('f'), key('v'))
      return
    case 'delete':
      db.delete(target)
      return
    case 'expire':
      db.setExpiry(target, now + step.in)
      return
    case 'rename':
      if (step.name !== step.to) db.move(target, db, key(step.to))
      return
    case 'copy':
      if (step.name !== step.to) db.copy(target, db, key(step.to))
      return
    case 'detached': {
      db.delete(target)
      const value = db.detached()
      value.hash(1).set(key('f'), key('v'))
      db.attach(target, value)
    }
  }
}

test('some of the keys of a slot, expired ones included', () => {
  const { db, time } = newDatabase()
  for (let i = 0; i < 5; i++) db.writeString(key(`{a}${i}`), key('v'))
  const slot = hashSlot(key('a'))
  assert.equal(listOf(db, slot, 3).length, 3)
  assert.equal(listOf(db, slot, 0).length, 0)
  assert.equal(listOf(db, slot + 1).length, 0)
  db.setExpiry(key('{a}1'), time.now + 1)
  time.now += 5
  assert.equal(db.bySlot!.size(slot), 5)
  assert.equal(db.exists(key('{a}1')), false)
  assert.equal(db.bySlot!.size(slot), 4)
})

test('without a cluster there are no lists', () => {
  assert.equal(new Keyspace(1, limits, { now: 0 }).database(0).bySlot, null)
})
