import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bytes } from '../../../src/memory/bytes.ts'
import { SetValue } from '../../../src/types/set.ts'
import type { EncodingLimits } from '../../../src/types/value.ts'
import { heldBytes, limitsWith, newCell, newHeap } from './support.ts'

const b = (text: string) => Bytes.from(text, 'latin1')

function newSet(limits: EncodingLimits, hint?: string, expected?: number) {
  const heap = newHeap()
  const cell = newCell(heap)
  const before = heldBytes(heap)
  SetValue.init(heap, limits, cell, hint === undefined ? undefined : b(hint), expected)
  return { heap, before, set: new SetValue(heap, limits, cell) }
}

function contents(set: SetValue): string[] {
  const found: string[] = []
  set.forEach((member) => {
    found.push(member.latin1())
  })
  return found
}

const isInteger = (text: string) =>
  /^(0|-?[1-9]\d*)$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)

const INTEGER = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -50, max: 50 }).map(String) },
  { weight: 2, arbitrary: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String) },
)
const TEXT = fc.oneof(
  INTEGER,
  fc.string({ maxLength: 3 }),
  fc.constantFrom('-0', '007', '9223372036854775808'),
)

test('behaves as a Set in any encoding, and gives all memory back', () => {
  const steps = (member: fc.Arbitrary<string>) =>
    fc.array(fc.record({ kind: fc.constantFrom('add', 'add', 'delete'), member }), {
      maxLength: 300,
      size: 'max',
    })
  fc.assert(
    fc.property(
      fc.oneof(
        steps(INTEGER),
        steps(TEXT),
        fc.tuple(steps(INTEGER), steps(TEXT)).map(([a, c]) => [...a, ...c]),
      ),
      fc.constantFrom(10, 60, 512),
      fc.constantFrom(5, 128),
      (changes, maxIntset, maxListpack) => {
        const limits = limitsWith({
          'set-max-intset-entries': maxIntset,
          'set-max-listpack-entries': maxListpack,
        })
        const { heap, before, set } = newSet(limits, changes[0]?.member)
        const model = new Set<string>()
        let encoding = set.encoding
        assert.equal(encoding, isInteger(changes[0]?.member ?? '') ? 'intset' : 'listpack')
        for (const { kind, member } of changes) {
          if (kind === 'add') {
            const size = model.size
            const isNew = !model.has(member)
            assert.equal(set.add(b(member)), isNew)
            model.add(member)
            if (isNew && encoding === 'intset') {
              if (isInteger(member)) encoding = model.size > maxIntset ? 'hashtable' : 'intset'
              else encoding = size < maxListpack ? 'listpack' : 'hashtable'
            } else if (isNew && encoding === 'listpack' && size >= maxListpack) encoding = 'hashtable'
          } else assert.equal(set.delete(b(member)), model.delete(member))
          assert.equal(set.has(b(member)), model.has(member))
          assert.equal(set.size, model.size)
          assert.equal(set.encoding, encoding)
        }
        assert.deepEqual(contents(set).sort(), [...model].sort())
        set.free()
        assert.equal(heldBytes(heap), before)
      },
    ),
    { numRuns: 100 },
  )
})

test('starts in the encoding that fits the first member and the number to come', () => {
  const encodings: [hint: string | undefined, expected: number, encoding: string][] = [
    ['1', 1, 'intset'],
    ['1', 512, 'intset'],
    ['1', 513, 'hashtable'],
    ['x', 128, 'listpack'],
    ['x', 129, 'hashtable'],
    ['9223372036854775807', 1, 'intset'],
    ['9223372036854775808', 1, 'listpack'],
    [undefined, 0, 'listpack'],
  ]
  for (const [hint, expected, encoding] of encodings) {
    assert.equal(newSet(limitsWith({}), hint, expected).set.encoding, encoding, `${hint} ${expected}`)
  }
})

test('leaves an intset by the rules for listpacks', () => {
  const filled = (count: number, limits = limitsWith({})) => {
    const { set } = newSet(limits, '1')
    for (let i = 0; i < count; i++) set.add(b(String(i)))
    return set
  }
  const short = filled(127)
  short.add(b('x'))
  assert.equal(short.encoding, 'listpack')
  short.add(b('y'))
  assert.equal(short.encoding, 'hashtable')

  const full = filled(128)
  full.add(b('x'))
  assert.equal(full.encoding, 'hashtable')

  const long = filled(3)
  long.add(b('x'.repeat(65)))
  assert.equal(long.encoding, 'hashtable')

  const wide = filled(11, limitsWith({ 'set-max-listpack-value': 1 }))
  wide.add(b('x'))
  assert.equal(wide.encoding, 'hashtable', '10 is longer than a listpack member may be')

  const many = filled(512)
  assert.equal(many.encoding, 'intset')
  many.add(b('1000'))
  assert.equal(many.encoding, 'hashtable')
  assert.equal(many.size, 513)
  assert.ok(many.has(b('1000')) && many.has(b('0')) && !many.has(b('512')))
})

test('announced members convert it at once', () => {
  const { set } = newSet(limitsWith({}), '1')
  set.add(b('1'))
  set.expect(512)
  assert.equal(set.encoding, 'intset')
  set.expect(513)
  assert.equal(set.encoding, 'hashtable')
  assert.ok(set.has(b('1')))
})

test('what a walk shows survives reading and changing other sets', () => {
  for (const kind of ['integers', 'few', 'many']) {
    const limits = limitsWith({})
    const { heap, set } = newSet(limits, kind === 'integers' ? '1' : 'x')
    for (let i = 0; i < (kind === 'many' ? 1000 : 100); i++)
      set.add(b(kind === 'integers' ? `${i}` : `m${i}`))
    const cell = newCell(heap)
    SetValue.init(heap, limits, cell, b('1'))
    const copy = new SetValue(heap, limits, cell)
    set.forEach((member) => {
      const text = member.latin1()
      assert.ok(!copy.has(member))
      copy.add(member)
      assert.ok(copy.has(member))
      assert.equal(member.latin1(), text)
    })
    assert.deepEqual(contents(copy).sort(), contents(set).sort())
  }
})

test('a scan returns every member that stays, across growth and shrinking', () => {
  const { set } = newSet(limitsWith({}), 'x')
  for (let i = 0; i < 300; i++) set.add(b(`stay${i}`))
  for (let i = 0; i < 5000; i++) set.add(b(`go${i}`))
  const seen = new Set<string>()
  let cursor = 0
  let removed = 0
  do {
    cursor = set.scan(cursor, 10, (member) => {
      seen.add(member.latin1())
    })
    for (let i = 0; i < 20; i++) set.delete(b(`go${removed++}`))
  } while (cursor !== 0)
  for (let i = 0; i < 300; i++) assert.ok(seen.has(`stay${i}`))
})

test('random picks every member about equally often', () => {
  for (const member of [(i: number) => String(i), (i: number) => `m${i}`]) {
    for (const size of [20, 700]) {
      const { set } = newSet(limitsWith({}), member(0))
      for (let i = 0; i < size; i++) set.add(b(member(i)))
      const counts = new Map<string, number>()
      for (let i = 0; i < size * 300; i++) {
        const picked = set.random().latin1()
        counts.set(picked, (counts.get(picked) ?? 0) + 1)
      }
      assert.equal(counts.size, size)
      for (const n of counts.values()) assert.ok(n > 150 && n < 500, String(n))
    }
  }
})
