/**
 * Collections for which there is no memory now and then: a change that is ended by that has changed nothing, one that is not
 * is complete, and no byte is lost on the way.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Bytes } from '../../../src/memory/bytes.ts'
import { Handles } from '../../../src/memory/handles.ts'
import { hashOf } from '../../../src/memory/hashing.ts'
import { Dict } from '../../../src/types/dict.ts'
import { Hash } from '../../../src/types/hash.ts'
import { List } from '../../../src/types/list.ts'
import { SetValue } from '../../../src/types/set.ts'
import { SortedSet } from '../../../src/types/sorted-set.ts'
import type { EncodingLimits, Heap } from '../../../src/types/value.ts'
import { FailingArena } from '../../support/failing-arena.ts'
import { heldBytes, limitsWith, newCell } from './support.ts'

/** One step: what is to be done to which element, with which value, and when memory fails. */
const STEP = fc.record({
  kind: fc.nat(9),
  at: fc.nat(399),
  value: fc.oneof(
    { weight: 8, arbitrary: fc.nat(2 ** 40).map(String) },
    { weight: 8, arbitrary: fc.string({ maxLength: 12 }) },
    { weight: 2, arbitrary: fc.nat(300).map((n) => 'long'.repeat(n)) },
    { weight: 1, arbitrary: fc.constant('h'.repeat(70_000)) },
  ),
  score: fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    fc.double({ noNaN: true }).map((n) => n + 0),
  ),
  /** Beyond what a step needs: it does not fail. */
  failsAfter: fc.oneof(fc.nat(4), fc.constant(1000)),
})

type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never

/** A collection under test, with what it should hold. */
interface Subject {
  /** Does a step to the collection. */
  apply(step: Step): void
  /** Does it to the model. */
  follow(step: Step): void
  /** The collection says what the model does. */
  check(): void
  copyTo(cell: number): void
  /** The same checks of a copy. */
  checkCopy(cell: number): void
  free(cell: number): void
}

type Make = (heap: Heap, limits: EncodingLimits, cell: number) => Subject

class HashSubject implements Subject {
  readonly model = new Map<string, string>()
  private readonly of: (cell: number) => Hash
  private readonly hash: Hash

  constructor(heap: Heap, limits: EncodingLimits, cell: number) {
    Hash.init(heap, cell)
    this.of = (c) => new Hash(heap, limits, c)
    this.hash = this.of(cell)
  }

  apply({ kind, at, value }: Step): void {
    if (kind < 7) this.hash.set(Bytes.from(`f${at}`), Bytes.from(value))
    else this.hash.delete(Bytes.from(`f${at}`))
  }

  follow({ kind, at, value }: Step): void {
    if (kind < 7) this.model.set(`f${at}`, value)
    else this.model.delete(`f${at}`)
  }

  check(): void {
    this.compare(this.hash)
  }

  private compare(hash: Hash): void {
    assert.equal(hash.size, this.model.size)
    const seen = new Map<string, string>()
    hash.forEach((field, value) => {
      seen.set(field.latin1(), value.latin1())
    })
    assert.deepEqual([...seen].sort(), [...this.model].sort())
    for (const [field, value] of this.model) assert.equal(hash.get(Bytes.from(field))?.latin1(), value)
  }

  copyTo(cell: number): void {
    this.hash.copyTo(cell)
  }

  checkCopy(cell: number): void {
    this.compare(this.of(cell))
  }

  free(cell: number): void {
    this.of(cell).free()
  }
}

class SetSubject implements Subject {
  private readonly model = new Set<string>()
  private readonly of: (cell: number) => SetValue
  private readonly set: SetValue

  constructor(heap: Heap, limits: EncodingLimits, cell: number) {
    SetValue.init(heap, limits, cell, Bytes.from('1'))
    this.of = (c) => new SetValue(heap, limits, c)
    this.set = this.of(cell)
  }

  /** Integers of all widths at first. */
  private member({ kind, at, value }: Step): string {
    return kind < 2 ? value : String(at % 2 === 0 ? at : at * 2 ** (at % 45))
  }

  apply(step: Step): void {
    if (step.kind < 7) this.set.add(Bytes.from(this.member(step)))
    else this.set.delete(Bytes.from(this.member(step)))
  }

  follow(step: Step): void {
    if (step.kind < 7) this.model.add(this.member(step))
    else this.model.delete(this.member(step))
  }

  check(): void {
    this.compare(this.set)
  }

