/**
 * Spikes, their history and sums.
 */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { LatencyMonitor } from '../../../src/engine/latency.ts'

const SECOND = 1000

function newMonitor(t: TestContext, threshold = 10) {
  t.mock.timers.enable({ apis: ['Date'], now: 5 * SECOND })
  return new LatencyMonitor({ 'latency-monitor-threshold': threshold })
}

test('a threshold of 0 watches nothing', (t) => {
  assert.equal(newMonitor(t, 0).threshold, Infinity)
})

test('one spike a second, the worst; sums of all', (t) => {
  const monitor = newMonitor(t)
  monitor.add('command', 20.9)
  monitor.add('command', 50)
  monitor.add('command', 30)
  t.mock.timers.tick(SECOND)
  monitor.add('command', 15)
  const event = monitor.find('command')!
  assert.deepEqual(event.history, [
    { time: 5, milliseconds: 50 },
    { time: 6, milliseconds: 15 },
  ])
  assert.deepEqual(event.latest, { time: 6, milliseconds: 15 })
  assert.deepEqual([event.worst, event.total, event.count], [50, 115, 4])
})

test('the history is bounded, the oldest goes first', (t) => {
  const monitor = newMonitor(t)
  for (let i = 0; i < 200; i++) {
    monitor.add('command', i)
    t.mock.timers.tick(SECOND)
  }
  const { history } = monitor.find('command')!
  assert.equal(history.length, 160)
  assert.equal(history[0]!.milliseconds, 40)
})

test('forgets some or all events', (t) => {
  const monitor = newMonitor(t)
  monitor.add('command', 1)
  monitor.add('fast-command', 1)
  assert.equal(monitor.reset(['command', 'nothing']), 1)
  assert.deepEqual(
    monitor.events().map((event) => event.name),
    ['fast-command'],
  )
  assert.equal(monitor.reset([]), 1)
  assert.deepEqual(monitor.events(), [])
})
