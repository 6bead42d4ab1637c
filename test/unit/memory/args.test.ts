import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Args } from '../../../src/memory/args.ts'

test('the bytes of a request are those of its RESP', () => {
  const lengths = fc.array(fc.oneof(fc.nat(12), fc.nat(1200), fc.nat(120_000)), {
    minLength: 1,
    maxLength: 120,
  })
  fc.assert(
    fc.property(lengths, (all) => {
      const args = all.map((length) => 'x'.repeat(length))
      const request = `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`
      const { requestBytes, requestBytesBound } = Args.from(...args)
      assert.equal(requestBytes, request.length)
      assert.ok(requestBytesBound >= request.length)
    }),
    { numRuns: 50 },
  )
})
