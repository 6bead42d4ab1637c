import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Arena, MASK, SHIFT } from '../../../src/memory/arena.ts'

interface Chunk {
  ref: number
  bytes: number
  mark: number
}

function fill(arena: Arena, chunk: Chunk): void {
  const at = (chunk.ref & MASK) << 3
  arena.u8[chunk.ref >>> SHIFT]!.fill(chunk.mark, at, at + chunk.bytes)
}

function intact(arena: Arena, chunk: Chunk): boolean {
  const m = arena.u8[chunk.ref >>> SHIFT]!
  const at = (chunk.ref & MASK) << 3
  for (let i = 0; i < chunk.bytes; i++) if (m[at + i] !== chunk.mark) return false
  return true
}

const SIZE = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 200 }) },
  { weight: 3, arbitrary: fc.integer({ min: 200, max: 66_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 66_000, max: 700_000 }) },
)

test('chunks never overlap, and everything released leaves nothing in use', () => {
  const step = fc.record({ release: fc.boolean(), size: SIZE, pick: fc.nat() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const arena = new Arena()
      const live: Chunk[] = []
      let mark = 0
      for (const { release, size, pick } of steps) {
        if (release && live.length > 0) {
          const [chunk] = live.splice(pick % live.length, 1)
          assert.ok(intact(arena, chunk!))
          arena.release(chunk!.ref, chunk!.bytes)
        } else {
          const chunk = { ref: arena.alloc(size), bytes: size, mark: (mark = (mark + 1) & 255) }
          assert.notEqual(chunk.ref, 0)
          assert.ok(arena.u8[chunk.ref >>> SHIFT]!.length >= ((chunk.ref & MASK) << 3) + size)
          fill(arena, chunk)
          live.push(chunk)
        }
      }
      assert.equal(
        arena.used,
        live.reduce((sum, chunk) => sum + Arena.chunkSize(chunk.bytes), 0),
      )
      for (const chunk of live) assert.ok(intact(arena, chunk))
      for (const chunk of live) arena.release(chunk.ref, chunk.bytes)
      assert.equal(arena.used, 0)
    }),
    { numRuns: 50 },
  )
})

test('memory that one size gave back serves another', () => {
  const arena = new Arena()
  const MIB = 1024 * 1024
  const fillUp = (size: number) => {
    const refs: number[] = []
    while (arena.used < 50 * MIB) refs.push(arena.alloc(size))
    return refs
  }
  for (const size of [40, 3000, 100, 60_000, 200_000]) {
    for (const ref of fillUp(size)) arena.release(ref, size)
    assert.equal(arena.used, 0)
  }
  assert.ok(arena.reserved <= 3 * 64 * MIB, `${arena.reserved}`)
})

test('a chunk larger than a segment has a buffer of its own and gives it back', () => {
  const arena = new Arena()
  const before = arena.reserved
  const bytes = 70 * 1024 * 1024
  const ref = arena.alloc(bytes)
  const chunk = { ref, bytes, mark: 7 }
  fill(arena, chunk)
  assert.ok(intact(arena, chunk))
  arena.release(ref, bytes)
  assert.equal(arena.reserved, before)
  assert.equal(arena.used, 0)
})

test('empty segments give their buffers back, all but one', () => {
  const arena = new Arena()
  const SEGMENT = arena.reserved
  const chunks: { ref: number; bytes: number }[] = []
  while (arena.reserved < 4 * SEGMENT) {
    for (const bytes of [100, 5000, 60_000, 1_000_000]) chunks.push({ ref: arena.alloc(bytes), bytes })
  }
  for (const { ref, bytes } of chunks) arena.release(ref, bytes)
  assert.equal(arena.used, 0)
  assert.ok(arena.reserved <= 2 * SEGMENT)
  const again = arena.alloc(SEGMENT)
  assert.ok(arena.u8[again >>> SHIFT]!.length >= SEGMENT, 'a whole segment at once')
  arena.release(again, SEGMENT)
  assert.ok(arena.reserved <= 3 * SEGMENT)
})

test('more than references can tell apart is refused and changes nothing', () => {
  const arena = new Arena()
  const before = { used: arena.used, reserved: arena.reserved }
  assert.throws(() => arena.alloc(2 ** 50), RangeError)
  assert.deepEqual({ used: arena.used, reserved: arena.reserved }, before)
})
