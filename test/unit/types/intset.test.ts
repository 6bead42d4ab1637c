import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Arena, MASK, SHIFT } from '../../../src/memory/arena.ts'
import * as intset from '../../../src/types/intset.ts'

/** As the server sees integers: a number where it is exact. */
function integer(v: bigint): number | bigint {
  const n = Number(v)
  return Number.isSafeInteger(n) ? n : v
}

function blob(arena: Arena, ref: number): string {
  const base = (ref & MASK) << 3
  return arena.u8[ref >>> SHIFT]!.subarray(base, base + intset.bytes(arena, ref)).toString('hex')
}

function contents(arena: Arena, ref: number): bigint[] {
  return Array.from({ length: intset.count(arena, ref) }, (_, i) => BigInt(intset.at(arena, ref, i)))
}

function add(arena: Arena, ref: number, v: number | bigint): number {
  const rank = intset.find(arena, ref, v)
  return rank >= 0 ? ref : intset.insert(arena, ref, -1 - rank, v)
}

test('has the bytes Valkey gives it, at every width', () => {
  const arena = new Arena()
  let ref = intset.create(arena)
  assert.equal(blob(arena, ref), '0200000000000000')
  for (const v of [3, -1, 2]) ref = add(arena, ref, v)
  assert.equal(blob(arena, ref), '0200000003000000ffff02000300')
  ref = add(arena, ref, 70_000)
  assert.equal(blob(arena, ref), '0400000004000000ffffffff020000000300000070110100')
  ref = add(arena, ref, -(2n ** 63n))
  assert.equal(
    blob(arena, ref),
    '08000000050000000000000000000080ffffffffffffffff020000000000000003000000000000007011010000000000',
  )
  ref = intset.remove(arena, ref, 0)
  assert.equal(blob(arena, ref).slice(0, 8), '08000000', 'never narrower again')
})

test('behaves as a sorted array under random changes', () => {
  const value = fc.oneof(
    fc.bigInt(-40n, 40n),
    fc.bigInt(-(2n ** 17n), 2n ** 17n),
    fc.bigInt(-(2n ** 33n), 2n ** 33n),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    fc.constantFrom(...[15n, 31n, 53n, 63n].flatMap((b) => [-(2n ** b), 2n ** b - 1n])),
    fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, 2n ** 53n - 1n, -(2n ** 53n) - 1n),
  )
  const step = fc.record({ value, remove: fc.boolean(), again: fc.nat() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const arena = new Arena()
      let ref = intset.create(arena)
      const model: bigint[] = []
      for (const { value, remove, again } of steps) {
        const wanted = remove && model.length > 0 && again % 3 > 0 ? model[again % model.length]! : value
        const v = integer(wanted)
        const rank = intset.find(arena, ref, v)
        const at = model.indexOf(wanted)
        assert.equal(rank >= 0, at >= 0)
        if (at >= 0) assert.equal(rank, at)
        if (remove && at >= 0) {
          ref = intset.remove(arena, ref, rank)
          model.splice(at, 1)
        } else if (!remove && at < 0) {
          ref = intset.insert(arena, ref, -1 - rank, v)
          model.splice(-1 - rank, 0, wanted)
        }
      }
      const sorted = [...model].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      assert.deepEqual(contents(arena, ref), sorted)
      assert.equal(arena.used, intset.memory(arena, ref))
      intset.free(arena, ref)
      assert.equal(arena.used, 0)
    }),
    { numRuns: 100 },
  )
})
