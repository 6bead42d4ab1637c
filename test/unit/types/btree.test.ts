import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Arena, MASK, SHIFT } from '../../../src/memory/arena.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { BTree } from '../../../src/types/btree.ts'
import {
  BELOW,
  CHILDREN,
  countOf,
  INNER_RECORDS,
  INNER_SIZE,
  LEAF_RECORDS,
  LEAF_SIZE,
  NEXT,
  PREVIOUS,
  SCORES,
} from '../../../src/types/btree-node.ts'

interface Entry {
  readonly score: number
  readonly ref: number
  readonly member: string
}

function order(a: Entry, b: Entry): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1
  return a.member < b.member ? -1 : a.member > b.member ? 1 : 0
}

/** A tree with its model, a sorted array. Members are found by numbers; a forgotten one that is asked for fails the test. */
class Trial {
  readonly arena = new Arena()
  readonly tree: BTree
  model: Entry[] = []
  private readonly members = new Map<number, Bytes>()
  private lastRef = 0
  /** Inner nodes, as of the last check. */
  inners = 0

  constructor() {
    this.tree = new BTree(this.arena, {
      key: (ref, view) => {
        const member = this.members.get(ref)
        assert.ok(member, `record ${ref} is gone`)
        return view.set(member.buf, member.off, member.len)
      },
    })
  }

  insert(score: number, name: string): void {
    const ref = ++this.lastRef
    const entry = { score, ref, member: `${name}:${ref}` }
    this.members.set(ref, Bytes.from(entry.member, 'latin1'))
    this.tree.insert(score, ref)
    this.model.splice(this.place(entry), 0, entry)
  }

  private place(entry: Entry): number {
    let low = 0
    let high = this.model.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (order(this.model[middle]!, entry) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** A score behind all others. */
  lastScore(): number {
    const last = this.model.at(-1)?.score ?? 0
    return Number.isFinite(last) ? last + 1 : last
  }

  delete(rank: number): void {
    const [entry] = this.model.splice(rank, 1)
    this.tree.delete(entry!.score, entry!.ref)
    this.members.delete(entry!.ref)
  }

  update(rank: number, score: number): void {
    const [entry] = this.model.splice(rank, 1)
    const changed = { ...entry!, score }
    if (score !== entry!.score) this.tree.update(entry!.score, score, entry!.ref)
    this.model.splice(this.place(changed), 0, changed)
  }

  deleteRange(start: number, count: number): void {
    const gone: number[] = []
    this.tree.deleteRange(start, count, (ref) => {
      gone.push(ref)
      this.members.delete(ref)
    })
    assert.deepEqual(
      gone,
      this.model.splice(start, count).map((entry) => entry.ref),
    )
  }

  /** Compares everything the tree can be asked with the model, and its nodes with the rules they obey. */
  check(): void {
    const { tree, model } = this
    for (const reverse of [false, true]) {
      const seen: Entry[] = []
      const expected = reverse ? [...model].reverse() : model
      tree.range(reverse ? model.length - 1 : 0, model.length, reverse, (ref, score) => {
        seen.push({ ref, score, member: this.members.get(ref)!.latin1() })
      })
      assert.deepEqual(seen, expected)
    }
    for (let k = 0; k < 10 && model.length > 0; k++) {
      const at = Math.floor((k * (model.length - 1)) / 9)
      const { score, ref } = model[at]!
      assert.equal(tree.rank(score, ref), at)
      const below = model.findIndex((e) => e.score >= score)
      const above = model.findIndex((e) => e.score > score)
      assert.equal(tree.countBelow(score, false), below)
      assert.equal(tree.countBelow(score, true), above < 0 ? model.length : above)
    }
    this.checkNodes()
  }

  private checkNodes(): void {
    const { root, depth } = this.tree as unknown as { root: number; depth: number }
    const leaves: number[] = []
    let inners = 0
    const visit = (node: number, levels: number): number => {
      const n = countOf(this.arena, node)
      const i = this.arena.i32[node >>> SHIFT]!
      const o = (node & MASK) << 1
      if (levels === 0) {
        leaves.push(node)
        assert.ok(n > 0 || depth === 0, 'no leaf is empty')
        return n
      }
      inners++
      assert.ok(n > 1 || node !== root, 'the root has more than one child')
      let sum = 0
      for (let k = 0; k < n; k++) {
        const below = visit(i[o + CHILDREN + k]!, levels - 1)
        assert.equal(i[o + BELOW + k], below)
        if (k > 0) {
          let first = i[o + CHILDREN + k]!
          for (let l = 1; l < levels; l++) {
            first = this.arena.i32[first >>> SHIFT]![((first & MASK) << 1) + CHILDREN]!
          }
          assert.equal(
            i[o + INNER_RECORDS + k],
            this.arena.i32[first >>> SHIFT]![((first & MASK) << 1) + LEAF_RECORDS],
          )
          assert.equal(
            this.arena.f64[node >>> SHIFT]![(node & MASK) + SCORES + k],
            this.arena.f64[first >>> SHIFT]![(first & MASK) + SCORES],
          )
        }
        sum += below
      }
      return sum
    }
    assert.equal(visit(root, depth), this.model.length)
    leaves.forEach((leaf, k) => {
      const i = this.arena.i32[leaf >>> SHIFT]!
      const o = (leaf & MASK) << 1
      assert.equal(i[o + NEXT], leaves[k + 1] ?? 0)
      assert.equal(i[o + PREVIOUS], leaves[k - 1] ?? 0)
    })
    assert.equal(this.tree.memory(), leaves.length * LEAF_SIZE + inners * INNER_SIZE)
    assert.equal(this.arena.used, this.tree.memory())
    this.inners = inners
  }

  free(): void {
    this.tree.free()
    assert.equal(this.arena.used, 0)
  }
}

const SCORE = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -40, max: 40 }) },
  { weight: 3, arbitrary: fc.double({ noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, Infinity, -Infinity) },
)

