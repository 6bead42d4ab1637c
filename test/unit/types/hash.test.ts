import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bytes } from '../../../src/memory/bytes.ts'
import { Hash } from '../../../src/types/hash.ts'
import { heldBytes, limitsWith, newCell, newHeap } from './support.ts'

const b = (text: string) => Bytes.from(text, 'latin1')

function newHash(limits = limitsWith({})) {
  const heap = newHeap()
  const cell = newCell(heap)
  const before = heldBytes(heap)
  Hash.init(heap, cell)
  return { heap, before, hash: new Hash(heap, limits, cell) }
}

function contents(hash: Hash): Map<string, string> {
  const found = new Map<string, string>()
  hash.forEach((field, value) => {
    found.set(field.latin1(), value.latin1())
  })
  return found
}

const TEXT = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -300, max: 300 }).map(String) },
  { weight: 3, arbitrary: fc.string({ maxLength: 4 }) },
  { weight: 2, arbitrary: fc.bigInt(-(2n ** 64n), 2n ** 64n).map(String) },
  { weight: 1, arbitrary: fc.constantFrom(20, 63, 64).map((n) => 'y'.repeat(n)) },
)

test('behaves as a Map in either encoding, and gives all memory back', () => {
  const step = fc.record({
    kind: fc.constantFrom('set', 'set', 'set', 'delete', 'get'),
    field: TEXT,
    value: fc.oneof({ weight: 30, arbitrary: TEXT }, { weight: 1, arbitrary: fc.constant('z'.repeat(65)) }),
  })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 400, size: 'max' }),
      fc.constantFrom(8, 64, 512),
      (steps, entries) => {
        const { heap, before, hash } = newHash(limitsWith({ 'hash-max-listpack-entries': entries }))
        const model = new Map<string, string>()
        let large = false
        for (const { kind, field, value } of steps) {
          if (kind === 'set') {
            assert.equal(hash.set(b(field), b(value)), !model.has(field))
            model.set(field, value)
            large ||= value.length > 64 || model.size > entries
          } else if (kind === 'delete') assert.equal(hash.delete(b(field)), model.delete(field))
          assert.equal(hash.get(b(field))?.latin1(), model.get(field))
          assert.equal(hash.has(b(field)), model.has(field))
          assert.equal(hash.size, model.size)
          assert.equal(hash.encoding, large ? 'hashtable' : 'listpack')
        }
        const found = contents(hash)
        if (!large) assert.deepEqual([...found], [...model], 'a listpack keeps the order of insertion')
        assert.deepEqual(new Map([...found].sort()), new Map([...model].sort()))
        hash.free()
        assert.equal(heldBytes(heap), before)
      },
    ),
    { numRuns: 60 },
  )
})

test('behaves as a Map where a listpack is long enough for an index', () => {
  const step = fc.record({
    kind: fc.constantFrom('set', 'set', 'delete', 'delete', 'get'),
    field: fc.nat(500),
    value: TEXT,
  })
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 500 }),
      fc.array(step, { minLength: 50, maxLength: 900, size: 'max' }),
      fc.boolean(),
      (start, steps, drain) => {
        const { heap, before, hash } = newHash()
        const model = new Map<string, string>()
        const name = (i: number) => (i % 3 === 0 ? String(i * 1000) : `field${i}`)
        for (let i = 0; i < start; i++) {
          hash.set(b(name(i)), b('v'))
          model.set(name(i), 'v')
        }
        for (const { kind, field, value } of steps) {
          const f = name(field)
          if (kind === 'set') {
            assert.equal(hash.set(b(f), b(value)), !model.has(f))
            model.set(f, value)
          } else if (kind === 'delete') assert.equal(hash.delete(b(f)), model.delete(f))
          else assert.equal(hash.get(b(f))?.latin1(), model.get(f))
        }
        assert.equal(hash.encoding, 'listpack')
        assert.deepEqual([...contents(hash)], [...model])
        for (let i = 0; i <= 500; i++) assert.equal(hash.get(b(name(i)))?.latin1(), model.get(name(i)))
        if (drain) {
          for (const f of model.keys()) assert.ok(hash.delete(b(f)))
          assert.equal(hash.size, 0)
        }
        assert.equal(heldBytes(heap), before + hash.memory())
        hash.free()
        assert.equal(heldBytes(heap), before)
      },
    ),
    { numRuns: 60 },
  )
})

