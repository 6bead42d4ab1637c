import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ReplyError } from '../../../src/errors.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { dumpLibraries, readLibraries } from '../../../src/serialization/functions.ts'
import { isIntact } from '../../../src/serialization/sealed.ts'

test('what is dumped is read again', () => {
  const code = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.constantFrom(Buffer.from('12'), Buffer.alloc(5000, 'ab ')),
  )
  fc.assert(
    fc.property(fc.array(code, { maxLength: 5 }), fc.boolean(), (codes, compress) => {
      const texts = codes.map((one) => Buffer.from(one))
      const payload = dumpLibraries(
        texts.map((one) => new Bytes(one)),
        compress,
      )
      assert.ok(isIntact(payload, true))
      assert.deepEqual(
        [...readLibraries(payload)].map((one) => one.copy()),
        texts,
      )
    }),
  )
})

test('bytes of any kind are texts or an error', () => {
  const byte = fc.oneof(fc.constantFrom(245, 246, 0xc3, 0x80, 0x81, 0, 1), fc.integer({ min: 0, max: 255 }))
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 60 }), (bytes) => {
      const payload = new Bytes(Buffer.from([...bytes, ...new Array(10).fill(0)]))
      try {
        for (const one of readLibraries(payload)) assert.ok(one.len >= 0)
      } catch (error) {
        assert.ok(error instanceof ReplyError, String(error))
      }
    }),
  )
})
