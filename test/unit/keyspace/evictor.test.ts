import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { Evictor } from '../../../src/keyspace/evictor.ts'
import { Keyspace } from '../../../src/keyspace/keyspace.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { setHashSeed } from '../../../src/memory/hashing.ts'
import { limits } from './limits.ts'

const DATABASES = 3
const START = 1_700_000_000_000
const SECOND = 1000

const POLICIES = [
  'allkeys-lru',
  'volatile-lru',
  'allkeys-lfu',
  'volatile-lfu',
  'allkeys-random',
  'volatile-random',
  'volatile-ttl',
] as const

function b(text: string): Bytes {
  return Bytes.from(text)
}

class Fixture {
  readonly time = { now: START }
  readonly settings = { ...limits, 'maxmemory-policy': 'noeviction', 'maxmemory-samples': 5 }
  readonly keyspace: Keyspace
  readonly evictor: Evictor

  constructor(policy: string, changes: object = {}) {
    Object.assign(this.settings, { 'maxmemory-policy': policy }, changes)
    this.keyspace = new Keyspace(DATABASES, this.settings, this.time)
    this.evictor = new Evictor(this.keyspace, this.settings)
  }

  /** Another moment, whose uses it is. */
  at(now: number): void {
    this.time.now = now
    this.keyspace.access.update(now)
  }

  has(db: number, key: string): boolean {
    return this.keyspace.database(db).has(b(key))
  }

  get size(): number {
    return this.keyspace.all.reduce((sum, db) => sum + db.size, 0)
  }
}

/** A generator of numbers that are the same each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

test('evicts every key that the policy allows, and no other', () => {
  const key = fc.record({ db: fc.nat(DATABASES - 1), n: fc.nat(60), expires: fc.boolean() })
  fc.assert(
    fc.property(fc.constantFrom(...POLICIES), fc.array(key, { maxLength: 120 }), (policy, keys) => {
      const fixture = new Fixture(policy)
      const expiring = new Map<string, boolean>()
      for (const { db, n, expires } of keys) {
        fixture.at(fixture.time.now + n * SECOND)
        const database = fixture.keyspace.database(db)
        if (expires) database.writeStringUntil(b(`key:${n}`), b('v'), START + 10 * n * SECOND)
        else database.writeString(b(`key:${n}`), b('v'))
        expiring.set(`${db}/key:${n}`, expires)
      }
      const onlyExpiring = policy.startsWith('volatile')
      const kept = onlyExpiring ? [...expiring].filter(([, expires]) => !expires) : []
      let evicted = 0
      while (fixture.evictor.evictOne()) evicted++
      assert.equal(evicted, expiring.size - kept.length)
      assert.equal(fixture.keyspace.evicted, evicted)
      assert.equal(fixture.size, kept.length)
      for (const [name] of kept) {
        const [db, text] = name.split('/') as [string, string]
        assert.ok(fixture.has(Number(db), text), name)
      }
    }),
    { numRuns: 200 },
  )
})

test('tells watchers and subscribers', () => {
  const { keyspace, evictor } = new Fixture('allkeys-random')
  const heard: string[] = []
  keyspace.observed = 3
  keyspace.observer = {
    touched: (db, key) => heard.push(`touched ${db} ${key.latin1()}`),
    touchedAll() {},
    notify: (db, event, key) => heard.push(`${event} ${db} ${key.latin1()}`),
  }
  keyspace.database(1).writeString(b('a'), b('1'))
  heard.length = 0
  assert.ok(evictor.evictOne())
  assert.deepEqual(heard, ['touched 1 a', 'evicted 1 a'])
  assert.equal(evictor.evictOne(), false)
  assert.equal(keyspace.dirty, 0)
})

test('a key whose time is over is evicted, not expired', () => {
  const fixture = new Fixture('volatile-ttl')
  fixture.keyspace.database(0).writeStringUntil(b('a'), b('1'), START + 1)
  fixture.at(START + 10)
  assert.ok(fixture.evictor.evictOne())
  assert.equal(fixture.keyspace.expired, 0)
})

test('a candidate that lost its expiry stays', () => {
  const fixture = new Fixture('volatile-ttl')
  const db = fixture.keyspace.database(0)
  for (let i = 0; i < 4; i++) db.writeStringUntil(b(`key:${i}`), b('v'), START + (i + 1) * SECOND)
  // All four are candidates now.
  assert.ok(fixture.evictor.evictOne())
  for (let i = 1; i < 4; i++) assert.ok(db.persist(b(`key:${i}`)))
  assert.equal(fixture.evictor.evictOne(), false)
  assert.equal(db.size, 3)
})

test('another policy forgets the candidates of the one before', () => {
  const fixture = new Fixture('allkeys-lru')
  const db = fixture.keyspace.database(0)
  for (let i = 0; i < 10; i++) db.writeString(b(`key:${i}`), b('v'))
  fixture.at(START + 100 * SECOND)
  assert.ok(fixture.evictor.evictOne())
  db.writeStringUntil(b('expiring'), b('v'), START + 1000 * SECOND)
  fixture.settings['maxmemory-policy'] = 'volatile-ttl'
  assert.ok(fixture.evictor.evictOne())
  assert.equal(fixture.has(0, 'expiring'), false)
})

/**
 * How well a policy chooses: of KEYS keys, of which the first half deserves to go more than the second, as many as that half
 * are evicted; the answer is the share of the half among them. 1 is the ideal, 0.5 is chance.
 */
