import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Database } from '../../../src/keyspace/database.ts'
import { Keyspace } from '../../../src/keyspace/keyspace.ts'
import { type KeyspaceObserver, SUBSCRIBERS, WATCHERS } from '../../../src/keyspace/keyspace-state.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { limits } from './limits.ts'

const DATABASES = 3

class Fixture {
  readonly time = { now: 1_000_000 }
  readonly keyspace = new Keyspace(DATABASES, limits, this.time)
  /** Bytes in use while there is no key. */
  readonly empty = this.held

  get held(): number {
    const { arena } = this.keyspace.heap
    return arena.used + arena.outside
  }

  db(index: number): Database {
    return this.keyspace.database(index)
  }
}

interface ModelEntry {
  value: string
  at: number
}

/** What the databases should hold: a plain Map each, expiry checked on reading. */
class Model {
  databases = Array.from({ length: DATABASES }, () => new Map<string, ModelEntry>())

  get(index: number, key: string, now: number): ModelEntry | undefined {
    const entry = this.databases[index]!.get(key)
    if (entry !== undefined && entry.at !== 0 && entry.at <= now) {
      this.databases[index]!.delete(key)
      return undefined
    }
    return entry
  }
}

const STEP = fc.record({
  kind: fc.constantFrom(
    'set',
    'set',
    'set',
    'setex',
    'delete',
    'expire',
    'persist',
    'append',
    'incr',
    'move',
    'copy',
    'swap',
    'wait',
    'sweep',
    'clear',
    'get',
  ),
  db: fc.nat(DATABASES - 1),
  other: fc.nat(DATABASES - 1),
  key: fc.nat(120),
  to: fc.nat(120),
  value: fc.oneof(
    { weight: 5, arbitrary: fc.string({ maxLength: 30 }) },
    { weight: 3, arbitrary: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }).map(String) },
    { weight: 1, arbitrary: fc.constantFrom('x'.repeat(5000), 'y'.repeat(20_000), 'z'.repeat(70_000)) },
  ),
  time: fc.integer({ min: 1, max: 50 }),
})

type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never

function nameOf(key: number): string {
  return 'k'.repeat(key % 5) + key + (key % 50 === 0 ? 'long'.repeat(30) : '')
}

function apply(fixture: Fixture, model: Model, step: Step): void {
  const { time } = fixture
  const db = fixture.db(step.db)
  const map = model.databases[step.db]!
  const name = nameOf(step.key)
  const key = Bytes.from(name)
  const entry = model.get(step.db, name, time.now)
  switch (step.kind) {
    case 'set':
      db.writeString(key, Bytes.from(step.value))
      map.set(name, { value: step.value, at: 0 })
      break
    case 'setex':
      db.writeStringUntil(key, Bytes.from(step.value), time.now + step.time)
      map.set(name, { value: step.value, at: time.now + step.time })
      break
    case 'delete':
      assert.equal(db.delete(key), entry !== undefined)
      map.delete(name)
      break
    case 'expire':
      assert.equal(db.setExpiry(key, time.now + step.time), entry !== undefined)
      if (entry !== undefined) entry.at = time.now + step.time
      break
    case 'persist':
      assert.equal(db.persist(key), entry !== undefined && entry.at !== 0)
      if (entry !== undefined) entry.at = 0
      break
    case 'append': {
      const value = (entry?.value ?? '') + step.value
      assert.equal(db.appendString(key, Bytes.from(step.value)), Buffer.byteLength(value))
      map.set(name, { value, at: entry?.at ?? 0 })
      break
    }
    case 'incr': {
      const old = entry?.value ?? '0'
      if (!/^(0|-?[1-9]\d*)$/.test(old) || BigInt.asIntN(64, BigInt(old)) !== BigInt(old)) {
        assert.throws(() => db.incrementBy(key, 7), /not an integer/)
        break
      }
      const value = String(BigInt(old) + 7n)
      assert.equal(String(db.incrementBy(key, 7)), value)
      map.set(name, { value, at: entry?.at ?? 0 })
      break
    }
    case 'move':
    case 'copy': {
      const target = nameOf(step.to)
      if (entry === undefined || (step.db === step.other && name === target)) break
      db[step.kind](key, fixture.db(step.other), Bytes.from(target))
      model.databases[step.other]!.set(target, { ...entry })
      if (step.kind === 'move') map.delete(name)
      break
    }
    case 'swap': {
      if (step.db === step.other) break
      db.swapWith(fixture.db(step.other))
      model.databases[step.db] = model.databases[step.other]!
      model.databases[step.other] = map
      break
    }
    case 'wait':
      time.now += step.time
      break
    case 'sweep':
      for (let slot = db.expireStep(0, 10); slot !== 0; ) slot = db.expireStep(slot, 10)
      for (const [key, { at }] of map) if (at !== 0 && at <= time.now) map.delete(key)
      assert.equal(db.size, map.size)
      break
    case 'clear':
      if (step.key % 10 === 0) {
        db.clear()
        map.clear()
      }
      break
    case 'get':
      assert.equal(db.readString(key)?.latin1(), entry?.value)
      assert.equal(db.expiry(key), entry === undefined ? -2 : entry.at || -1)
      break
  }
}

