import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bytes } from '../../../src/memory/bytes.ts'

test('bytes as C prints them: whatever they are, up to a zero byte or a limit', () => {
  const printed = (text: string, limit?: number) => Bytes.from(text, 'latin1').printed(limit)
  assert.equal(printed('\xff\xc3 x'), '\xff\xc3 x')
  assert.equal(printed('ab\0c'), 'ab')
  assert.equal(printed('\0'), '')
  assert.equal(printed('abcdef', 3), 'abc')
  assert.equal(printed('abc', 128), 'abc')
  assert.equal(new Bytes(Buffer.from('..ab\0..'), 2, 4).printed(), 'ab')
  assert.equal(new Bytes(Buffer.from('..ab..'), 2, 2).printed(), 'ab')
})
