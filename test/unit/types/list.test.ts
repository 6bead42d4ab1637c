import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import fc from 'fast-check'
import { Bytes } from '../../../src/memory/bytes.ts'
import { List } from '../../../src/types/list.ts'
import { setPackedThreshold } from '../../../src/types/quicklist-limits.ts'
import { heldBytes, limitsWith, newCell, newHeap } from './support.ts'

const b = (text: string) => Bytes.from(text, 'latin1')

function newList(fill = -2, heap = newHeap()) {
  const cell = newCell(heap)
  const before = heldBytes(heap)
  List.init(heap, cell)
  return { heap, before, list: new List(heap, limitsWith({ 'list-max-listpack-size': fill }), cell) }
}

function contents(list: List, start = 0, count = list.size, reverse = false): string[] {
  const out: string[] = []
  list.forEach(start, count, reverse, (value, index) => {
    assert.equal(index, reverse ? start - out.length : start + out.length)
    out.push(value.latin1())
  })
  return out
}

const TEXT = fc.oneof(
  { weight: 10, arbitrary: fc.integer({ min: -20, max: 20 }).map(String) },
  { weight: 6, arbitrary: fc.string({ maxLength: 3, unit: 'binary-ascii' }) },
  { weight: 2, arbitrary: fc.bigInt(-(2n ** 64n), 2n ** 64n).map(String) },
  { weight: 6, arbitrary: fc.integer({ min: 20, max: 300 }).map((n) => 'm'.repeat(n)) },
  { weight: 2, arbitrary: fc.integer({ min: 300, max: 5000 }).map((n) => 'l'.repeat(n)) },
  { weight: 1, arbitrary: fc.integer({ min: 8100, max: 9000 }).map((n) => 'x'.repeat(n)) },
)

const STEP = fc.record({
  kind: fc.constantFrom(
    'push',
    'push',
    'push',
    'pop',
    'set',
    'insert',
    'insert',
    'deleteRange',
    'deleteEqual',
    'walk',
  ),
  texts: fc.array(TEXT, { minLength: 1, maxLength: 30, size: 'max' }),
  from: fc.integer({ min: 0, max: 9999 }).map((n) => n / 10_000),
  count: fc.integer({ min: 0, max: 40 }),
  left: fc.boolean(),
})

type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never

/** Removes up to `count` (0: all) equal elements. */
function deleteEqual(model: string[], value: string, count: number, fromTail: boolean): number {
  let deleted = 0
  for (;;) {
    const at = fromTail ? model.lastIndexOf(value) : model.indexOf(value)
    if (at < 0 || (count > 0 && deleted === count)) return deleted
    model.splice(at, 1)
    deleted++
  }
}

function perform(list: List, model: string[], { kind, texts, from, count, left }: Step): void {
  const at = Math.floor(from * model.length)
  const text = texts[0]!
  if (kind === 'push') {
    for (const value of texts) {
      if (left) list.pushLeft(b(value))
      else list.pushRight(b(value))
      if (left) model.unshift(value)
      else model.push(value)
    }
  } else if (kind === 'pop') {
    for (let k = 0; k < count; k++) {
      const value = left ? list.popLeft() : list.popRight()
      assert.equal(value?.latin1(), left ? model.shift() : model.pop())
    }
  } else if (kind === 'insert') {
    for (const value of texts) {
      const place = left ? at : Math.floor(from * (model.length + 1))
      list.insert(place, b(value))
      model.splice(place, 0, value)
    }
  } else if (kind === 'deleteRange') {
    list.deleteRange(at, count)
    model.splice(at, count)
  } else if (kind === 'deleteEqual') {
    const value = count % 2 === 0 && model.length > 0 ? model[at]! : text
    const n = count % 5
    assert.equal(list.deleteEqual(b(value), n, left), deleteEqual(model, value, n, left))
  } else if (kind === 'walk') {
    const expected = left
      ? model.slice(Math.max(0, at + 1 - count), at + 1).reverse()
      : model.slice(at, at + count)
    assert.deepEqual(contents(list, at, count, left), expected)
    assert.equal(list.get(at)?.latin1(), model[at])
  } else if (model.length > 0) {
    list.set(at, b(text))
    model[at] = text
  }
}

afterEach(() => setPackedThreshold(0))

test('behaves as an array whatever its nodes may hold, and gives all memory back', () => {
  fc.assert(
    fc.property(
      fc.array(STEP, { maxLength: 60, size: 'max' }),
      fc.constantFrom(-1, -2, -3, -5, 0, 1, 3, 64),
      fc.constantFrom(0, 0, 0, 1, 250, 100_000),
      (steps, fill, threshold) => {
        setPackedThreshold(threshold)
        const { heap, before, list } = newList(fill)
        const model: string[] = []
        for (const step of steps) {
          perform(list, model, step)
          assert.equal(list.size, model.length)
        }
        assert.deepEqual(contents(list), model)
        assert.deepEqual(contents(list, model.length - 1, model.length, true), [...model].reverse())
        assert.equal(list.memory(), heldBytes(heap) - before)
        list.free()
        assert.equal(heldBytes(heap), before)
      },
    ),
    { numRuns: 150 },
  )
})