test('becomes a table at the thresholds, and stays one', () => {
  const { hash } = newHash()
  for (let i = 0; i < 512; i++) hash.set(b(`f${i}`), b('v'.repeat(64)))
  assert.equal(hash.encoding, 'listpack')
  hash.set(b('f1'), b('w'))
  assert.equal(hash.encoding, 'listpack')
  hash.set(b('f512'), b('v'))
  assert.equal(hash.encoding, 'hashtable')
  for (let i = 5; i <= 512; i++) hash.delete(b(`f${i}`))
  assert.equal(hash.size, 5)
  assert.equal(hash.encoding, 'hashtable')

  const long = newHash().hash
  long.set(b('x'.repeat(65)), b('1'))
  assert.equal(long.encoding, 'hashtable')

  const many = newHash().hash
  many.expect(512)
  assert.equal(many.encoding, 'listpack')
  many.set(b('kept'), b('1'))
  many.expect(513)
  assert.equal(many.encoding, 'hashtable')
  assert.equal(many.get(b('kept'))?.latin1(), '1')
})

test('values of any size, replaced by others of any size', () => {
  const { heap, before, hash } = newHash()
  for (const size of [0, 10, 70_000, 300_000, 64, 5, 1_000_000, 65_535, 65_536]) {
    hash.set(b('field'), b('x'.repeat(size)))
    hash.set(b(`f${'o'.repeat(size)}`), b(String(size)))
    assert.equal(hash.get(b('field'))?.latin1(), 'x'.repeat(size))
    assert.equal(hash.get(b(`f${'o'.repeat(size)}`))?.latin1(), String(size))
  }
  hash.free()
  assert.equal(heldBytes(heap), before)
})

test('what a walk shows survives reading and changing other hashes', () => {
  for (const size of [20, 1000]) {
    const { heap, hash } = newHash()
    for (let i = 0; i < size; i++) hash.set(b(String(i)), b(String(-i)))
    const cell = newCell(heap)
    Hash.init(heap, cell)
    const copy = new Hash(heap, limitsWith({}), cell)
    hash.forEach((field, value) => {
      assert.equal(copy.get(field), undefined)
      copy.set(field, value)
      assert.equal(copy.get(field)?.latin1(), value.latin1())
    })
    assert.deepEqual(new Map([...contents(copy)].sort()), new Map([...contents(hash)].sort()))
  }
})

test('a scan returns every field that stays, across growth and conversion', () => {
  const { hash } = newHash()
  for (let i = 0; i < 600; i++) hash.set(b(`stay${i}`), b(String(i)))
  const seen = new Map<string, string>()
  let cursor = 0
  let added = 0
  do {
    cursor = hash.scan(cursor, 10, (field, value) => {
      seen.set(field.latin1(), value.latin1())
    })
    for (let i = 0; i < 15; i++) hash.set(b(`new${added++}`), b(''))
  } while (cursor !== 0)
  for (let i = 0; i < 600; i++) assert.equal(seen.get(`stay${i}`), String(i))

  const small = newHash().hash
  for (let i = 0; i < 50; i++) small.set(b(`stay${i}`), b(''))
  let count = 0
  assert.equal(
    small.scan(0, 10, () => {
      count++
    }),
    0,
    'a listpack is shown whole',
  )
  assert.equal(count, 50)
})

test('random shows every element about equally often', () => {
  for (const size of [10, 600]) {
    const { hash } = newHash()
    for (let i = 0; i < size; i++) hash.set(b(`f${i}`), b(String(i)))
    const counts = new Map<string, number>()
    const draws = size * 300
    for (let i = 0; i < draws; i++) {
      hash.random((field, value) => {
        assert.equal(field.latin1(), `f${value.latin1()}`)
        counts.set(field.latin1(), (counts.get(field.latin1()) ?? 0) + 1)
      })
    }
    assert.equal(counts.size, size)
    for (const n of counts.values()) assert.ok(n > 150 && n < 500, String(n))
  }
})
