import assert from 'node:assert/strict'
import { test } from 'node:test'
import { putCrc64 } from '../../../src/serialization/crc64.ts'

function crc64(bytes: Buffer): string {
  const out = Buffer.alloc(8)
  putCrc64(bytes, 0, bytes.length, out, 0)
  return out.readBigUInt64LE().toString(16)
}

test('the checksum is that of Jones', () => {
  assert.equal(crc64(Buffer.from('123456789')), 'e9c6d914c4b8d9ca')
  assert.equal(crc64(Buffer.alloc(0)), '0')
  assert.equal(crc64(Buffer.from(Array.from({ length: 256 }, (_, i) => i))).length > 0, true)
})

test('a part of a buffer', () => {
  const out = Buffer.alloc(10)
  putCrc64(Buffer.from('xx123456789yy'), 2, 11, out, 1)
  assert.equal(out.toString('hex'), '00cad9b8c414d9c6e900')
})
