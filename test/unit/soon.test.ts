import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { soon } from '../../src/soon.ts'

test('is done once this turn is over, and again when asked for again', async () => {
  let done = 0
  const ask = soon(() => done++)
  ask()
  ask()
  assert.equal(done, 0)
  await setImmediate()
  assert.equal(done, 1)
  await setImmediate()
  assert.equal(done, 1)
  ask()
  await setImmediate()
  assert.equal(done, 2)
})

test('may ask for itself', async () => {
  let left = 3
  const step = soon(() => {
    if (--left > 0) step()
  })
  step()
  for (let i = 0; i < 3; i++) await setImmediate()
  assert.equal(left, 0)
})
