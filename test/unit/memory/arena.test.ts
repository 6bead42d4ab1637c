import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Arena, MASK, SHIFT } from '../../../src/memory/arena.ts'
import { OutOfMemory } from '../../../src/memory/out-of-memory.ts'

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
  assert.throws(() => arena.alloc(2 ** 50), OutOfMemory)
  assert.deepEqual({ used: arena.used, reserved: arena.reserved }, before)
})

const SLAB = 256 * 1024
const ROOM = 60_000
const SMALL = { bytes: 16 * SLAB, reserve: 4 * SLAB }

/** Takes chunks until something is true, then returns them. */
function takeUntil(arena: Arena, isEnough: () => boolean): number[] {
  const refs: number[] = []
  while (!isEnough()) refs.push(arena.alloc(ROOM))
  return refs
}

test('who begins to use the reserve is told, and the reserve can be used up', () => {
  const arena = new Arena(SMALL)
  let told = 0
  arena.onShort = () => told++
  const refs = takeUntil(arena, () => arena.isShort)
  assert.equal(told, 1)
  assert.equal(Math.ceil(refs.length / 4), 12, 'slabs of four chunks, beside the first, up to the reserve')
  const last = () => {
    for (;;) refs.push(arena.alloc(ROOM))
  }
  assert.throws(last, OutOfMemory)
  assert.equal(refs.length, 4 * 15)
  assert.throws(() => arena.alloc(2 * SLAB), OutOfMemory)
  const { used } = arena
  assert.throws(() => arena.alloc(10), OutOfMemory)
  assert.equal(arena.used, used)
  for (const ref of refs) arena.release(ref, ROOM)
  assert.equal(arena.isShort, false)
  assert.equal(arena.used, 0)
  takeUntil(arena, () => arena.isShort)
  assert.ok(told > 1)
})

test('memory is not short any more when much of it was given back, though no slab became free', () => {
  const arena = new Arena(SMALL)
  const refs = takeUntil(arena, () => arena.isShort)
  const inEverySlab = refs.filter((_, i) => i % 4 === 0)
  let given = 0
  while (arena.isShort) arena.release(inEverySlab[given++]!, ROOM)
  assert.ok(given > 0 && given < inEverySlab.length)
  for (let i = 0; i < given; i++) arena.alloc(ROOM)
  assert.equal(arena.isShort, true, 'they serve again, until there are as many as before')
})

test('a chunk larger than a segment counts as one', () => {
  const arena = new Arena({ bytes: 300 * SLAB, reserve: 4 * SLAB })
  const bytes = 70 * 1024 * 1024
  for (let i = 0; i < 3; i++) {
    const ref = arena.alloc(bytes)
    assert.throws(() => arena.alloc(bytes), OutOfMemory)
    arena.release(ref, bytes)
  }
})
