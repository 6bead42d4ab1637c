import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Arena, MASK, SHIFT } from '../../../src/memory/arena.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { Handles } from '../../../src/memory/handles.ts'
import { hashOf, setHashSeed } from '../../../src/memory/hashing.ts'
import { Dict } from '../../../src/types/dict.ts'

const HEADROOM = 8

function newDict(): { dict: Dict; arena: Arena } {
  const arena = new Arena()
  return { dict: new Dict({ arena, handles: new Handles() }, HEADROOM), arena }
}

function set(dict: Dict, key: string, value: string): void {
  const k = Bytes.from(key)
  const ref = dict.find(k, hashOf(k))
  if (ref === 0) dict.add(k, hashOf(k), Bytes.from(value))
  else dict.setValue(ref, Bytes.from(value))
}

function get(dict: Dict, key: string): string | undefined {
  const k = Bytes.from(key)
  const ref = dict.find(k, hashOf(k))
  return ref === 0 ? undefined : dict.value(ref, new Bytes()).latin1()
}

function remove(dict: Dict, key: string): boolean {
  const k = Bytes.from(key)
  const ref = dict.find(k, hashOf(k))
  if (ref !== 0) dict.remove(ref)
  return ref !== 0
}

function contents(dict: Dict): Map<string, string> {
  const found = new Map<string, string>()
  dict.forEach((ref) => {
    found.set(dict.key(ref, new Bytes()).latin1(), dict.value(ref, new Bytes()).latin1())
  })
  return found
}

test('behaves as a Map under random changes, growth and shrinking', () => {
  const step = fc.record({
    kind: fc.constantFrom('set', 'set', 'set', 'remove', 'get'),
    key: fc.integer({ min: 0, max: 400 }),
    length: fc.oneof(
      { weight: 9, arbitrary: fc.nat(40) },
      { weight: 1, arbitrary: fc.constantFrom(63, 64, 70_000) },
    ),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1500, size: 'max' }), (steps) => {
      const { dict, arena } = newDict()
      const model = new Map<string, string>()
      for (const { kind, key, length } of steps) {
        const name = `${'k'.repeat(key % 7)}${key}`
        if (kind === 'set') {
          const value = 'v'.repeat(length)
          set(dict, name, value)
          model.set(name, value)
        } else if (kind === 'remove') assert.equal(remove(dict, name), model.delete(name))
        else assert.equal(get(dict, name), model.get(name))
      }
      assert.equal(dict.size, model.size)
      assert.deepEqual(new Map([...contents(dict)].sort()), new Map([...model].sort()))
      assert.equal(dict.memory(), arena.used + arena.outside)
      dict.clear()
      assert.equal(dict.memory(), arena.used + arena.outside)
      dict.free()
      assert.equal(arena.used, 0)
      assert.equal(arena.outside, 0)
    }),
    { numRuns: 30 },
  )
})

test('keeps all keys through growing to 50,000 and shrinking to nothing', () => {
  const { dict, arena } = newDict()
  const N = 50_000
  for (let i = 0; i < N; i++) set(dict, `key:${i}`, String(i))
  for (let i = 0; i < N; i++) assert.equal(get(dict, `key:${i}`), String(i))
  for (let i = 0; i < N; i++) {
    assert.ok(remove(dict, `key:${i}`))
    if (i % 97 === 0) assert.equal(get(dict, `key:${N - 1}`), i === N - 1 ? undefined : String(N - 1))
  }
  assert.equal(dict.size, 0)
  assert.ok(dict.memory() < 1024)
  assert.equal(dict.memory(), arena.used + arena.outside)
})

test('counts tables and records', () => {
  const { dict, arena } = newDict()
  for (let i = 0; i < 10_000; i++) set(dict, `key:${i}`, 'value')
  assert.equal(dict.memory(), arena.used + arena.outside)
  const guessed = dict.memory(100)
  assert.ok(Math.abs(guessed / dict.memory() - 1) < 0.1, `${guessed} of ${dict.memory()}`)
})

test('a copy has its own records, owner bytes included', () => {
  const { dict, arena } = newDict()
  const heap = { arena, handles: new Handles() }
  // In the midst of a resize as well.
  for (let i = 0; i < 1000; i++) {
    set(dict, `key:${i}`, 'v'.repeat(i % 50))
    if (i % 37 !== 0) continue
    dict.forEach((ref) => {
      arena.i32[ref >>> SHIFT]![(ref & MASK) << 1] = dict.value(ref, new Bytes()).len
    })
    const before = arena.used + arena.outside
    const copy = dict.clone(heap)
    assert.deepEqual(new Map([...contents(copy)].sort()), new Map([...contents(dict)].sort()))
    copy.forEach((ref) => {
      assert.equal(arena.i32[ref >>> SHIFT]![(ref & MASK) << 1], copy.value(ref, new Bytes()).len)
    })
    remove(copy, 'key:0')
    set(copy, 'key:7', 'changed')
    assert.equal(get(dict, 'key:0'), '')
    copy.free()
    assert.equal(arena.used + arena.outside, before)
  }
})

