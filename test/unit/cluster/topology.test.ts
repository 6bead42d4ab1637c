import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SLOTS } from '../../../src/cluster/hash-slot.ts'
import { FAIL, MYSELF, PRIMARY } from '../../../src/cluster/node.ts'
import { Topology } from '../../../src/cluster/topology.ts'
import { ID } from './fake-host.ts'

let ids = 0
const randomId = () => String(++ids).padStart(40, '0')

function withOther() {
  const topology = Topology.alone(randomId)
  const other = topology.findOrAdd(ID('o'))
  other.flags = PRIMARY
  const released: number[] = []
  topology.onRelease = (slot) => released.push(slot)
  return { topology, myself: topology.myself, other, released }
}

const rangesOf = (topology: Topology) =>
  [...topology.ranges()].map(({ owner, start, end }) => [owner.id, start, end])

test('a node alone is a primary without slots', () => {
  const { myself, nodes } = Topology.alone(randomId)
  assert.equal(myself.flags, MYSELF | PRIMARY)
  assert.deepEqual([...nodes.values()], [myself])
  assert.equal(myself.votes, false)
  assert.match(myself.id, /^\d{40}$/)
  assert.notEqual(myself.id, myself.shardId)
})

describe('slots', () => {
  test('have one owner', () => {
    const { topology, myself, other, released } = withOther()
    assert.equal(topology.assign(5, myself), true)
    assert.equal(topology.assign(5, other), false)
    assert.equal(topology.owner(5), myself)
    assert.equal(topology.release(6), false)
    assert.equal(topology.release(5), true)
    assert.deepEqual(released, [5])
    assert.deepEqual([myself.slots, other.slots], [0, 0])
  })

  test('come in ranges', () => {
    const { topology, myself, other } = withOther()
    assert.deepEqual(rangesOf(topology), [])
    for (const slot of [0, 1, 2, 4, SLOTS - 1]) topology.assign(slot, myself)
    topology.assign(3, other)
    assert.deepEqual(rangesOf(topology), [
      [myself.id, 0, 2],
      [other.id, 3, 3],
      [myself.id, 4, 4],
      [myself.id, SLOTS - 1, SLOTS - 1],
    ])
    other.flags |= FAIL
    assert.equal(
      topology.count((owner) => !owner.is(FAIL)),
      5,
    )
  })
})

describe('epochs', () => {
  test('are raised above all others', () => {
    const { topology, myself, other } = withOther()
    assert.equal(topology.bumpEpoch(), true)
    assert.equal(topology.bumpEpoch(), false)
    assert.equal(myself.configEpoch, 1n)
    other.configEpoch = 7n
    topology.currentEpoch = 8n
    assert.equal(topology.maxEpoch, 8n)
    assert.equal(topology.bumpEpoch(), true)
    assert.equal(myself.configEpoch, 9n)
  })
})

describe('forgetting', () => {
  test('a node goes with its slots, and its replicas are nobody’s', () => {
    const { topology, myself, other, released } = withOther()
    const replica = topology.findOrAdd(ID('r'))
    replica.follow(other)
    topology.assign(1, myself)
    topology.assign(2, other)
    topology.migrating.set(1, other)
    topology.importing.set(2, other)
    topology.remove(other)
    assert.deepEqual(rangesOf(topology), [[myself.id, 1, 1]])
    assert.equal(topology.migrating.size + topology.importing.size, 0)
    assert.equal(replica.primary, null)
    assert.deepEqual(released, [2])
    assert.equal(topology.nodes.has(other.id), false)
  })

  test('a replica leaves its primary', () => {
    const { topology, other } = withOther()
    const replica = topology.findOrAdd(ID('r'))
    replica.follow(other)
    topology.remove(replica)
    assert.deepEqual(other.replicas, [])
  })

  test('all: softly, and who one is as well', () => {
    const { topology, myself, other } = withOther()
    const { id, shardId } = myself
    topology.assign(1, myself)
    topology.assign(2, other)
    topology.importing.set(2, other)
    topology.bumpEpoch()
    topology.reset(false)
    assert.deepEqual([...topology.nodes.keys()], [id])
    assert.deepEqual(rangesOf(topology), [])
    assert.equal(topology.currentEpoch, 1n)
    topology.reset(true)
    assert.notEqual(myself.id, id)
    assert.notEqual(myself.shardId, shardId)
    assert.deepEqual([...topology.nodes.keys()], [myself.id])
    assert.deepEqual([topology.currentEpoch, myself.configEpoch], [0n, 0n])
  })
})

test('shards are the nodes with one shard id', () => {
  const { topology, myself, other } = withOther()
  const replica = topology.findOrAdd(ID('r'))
  replica.shardId = other.shardId
  assert.deepEqual([...topology.shards], [[myself], [other, replica]])
})
