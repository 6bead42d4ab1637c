import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isKillAsked, KILL, KILLED, newControlBlock, SEQUENCE, WAKE } from '../../../../src/control-block.ts'
import type { CurrentRun } from '../../../../src/counting/scripts/reader.ts'
import { Killer } from '../../../../src/observability/page/killer.ts'

const NOBODY = { callerOf: () => null }

function running(wrote = false): { running: CurrentRun | undefined } {
  return { running: { kind: 'script', id: 'abc', name: 'n', label: 'abc', since: 1000, wrote } }
}

test('ends the run that was meant', async () => {
  const control = newControlBlock()
  control[SEQUENCE] = 7
  const killing = new Killer(control, running(), NOBODY).kill(7)
  assert.equal(control[KILL], 7)
  assert.equal(control[WAKE], 1)
  assert.ok(isKillAsked(control))
  control[KILLED] = 7
  control[SEQUENCE] = 8
  assert.ok(!isKillAsked(control))
  assert.equal(await killing, 'ended')
})

test('does not take the credit when it ended by itself', async () => {
  const control = newControlBlock()
  control[SEQUENCE] = 7
  control[KILLED] = 5
  const killing = new Killer(control, running(), NOBODY).kill(7)
  control[SEQUENCE] = 8
  assert.equal(await killing, 'over')
})

test('asks nothing of a run that is over, of another, or of one that has written', async () => {
  const control = newControlBlock()
  control[SEQUENCE] = 9
  const killer = new Killer(control, running(), NOBODY)
  for (const run of [7, 8, 10, 0, -1]) assert.equal(await killer.kill(run), 'over')
  assert.equal(await new Killer(control, running(true), NOBODY).kill(9), 'unkillable')
  assert.deepEqual([control[KILL], control[WAKE]], [0, 0])
})

test('says when the script writes before it is ended', async () => {
  const control = newControlBlock()
  control[SEQUENCE] = 9
  const reader = running()
  const killing = new Killer(control, reader, NOBODY).kill(9)
  reader.running = { ...reader.running!, wrote: true }
  assert.equal(await killing, 'unkillable')
})

test('knows the run only while it goes on', () => {
  const control = newControlBlock()
  const killer = new Killer(control, running(), NOBODY)
  assert.equal(killer.running(1500), null)
  control[SEQUENCE] = 3
  assert.deepEqual(killer.running(1500), {
    run: 3,
    id: 'abc',
    name: 'n',
    age: 500,
    wrote: false,
    caller: null,
  })
  assert.equal(new Killer(control, { running: undefined }, NOBODY).running(1500), null)
})
