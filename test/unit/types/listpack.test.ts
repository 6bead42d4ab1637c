import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Arena, MASK, SHIFT } from '../../../src/memory/arena.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import * as listpack from '../../../src/types/listpack.ts'
import {
  EntryEncoder,
  EntryReader,
  encodedSize,
  entrySize,
  integerAt,
  isInteger,
} from '../../../src/types/listpack-entry.ts'

const encoder = new EntryEncoder()
const reader = new EntryReader()

function encoded(value: string | Buffer): EntryEncoder {
  return encoder.set(new Bytes(Buffer.from(value as string, 'latin1')))
}

function blob(arena: Arena, ref: number): Buffer {
  const base = (ref & MASK) << 3
  return arena.u8[ref >>> SHIFT]!.subarray(base, base + listpack.bytes(arena, ref))
}

function read(arena: Arena, ref: number, pos: number): string {
  return reader.read(arena.u8[ref >>> SHIFT]!, ((ref & MASK) << 3) + pos).latin1()
}

function forwards(arena: Arena, ref: number): string[] {
  const out: string[] = []
  for (let p = listpack.FIRST; p < listpack.end(arena, ref); p = listpack.next(arena, ref, p)) {
    out.push(read(arena, ref, p))
  }
  return out
}

function backwards(arena: Arena, ref: number): string[] {
  const out: string[] = []
  let p = listpack.previous(arena, ref, listpack.end(arena, ref))
  for (; p !== 0; p = listpack.previous(arena, ref, p)) out.push(read(arena, ref, p))
  return out.reverse()
}

/** Encodings as Valkey's DUMP shows them. */
const ENCODINGS: readonly [value: string, hex: string][] = [
  ['', '8001'],
  ['a', '816102'],
  ['0', '0001'],
  ['127', '7f01'],
  ['128', 'c08002'],
  ['-1', 'dfff02'],
  ['4095', 'cfff02'],
  ['-4096', 'd00002'],
  ['4096', 'f1001003'],
  ['-4097', 'f1ffef03'],
  ['32767', 'f1ff7f03'],
  ['-32768', 'f1008003'],
  ['32768', 'f200800004'],
  ['-8388608', 'f200008004'],
  ['8388608', 'f30000800005'],
  ['2147483647', 'f3ffffff7f05'],
  ['-2147483648', 'f30000008005'],
  ['2147483648', 'f4000000800000000009'],
  ['9223372036854775807', 'f4ffffffffffffff7f09'],
  ['-9223372036854775808', 'f4000000000000008009'],
  ['9007199254740993', 'f4010000000000200009'],
  ['9223372036854775808', `93${Buffer.from('9223372036854775808').toString('hex')}14`],
  ['-0', '822d3003'],
  ['01', '82303103'],
  ['x'.repeat(63), `bf${'78'.repeat(63)}40`],
  ['x'.repeat(64), `e040${'78'.repeat(64)}42`],
  ['x'.repeat(126), `e07e${'78'.repeat(126)}0180`],
  ['x'.repeat(4095), `efff${'78'.repeat(4095)}2081`],
  ['x'.repeat(4096), `f000100000${'78'.repeat(4096)}2085`],
]

test('every value has the bytes Valkey gives it', () => {
  for (const [value, hex] of ENCODINGS) {
    const entry = encoded(value)
    assert.equal(entry.buf.subarray(0, entry.len).toString('hex'), hex, value)
    assert.equal(entrySize(entry.buf, 0), entry.len, value)
    assert.equal(encodedSize(Bytes.from(value)), entry.len, value)
    assert.equal(reader.read(entry.buf, 0).latin1(), value)
    if (isInteger(entry.buf, 0)) {
      assert.equal(String(integerAt(entry.buf, 0)), value)
      encoder.setInteger(BigInt(value))
      assert.equal(entry.buf.subarray(0, entry.len).toString('hex'), hex, value)
    }
  }
})