describe('a list', () => {
  test('is a listpack to the size in bytes, and again at half of that', () => {
    const { list } = newList(-2)
    const value = b('v'.repeat(98))
    while (list.encoding === 'listpack') list.pushRight(value)
    // 81 entries of 101 bytes are one node, the last element is another.
    assert.equal(list.size, 82)
    list.popRight()
    list.deleteRange(0, 40)
    assert.equal(list.encoding, 'quicklist')
    list.popLeft()
    assert.equal(list.encoding, 'listpack')
    assert.equal(list.size, 40)
  })

  test('is a listpack to the number of elements, and again at half of that', () => {
    const { list } = newList(5)
    for (let k = 0; k < 6; k++) {
      assert.equal(list.encoding, 'listpack')
      list.pushLeft(b(String(k)))
    }
    assert.equal(list.encoding, 'quicklist')
    list.popLeft()
    while (list.size > 3) list.popRight()
    assert.equal(list.encoding, 'quicklist')
    list.popRight()
    assert.equal(list.encoding, 'listpack')
  })

  test('is converted by what one command announces, not by its single pushes', () => {
    const { list } = newList(-2)
    list.expect(2047, 2 * 2047)
    for (let k = 0; k < 2047; k++) list.pushRight(b('ab'))
    assert.equal(list.encoding, 'listpack')
    list.expect(1, 1)
    assert.equal(list.encoding, 'quicklist')
    const other = newList(-2).list
    other.expect(2, 8192)
    assert.equal(other.encoding, 'quicklist')
    other.pushRight(b('a'))
    assert.deepEqual(contents(other), ['a'])
  })

  test('ends a walk when the function says so', () => {
    for (const count of [10, 10_000]) {
      const { list } = newList()
      for (let k = 0; k < count; k++) list.pushRight(b(`value:${k}`))
      let seen = 0
      list.forEach(1, count, false, () => ++seen < 5)
      list.forEach(count - 2, count, true, () => ++seen < 8)
      assert.equal(seen, 8)
    }
  })

  test('can be copied while it is walked', () => {
    const { heap, list } = newList()
    for (let k = 0; k < 3000; k++) list.pushRight(b(k % 2 === 0 ? String(k) : `value:${k}`))
    const { list: copy } = newList(-2, heap)
    list.forEach(0, list.size, false, (value) => copy.pushLeft(value))
    assert.deepEqual(contents(copy), contents(list).reverse())
  })

  test('takes elements of any length', () => {
    const { heap, before, list } = newList()
    const lengths = [0, 63, 64, 4095, 4096, 8180, 8192, 8193, 65_536, 65_537, 3_000_000]
    for (const n of lengths) list.pushRight(b('x'.repeat(n)))
    assert.deepEqual(
      contents(list).map((value) => value.length),
      lengths,
    )
    assert.equal(list.get(10)!.len, 3_000_000)
    assert.equal(list.popRight()!.len, 3_000_000)
    list.set(9, b('short'))
    assert.equal(list.popRight()!.latin1(), 'short')
    list.free()
    assert.equal(heldBytes(heap), before)
  })
})

describe('the memory of a list', () => {
  const value = (k: number) => b(`value:${1_000_000 + k}`)
  const ENTRY_BYTES = 15

  /** Bytes held per byte of entries. */
  const ratio = (list: List) => list.memory() / (ENTRY_BYTES * list.size)

  test('is near its content after pushes at either end', () => {
    for (const fill of [-1, -2, -5, 10, 500]) {
      for (const left of [false, true]) {
        const { list } = newList(fill)
        for (let k = 0; k < 20_000; k++) {
          if (left) list.pushLeft(value(k))
          else list.pushRight(value(k))
        }
        assert.ok(ratio(list) < (fill === 10 ? 1.5 : 1.2), `fill ${fill}: ${ratio(list)}`)
      }
    }
  })

  test('stays near it when elements are inserted and deleted in the middle', () => {
    const { list } = newList()
    for (let k = 0; k < 20_000; k++) list.pushRight(value(k))
    for (let k = 0; k < 5_000; k++) list.insert((k * 7919) % list.size, value(k))
    assert.ok(ratio(list) < 2, `after inserting: ${ratio(list)}`)
    for (let k = 0; k < 20_000; k++) list.deleteRange((k * 7919) % list.size, 1)
    assert.ok(ratio(list) < 2.2, `after deleting: ${ratio(list)}`)
    for (let k = 0; k < 1000; k++) list.set((k * 7919) % list.size, value(k))
    assert.ok(ratio(list) < 2.2, `after setting: ${ratio(list)}`)
  })

  test('does not hold a whole chunk for a short element between long ones', () => {
    const { list } = newList()
    for (let k = 0; k < 100; k++) list.pushRight(k % 2 === 0 ? b('short') : b('x'.repeat(9000)))
    assert.ok(list.memory() < 60 * 10_240, `${list.memory()}`)
  })
})
