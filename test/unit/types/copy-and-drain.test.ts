/**
 * What all collections promise their owner: copies that are the same and independent, whatever the encoding, and memory that
 * goes back in steps.
 */
import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import fc from 'fast-check'
import { Bytes } from '../../../src/memory/bytes.ts'
import { Hash } from '../../../src/types/hash.ts'
import { List } from '../../../src/types/list.ts'
import { setPackedThreshold } from '../../../src/types/quicklist-limits.ts'
import { SetValue } from '../../../src/types/set.ts'
import { SortedSet } from '../../../src/types/sorted-set.ts'
import type { EncodingLimits, Heap, Remains } from '../../../src/types/value.ts'
import { heldBytes, limitsWith, newCell, newHeap } from './support.ts'

interface Collection {
  readonly encoding: string
  readonly size: number
  memory(): number
  free(): void
  copyTo(cell: number): void
  abandon(): Remains | null
}

interface Kind<C extends Collection> {
  readonly name: string
  init(heap: Heap, limits: EncodingLimits, cell: number): void
  at(heap: Heap, limits: EncodingLimits, cell: number): C
  /** Adds, or takes out, an element made of a number. */
  add(value: C, element: string, n: number): void
  remove(value: C, element: string): void
  contents(value: C): string[]
}

const b = (text: string) => Bytes.from(text, 'latin1')

const hashes: Kind<Hash> = {
  name: 'hash',
  init: (heap, _limits, cell) => Hash.init(heap, cell),
  at: (heap, limits, cell) => new Hash(heap, limits, cell),
  add: (value, element, n) => value.set(b(element), b(`value${n}`)),
  remove: (value, element) => value.delete(b(element)),
  contents(value) {
    const found: string[] = []
    value.forEach((field, to) => {
      found.push(`${field.latin1()}=${to.latin1()}`)
    })
    return found.sort()
  },
}

const sets: Kind<SetValue> = {
  name: 'set',
  init: (heap, limits, cell) => SetValue.init(heap, limits, cell, b('1')),
  at: (heap, limits, cell) => new SetValue(heap, limits, cell),
  add: (value, element) => value.add(b(element)),
  remove: (value, element) => value.delete(b(element)),
  contents(value) {
    const found: string[] = []
    value.forEach((member) => {
      found.push(member.latin1())
    })
    return found.sort()
  },
}

const sortedSets: Kind<SortedSet> = {
  name: 'sorted set',
  init: (heap, limits, cell) => SortedSet.init(heap, limits, cell),
  at: (heap, limits, cell) => new SortedSet(heap, limits, cell),
  add: (value, element, n) => value.set(b(element), (n * 7919) % 100),
  remove: (value, element) => value.delete(b(element)),
  contents(value) {
    const found: string[] = []
    value.range(0, value.size, false, (member, score) => found.push(`${member.latin1()}@${score}`))
    for (const [rank, text] of found.entries()) assert.equal(value.rank(b(text.split('@')[0]!)), rank)
    return found
  },
}

const lists: Kind<List> = {
  name: 'list',
  init: (heap, _limits, cell) => List.init(heap, cell),
  at: (heap, limits, cell) => new List(heap, limits, cell),
  add(value, element, n) {
    if (n % 3 === 0) value.pushLeft(b(element))
    else value.pushRight(b(element))
  },
  remove: (value, element) => value.deleteEqual(b(element), 1, false),
  contents(value) {
    const found: string[] = []
    value.forEach(0, value.size, false, (element) => {
      found.push(element.latin1())
    })
    return found
  },
}

const LIMITS = limitsWith({
  'hash-max-listpack-entries': 300,
  'set-max-intset-entries': 20,
  'set-max-listpack-entries': 30,
  'zset-max-listpack-entries': 30,
  'list-max-listpack-size': -1,
})

const STEP = fc.record({
  remove: fc.boolean(),
  n: fc.nat(600),
  length: fc.oneof(
    { weight: 8, arbitrary: fc.nat(20) },
    { weight: 1, arbitrary: fc.constantFrom(65, 5000, 70_000) },
  ),
})

type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never

function elementOf({ n, length }: Step): string {
  return length < 12 ? String(n) : `${n}`.padEnd(length, 'x')
}

function apply<C extends Collection>(kind: Kind<C>, value: C, steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.remove) kind.remove(value, elementOf(step))
    else kind.add(value, elementOf(step), step.n)
  }
}

afterEach(() => setPackedThreshold(0))

function suite<C extends Collection>(kind: Kind<C>): void {
  const steps = fc.array(STEP, { maxLength: 400, size: 'max' })

  test(`a copy of a ${kind.name} is equal, of the same encoding, and independent`, () => {
    fc.assert(
      fc.property(steps, steps, fc.constantFrom(0, 0, 100), (before, after, threshold) => {
        setPackedThreshold(threshold)
        const heap = newHeap()
        const [cell, other] = [newCell(heap), newCell(heap)]
        const empty = heldBytes(heap)
        kind.init(heap, LIMITS, cell)
        const value = kind.at(heap, LIMITS, cell)
        apply(kind, value, before)
        const contents = kind.contents(value)
        value.copyTo(other)
        const copy = kind.at(heap, LIMITS, other)
        assert.equal(copy.encoding, value.encoding)
        assert.deepEqual(kind.contents(copy), contents)
        assert.equal(heldBytes(heap) - empty, value.memory() + copy.memory())
        apply(kind, copy, after)
        assert.deepEqual(kind.contents(value), contents)
        value.free()
        assert.equal(heldBytes(heap) - empty, copy.memory())
        copy.free()
        assert.equal(heldBytes(heap), empty)
      }),
      { numRuns: 40 },
    )
  })

  test(`a large ${kind.name} is given back in steps`, () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50 }), (changes, count) => {
        const heap = newHeap()
        const cell = newCell(heap)
        const empty = heldBytes(heap)
        kind.init(heap, LIMITS, cell)
        const value = kind.at(heap, LIMITS, cell)
        apply(kind, value, changes)
        const remains = value.abandon()
        if (remains === null) value.free()
        else while (!remains.drain(count)) assert.ok(heldBytes(heap) > empty)
        assert.equal(heldBytes(heap), empty)
      }),
      { numRuns: 40 },
    )
  })
}

describe('collections', () => {
  suite(hashes)
  suite(sets)
  suite(sortedSets)
  suite(lists)
})
