import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { MASK, SHIFT } from '../../../src/memory/arena.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { cellReference } from '../../../src/types/cell.ts'
import * as listpack from '../../../src/types/listpack.ts'
import { SortedSet } from '../../../src/types/sorted-set.ts'
import type { EncodingLimits } from '../../../src/types/value.ts'
import { heldBytes, limitsWith, newCell, newHeap } from './support.ts'

const b = (text: string) => Bytes.from(text, 'latin1')

type Pair = readonly [member: string, score: number]

function newSet(limits: EncodingLimits = limitsWith({}), expected = 0, longestMember = 0) {
  const heap = newHeap()
  const cell = newCell(heap)
  const before = heldBytes(heap)
  SortedSet.init(heap, limits, cell, expected, longestMember)
  return { heap, cell, before, set: new SortedSet(heap, limits, cell) }
}

/** Doubles of both signs of zero are one score. */
const order = (x: Pair, y: Pair) => (x[1] === y[1] ? (x[0] < y[0] ? -1 : 1) : x[1] < y[1] ? -1 : 1)

function contents(set: SortedSet, start = 0, count = set.size, reverse = false): Pair[] {
  const out: Pair[] = []
  set.range(start, count, reverse, (member, score) => {
    out.push([member.latin1(), score])
  })
  return out
}

/** Without -0, which a listpack does not keep: see below. */
const SCORE = fc
  .oneof(
    { weight: 6, arbitrary: fc.integer({ min: -10, max: 10 }) },
    { weight: 2, arbitrary: fc.double({ noNaN: true }) },
    { weight: 1, arbitrary: fc.double({ noNaN: true, noInteger: true, min: -100, max: 100 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(Infinity, -Infinity, 2 ** 53, -(2 ** 62), 2 ** 62, 2 ** 63, 1e21, 1e-9),
    },
  )
  .map((score) => (score === 0 ? 0 : score))

const MEMBER = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -150, max: 150 }).map(String) },
  { weight: 10, arbitrary: fc.string({ maxLength: 3, unit: 'binary-ascii' }) },
  { weight: 2, arbitrary: fc.bigInt(-(2n ** 64n), 2n ** 64n).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('y'.repeat(63), 'y'.repeat(64), '\xff'.repeat(64)) },
)

const STEP = fc.record({
  kind: fc.constantFrom('set', 'set', 'set', 'set', 'delete', 'deleteRange', 'query', 'query'),
  member: fc.oneof({ weight: 60, arbitrary: MEMBER }, { weight: 1, arbitrary: fc.constant('z'.repeat(65)) }),
  score: SCORE,
  from: fc.integer({ min: 0, max: 9999 }).map((n) => n / 10_000),
  count: fc.integer({ min: 0, max: 12 }),
  flag: fc.boolean(),
})

function query(
  set: SortedSet,
  model: Pair[],
  member: string,
  score: number,
  start: number,
  count: number,
): void {
  const expected = model.find((p) => p[0] === member)?.[1]
  assert.equal(set.score(b(member)), expected)
  assert.equal(
    set.rank(b(member)),
    model.findIndex((p) => p[0] === member),
  )
  for (const inclusive of [false, true]) {
    const below = model.filter((p) => p[1] < score || (inclusive && p[1] === score))
    assert.equal(set.countBelow(score, inclusive), below.length)
  }
  assert.deepEqual(contents(set, start, count), model.slice(start, start + count))
  assert.deepEqual(contents(set, start, count, true), [...model].reverse().slice(start, start + count))
}

test('behaves as a sorted array in either encoding, and gives all memory back', () => {
  fc.assert(
    fc.property(
      fc.array(STEP, { maxLength: 500, size: 'max' }),
      fc.constantFrom(0, 8, 128),
      (steps, entries) => {
        const { heap, before, set } = newSet(limitsWith({ 'zset-max-listpack-entries': entries }))
        let model: Pair[] = []
        let large = false
        for (const { kind, member, score, from, count, flag } of steps) {
          const start = Math.floor(from * model.length)
          if (kind === 'set') {
            const old = model.find((p) => p[0] === member)
            assert.equal(set.set(b(member), score), old === undefined)
            if (old?.[1] !== score)
              model = [...model.filter((p) => p !== old), [member, score] as const].sort(order)
            large ||= old === undefined && (member.length > 64 || model.length > entries)
          } else if (kind === 'delete') {
            const victim = flag && model.length > 0 ? model[start]![0] : member
            const kept = model.filter((p) => p[0] !== victim)
            assert.equal(set.delete(b(victim)), kept.length < model.length)
            model = kept
          } else if (kind === 'deleteRange') {
            const shown: Pair[] = []
            set.deleteRange(start, count, flag ? (m, s) => shown.push([m.latin1(), s]) : undefined)
            const gone = model.splice(start, count)
            assert.deepEqual(shown, flag ? gone : [])
          } else query(set, model, flag && model.length > 0 ? model[start]![0] : member, score, start, count)
          assert.equal(set.size, model.length)
          assert.equal(set.encoding, large ? 'skiplist' : 'listpack')
        }
        assert.deepEqual(contents(set), model)
        assert.equal(set.memory(), heldBytes(heap) - before)
        set.free()
        assert.equal(heldBytes(heap), before)
      },
    ),
    { numRuns: 150 },
  )
})

