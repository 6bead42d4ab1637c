import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bytes } from '../../../src/memory/bytes.ts'
import { hashOf, setHashSeed } from '../../../src/memory/hashing.ts'

const rotate = (x: number, by: number) => (x << by) | (x >>> (32 - by)) | 0

/** HalfSipHash as its authors describe it, with the number of rounds as parameters. */
function halfSipHash(k0: number, k1: number, data: Buffer, wordRounds: number, finalRounds: number): number {
  const v = [k0, k1, k0 ^ 0x6c796765, k1 ^ 0x74656462] as [number, number, number, number]
  const rounds = (count: number) => {
    for (let i = 0; i < count; i++) {
      v[0] = (v[0] + v[1]) | 0
      v[1] = rotate(v[1], 5) ^ v[0]
      v[0] = rotate(v[0], 16)
      v[2] = (v[2] + v[3]) | 0
      v[3] = rotate(v[3], 8) ^ v[2]
      v[0] = (v[0] + v[3]) | 0
      v[3] = rotate(v[3], 7) ^ v[0]
      v[2] = (v[2] + v[1]) | 0
      v[1] = rotate(v[1], 13) ^ v[2]
      v[2] = rotate(v[2], 16)
    }
  }
  const padded = Buffer.alloc((data.length & ~3) + 4)
  data.copy(padded)
  padded[padded.length - 1] = data.length
  for (let p = 0; p < padded.length; p += 4) {
    const word = padded.readInt32LE(p)
    v[3] ^= word
    rounds(wordRounds)
    v[0] ^= word
  }
  v[2] ^= 0xff
  rounds(finalRounds)
  return v[1] ^ v[3]
}

test('is HalfSipHash', () => {
  const count = (n: number) => Buffer.from(Array.from({ length: n }, (_, i) => i))
  const published = ['a9359f5b', '27475ab8', 'fa62a603', '8afee704']
  for (const [length, expected] of published.entries()) {
    const out = Buffer.alloc(4)
    out.writeInt32LE(halfSipHash(0x03020100, 0x07060504, count(length), 2, 4))
    assert.equal(out.toString('hex'), expected, 'the model itself')
  }
  fc.assert(
    fc.property(fc.integer(), fc.uint8Array({ maxLength: 300 }), fc.nat(3), (seed, data, offset) => {
      setHashSeed(seed)
      const buf = Buffer.concat([Buffer.alloc(offset), data])
      assert.equal(
        hashOf(new Bytes(buf, offset, data.length)),
        halfSipHash(seed, ~seed, Buffer.from(data), 1, 2),
      )
    }),
  )
})

test('spreads alike keys over the buckets that its top bits give', () => {
  const BUCKETS = 1024
  const KEYS = 16 * BUCKETS
  const counts = new Uint32Array(BUCKETS)
  for (let i = 0; i < KEYS; i++) counts[hashOf(Bytes.from(`user:${i}:session`)) >>> 22]!++
  const squares = counts.reduce((sum, n) => sum + (n - 16) ** 2 / 16, 0)
  assert.ok(squares > 800 && squares < 1300, `chi-squared of ${BUCKETS - 1} degrees is ${squares}`)
})
