import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bytes } from '../../../src/memory/bytes.ts'
import { NameTable } from '../../../src/memory/name-table.ts'

test('names that differ by more than case are told apart', () => {
  // These pairs differ by the bit that tells letters' cases apart.
  const names = new NameTable<number>()
  names.add('a_b', 1)
  assert.equal(names.find(Bytes.from('a\x7fb', 'latin1')), undefined)
  assert.equal(names.find(Bytes.from('A_B')), 1)
})

test('behaves as a Map of lower-case names', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'B', 'c', '_', '-'), maxLength: 4 })
  const step = fc.record({ add: fc.boolean(), name })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const names = new NameTable<string>()
      const model = new Map<string, string>()
      for (const { add, name } of steps) {
        const key = name.toLowerCase()
        if (add) {
          assert.equal(names.add(name, name), !model.has(key))
          if (!model.has(key)) model.set(key, name)
        } else {
          assert.equal(names.remove(name), model.get(key))
          model.delete(key)
        }
        assert.equal(names.find(Bytes.from(name)), model.get(key))
      }
      assert.deepEqual([...names.values], [...model.values()])
    }),
  )
})
