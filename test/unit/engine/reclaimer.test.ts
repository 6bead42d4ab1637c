import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reclaimer } from '../../../src/engine/reclaimer.ts'
import { Arena } from '../../../src/memory/arena.ts'

const MIB = 1024 * 1024

test('garbage is collected when much was given up, not too often', () => {
  const arena = new Arena()
  let collections = 0
  const reclaimer = new Reclaimer(arena, () => collections++)
  let now = 10_000
  const hold = (bytes: number) => {
    arena.outside = bytes
    now += 100
    reclaimer.tick(now)
  }
  hold(10 * MIB)
  hold(100 * MIB)
  hold(80 * MIB)
  assert.equal(collections, 0, 'that is not much')
  hold(60 * MIB)
  assert.equal(collections, 1)
  hold(30 * MIB)
  assert.equal(collections, 1, 'only 30 MiB since')
  hold(5 * MIB)
  assert.equal(collections, 1, 'so soon after the last')
  now += 3000
  hold(5 * MIB)
  assert.equal(collections, 2)
  now += 3000
  hold(5 * MIB)
  assert.equal(collections, 2)
})
