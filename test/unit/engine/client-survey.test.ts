import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { clientBytes } from '../../../src/commands/client/memory.ts'
import type { Client } from '../../../src/engine/client.ts'
import { ClientMemory } from '../../../src/engine/client-memory.ts'
import { ClientSurvey } from '../../../src/engine/client-survey.ts'
import { Constraints } from '../../../src/engine/constraints.ts'
import { Log } from '../../../src/log.ts'
import { FakeTransport, newClient } from './support.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function setUp(count: number) {
  const clients = new Map<number, Client>()
  const memory = new ClientMemory({
    settings: { maxmemory: 0, 'maxmemory-clients': 0 },
    constraints: new Constraints(),
    log: new Log(() => {}, 0),
    all: () => clients.values(),
    kill: () => {},
    describe: () => '',
  })
  const connect = (inputBytes: number) => {
    const transport = new FakeTransport()
    transport.inputBytes = inputBytes
    const { client } = newClient(transport)
    clients.set(client.id, client)
    return { client, transport }
  }
  const some = Array.from({ length: count }, (_, i) => connect(i))
  const survey = new ClientSurvey({ memory, ids: () => clients.keys(), find: (id) => clients.get(id) })
  const sum = () => [...clients.values()].reduce((bytes, client) => bytes + clientBytes(client), 0)
  return { clients, memory, survey, some, connect, sum }
}

test('all are looked at in the end, however few at a time', () => {
  const { memory, survey, some, sum } = setUp(2500)
  survey.lookAt(1000)
  assert.ok(memory.memory < sum())
  assert.equal(survey.largestInput, 0, 'of whole rounds only')
  survey.lookAt(1000)
  survey.lookAt(1000)
  assert.equal(memory.memory, sum())
  assert.equal(survey.largestInput, 2499)
  for (const { transport } of some) transport.inputBytes = 7
  for (let i = 0; i < 3; i++) survey.lookAt(1000)
  assert.equal(memory.memory, sum())
  assert.equal(survey.largestInput, 7)
})

test('few are looked at at once', () => {
  const { memory, survey, some, sum } = setUp(1000)
  survey.lookAt(1000)
  assert.deepEqual([survey.largestInput, memory.memory], [999, sum()])
  some[500]!.transport.inputBytes = 5000
  survey.lookAt(1000)
  assert.deepEqual([survey.largestInput, memory.memory], [5000, sum()])
})

test('clients come and go during a round', () => {
  const { clients, memory, survey, some, connect, sum } = setUp(30)
  survey.lookAt(10)
  for (const { client } of some.slice(20)) {
    clients.delete(client.id)
    memory.forget(client)
  }
  connect(100)
  survey.lookAt(20)
  assert.equal(survey.largestInput, 19)
  survey.lookAt(30)
  assert.deepEqual([survey.largestInput, memory.memory], [100, sum()])
})

test('clients that are gone are not kept, however long a round takes', async () => {
  const { clients, survey, connect } = setUp(30)
  survey.lookAt(10)
  const gone: WeakRef<Client>[] = []
  for (let wave = 0; wave < 10; wave++) {
    const some = Array.from({ length: 100 }, () => connect(1).client)
    for (const client of some) clients.delete(client.id)
    gone.push(...some.map((client) => new WeakRef(client)))
  }
  await endOfTurn()
  collectGarbage()
  assert.ok(gone.filter((one) => one.deref() !== undefined).length <= 200)
})

test('a look at all begins anew', () => {
  const { memory, survey, some, sum } = setUp(30)
  survey.lookAt(10)
  some[0]!.transport.inputBytes = 5000
  survey.lookAtAll()
  assert.deepEqual([survey.largestInput, memory.memory], [5000, sum()])
})
