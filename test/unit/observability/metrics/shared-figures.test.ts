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
