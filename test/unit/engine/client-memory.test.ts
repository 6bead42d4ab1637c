import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { clientBytes } from '../../../src/commands/client/memory.ts'
import type { Client } from '../../../src/engine/client.ts'
import { ClientMemory } from '../../../src/engine/client-memory.ts'
import { CLIENTS_LIMITED, Constraints } from '../../../src/engine/constraints.ts'
import { Log } from '../../../src/log.ts'
import { FakeTransport, newClient } from './support.ts'

const KIB = 1024
const MIB = 1024 * KIB

class Fixture {
  readonly settings = { maxmemory: 0, 'maxmemory-clients': 0 }
  readonly constraints = new Constraints()
  readonly clients = new Set<Client>()
  readonly killed: Client[] = []
  readonly logged: string[] = []
  readonly memory: ClientMemory

  constructor(limit = 0) {
    this.settings['maxmemory-clients'] = limit
    this.memory = new ClientMemory({
      settings: this.settings,
      constraints: this.constraints,
      log: new Log((line) => this.logged.push(line), 0),
      all: () => this.clients,
      kill: (client) => {
        this.killed.push(client)
        this.clients.delete(client)
        this.memory.forget(client)
      },
      describe: (client) => `id=${client.id}`,
    })
  }

  connect(inputBytes = 0): Client {
    const transport = new FakeTransport()
    const { client } = newClient(transport)
    this.clients.add(client)
    this.hold(client, inputBytes)
    return client
  }

  hold(client: Client, bytes: number): void {
    ;(client.transport as FakeTransport).inputBytes = bytes
    this.memory.measure(client)
  }

  get sum(): number {
    return [...this.clients].reduce((sum, client) => sum + clientBytes(client), 0)
  }
}

describe('the memory of clients', () => {
  test('is the sum of theirs as measured', () => {
    const fixture = new Fixture()
    const [a, b] = [fixture.connect(1000), fixture.connect(2000)]
    assert.equal(fixture.memory.memory, fixture.sum)
    fixture.hold(a, 50_000)
    a.watchedBytes = 100
    b.subscribedBytes = 70
    fixture.memory.measureAll()
    assert.equal(fixture.memory.memory, fixture.sum)
    fixture.clients.delete(a)
    fixture.memory.forget(a)
    fixture.memory.forget(a)
    fixture.memory.measure(a)
    assert.equal(fixture.memory.memory, fixture.sum, 'who is gone stays gone')
  })

  test('is followed closely only where a limit depends on it', () => {
    const fixture = new Fixture()
    assert.equal(fixture.memory.isTracked, false)
    fixture.settings.maxmemory = 1000
    fixture.memory.follow()
    assert.equal(fixture.memory.isTracked, true)
    assert.equal(fixture.constraints.bits & CLIENTS_LIMITED, 0)
    fixture.settings['maxmemory-clients'] = MIB
    fixture.memory.follow()
    assert.notEqual(fixture.constraints.bits & CLIENTS_LIMITED, 0)
    fixture.settings['maxmemory-clients'] = 0
    fixture.settings.maxmemory = 0
    fixture.memory.follow()
    assert.equal(fixture.memory.isTracked, false)
    assert.equal(fixture.constraints.bits & CLIENTS_LIMITED, 0)
  })
})

describe('maxmemory-clients', () => {
  test('closes the largest, and no more than needed', () => {
    const fixture = new Fixture(5 * MIB)
    const sizes = [10 * KIB, 3 * MIB, 200 * KIB, 2 * MIB, 700 * KIB]
    const clients = sizes.map((bytes) => fixture.connect(bytes))
    fixture.memory.evict()
    assert.deepEqual(fixture.killed, [clients[1]])
    fixture.settings['maxmemory-clients'] = MIB
    fixture.memory.follow()
    fixture.memory.evict()
    assert.deepEqual(fixture.killed, [clients[1], clients[3]])
    assert.equal(fixture.memory.evicted, 2)
    assert.equal(fixture.memory.memory, fixture.sum)
    assert.match(fixture.logged[0]!, /Evicting client: id=/)
  })

  test('spares those who asked for it, and says when that is too much', () => {
    const fixture = new Fixture(MIB)
    const spared = fixture.connect()
    spared.noEvict = true
    fixture.hold(spared, 2 * MIB)
    const other = fixture.connect(1000)
    fixture.memory.evict()
    assert.deepEqual(fixture.killed, [other])
    assert.match(fixture.logged.at(-1)!, /Over client maxmemory after evicting all evictable clients/)
    spared.noEvict = false
    fixture.memory.measure(spared)
    fixture.memory.evict()
    assert.deepEqual(fixture.killed, [other, spared])
  })

  test('closes them soon after they have grown', (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setImmediate'] })
    const fixture = new Fixture(MIB)
    const client = fixture.connect(100)
    fixture.hold(client, 2 * MIB)
    assert.deepEqual(fixture.killed, [])
    t.mock.timers.tick(0)
    assert.deepEqual(fixture.killed, [client])
  })

  test('may be per cent of maxmemory, and is never too small to be talked to', () => {
    const fixture = new Fixture(-5)
    assert.equal(fixture.memory.isLimited, false, 'per cent of nothing')
    fixture.settings.maxmemory = 100 * MIB
    fixture.memory.follow()
    const client = fixture.connect(4 * MIB)
    fixture.memory.evict()
    assert.deepEqual(fixture.killed, [])
    fixture.hold(client, 6 * MIB)
    fixture.memory.evict()
    assert.deepEqual(fixture.killed, [client])
    fixture.settings['maxmemory-clients'] = 1
    fixture.memory.follow()
    fixture.connect(100 * KIB)
    fixture.memory.evict()
    assert.equal(fixture.killed.length, 1)
  })

  test('tells of its buckets', () => {
    const fixture = new Fixture()
    fixture.connect(100 * KIB)
    assert.equal(fixture.memory.describeBuckets(), undefined)
    fixture.settings['maxmemory-clients'] = 100 * MIB
    fixture.memory.follow()
    const small = fixture.connect(1000)
    const buckets = fixture.memory.describeBuckets()!
    assert.equal(buckets.length, 19)
    assert.deepEqual(buckets[0], { from: 0, below: 32 * KIB, clients: 1, bytes: small.memory })
    assert.equal(buckets[2]!.clients, 1)
    assert.deepEqual([buckets[2]!.from, buckets[2]!.below], [64 * KIB, 128 * KIB])
    assert.equal(buckets[18]!.below, Infinity)
  })
})