function contents(db: Database): Map<string, string> {
  const found = new Map<string, string>()
  const keys: Bytes[] = []
  for (let cursor = 0; ; ) {
    cursor = db.scan(cursor, 7, (key) => {
      keys.push(key.detach())
    })
    if (cursor === 0) break
  }
  for (const key of keys) found.set(key.latin1(), db.findString(key)!.latin1())
  assert.equal(found.size, keys.length, 'a key was scanned twice')
  return found
}

test('behaves as plain Maps under random changes, expiry, moves and swaps', () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 600, size: 'max' }), (steps) => {
      const fixture = new Fixture()
      const model = new Model()
      for (const step of steps) apply(fixture, model, step)
      for (let i = 0; i < DATABASES; i++) {
        const expected = new Map<string, string>()
        let expiring = 0
        for (const name of [...model.databases[i]!.keys()]) {
          const entry = model.get(i, name, fixture.time.now)
          if (entry === undefined) continue
          expected.set(name, entry.value)
          if (entry.at !== 0) expiring++
        }
        assert.deepEqual(new Map([...contents(fixture.db(i))].sort()), new Map([...expected].sort()))
        assert.equal(fixture.db(i).size, expected.size)
        assert.equal(fixture.db(i).expires, expiring)
        fixture.db(i).clear()
      }
      assert.equal(fixture.held, fixture.empty)
    }),
    { numRuns: 100 },
  )
})

test('copies and moves values of every type, giving all memory back', () => {
  const fixture = new Fixture()
  const [a, b] = [fixture.db(0), fixture.db(1)]
  const words = Array.from({ length: 300 }, (_, i) => Bytes.from(i % 3 === 0 ? String(i) : `word-${i}`))
  for (const word of words) {
    a.openHash(Bytes.from('hash')).set(word, word)
    a.openSet(Bytes.from('set'), words[0]).add(word)
    a.openSortedSet(Bytes.from('zset')).set(word, word.len)
    a.openList(Bytes.from('list')).pushRight(word)
  }
  for (const name of ['hash', 'set', 'zset', 'list']) {
    const key = Bytes.from(name)
    a.setExpiry(key, fixture.time.now + 10)
    a.copy(key, b, Bytes.from('copied'))
    assert.equal(b.expiry(Bytes.from('copied')), fixture.time.now + 10)
    assert.equal(b.inspect(Bytes.from('copied'))?.encoding, a.inspect(key)?.encoding)
    b.move(Bytes.from('copied'), b, Bytes.from(name))
    assert.equal(b.type(Bytes.from('copied')), undefined)
    assert.equal(b.type(key), a.type(key))
    a.delete(key)
  }
  const hash = b.findHash(Bytes.from('hash'))!
  const list = b.findList(Bytes.from('list'))!
  words.forEach((word, i) => {
    assert.equal(hash.get(word)?.latin1(), word.latin1())
    assert.equal(list.get(i)?.latin1(), word.latin1())
    assert.ok(b.findSet(Bytes.from('set'))!.has(word))
    assert.equal(b.findSortedSet(Bytes.from('zset'))!.score(word), word.len)
  })
  a.clear()
  b.clear()
  assert.equal(fixture.held, fixture.empty)
})

test('tells its observer of changes, events and expired keys', () => {
  const fixture = new Fixture()
  const heard: string[] = []
  const observer: KeyspaceObserver = {
    touched: (index, key) => heard.push(`touched ${index} ${key.latin1()}`),
    touchedAll: (index, other) => heard.push(`touchedAll ${index} ${other}`),
    notify: (index, event, key) => heard.push(`${event} ${index} ${key.latin1()}`),
  }
  fixture.keyspace.observer = observer
  fixture.keyspace.setObserved(WATCHERS | SUBSCRIBERS, true)
  const db = fixture.db(1)
  const key = Bytes.from('key')
  db.writeStringUntil(key, Bytes.from('value'), fixture.time.now + 5)
  db.changed(key, 'set')
  fixture.time.now += 5
  assert.equal(db.readString(key), undefined)
  assert.deepEqual(heard, [
    'new 1 key',
    'touched 1 key',
    'set 1 key',
    'touched 1 key',
    'expired 1 key',
    'keymiss 1 key',
  ])
  assert.equal(fixture.keyspace.expired, 1)
  assert.equal(fixture.keyspace.misses, 1)
  assert.equal(fixture.keyspace.dirty, 1)
})

test('reports the encodings of strings', () => {
  const { keyspace } = new Fixture()
  const db = keyspace.database(0)
  const encoding = (value: string) => {
    db.writeString(Bytes.from('key'), Bytes.from(value))
    return db.inspect(Bytes.from('key'))?.encoding
  }
  assert.equal(encoding('123'), 'int')
  assert.equal(encoding('-9223372036854775808'), 'int')
  assert.equal(encoding('9223372036854775808'), 'embstr')
  assert.equal(encoding('0123'), 'embstr')
  assert.equal(encoding('x'.repeat(38)), 'embstr')
  assert.equal(encoding('x'.repeat(39)), 'raw', 'key and value do not fit together')
  assert.equal(encoding('x'.repeat(50_000)), 'raw')
  db.writeString(Bytes.from('key'), Bytes.from('1'))
  db.appendString(Bytes.from('key'), Bytes.from('2'))
  assert.equal(db.inspect(Bytes.from('key'))?.encoding, 'raw')
  db.incrementBy(Bytes.from('key'), 1)
  assert.equal(db.inspect(Bytes.from('key'))?.encoding, 'int')
})
