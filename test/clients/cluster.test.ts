/**
 * Real client libraries as clients of a cluster: of a single node, and of two between which slots move.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { ALL_SLOTS, type Launch, MYSELF, OTHER, startNode, startPair, untilUp } from '../support/cluster.ts'
import { connect, noOracle, type RunningServer, startOracle, startPerilune } from '../support/server.ts'

/** What the tests need of a client of a cluster. */
interface ClusterClient {
  get(key: string): Promise<string | null>
  set(key: string, value: string): Promise<unknown>
  /** By EVALSHA where the node knows the script. */
  run(script: string, keys: string[], args: string[]): Promise<unknown>
  call(name: string, keys: string[], args: string[]): Promise<unknown>
  /** SET and INCR in one transaction. */
  setAndIncrement(key: string, value: string): Promise<unknown[]>
  /** What a subscriber of a shard channel hears of one message. */
  exchange(channel: string, message: string): Promise<string>
  close(): Promise<unknown>
}

async function connectIoredis(port: number): Promise<ClusterClient> {
  const client = new Cluster([{ host: '127.0.0.1', port }], { shardedSubscribers: true })
  await client.ping()
  return {
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    run: (script, keys, args) => client.eval(script, keys.length, ...keys, ...args),
    call: (name, keys, args) => client.fcall(name, keys.length, ...keys, ...args),
    async setAndIncrement(key, value) {
      const replies = await client.multi().set(key, value).incr(key).exec()
      return replies!.map(([error, reply]) => error ?? reply)
    },
    async exchange(channel, message) {
      const heard = new Promise<string>((resolve) => {
        client.on('smessage', (_channel, text) => resolve(text))
      })
      await client.ssubscribe(channel)
      await client.spublish(channel, message)
      return heard
    },
    close: () => client.quit(),
  }
}

async function connectNodeRedis(port: number): Promise<ClusterClient> {
  const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] })
  client.on('error', () => {})
  await client.connect()
  return {
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    run: (script, keys, args) => client.eval(script, { keys, arguments: args }),
    call: (name, keys, args) => client.fCall(name, { keys, arguments: args }),
    setAndIncrement: (key, value) => client.multi().set(key, value).incr(key).exec(),
    async exchange(channel, message) {
      let hear: (text: string) => void
      const heard = new Promise<string>((resolve) => {
        hear = resolve
      })
      await client.sSubscribe(channel, (text) => hear(text))
      await client.sPublish(channel, message)
      return heard
    },
    close: () => client.close(),
  }
}

const LIBRARIES = [
  ['ioredis', connectIoredis],
  ['node-redis', connectNodeRedis],
] as const

const SERVERS: readonly (readonly [string, Launch, { skip?: string | false }])[] = [
  ['perilune', startPerilune, {}],
  ['valkey', startOracle, { skip: noOracle }],
]

const KEYS = Array.from({ length: 200 }, (_, i) => `key:${i}`)
const ADD = "return redis.call('incrby', KEYS[1], ARGV[1])"
const LIBRARY =
  "#!lua name=lib\nredis.register_function('read', function(keys) return redis.call('get', keys[1]) end)"

/** Keys of many slots at once: each reply is the key's own. */
async function useManySlots(client: ClusterClient): Promise<void> {
  await Promise.all(KEYS.map((key) => client.set(key, key)))
  assert.deepEqual(await Promise.all(KEYS.map((key) => client.get(key))), KEYS)
  const sums = await Promise.all(KEYS.map((key, i) => client.run(ADD, [`{${key}}n`], [String(i)])))
  assert.deepEqual(
    sums,
    KEYS.map((_, i) => i),
  )
  const read = await Promise.all(KEYS.map((key) => client.call('read', [key], [])))
  assert.deepEqual(read, KEYS)
}

for (const [name, launch, options] of SERVERS) {
  describe(`clients of a single node: ${name}`, options, () => {
    let server: RunningServer

    before(async () => {
      server = await untilUp(await startNode(launch, ALL_SLOTS, ['--cluster-announce-ip', '127.0.0.1']))
      await ask(server, 'FUNCTION', 'LOAD', LIBRARY)
    })
    after(() => server?.stop())

    for (const [library, connectClient] of LIBRARIES) {
      test(library, { timeout: 60_000 }, async () => {
        await ask(server, 'FLUSHALL')
        const client = await connectClient(server.port)
        try {
          await useManySlots(client)
          assert.deepEqual(await client.setAndIncrement('{t}n', '5'), ['OK', 6])
          assert.equal(await client.exchange('{t}channel', 'hello'), 'hello')
          await assert.rejects(client.run(ADD, ['a', 'b'], ['1']), /CROSSSLOT/)
          await assert.rejects(
            client.run("#!lua\nreturn redis.call('get', ARGV[1])", ['a'], ['b']),
            /Script attempted to access keys that do not hash to the same slot/,
          )
        } finally {
          await client.close()
        }
      })
    }
  })

  describe(`clients of two nodes: ${name}`, options, () => {
    let nodes: readonly [RunningServer, RunningServer]

    before(async () => {
      nodes = await startPair(launch)
      for (const node of nodes) await ask(node, 'FUNCTION', 'LOAD', LIBRARY)
    })
    after(() => Promise.all((nodes ?? []).map((node) => node.stop())))

    for (const [library, connectClient] of LIBRARIES) {
      test(library, { timeout: 60_000 }, async () => {
        for (const node of nodes) await ask(node, 'FLUSHALL')
        const client = await connectClient(nodes[0].port)
        try {
          await useManySlots(client)
          const sizes = await Promise.all(nodes.map((node) => ask(node, 'DBSIZE')))
          assert.equal(Number(sizes[0]) + Number(sizes[1]), 2 * KEYS.length)
          assert.ok(Number(sizes[0]) > 0 && Number(sizes[1]) > 0, `${sizes}`)
          await move(client, nodes)
        } finally {
          await client.close()
        }
      })
    }
  })
}

/** A slot goes from the first node to the second while a client uses it: ASK, then MOVED. Afterwards it goes back. */
async function move(
  client: ClusterClient,
  [from, to]: readonly [RunningServer, RunningServer],
): Promise<void> {
  const slot = '5061'
  await client.set('bar', 'stays for now')
  await ask(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', MYSELF)
  await ask(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', OTHER)
  assert.equal(await client.get('bar'), 'stays for now')
  await client.set('{bar}new', 'there already')
  assert.equal(await ask(from, 'CLUSTER', 'COUNTKEYSINSLOT', slot), 1)
  assert.equal(await ask(to, 'CLUSTER', 'COUNTKEYSINSLOT', slot), 1)
  assert.equal(await client.get('{bar}new'), 'there already')
  await client.run(ADD, ['{bar}n'], ['3'])

  await ask(from, 'DEL', 'bar')
  for (const node of [to, from]) await ask(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', OTHER)
  assert.equal(await client.get('bar'), null)
  assert.equal(await client.get('{bar}new'), 'there already')
  assert.equal(await client.run(ADD, ['{bar}n'], ['4']), 7)

  await ask(to, 'FLUSHALL')
  for (const node of [from, to]) await ask(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', MYSELF)
  assert.equal(await client.get('bar'), null)
}

async function ask(server: RunningServer, ...words: string[]) {
  const connection = await connect(server.port)
  try {
    return await connection.send(...words)
  } finally {
    await connection.close()
  }
}
