import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { hashSlot, patternSlot, SLOTS } from '../../../src/cluster/hash-slot.ts'
import { matchGlob } from '../../../src/keyspace/glob.ts'
import { Bytes } from '../../../src/memory/bytes.ts'

const slot = (key: string) => hashSlot(Bytes.from(key, 'latin1'))

/** CRC16 bit by bit, as its definition says. */
function reference(bytes: Buffer): number {
  let crc = 0
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const carry = ((crc >> 15) ^ (byte >> bit)) & 1
      crc = ((crc << 1) & 0xffff) ^ (carry === 1 ? 0x1021 : 0)
    }
  }
  return crc % SLOTS
}

describe('the slot of a key', () => {
  test('known values', () => {
    assert.equal(slot('123456789'), 0x31c3)
    assert.equal(slot('foo'), 12182)
    assert.equal(slot('bar'), 5061)
    assert.equal(slot(''), 0)
  })

  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(5), (array, offset) => {
        const bytes = Buffer.from(array.filter((byte) => byte !== 123))
        const buf = Buffer.concat([Buffer.alloc(offset, 7), bytes, Buffer.alloc(3, 9)])
        assert.equal(hashSlot(new Bytes(buf, offset, bytes.length)), reference(bytes))
      }),
    )
  })

  test('a tag between braces decides alone', () => {
    assert.equal(slot('{user1000}.following'), slot('user1000'))
    assert.equal(slot('a{user1000}b{other}'), slot('user1000'))
    assert.equal(slot('foo{{bar}}zap'), slot('{bar'))
    assert.equal(slot('x}{tag}'), slot('tag'))
  })

  test('braces around nothing, or open ones, are no tag', () => {
    const whole = (key: string) => assert.equal(slot(key), reference(Buffer.from(key)))
    whole('foo{}{bar}')
    whole('{}')
    whole('foo{bar')
    whole('foo}bar{')
  })
})

describe('the slot of a pattern', () => {
  const of = (pattern: string) => patternSlot(Bytes.from(pattern))

  test('known values', () => {
    assert.equal(of('foo'), slot('foo'))
    assert.equal(of('{tag}*'), slot('tag'))
    assert.equal(of('{tag}?[a]\\'), slot('tag'))
    assert.equal(of('foo{}bar'), slot('foo{}bar'))
    assert.equal(of('*'), -1)
    assert.equal(of('a?{tag}'), -1)
    assert.equal(of('[a]{tag}'), -1)
    assert.equal(of('\\a{tag}'), -1)
    assert.equal(of('{}{tag}*'), -1)
    assert.equal(of('{tag*'), -1)
  })

  test('every key that matches a pattern with a slot is in it', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab{}*?'), maxLength: 8 })
    fc.assert(
      fc.property(text, text, (pattern, suffix) => {
        const wanted = of(pattern)
        fc.pre(wanted >= 0)
        for (const key of [pattern.replaceAll('*', suffix).replaceAll('?', 'a'), suffix]) {
          if (matchGlob(Bytes.from(pattern), Bytes.from(key))) assert.equal(slot(key), wanted)
        }
      }),
    )
  })
})