test('is given back in steps', () => {
  const { dict, arena } = newDict()
  for (let i = 0; i < 5000; i++) set(dict, `key:${i}`, 'value')
  const seen = new Set<number>()
  let steps = 0
  let before = arena.used
  while (!dict.drain(100, (ref) => seen.add(ref))) {
    steps++
    assert.ok(arena.used < before)
    before = arena.used
  }
  assert.ok(steps > 10, `${steps}`)
  assert.equal(seen.size, 5000)
  assert.equal(arena.used, 0)
  assert.equal(arena.outside, 0)
})

test('samples are distinct records, and all records have their chance', () => {
  setHashSeed(1)
  const { dict } = newDict()
  dict.sample(5, () => assert.fail('there is nothing'))
  const taken = new Map<number, number>()
  for (let i = 0; i < 200; i++) set(dict, `key:${i}`, 'value')
  for (let k = 0; k < 20_000; k++) {
    const refs = new Set<number>()
    dict.sample(5, (ref) => refs.add(ref))
    assert.equal(refs.size, 5)
    for (const ref of refs) taken.set(ref, (taken.get(ref) ?? 0) + 1)
  }
  assert.equal(taken.size, 200)
  // 500 each on average; how far the fifth neighbour is decides how often a record is among the five.
  for (const n of taken.values()) assert.ok(n > 20 && n < 3000, `${n}`)
  dict.sample(1000, (ref) => taken.delete(ref))
  assert.equal(taken.size, 0, 'a sample larger than the dictionary is all of it')
})

test('grows later where memory is short, but works', () => {
  const { dict, arena } = newDict()
  arena.mayTake = () => false
  let largest = 0
  for (let i = 0; i < 20_000; i++) {
    set(dict, `key:${i}`, 'v')
    largest = Math.max(largest, dict.size / (dict.tableBytes() / 8))
    assert.equal(get(dict, `key:${i}`), 'v')
  }
  assert.ok(largest > 0.85 && largest < 0.95, `${largest}`)
})

test('keeps the bytes of its owner when a record moves', () => {
  const { dict, arena } = newDict()
  const key = Bytes.from('key')
  dict.find(key, hashOf(key))
  let ref = dict.add(key, hashOf(key), Bytes.from('short'))
  const owned = () => arena.u8[ref >>> SHIFT]!.subarray((ref & MASK) << 3, ((ref & MASK) << 3) + HEADROOM)
  assert.deepEqual([...owned()], new Array(HEADROOM).fill(0))
  owned().set([1, 2, 3, 4, 5, 6, 7, 8])
  for (const length of [200, 70_000, 100_000, 65_535, 65_536, 3, 0]) {
    ref = dict.setValue(ref, Bytes.from('v'.repeat(length)))
    assert.equal(dict.find(key, hashOf(key)), ref)
    assert.equal(dict.value(ref, new Bytes()).len, length)
    assert.deepEqual([...owned()], [1, 2, 3, 4, 5, 6, 7, 8])
  }
  assert.equal(arena.used + arena.outside, dict.memory())
})

test('keys longer than a narrow record can say', () => {
  const { dict, arena } = newDict()
  const lengths = [63, 64, 65_534, 65_535, 65_536, 300_000]
  for (const length of lengths) set(dict, 'k'.repeat(length), String(length))
  for (const length of lengths) assert.equal(get(dict, 'k'.repeat(length)), String(length))
  for (const length of lengths) assert.ok(remove(dict, 'k'.repeat(length)))
  dict.free()
  assert.equal(arena.used, 0)
})

test('a scan returns what was there throughout exactly once, across resizes in between', () => {
  for (const direction of ['grow', 'shrink'] as const) {
    const { dict } = newDict()
    for (let i = 0; i < 3000; i++) set(dict, `stay:${i}`, '')
    if (direction === 'shrink') for (let i = 0; i < 40_000; i++) set(dict, `go:${i}`, '')
    const seen = new Map<string, number>()
    let cursor = 0
    let changes = 0
    do {
      cursor = dict.scan(cursor, 10, (ref) => {
        const key = dict.key(ref, new Bytes()).latin1()
        if (key.startsWith('stay:')) seen.set(key, (seen.get(key) ?? 0) + 1)
      })
      for (let i = 0; i < 7; i++, changes++) {
        if (direction === 'grow') set(dict, `new:${changes}`, '')
        else remove(dict, `go:${changes}`)
      }
    } while (cursor !== 0)
    assert.equal(seen.size, 3000, direction)
    assert.ok(
      [...seen.values()].every((times) => times === 1),
      direction,
    )
  }
})

test('random picks every key, none much more often than another', () => {
  const { dict } = newDict()
  const N = 50
  for (let i = 0; i < N; i++) set(dict, `key:${i}`, '')
  const counts = new Map<string, number>()
  const DRAWS = 20_000
  for (let i = 0; i < DRAWS; i++) {
    const key = dict.key(dict.random(), new Bytes()).latin1()
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  assert.equal(counts.size, N)
  for (const count of counts.values())
    assert.ok(count > (DRAWS / N) * 0.6 && count < (DRAWS / N) * 1.5, String(count))
})
