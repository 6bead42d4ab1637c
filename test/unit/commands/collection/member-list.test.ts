import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MemberList, MemberTable } from '../../../../src/commands/collection/member-list.ts'
import { Bytes } from '../../../../src/memory/bytes.ts'

const text = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 30 }).map(String) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 600 }) },
)
const bytes = (value: string) => Bytes.from(value, 'latin1')

function contents(list: MemberList): string[] {
  return Array.from({ length: list.size }, (_, i) => list.at(i).latin1())
}

test('a list keeps members and scores in the order given', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.double({ noNaN: true })), { size: 'large' }), (pairs) => {
      const list = new MemberList()
      for (const [member, score] of pairs) list.push(bytes(member), score)
      assert.deepEqual(
        contents(list),
        pairs.map(([member]) => member),
      )
      assert.deepEqual(
        [...list.scores.subarray(0, list.size)],
        pairs.map(([, score]) => score),
      )
      assert.equal(list.longest, Math.max(0, ...pairs.map(([member]) => member.length)))
    }),
  )
})

test('sorted() is the order of a sorted set', () => {
  const score = fc.constantFrom(-Infinity, -1, 0, 1.5, Infinity)
  fc.assert(
    fc.property(
      fc.uniqueArray(text, { size: 'large' }),
      fc.array(score, { minLength: 1 }),
      (members, scores) => {
        const list = new MemberList()
        for (const [i, member] of members.entries()) list.push(bytes(member), scores[i % scores.length]!)
        const expected = members
          .map((member, i) => ({ member, score: scores[i % scores.length]! }))
          .sort((a, b) => (a.score === b.score ? (a.member < b.member ? -1 : 1) : a.score < b.score ? -1 : 1))
        assert.deepEqual(
          [...list.sorted()].map((i) => list.at(i).latin1()),
          expected.map(({ member }) => member),
        )
      },
    ),
  )
})

test('a table holds each member once and finds it again', () => {
  fc.assert(
    fc.property(fc.array(text, { size: 'large' }), fc.array(text), (members, others) => {
      const table = new MemberTable()
      const model: string[] = []
      for (const member of members) {
        const isNew = !model.includes(member)
        if (isNew) model.push(member)
        assert.equal(table.add(bytes(member)), isNew)
        assert.equal(table.last, model.indexOf(member))
      }
      assert.deepEqual(contents(table), model)
      for (const other of [...members, ...others])
        assert.equal(table.has(bytes(other)), model.includes(other))
    }),
  )
})
