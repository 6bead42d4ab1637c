import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InfoSource } from '../../../../src/observability/fields/source.ts'
import { figuresShape, SharedFigures } from '../../../../src/observability/metrics/shared-figures.ts'
import { sampleSource } from '../fields/source.ts'

/** A server one of whose figures cannot be read. */
function broken(): InfoSource {
  return Object.defineProperty(sampleSource(), 'errors', {
    get() {
      throw new Error('broken')
    },
  })
}

test('figures that cannot be gathered leave the last ones, and those that can come again', () => {
  const source = sampleSource()
  const shared = new SharedFigures(figuresShape(16, ['get', 'config|get', 'set']))
  assert.equal(shared.read(), undefined)
  shared.publish(source)
  const before = shared.read()
  assert.ok(before)
  for (let i = 0; i < 3; i++) assert.throws(() => shared.publish(broken()), /broken/)
  assert.deepEqual(shared.read(), before)
  shared.publish({ ...source, now: source.now + 1 })
  assert.equal(shared.read()!.heartbeat, source.now + 1)
})

test('failures are counted, and are signs of life', () => {
  const shared = new SharedFigures(figuresShape(16, ['get', 'config|get', 'set']))
  shared.publish(sampleSource())
  shared.noteFailure(5)
  shared.noteRestart()
  const { failures, restarts, heartbeat } = shared.read()!
  assert.deepEqual([failures, restarts, heartbeat], [1, 1, 5])
})

test('databases beyond those with figures of their own share those of one', () => {
  const shared = new SharedFigures(figuresShape(5000, []))
  const databases = [
    { index: 0, keys: 5, expires: 1, avgTtl: 1500.5 },
    { index: 1023, keys: 2, expires: 0, avgTtl: 0 },
    { index: 1024, keys: 3, expires: 1, avgTtl: 1000 },
    { index: 3000, keys: 1, expires: 0, avgTtl: 0 },
    { index: 4999, keys: 4, expires: 3, avgTtl: 2000 },
  ]
  shared.publish({ ...sampleSource(), databases, commands: [] })
  const read = shared.read()!.databases
  assert.equal(read.length, 1025)
  assert.deepEqual(
    read.filter(({ keys }) => keys > 0),
    [
      { name: 'db0', keys: 5, expires: 1, avgTtl: 1500.5 },
      { name: 'db1023', keys: 2, expires: 0, avgTtl: 0 },
      { name: 'other', keys: 8, expires: 4, avgTtl: 1750 },
    ],
  )
})

test('texts that are too long are a failure, not old texts', () => {
  const shared = new SharedFigures(figuresShape(16, []))
  const source = { ...sampleSource(), commands: [] }
  shared.publish(source)
  const errors = new Map(Array.from({ length: 2000 }, (_, i) => [`${i}`.padStart(64, 'X'), 1] as const))
  for (let i = 0; i < 2; i++) assert.throws(() => shared.publish({ ...source, errors }), RangeError)
})