const KEYS = 2000

function quality(t: TestContext, fixture: Fixture, fill: (write: (i: number) => void) => void): number {
  t.mock.method(Math, 'random', seeded(4711))
  setHashSeed(4711)
  const name = (i: number) => `key:${i}`
  const dbOf = (i: number) => fixture.keyspace.database(i % DATABASES)
  fill((i) => dbOf(i).writeStringUntil(b(name(i)), b('v'), START + (1_000_000 + i) * SECOND))
  for (let n = 0; n < KEYS / 2; n++) assert.ok(fixture.evictor.evictOne())
  let right = 0
  for (let i = 0; i < KEYS / 2; i++) if (!fixture.has(i % DATABASES, name(i))) right++
  return right / (KEYS / 2)
}

/** Keys used one after the other, a second apart; the order in which they were made says nothing. */
function usedInTurn(fixture: Fixture) {
  return (write: (i: number) => void) => {
    const order = seeded(1)
    const shuffled = Array.from({ length: KEYS }, (_, i) => i).sort(() => order() - 0.5)
    for (const i of shuffled) write(i)
    for (let i = 0; i < KEYS; i++) {
      fixture.at(START + i * SECOND)
      fixture.keyspace.database(i % DATABASES).readString(b(`key:${i}`))
    }
  }
}

describe('the choice, compared with the ideal', () => {
  for (const policy of ['allkeys-lru', 'volatile-lru']) {
    test(`${policy}: keys unused for longest`, (t) => {
      const fixture = new Fixture(policy)
      const share = quality(t, fixture, usedInTurn(fixture))
      assert.ok(share > 0.85, `${share}`)
    })
  }

  test('more samples choose better', (t) => {
    const shares = [1, 3, 10].map((samples) => {
      const fixture = new Fixture('allkeys-lru', { 'maxmemory-samples': samples })
      const share = quality(t, fixture, usedInTurn(fixture))
      t.mock.restoreAll()
      return share
    })
    assert.ok(shares[0]! > 0.55 && shares[0]! < shares[1]! && shares[1]! < shares[2]!, `${shares}`)
    assert.ok(shares[2]! > 0.95, `${shares}`)
  })

  for (const policy of ['allkeys-lfu', 'volatile-lfu']) {
    test(`${policy}: keys used least`, (t) => {
      const fixture = new Fixture(policy)
      const share = quality(t, fixture, (write) => {
        for (let i = 0; i < KEYS; i++) write(i)
        for (let uses = 0; uses < 30; uses++) {
          for (let i = KEYS / 2; i < KEYS; i++) {
            fixture.keyspace.database(i % DATABASES).readString(b(`key:${i}`))
          }
        }
      })
      assert.ok(share > 0.97, `${share}`)
    })
  }

  test('allkeys-lfu: keys that were used much, but long ago', (t) => {
    const fixture = new Fixture('allkeys-lfu')
    const share = quality(t, fixture, (write) => {
      for (let i = 0; i < KEYS; i++) write(i)
      for (let uses = 0; uses < 50; uses++) {
        for (let i = 0; i < KEYS / 2; i++) {
          fixture.keyspace.database(i % DATABASES).readString(b(`key:${i}`))
        }
      }
      fixture.at(START + 60 * 60 * SECOND)
      for (let uses = 0; uses < 10; uses++) {
        for (let i = KEYS / 2; i < KEYS; i++) {
          fixture.keyspace.database(i % DATABASES).readString(b(`key:${i}`))
        }
      }
    })
    assert.ok(share > 0.95, `${share}`)
  })

  test('volatile-ttl: keys that expire soon', (t) => {
    const share = quality(t, new Fixture('volatile-ttl'), (write) => {
      for (let i = 0; i < KEYS; i++) write(i)
    })
    assert.ok(share > 0.85, `${share}`)
  })

  for (const policy of ['allkeys-random', 'volatile-random']) {
    test(`${policy}: none before others`, (t) => {
      const fixture = new Fixture(policy)
      const share = quality(t, fixture, usedInTurn(fixture))
      assert.ok(share > 0.44 && share < 0.56, `${share}`)
      const sizes = fixture.keyspace.all.map((db) => db.size)
      // The databases take turns.
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 2, `${sizes}`)
    })
  }
})
