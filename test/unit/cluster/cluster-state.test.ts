import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { ClusterState } from '../../../src/cluster/cluster-state.ts'
import { SLOTS } from '../../../src/cluster/hash-slot.ts'
import { FAIL, PFAIL, PRIMARY, REPLICA } from '../../../src/cluster/node.ts'
import { Topology } from '../../../src/cluster/topology.ts'
import { ID } from './fake-host.ts'

const COVERAGE =
  'Cluster is currently down: At least one hash slot is not served by any available node. ' +
  "Please check the 'cluster-require-full-coverage' configuration."
const MINORITY = 'Cluster is currently down: I am part of a minority partition.'

let ids = 0
const settings = { 'cluster-require-full-coverage': true, 'cluster-node-timeout': 1000 }
let logged: string[]
let topology: Topology
let state: ClusterState
let now = 0

function assignAll(): void {
  for (let slot = 0; slot < SLOTS; slot++) topology.assign(slot, topology.myself)
}

function addPrimary(letter: string, slot: number) {
  const node = topology.findOrAdd(ID(letter))
  node.flags = PRIMARY
  topology.release(slot)
  topology.assign(slot, node)
  return node
}

/** How it is after so many milliseconds. */
function after(milliseconds: number): string {
  now += milliseconds
  state.update(topology, now)
  return state.isUp ? 'ok' : 'fail'
}

beforeEach(() => {
  logged = []
  const log = { notice: (text: string) => logged.push(text), warning: (text: string) => logged.push(text) }
  settings['cluster-require-full-coverage'] = true
  settings['cluster-node-timeout'] = 1000
  topology = Topology.alone(() => String(++ids).padStart(40, '0'))
  state = new ClusterState(settings, log)
  now = 0
})

test('the first two seconds it is down whatever is served', () => {
  assignAll()
  assert.equal(after(0), 'fail')
  assert.equal(after(1999), 'fail')
  assert.equal(state.size, 0)
  assert.deepEqual(logged, [])
  assert.equal(after(1), 'ok')
  assert.equal(state.size, 1)
  assert.deepEqual(logged, ['Cluster state changed: ok'])
})

describe('when all slots must be served', () => {
  test('one that is not keeps it down, and says why once', () => {
    assignAll()
    topology.release(7)
    after(0)
    assert.equal(after(3000), 'fail')
    assert.equal(after(100), 'fail')
    assert.deepEqual(logged, [COVERAGE])
    topology.assign(7, topology.myself)
    assert.equal(after(100), 'ok')
    topology.release(7)
    assert.equal(after(100), 'fail')
    assert.deepEqual(logged.slice(1), ['Cluster state changed: ok', 'Cluster state changed: fail', COVERAGE])
  })

  test('so does one whose node has failed', () => {
    assignAll()
    addPrimary('o', 7).flags |= FAIL
    addPrimary('p', 8)
    after(0)
    assert.equal(after(3000), 'fail')
    settings['cluster-require-full-coverage'] = false
    assert.equal(after(100), 'ok')
  })
})

describe('a majority of those who serve slots must answer', () => {
  test('a node without slots is none', () => {
    settings['cluster-require-full-coverage'] = false
    after(0)
    assert.equal(after(3000), 'fail')
    assert.deepEqual(logged, [MINORITY])
  })

  test('half is not enough', () => {
    assignAll()
    const other = addPrimary('o', 7)
    after(0)
    assert.equal(after(3000), 'ok')
    assert.equal(state.quorum, 2)
    other.flags |= PFAIL
    assert.equal(after(100), 'fail')
    assert.deepEqual(logged.slice(1), ['Cluster state changed: fail', MINORITY])
    const third = addPrimary('p', 8)
    third.flags = PRIMARY
    assert.equal(after(10_000), 'ok', 'two of three')
  })

  test('replicas do not count', () => {
    assignAll()
    topology.findOrAdd(ID('r')).flags = REPLICA | FAIL
    after(0)
    assert.equal(after(3000), 'ok')
    assert.equal(state.size, 1)
  })

  test('after a minority it waits for news: the node timeout, within limits', () => {
    for (const [timeout, delay] of [
      [1000, 1000],
      [1, 500],
      [60_000, 5000],
    ] as const) {
      settings['cluster-node-timeout'] = timeout
      const other = addPrimary('o', 7)
      other.flags = PRIMARY | PFAIL
      assignAll()
      after(0)
      assert.equal(after(10_000), 'fail')
      other.flags = PRIMARY
      assert.equal(after(delay - 1), 'fail')
      assert.equal(after(1), 'ok')
    }
  })
})
