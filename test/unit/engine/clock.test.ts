import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Clock } from '../../../src/engine/clock.ts'

/** A clock on times that the test sets: the monotonic one, and by how much the wall clock is ahead of it. */
function clockAt(start: number, origin: number) {
  const times = { monotonic: start, origin }
  const clock = new Clock({
    monotonic: () => times.monotonic,
    wall: () => Math.floor(times.origin + times.monotonic),
    origin,
  })
  return { clock, times }
}

test('the time is not behind by the fraction that the wall clock cuts off', () => {
  const { clock, times } = clockAt(0.2, 1000.7)
  for (let t = 0.2; t < 20_000; t += 33.37) {
    times.monotonic = t
    clock.tick()
    assert.equal(clock.now, Math.floor(1000.7 + t))
    assert.equal(clock.nowMicros, Math.floor((1000.7 + t) * 1000))
  }
})

test('a corrected wall clock is followed, in either direction', () => {
  const { clock, times } = clockAt(0, 5000)
  for (const step of [60_000, -30_000, 0.5, -250]) {
    times.origin += step
    times.monotonic += 2000
    clock.tick()
    const behind = times.origin + times.monotonic - clock.nowMicros / 1000
    assert.ok(Math.abs(behind) <= 1.001, `${behind} ms`)
  }
})

test('frozen time stands still; the monotonic clock goes on', () => {
  const { clock, times } = clockAt(0, 5000)
  clock.tick()
  clock.freeze()
  times.monotonic = 50
  assert.equal(clock.tick(), 50)
  assert.equal(clock.now, 5000)
  assert.equal(clock.nowMicros, 5_000_000)
  assert.equal(clock.microseconds(), 5_050_000)
  assert.equal(clock.sinceFrozen(), 50)
  clock.thaw()
  clock.tick()
  assert.equal(clock.now, 5050)
})