const VALUE = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 10 }) },
  { weight: 3, arbitrary: fc.bigInt(-(2n ** 64n), 2n ** 64n).map(String) },
  { weight: 3, arbitrary: fc.integer({ min: -10_000, max: 10_000 }).map(String) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(60, 63, 64, 125, 126, 127, 4095, 4096, 20_000).map((n) => 'y'.repeat(n)),
  },
)

test('behaves as an array under random changes', () => {
  const step = fc.record({
    kind: fc.constantFrom('append', 'append', 'insert', 'insert two', 'replace', 'remove'),
    at: fc.nat(),
    n: fc.integer({ min: 1, max: 4 }),
    value: VALUE,
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
      const arena = new Arena()
      let ref = listpack.create(arena)
      const model: string[] = []
      for (const { kind, at, n, value } of steps) {
        const text = Buffer.from(value, 'latin1').toString('latin1')
        const index = at % (model.length + 1)
        const pos = listpack.seek(arena, ref, index)
        if (kind === 'append') {
          ref = listpack.append(arena, ref, encoded(value))
          model.push(text)
        } else if (kind === 'insert') {
          ref = listpack.insert(arena, ref, pos, encoded(value))
          model.splice(index, 0, text)
        } else if (kind === 'insert two') {
          ref = listpack.insert(arena, ref, pos, encoded(value).append(Bytes.from('17')))
          model.splice(index, 0, text, '17')
        } else if (index < model.length && kind === 'replace') {
          ref = listpack.replace(arena, ref, pos, encoded(value))
          model[index] = text
        } else if (index < model.length) {
          const removed = Math.min(n, model.length - index)
          ref = listpack.remove(arena, ref, pos, removed)
          model.splice(index, removed)
        }
        assert.equal(listpack.count(arena, ref), model.length)
      }
      assert.deepEqual(forwards(arena, ref), model)
      assert.deepEqual(backwards(arena, ref), model)
      const bytes = blob(arena, ref)
      assert.equal(bytes.readUInt32LE(0), bytes.length)
      assert.equal(bytes[bytes.length - 1], 0xff)
      assert.equal(arena.used, listpack.memory(arena, ref))
      listpack.free(arena, ref)
      assert.equal(arena.used, 0)
    }),
    { numRuns: 100 },
  )
})

test('finds an equal entry among every step-th', () => {
  fc.assert(
    fc.property(fc.array(VALUE, { maxLength: 30 }), VALUE, fc.constantFrom(1, 2), (values, other, step) => {
      const arena = new Arena()
      let ref = listpack.create(arena)
      const padded = values.length % step === 0 ? values : [...values, 'pad']
      for (const value of padded) ref = listpack.append(arena, ref, encoded(value))
      for (const value of [...padded, other]) {
        const expected = padded.findIndex((v, i) => v === value && i % step === 0)
        const entry = encoded(value)
        const pos = listpack.find(arena, ref, entry, listpack.FIRST, step)
        if (expected < 0) assert.equal(pos, 0)
        else {
          assert.equal(pos, listpack.seek(arena, ref, expected))
          assert.ok(listpack.equals(arena, ref, pos, entry))
        }
      }
    }),
    { numRuns: 200 },
  )
})

test('counts by walking when the header cannot hold the number', () => {
  const arena = new Arena()
  let ref = listpack.create(arena)
  const N = 65_600
  const batch = new EntryEncoder()
  for (let i = 0; i < N; i++) batch.append(Bytes.from(String(i % 100)))
  ref = listpack.append(arena, ref, batch)
  assert.equal(blob(arena, ref).readUInt16LE(4), 0xffff)
  assert.equal(listpack.count(arena, ref), N)
  ref = listpack.remove(arena, ref, listpack.seek(arena, ref, 50), 70)
  assert.equal(blob(arena, ref).readUInt16LE(4), 0xffff, 'unknown until counted')
  assert.equal(listpack.count(arena, ref), N - 70)
  assert.equal(blob(arena, ref).readUInt16LE(4), N - 70)
  assert.equal(read(arena, ref, listpack.seek(arena, ref, 65_000)), '70')
})
