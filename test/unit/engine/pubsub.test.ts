/**
 * Subscriptions and the messages they bring.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { SubscriptionKind } from '../../../src/commands/services/pubsub.ts'
import { PubSub } from '../../../src/engine/pubsub.ts'
import { matchGlob } from '../../../src/keyspace/glob.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { newClient, type TestClient } from './support.ts'

const b = (text: string) => Bytes.from(text, 'latin1')

describe('delivery', () => {
  test('a message in the protocol of each receiver', () => {
    const pubsub = new PubSub()
    const old = newClient()
    const modern = newClient()
    modern.client.protocol = 3
    for (const { client } of [old, modern]) pubsub.subscribe('channel', client, b('news'))
    assert.equal(pubsub.publish(b('news'), b('a\r\n\xff')), 2)
    assert.equal(old.transport.sent, '*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$4\r\na\r\n\xff\r\n')
    assert.equal(modern.transport.sent, '>3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$4\r\na\r\n\xff\r\n')
  })

  test('by channel and by each matching pattern', () => {
    const pubsub = new PubSub()
    const { client, transport } = newClient()
    pubsub.subscribe('pattern', client, b('n*'))
    pubsub.subscribe('pattern', client, b('*s'))
    pubsub.subscribe('pattern', client, b('x*'))
    pubsub.subscribe('channel', client, b('news'))
    assert.equal(pubsub.publish(b('news'), b('hi')), 3)
    assert.equal(transport.sent.match(/pmessage/g)?.length, 2)
    assert.match(transport.sent, /^\*3\r\n\$7\r\nmessage/)
    assert.match(transport.sent, /\*4\r\n\$8\r\npmessage\r\n\$2\r\nn\*\r\n\$4\r\nnews\r\n\$2\r\nhi\r\n/)
  })

  test('shard channels are apart from channels and patterns', () => {
    const pubsub = new PubSub()
    const { client, transport } = newClient()
    pubsub.subscribe('channel', client, b('a'))
    pubsub.subscribe('pattern', client, b('*'))
    assert.equal(pubsub.publishShard(b('a'), b('x')), 0)
    pubsub.subscribe('shard', client, b('a'))
    assert.equal(pubsub.publishShard(b('a'), b('x')), 1)
    assert.equal(transport.sent, '*3\r\n$8\r\nsmessage\r\n$1\r\na\r\n$1\r\nx\r\n')
  })

  test('CLIENT REPLY OFF silences no messages', () => {
    for (const protocol of [2, 3]) {
      const pubsub = new PubSub()
      const { client, transport } = newClient()
      pubsub.subscribe('channel', client, b('a'))
      client.replyMode = 'off'
      client.protocol = protocol
      pubsub.publish(b('a'), b('x'))
      assert.match(transport.sent, /^[*>]3\r\n\$7\r\nmessage/)
    }
  })
})

test('names are kept when the bytes they came from change', () => {
  const pubsub = new PubSub()
  const { client, transport } = newClient()
  const request = Buffer.from('chan')
  pubsub.subscribe('pattern', client, new Bytes(request))
  request.fill('x')
  assert.equal(pubsub.publish(b('chan'), b('m')), 1)
  assert.match(transport.sent, /\$4\r\nchan\r\n\$4\r\nchan/)
})

test('who has gone gets nothing and is counted nowhere', () => {
  const pubsub = new PubSub()
  const { client, transport } = newClient()
  pubsub.subscribe('channel', client, b('a'))
  pubsub.subscribe('pattern', client, b('*'))
  pubsub.subscribe('shard', client, b('a'))
  assert.equal(pubsub.clientCount, 1)
  pubsub.unsubscribeAll(client)
  assert.equal(pubsub.publish(b('a'), b('x')), 0)
  assert.equal(pubsub.publishShard(b('a'), b('x')), 0)
  assert.equal(transport.sent, '')
  assert.equal(pubsub.clientCount, 0)
  assert.ok(pubsub.isIdle)
  assert.equal(client.subscriptions + client.shardSubscriptions, 0)
})

test('behaves as sets of names', () => {
  const kind = fc.constantFrom<SubscriptionKind>('channel', 'pattern', 'shard')
  const name = fc.constantFrom('a', 'b', 'a*', '*', '?')
  const step = fc.record({ join: fc.boolean(), kind, name, who: fc.nat(2) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const pubsub = new PubSub()
      const clients: TestClient[] = [newClient(), newClient(), newClient()]
      const model = new Set<string>()
      for (const { join, kind, name, who } of steps) {
        const entry = `${kind} ${name} ${who}`
        const { client } = clients[who]!
        if (join) assert.equal(pubsub.subscribe(kind, client, b(name)), !model.has(entry))
        else assert.equal(pubsub.unsubscribe(kind, client, b(name)), model.has(entry))
        if (join) model.add(entry)
        else model.delete(entry)
      }
      const entries = [...model].map((entry) => entry.split(' ') as [SubscriptionKind, string, string])
      for (const kind of ['channel', 'pattern', 'shard'] as const) {
        const names = new Set(entries.filter((e) => e[0] === kind).map((e) => e[1]))
        assert.deepEqual(new Set(pubsub.names(kind)), names)
        assert.equal(pubsub.count(kind), names.size)
      }
      assert.equal(pubsub.clientCount, new Set(entries.map((e) => e[2])).size)
      const receivers = entries.filter(
        ([kind, name]) =>
          (kind === 'channel' && name === 'a') || (kind === 'pattern' && matchGlob(b(name), b('a'))),
      )
      assert.equal(pubsub.publish(b('a'), b('x')), receivers.length)
    }),
  )
})