/** A step on many entries: shares of the entries there are, given as fractions. */
const STEP = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'rising', 'delete', 'deleteRange', 'update'),
  count: fc.integer({ min: 1, max: 2500 }),
  from: fc.integer({ min: 0, max: 9999 }).map((n) => n / 10_000),
  scores: fc.array(SCORE, { minLength: 1, maxLength: 40 }),
  prefixes: fc.array(fc.string({ maxLength: 3, unit: 'binary-ascii' }), { minLength: 1, maxLength: 5 }),
})

test('orders, counts and shows entries as a sorted array does, and gives all memory back', () => {
  fc.assert(
    fc.property(fc.array(STEP, { minLength: 1, maxLength: 12 }), (steps) => {
      const trial = new Trial()
      for (const { kind, count, from, scores, prefixes } of steps) {
        const size = trial.model.length
        const start = Math.floor(from * size)
        if (kind === 'deleteRange') trial.deleteRange(start, Math.min(count, size - start))
        for (let k = 0; k < count && kind !== 'deleteRange'; k++) {
          const score = scores[k % scores.length]! + (k % 7)
          const rank = Math.floor(((from + k * 0.618) % 1) * trial.model.length)
          if (kind === 'insert') trial.insert(score, prefixes[k % prefixes.length]!)
          else if (kind === 'rising') trial.insert(trial.lastScore(), 'r')
          else if (trial.model.length === 0) break
          else if (kind === 'delete') trial.delete(k % 2 === 0 ? rank : Math.floor(from * trial.model.length))
          else
            trial.update(rank, k % 3 === 0 ? score : Math.max(-1e9, trial.model[rank]!.score) + (k % 5) - 2)
        }
        trial.check()
      }
      trial.free()
    }),
    { numRuns: 60 },
  )
})

test('goes back to a single leaf when a deep tree is emptied from either end or the middle', () => {
  for (const at of [0, 0.5, 1]) {
    const trial = new Trial()
    for (let k = 0; k < 6000; k++) trial.insert((k * 7919) % 6007, 'm')
    trial.check()
    while (trial.model.length > 0) {
      const count = Math.min(trial.model.length, 197)
      trial.deleteRange(Math.floor(at * (trial.model.length - count)), count)
      trial.check()
    }
    assert.equal(trial.tree.memory(), LEAF_SIZE)
    trial.insert(1, 'again')
    trial.check()
    trial.free()
  }
})

test('takes little more than its entries need after most of them were deleted one by one', () => {
  const trial = new Trial()
  for (let k = 0; k < 40_000; k++) trial.insert((k * 7919) % 40_009, 'm')
  trial.check()
  const full = trial.tree.memory()
  const inners = trial.inners
  for (let k = 0; k < 36_000; k++) trial.delete((k * 6007) % trial.model.length)
  trial.check()
  assert.ok(trial.tree.memory() < full / 4, `${trial.tree.memory()} bytes of ${full}`)
  assert.ok(trial.inners <= inners / 2, `${trial.inners} inner nodes of ${inners}`)
  trial.free()
})

test('keeps leaves full when scores rise', () => {
  const trial = new Trial()
  for (let k = 0; k < 62 * 60; k++) trial.insert(k, 'm')
  trial.check()
  assert.ok(trial.tree.memory() <= 60 * LEAF_SIZE + 4 * INNER_SIZE)
  trial.free()
})