  private compare(set: SetValue): void {
    const seen: string[] = []
    set.forEach((member) => {
      seen.push(member.latin1())
    })
    assert.deepEqual(seen.sort(), [...this.model].sort())
    for (const member of this.model) assert.ok(set.has(Bytes.from(member)))
  }

  copyTo(cell: number): void {
    this.set.copyTo(cell)
  }

  checkCopy(cell: number): void {
    this.compare(this.of(cell))
  }

  free(cell: number): void {
    this.of(cell).free()
  }
}

class SortedSetSubject implements Subject {
  private readonly model = new Map<string, number>()
  private readonly of: (cell: number) => SortedSet
  private readonly set: SortedSet

  constructor(heap: Heap, limits: EncodingLimits, cell: number) {
    SortedSet.init(heap, limits, cell)
    this.of = (c) => new SortedSet(heap, limits, c)
    this.set = this.of(cell)
  }

  apply({ kind, at, score }: Step): void {
    if (kind < 8) this.set.set(Bytes.from(`m${at}`), score)
    else this.set.delete(Bytes.from(`m${at}`))
  }

  follow({ kind, at, score }: Step): void {
    if (kind < 8) this.model.set(`m${at}`, score)
    else this.model.delete(`m${at}`)
  }

  check(): void {
    this.compare(this.set)
  }

  private compare(set: SortedSet): void {
    const seen: [string, number][] = []
    set.range(0, set.size, false, (member, score) => seen.push([member.latin1(), score]))
    const expected = [...this.model].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
    assert.deepEqual(seen, expected)
    expected.forEach(([member, score], rank) => {
      assert.equal(set.rank(Bytes.from(member)), rank)
      assert.equal(set.score(Bytes.from(member)), score)
    })
  }

  copyTo(cell: number): void {
    this.set.copyTo(cell)
  }

  checkCopy(cell: number): void {
    this.compare(this.of(cell))
  }

  free(cell: number): void {
    this.of(cell).free()
  }
}

class ListSubject implements Subject {
  private readonly model: string[] = []
  private readonly of: (cell: number) => List
  private readonly list: List

  constructor(heap: Heap, limits: EncodingLimits, cell: number) {
    List.init(heap, cell)
    this.of = (c) => new List(heap, limits, c)
    this.list = this.of(cell)
  }

  apply({ kind, at, value }: Step): void {
    const { list } = this
    const index = at % Math.max(1, list.size)
    const bytes = Bytes.from(value)
    if (kind < 2) list.pushLeft(bytes)
    else if (kind < 4) list.pushRight(bytes)
    else if (kind < 6) list.insert(Math.min(index, list.size), bytes)
    else if (kind === 6) list.popLeft()
    else if (kind === 7) list.deleteRange(index, 3)
    else if (list.size > 0) list.set(index, bytes)
  }

  follow({ kind, at, value }: Step): void {
    const { model } = this
    const index = at % Math.max(1, model.length)
    if (kind < 2) model.unshift(value)
    else if (kind < 4) model.push(value)
    else if (kind < 6) model.splice(index, 0, value)
    else if (kind === 6) model.shift()
    else if (kind === 7) model.splice(index, 3)
    else if (model.length > 0) model[index] = value
  }

  check(): void {
    this.compare(this.list)
  }

  private compare(list: List): void {
    assert.equal(list.size, this.model.length)
    const seen: string[] = []
    list.forEach(0, list.size, false, (element) => {
      seen.push(element.latin1())
    })
    assert.deepEqual(seen, this.model)
  }

  copyTo(cell: number): void {
    this.list.copyTo(cell)
  }

  checkCopy(cell: number): void {
    this.compare(this.of(cell))
  }

  free(cell: number): void {
    this.of(cell).free()
  }
}

const LIMITS = {
  small: limitsWith({
    'hash-max-listpack-entries': 8,
    'set-max-intset-entries': 6,
    'set-max-listpack-entries': 12,
    'zset-max-listpack-entries': 8,
    'list-max-listpack-size': 4,
  }),
  large: limitsWith({ 'hash-max-listpack-entries': 300, 'zset-max-listpack-entries': 100 }),
  none: limitsWith({ 'zset-max-listpack-entries': 0, 'list-max-listpack-size': 1 }),
}

const SUBJECTS: Record<string, Make> = {
  hash: (...at) => new HashSubject(...at),
  set: (...at) => new SetSubject(...at),
  'sorted set': (...at) => new SortedSetSubject(...at),
  list: (...at) => new ListSubject(...at),
}