test('counts members by their bytes where scores are the same', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(MEMBER, { maxLength: 200, size: 'max' }),
      MEMBER,
      SCORE,
      fc.constantFrom(0, 128),
      (members, limit, score, entries) => {
        const { set } = newSet(limitsWith({ 'zset-max-listpack-entries': entries }))
        for (const member of members) set.set(b(member), score)
        for (const bound of [limit, ...members.slice(0, 3)]) {
          assert.equal(set.countBelowLex(b(bound), false), members.filter((m) => m < bound).length)
          assert.equal(set.countBelowLex(b(bound), true), members.filter((m) => m <= bound).length)
        }
      },
    ),
  )
})

for (const entries of [0, 128]) {
  const limits = limitsWith({ 'zset-max-listpack-entries': entries })

  describe(entries === 0 ? 'a large sorted set' : 'a small sorted set', () => {
    test('shows each member once in a scan', () => {
      const { set } = newSet(limits)
      for (let k = 0; k < 100; k++) set.set(b(`m${k}`), k / 2)
      const seen: string[] = []
      let cursor = 0
      do {
        cursor = set.scan(cursor, 10, (member, score) => {
          assert.equal(`m${score * 2}`, member.latin1())
          seen.push(member.latin1())
        })
      } while (cursor !== 0)
      assert.equal(new Set(seen).size, 100)
      assert.equal(seen.length, 100)
    })

    test('picks every member at random', () => {
      const { set } = newSet(limits)
      for (let k = 0; k < 10; k++) set.set(b(`m${k}`), k)
      const seen = new Set<string>()
      for (let k = 0; k < 1000; k++) set.random((member, score) => seen.add(`${member.latin1()}=${score}`))
      assert.deepEqual(
        [...seen].sort(),
        Array.from({ length: 10 }, (_, k) => `m${k}=${k}`),
      )
    })

    test('can be copied while it is shown, conversions included', () => {
      const { heap, set } = newSet(limits)
      for (let k = 0; k < 100; k++) set.set(b(`m${k}`), k)
      const cell = newCell(heap)
      const copyLimits = limitsWith({ 'zset-max-listpack-entries': 7 })
      SortedSet.init(heap, copyLimits, cell)
      const copy = new SortedSet(heap, copyLimits, cell)
      set.range(0, set.size, false, (member, score) => {
        copy.set(member, score)
        assert.equal(copy.score(member), score)
      })
      assert.deepEqual(contents(copy), contents(set))
    })

    test('takes members of any length', () => {
      const { heap, before, set } = newSet(limits)
      const lengths = [0, 1, 63, 64, 65, 4096, 65_534, 65_535, 65_536, 1_000_000]
      for (const n of lengths) assert.equal(set.set(b('x'.repeat(n)), -n), true)
      assert.deepEqual(
        contents(set).map(([member]) => member.length),
        [...lengths].reverse(),
      )
      for (const n of lengths)
        assert.equal(set.rank(b('x'.repeat(n))), lengths.length - 1 - lengths.indexOf(n))
      set.free()
      assert.equal(heldBytes(heap), before)
    })
  })
}

test('keeps the sign of zero in a tree, not in a listpack, and does not take it for a change', () => {
  const small = newSet().set
  small.set(b('a'), -0)
  assert.ok(Object.is(small.score(b('a')), 0))
  const large = newSet(limitsWith({ 'zset-max-listpack-entries': 0 })).set
  large.set(b('a'), -0)
  large.set(b('a'), 0)
  assert.ok(Object.is(large.score(b('a')), -0))
})

test('starts in the encoding that what is expected asks for', () => {
  assert.equal(newSet(limitsWith({}), 128, 64).set.encoding, 'listpack')
  assert.equal(newSet(limitsWith({}), 129, 0).set.encoding, 'skiplist')
  assert.equal(newSet(limitsWith({}), 1, 65).set.encoding, 'skiplist')
  const { set } = newSet()
  set.set(b('a'), 1)
  set.expect(128, 64)
  assert.equal(set.encoding, 'listpack')
  set.expect(129, 1)
  assert.equal(set.encoding, 'skiplist')
  assert.deepEqual(contents(set), [['a', 1]])
})

test('writes the listpack that Valkey dumps', () => {
  const { heap, cell, set } = newSet()
  for (const [member, score] of [
    ['a', 1.5],
    ['b', 3],
    ['c', Infinity],
    ['7', -2.25e30],
  ] as const) {
    set.set(b(member), score)
  }
  const ref = cellReference(heap.arena, cell)
  const base = (ref & MASK) << 3
  const bytes = heap.arena.u8[ref >>> SHIFT]!.subarray(base, base + listpack.bytes(heap.arena, ref))
  assert.equal(
    bytes.toString('hex'),
    '2900000008000701892d322e3235652b33300a81610283312e3504816202030181630283696e6604ff',
  )
})
