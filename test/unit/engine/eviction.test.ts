import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { Eviction } from '../../../src/engine/eviction.ts'

/** A server of equal keys, on which evicting one takes a fixed time. */
class Server {
  readonly settings = { maxmemory: 1000, 'maxmemory-eviction-tenacity': 10 }
  readonly used = { bytes: 0 }
  keys: number
  pieces = 0
  evictions = 0
  now = 1000
  msPerKey = 0
  allowed = true
  paused = false
  threshold = Infinity
  readonly spikes: string[] = []
  readonly eviction: Eviction

  constructor(keys: number) {
    this.keys = keys
    this.used.bytes = keys
    const server = this
    this.eviction = new Eviction({
      settings: this.settings,
      used: this.used,
      evictor: {
        get isAllowed() {
          return server.allowed
        },
        evictOne: () => this.evictOne(),
      },
      lazyFree: {
        get isIdle() {
          return server.pieces === 0
        },
        step: (pieces) => this.free(pieces),
      },
      clock: {
        tick: () => this.now,
        get monotonic() {
          return server.now
        },
      },
      pause: {
        get active() {
          return server.paused
        },
      },
      latency: {
        get threshold() {
          return server.threshold
        },
        add: (name) => this.spikes.push(name),
      },
    })
  }

  private evictOne(): boolean {
    if (this.keys === 0) return false
    this.keys--
    this.used.bytes--
    this.evictions++
    this.now += this.msPerKey
    return true
  }

  private free(pieces: number): boolean {
    const n = Math.min(pieces, this.pieces)
    this.pieces -= n
    this.used.bytes -= n
    return this.pieces === 0
  }
}

describe('eviction', () => {
  test('evicts as many keys as needed, and no more', () => {
    const server = new Server(1100)
    assert.equal(server.eviction.perform(), 'ok')
    assert.equal(server.evictions, 100)
    assert.equal(server.eviction.perform(), 'ok')
    assert.equal(server.evictions, 100)
  })

  test('fails when nothing is left, or may go', () => {
    const server = new Server(10)
    server.used.bytes = 5000
    assert.equal(server.eviction.perform(), 'exceeded')
    assert.equal(server.keys, 0)
    const refusing = new Server(1100)
    refusing.allowed = false
    assert.equal(refusing.eviction.perform(), 'exceeded')
    assert.equal(refusing.evictions, 0)
  })

  test('takes back first what waits to be freed', () => {
    const server = new Server(1100)
    server.pieces = 500
    server.used.bytes += 500
    assert.equal(server.eviction.perform(), 'ok')
    assert.ok(server.evictions === 100, `${server.evictions}`)
    const enough = new Server(900)
    enough.pieces = 500
    enough.used.bytes += 500
    assert.equal(enough.eviction.perform(), 'ok')
    assert.equal(enough.evictions, 0)
  })

  test('does nothing while clients are paused, or without a limit', () => {
    const server = new Server(1100)
    server.paused = true
    assert.equal(server.eviction.perform(), 'ok')
    server.paused = false
    server.settings.maxmemory = 0
    assert.equal(server.eviction.perform(), 'ok')
    assert.equal(server.evictions, 0)
  })
})

describe('its time', () => {
  /** Keys evicted at once, in a millionth of the time each that the tenacity named would allow for all. */
  function evictedAtOnce(t: TestContext, tenacity: number, msPerKey: number): number {
    t.mock.timers.enable({ apis: ['setImmediate'] })
    const server = new Server(1_000_000)
    server.settings['maxmemory-eviction-tenacity'] = tenacity
    server.msPerKey = msPerKey
    assert.equal(server.eviction.perform(), 'evicting')
    t.mock.timers.reset()
    return server.evictions
  }

  test('is that of the tenacity, looked at every 16 keys', (t) => {
    const MS = 0.005
    assert.equal(evictedAtOnce(t, 0, MS), 16)
    for (const [tenacity, ms] of [
      [5, 0.25],
      [10, 0.5],
      [11, 0.575],
      [20, 0.5 * 1.15 ** 10],
      [60, 0.5 * 1.15 ** 50],
    ] as const) {
      const evicted = evictedAtOnce(t, tenacity, MS)
      assert.equal(evicted % 16, 0)
      assert.ok(Math.abs(evicted - ms / MS) <= 17, `tenacity ${tenacity}: ${evicted}`)
    }
  })

  test('has no end at tenacity 100', () => {
    const server = new Server(1_000_000)
    server.settings['maxmemory-eviction-tenacity'] = 100
    server.msPerKey = 1000
    assert.equal(server.eviction.perform(), 'ok')
    assert.equal(server.keys, 1000)
  })

  test('goes on in the background until the limit is kept', (t) => {
    t.mock.timers.enable({ apis: ['setImmediate'] })
    const server = new Server(1100)
    server.settings['maxmemory-eviction-tenacity'] = 0
    server.msPerKey = 1
    assert.equal(server.eviction.perform(), 'evicting')
    assert.equal(server.evictions, 16)
    assert.equal(server.eviction.perform(), 'evicting')
    assert.equal(server.evictions, 32)
    for (let turn = 0; turn < 10; turn++) t.mock.timers.tick(0)
    assert.equal(server.evictions, 100)
  })

  test('starts when the limit was changed', (t) => {
    t.mock.timers.enable({ apis: ['setImmediate'] })
    const server = new Server(1000)
    server.settings.maxmemory = 900
    server.eviction.start()
    assert.equal(server.evictions, 0, 'not within the command that changed it')
    t.mock.timers.tick(0)
    assert.equal(server.evictions, 100)
  })

  test('that was spent above the limit is counted', () => {
    const server = new Server(0)
    const { eviction } = server
    server.used.bytes = 2000
    assert.equal(eviction.currentExceededMs, 0)
    eviction.perform()
    server.now += 100
    eviction.perform()
    server.now += 50
    assert.equal(eviction.currentExceededMs, 150)
    assert.equal(eviction.totalExceededMs, 150)
    server.used.bytes = 500
    eviction.perform()
    server.now += 1000
    assert.equal(eviction.currentExceededMs, 0)
    assert.equal(eviction.totalExceededMs, 150)
    server.used.bytes = 2000
    eviction.perform()
    server.now += 7
    assert.equal(eviction.currentExceededMs, 7)
    assert.equal(eviction.totalExceededMs, 157)
    server.settings.maxmemory = 0
    eviction.start()
    assert.equal(eviction.currentExceededMs, 0, 'without a limit nothing is above it')
    eviction.resetStatistics()
    assert.equal(eviction.totalExceededMs, 0)
  })

  test('is shown by the latency monitor', () => {
    const server = new Server(1002)
    server.threshold = 5
    server.msPerKey = 10
    server.settings['maxmemory-eviction-tenacity'] = 100
    server.eviction.perform()
    assert.deepEqual(server.spikes, ['eviction-del', 'eviction-del', 'eviction-cycle'])
  })
})