/** Does the step with memory failing at once, then a request later and so on, until it succeeds; or once, as it says. */
function run(arena: FailingArena, subject: Subject, step: Step): void {
  for (let requests = step.failsAfter; ; requests++) {
    const isDone = arena.survives(requests, () => subject.apply(step))
    if (isDone) subject.follow(step)
    subject.check()
    if (isDone) return
  }
}

describe('a change that memory is lacking for changes nothing', () => {
  for (const [name, make] of Object.entries(SUBJECTS)) {
    test(name, () => {
      const limits = fc.constantFrom('small' as const, 'large' as const, 'none' as const)
      const steps = fc.array(STEP, { maxLength: 250, size: 'max' })
      fc.assert(
        fc.property(limits, steps, fc.nat(20), (settings, list, copyFailsAfter) => {
          const arena = new FailingArena()
          const heap: Heap = { arena, handles: new Handles() }
          const before = heldBytes(heap)
          const cell = newCell(heap)
          const subject = make(heap, LIMITS[settings], cell)
          for (const step of list) run(arena, subject, step)
          const copy = newCell(heap)
          const atRest = heldBytes(heap)
          if (arena.survives(copyFailsAfter, () => subject.copyTo(copy))) {
            subject.checkCopy(copy)
            subject.free(copy)
          }
          assert.equal(heldBytes(heap), atRest, 'nothing of a copy is left')
          subject.free(cell)
          arena.release(copy, 8)
          arena.release(cell, 8)
          assert.equal(heldBytes(heap), before, 'nothing is lost')
        }),
        { numRuns: 60 },
      )
    })
  }
})

test('a large order whose every split fails first, at each of its requests', () => {
  const arena = new FailingArena()
  const heap: Heap = { arena, handles: new Handles() }
  const before = heldBytes(heap)
  const cell = newCell(heap)
  SortedSet.init(heap, LIMITS.none, cell, 1)
  const set = new SortedSet(heap, LIMITS.none, cell)
  const model = new Map<string, number>()
  const setScore = (member: string, score: number) => {
    for (let requests = 0; !arena.survives(requests, () => set.set(Bytes.from(member), score)); requests++) {
      assert.equal(set.size, model.size)
      assert.equal(set.score(Bytes.from(member)), model.get(member))
    }
    model.set(member, score)
  }
  // More than one root of leaves takes, added in no order, then moved about.
  for (let i = 0; i < 6000; i++) setScore(`m${i}`, (i * 7919) % 6007)
  for (let i = 0; i < 6000; i += 3) setScore(`m${i}`, (i * 104_729) % 6011)
  const seen: [string, number][] = []
  set.range(0, set.size, false, (member, score) => seen.push([member.latin1(), score]))
  assert.deepEqual(
    seen,
    [...model].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)),
  )
  // Taking members out needs no memory.
  arena.failAfter(0)
  for (const [i, [member]] of seen.entries()) {
    assert.ok(set.delete(Bytes.from(member)))
    if (i % 500 === 0 && i + 1 < seen.length) assert.equal(set.rank(Bytes.from(seen[i + 1]![0])), 0)
  }
  assert.equal(set.size, 0)
  set.free()
  arena.release(cell, 8)
  assert.equal(heldBytes(heap), before)
})

test('a dictionary that cannot grow takes what its table holds, and loses nothing', () => {
  const arena = new FailingArena()
  const heap: Heap = { arena, handles: new Handles() }
  const dict = new Dict(heap)
  const add = (name: string) => {
    const key = Bytes.from(name)
    const hash = hashOf(key)
    dict.find(key, hash)
    dict.add(key, hash)
  }
  for (let i = 0; i < 1000; i++) add(`k${i}`)
  const { size } = dict
  // One request for each record, none for a table.
  let taken = size
  while (arena.survives(1, () => add(`k${taken}`))) taken++
  assert.ok(taken > 1900 && taken < 2048, `${taken}`)
  assert.equal(dict.size, taken)
  for (let i = 0; i < taken; i++) assert.notEqual(dict.lookup(Bytes.from(`k${i}`)), 0)
  assert.equal(dict.lookup(Bytes.from(`k${taken}`)), 0)
  for (let i = taken; i < 5000; i++) add(`k${i}`)
  for (let i = 0; i < 5000; i++) assert.notEqual(dict.lookup(Bytes.from(`k${i}`)), 0)
  arena.failAfter(0)
  for (let i = 0; i < 5000; i++) dict.remove(dict.lookup(Bytes.from(`k${i}`)))
  assert.equal(dict.size, 0)
  arena.failAfter(Infinity)
  add('again')
  assert.notEqual(dict.lookup(Bytes.from('again')), 0)
})
