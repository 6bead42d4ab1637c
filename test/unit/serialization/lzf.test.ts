import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { lzfCanBe, lzfCompress, lzfDecompress } from '../../../src/serialization/lzf.ts'

/** Null where it gets no shorter. */
function compress(data: Buffer): Buffer | null {
  const target = Buffer.alloc(data.length + 4)
  const size = lzfCompress(data, 0, data.length, target, data.length - 4)
  return size === 0 ? null : target.subarray(0, size)
}

function decompress(data: Buffer, length: number): Buffer | null {
  const target = Buffer.alloc(length)
  return lzfDecompress(data, 0, data.length, target) ? target : null
}

/** Text with repetitions near and far, runs, and noise. */
const text = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(fc.constantFrom('a', 'ab', 'abc', 'hello '), fc.nat(400))
        .map(([s, n]) => Buffer.from(s.repeat(n))),
    ),
    { maxLength: 20 },
  )
  .map((parts) => Buffer.concat([...parts, ...parts.slice(0, 3)]))

test('what is compressed comes back', () => {
  let compressed = 0
  fc.assert(
    fc.property(text, (data) => {
      if (data.length < 5) return
      const packed = compress(data)
      if (packed === null) return
      compressed++
      assert.ok(packed.length <= data.length - 4)
      assert.ok(lzfCanBe(data.length, packed.length))
      assert.deepEqual(decompress(packed, data.length), data)
      assert.equal(decompress(packed, data.length - 1), null)
      assert.equal(decompress(packed, data.length + 1), null)
    }),
    { numRuns: 300 },
  )
  assert.ok(compressed > 50)
})

test('noise is left alone', () => {
  const noise = Buffer.from(Array.from({ length: 64 }, (_, i) => (i * 97) & 255))
  assert.equal(compress(noise), null)
})

test('a part of a buffer', () => {
  const data = Buffer.from(`${'x'.repeat(10)}${'abc'.repeat(20)}`)
  const target = Buffer.alloc(100)
  const size = lzfCompress(data, 10, 60, target, 56)
  assert.equal(decompress(target.subarray(0, size), 60)?.toString(), 'abc'.repeat(20))
})

test('nothing that is decompressed reaches beyond its bounds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(300), (bytes, length) => {
      const around = Buffer.alloc(length + 20, 0xaa)
      const target = around.subarray(10, 10 + length)
      lzfDecompress(Buffer.from(bytes), 0, bytes.length, target)
      assert.ok(around.subarray(0, 10).every((byte) => byte === 0xaa))
      assert.ok(around.subarray(10 + length).every((byte) => byte === 0xaa))
    }),
    { numRuns: 1000 },
  )
})

test('malformed', () => {
  // A literal run cut short, references before the start, references cut short.
  for (const hex of ['05aabb', '2000', '00aa2005', '00aae0', '00aae005', '00aa20'])
    assert.equal(decompress(Buffer.from(hex, 'hex'), 8), null, hex)
  assert.equal(decompress(Buffer.from('00612000', 'hex'), 4)?.toString(), 'aaaa')
})

test('an impossible length is told from the compressed one', () => {
  assert.ok(lzfCanBe(264, 3))
  assert.ok(!lzfCanBe(2 ** 32, 1000))
})
