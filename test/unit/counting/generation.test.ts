/**
 * What one thread changes another reads whole, or not at all.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { change, NeverWhole, whole } from '../../../src/counting/generation.ts'
import type { WriterData } from '../../support/generation-writer.ts'
import { typescriptWorker } from '../../support/typescript-worker.ts'

/** How long enough changes are waited for, where the other thread gets little time. */
const DEADLINE_MS = 30_000
const READS = 50_000
const NUMBERS = 256

function newShared(): WriterData {
  const generations = new Int32Array(new SharedArrayBuffer(4))
  return { generations, numbers: new Float64Array(new SharedArrayBuffer(NUMBERS * 8)) }
}

test('what another thread changes all the time is never taken for whole when it is half changed', async () => {
  const workerData = newShared()
  const { generations, numbers } = workerData
  const writer = new Worker(
    typescriptWorker(new URL('../../support/generation-writer.ts', import.meta.url)),
    { workerData },
  )
  try {
    await once(writer, 'online')
    while (Atomics.load(generations, 0) === 0) Atomics.wait(generations, 0, 0, 10)
    const seen = new Set<number>()
    let halves = 0
    const deadline = performance.now() + DEADLINE_MS
    const hasMet = () => seen.size > 100 && halves > 0
    for (let i = 0; i < READS || (!hasMet() && performance.now() < deadline); i++) {
      const found = whole(generations, 0, () => {
        const read = numbers.slice()
        if (read[0] !== read[NUMBERS - 1]) halves++
        return read
      })
      assert.ok(
        found.every((number) => number === found[0]),
        String(found),
      )
      seen.add(found[0]!)
    }
    assert.ok(seen.size > 100, `${seen.size} states seen`)
    assert.ok(halves > 0, 'no change was met: this has tested nothing')
  } finally {
    await writer.terminate()
  }
})

test('a change that ends in the middle is never seen, and nobody waits for its end for ever', () => {
  const { generations, numbers } = newShared()
  const read = () => whole(generations, 0, () => [...numbers.subarray(0, 2)])
  change(generations, 0, () => numbers.fill(1))
  const half = () => {
    numbers[0] = 2
    throw new Error('broke')
  }
  assert.throws(() => change(generations, 0, half), /broke/)
  assert.throws(read, NeverWhole)
  change(generations, 0, () => numbers.fill(3))
  assert.deepEqual(read(), [3, 3])
})

test('generations may pass the largest number', () => {
  const { generations, numbers } = newShared()
  for (const last of [2 ** 31 - 2, -2]) {
    generations[0] = last
    change(generations, 0, () => numbers.fill(last))
    assert.equal(
      whole(generations, 0, () => numbers[0]),
      last,
    )
  }
})
