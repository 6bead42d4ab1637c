import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Call, connect, onEachServer, type Reply } from '../support/server.ts'
import { until } from '../support/until.ts'

const OOM = { error: "OOM command not allowed when used memory > 'maxmemory'." }
const KIB = 1024
const MIB = 1024 * KIB

async function info(call: Call, name: string): Promise<number> {
  const text = (await call('INFO', 'everything')) as string | { verbatim: string }
  const match = new RegExp(`^${name}:(\\d+)`, 'm').exec(typeof text === 'string' ? text : text.verbatim)
  return Number(match?.[1] ?? Number.NaN)
}

async function configure(call: Call, ...pairs: (string | number)[]): Promise<void> {
  assert.equal(await call('CONFIG', 'SET', ...pairs), 'OK')
}

/** No limit, no policy, as servers start. */
async function unlimited(call: Call): Promise<void> {
  await configure(call, 'maxmemory', 0, 'maxmemory-policy', 'noeviction', 'maxmemory-clients', 0)
}

async function fill(call: Call, keys: number, bytes: number, expires = false): Promise<void> {
  const value = 'x'.repeat(bytes)
  for (let i = 0; i < keys; i++) {
    await call('SET', `key:${i}`, value, ...(expires ? ['EX', '10000'] : []))
  }
}

onEachServer('maxmemory', ({ it }) => {
  it('refuses what may need memory, and nothing else', async (call) => {
    await call('SET', 'a', '1')
    await call('RPUSH', 'list', 'x')
    await configure(call, 'maxmemory', 1)
    try {
      assert.deepEqual(await call('SET', 'a', '2'), OOM)
      assert.deepEqual(await call('RPUSH', 'list', 'y'), OOM)
      assert.deepEqual(await call('COPY', 'a', 'b'), OOM)
      assert.equal(await call('GET', 'a'), '1')
      assert.equal(await call('LPOP', 'list'), 'x')
      assert.equal(await call('EXPIRE', 'a', 100), 1)
      assert.equal(await call('DEL', 'a'), 1)
      assert.deepEqual(await call('SET', 'a'), {
        error: "ERR wrong number of arguments for 'set' command",
      })
      await unlimited(call)
      assert.equal(await call('SET', 'a', '2'), 'OK')
    } finally {
      await unlimited(call)
    }
  })

  it('breaks transactions that may need memory', async (call) => {
    await configure(call, 'maxmemory', 1)
    try {
      assert.equal(await call('MULTI'), 'OK')
      assert.deepEqual(await call('SET', 'a', '1'), OOM)
      assert.deepEqual(await call('EXEC'), {
        error: 'EXECABORT Transaction discarded because of previous errors.',
      })
      assert.equal(await call('MULTI'), 'OK')
      assert.equal(await call('GET', 'a'), 'QUEUED')
      assert.deepEqual(await call('EXEC'), [null])
    } finally {
      await unlimited(call)
    }
  })

  it('refuses EXEC when memory ran out after commands were queued', async (call, _connection, server) => {
    const other = await connect(server.port)
    try {
      await call('MULTI')
      assert.equal(await call('SET', 'a', '1'), 'QUEUED')
      await other.send('CONFIG', 'SET', 'maxmemory', 1)
      assert.deepEqual(await call('EXEC'), {
        error:
          "EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.",
      })
      assert.equal(await call('EXISTS', 'a'), 0)
    } finally {
      await unlimited(call)
      await other.close()
    }
  })

  it('holds for scripts by their flags, until they have written', async (call) => {
    await call('SET', 'a', '1')
    const set = "return redis.call('SET', KEYS[1], 'x')"
    await configure(call, 'maxmemory', 1)
    try {
      const refused = (await call('EVAL', set, 1, 'a')) as { error: string }
      assert.match(refused.error, /^OOM command not allowed when used memory > 'maxmemory'\. script: /)
      assert.deepEqual(await call('EVAL', `#!lua\n${set}`, 1, 'a'), OOM)
      assert.deepEqual(await call('EVAL', '#!lua\nreturn 1', 0), OOM)
      assert.equal(await call('EVAL', `#!lua flags=allow-oom\n${set}`, 1, 'a'), 'OK')
      assert.equal(
        await call('EVAL', "#!lua flags=no-writes\nreturn redis.call('GET', KEYS[1])", 1, 'a'),
        'x',
      )
      assert.equal(await call('EVAL', "return redis.call('GET', KEYS[1])", 1, 'a'), 'x')
      assert.equal(
        await call('EVAL', "redis.call('DEL', KEYS[1]) return redis.pcall('SET', KEYS[1], 'y')", 1, 'a'),
        'OK',
      )
      assert.equal(
        await call(
          'EVAL',
          "local r = redis.pcall('SET', KEYS[1], 'y') return r.err and string.sub(r.err, 1, 3)",
          1,
          'b',
        ),
        'OOM',
      )
    } finally {
      await unlimited(call)
    }
  })

  it('holds for functions by their flags', async (call) => {
    const register = (name: string, flags: string, body: string) =>
      `redis.register_function{function_name='${name}', flags={${flags}}, callback=function(keys) ${body} end}`
    const set = "return redis.call('SET', keys[1], 'x')"
    const library = [
      '#!lua name=memory',
      register('set', '', set),
      register('setanyway', "'allow-oom'", set),
      register('get', "'no-writes'", "return redis.call('GET', keys[1])"),
    ]
    await call('FUNCTION', 'LOAD', library.join('\n'))
    await configure(call, 'maxmemory', 1)
    try {
      assert.deepEqual(await call('FCALL', 'set', 1, 'a'), OOM)
      assert.equal(await call('FCALL', 'setanyway', 1, 'a'), 'OK')
      assert.equal(await call('FCALL', 'get', 1, 'a'), 'x')
      assert.deepEqual(await call('FUNCTION', 'LOAD', 'REPLACE', library.join('\n')), OOM)
      await call('MULTI')
      assert.equal(await call('FCALL', 'setanyway', 1, 'a'), 'QUEUED')
      assert.equal(await call('FCALL', 'get', 1, 'a'), 'QUEUED')
      assert.deepEqual(await call('EXEC'), ['OK', 'x'])
      await call('MULTI')
      assert.deepEqual(await call('FCALL', 'set', 1, 'a'), OOM)
      await call('DISCARD')
    } finally {
      await unlimited(call)
      await call('FUNCTION', 'FLUSH')
    }
  })

  it('evicts before scripts, not while they run', async (call) => {
    await configure(call, 'maxmemory-policy', 'allkeys-lru')
    try {
      const limit = (await info(call, 'used_memory')) + 200 * KIB
      await configure(call, 'maxmemory', limit)
      const fillMore = "for i = 1, 1000 do redis.call('SET', 'key:' .. i, string.rep('x', 1000)) end"
      assert.equal(await call('EVAL', `${fillMore} return redis.call('DBSIZE')`, 0), 1000)
      await until(async () => (await info(call, 'used_memory')) < limit + 20 * KIB)
      assert.ok(Number(await call('DBSIZE')) < 400)
    } finally {
      await unlimited(call)
    }
  })

  for (const policy of [
    'allkeys-lru',
    'volatile-lru',
    'allkeys-lfu',
    'volatile-lfu',
    'allkeys-random',
    'volatile-random',
    'volatile-ttl',
  ]) {
    it(`keeps the limit by ${policy}`, async (call) => {
      await call('CONFIG', 'RESETSTAT')
      for (let i = 0; i < 20; i++) await call('SET', `keep:${i}`, 'x'.repeat(KIB))
      const limit = (await info(call, 'used_memory')) + 300 * KIB
      await configure(call, 'maxmemory', limit, 'maxmemory-policy', policy)
      try {
        await fill(call, 1000, KIB, true)
        assert.ok((await info(call, 'used_memory')) < limit + 20 * KIB)
        const size = Number(await call('DBSIZE'))
        assert.ok(size > 100 && size < 500, `${size} keys`)
        const evicted = await info(call, 'evicted_keys')
        // The buffers of clients count too: some more may have gone since.
        assert.ok(evicted >= 1020 - size && evicted < 1060 - size, `${evicted} of 1020, ${size} left`)
        if (policy.startsWith('volatile')) {
          for (let i = 0; i < 20; i++) assert.equal(await call('EXISTS', `keep:${i}`), 1)
        }
        await call('CONFIG', 'RESETSTAT')
        assert.equal(await info(call, 'evicted_keys'), 0)
      } finally {
        await unlimited(call)
      }
    })
  }

  it('evicts over all databases', async (call, connection) => {
    for (const db of [0, 1, 2]) {
      await call('SELECT', db)
      for (let i = 0; i < 50; i++) await call('SET', `key:${i}`, 'x'.repeat(KIB))
    }
    await configure(call, 'maxmemory-policy', 'allkeys-lru', 'maxmemory', 1)
    try {
      await until(async () => {
        const sizes = await Promise.all(
          [0, 1, 2].map((db) => connection.pipeline([['SELECT', db], ['DBSIZE']])),
        )
        return sizes.every(([, size]) => size === 0)
      })
    } finally {
      await unlimited(call)
    }
  })

  it('evicts as soon as it is set, though not within the transaction that sets it', async (call) => {
    await call('MULTI')
    await call('SET', 'a', '1')
    await call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru', 'maxmemory', 1)
    await call('INCR', 'a')
    await call('DBSIZE')
    try {
      assert.deepEqual(await call('EXEC'), ['OK', 'OK', 2, 1])
      await until(async () => (await call('DBSIZE')) === 0)
    } finally {
      await unlimited(call)
    }
  })

  it('evicts nothing while clients are paused', async (call) => {
    await call('SET', 'a', '1')
    await call('CLIENT', 'PAUSE', 100_000, 'WRITE')
    try {
      await configure(call, 'maxmemory-policy', 'allkeys-lru', 'maxmemory', 1)
      await sleep(50)
      assert.equal(await call('DBSIZE'), 1)
      await call('CLIENT', 'UNPAUSE')
      assert.equal(await call('DBSIZE'), 0)
    } finally {
      await call('CLIENT', 'UNPAUSE')
      await unlimited(call)
    }
  })

  it('announces what it evicts, to subscribers and watchers', async (call, _connection, server) => {
    const [listener, watcher] = [await connect(server.port), await connect(server.port)]
    await configure(call, 'notify-keyspace-events', 'Ee')
    try {
      await listener.send('SUBSCRIBE', '__keyevent@0__:evicted')
      await call('SET', 'a', '1')
      await watcher.send('WATCH', 'a')
      await configure(call, 'maxmemory-policy', 'allkeys-random', 'maxmemory', 1)
      assert.deepEqual(await listener.next(), ['message', '__keyevent@0__:evicted', 'a'])
      await unlimited(call)
      await watcher.send('MULTI')
      await watcher.send('PING')
      assert.equal(await watcher.send('EXEC'), null)
    } finally {
      await configure(call, 'notify-keyspace-events', '')
      await unlimited(call)
      await listener.close()
      await watcher.close()
    }
  })

  it('counts the time above the limit', async (call) => {
    await call('CONFIG', 'RESETSTAT')
    assert.equal(await info(call, 'current_eviction_exceeded_time'), 0)
    await configure(call, 'maxmemory', 1)
    try {
      await call('PING')
      await sleep(30)
      assert.ok((await info(call, 'current_eviction_exceeded_time')) >= 20)
      await configure(call, 'maxmemory', 100 * MIB)
      await call('PING')
      assert.equal(await info(call, 'current_eviction_exceeded_time'), 0)
      assert.ok((await info(call, 'total_eviction_exceeded_time')) >= 20)
      await call('CONFIG', 'RESETSTAT')
      assert.equal(await info(call, 'total_eviction_exceeded_time'), 0)
    } finally {
      await unlimited(call)
    }
  })

  it('leaves a table as it is when its growth would be too much', async (call) => {
    await fill(call, 4096, 1)
    const used = await info(call, 'used_memory')
    await configure(call, 'maxmemory-policy', 'allkeys-random', 'maxmemory', used + 10 * KIB)
    try {
      await call('SET', 'k1', 'v1')
      await call('SET', 'k2', 'v2')
      assert.equal(await call('DBSIZE'), 4098)
    } finally {
      await unlimited(call)
    }
  })
})

onEachServer('maxmemory-clients', ({ it }) => {
  const isConnected = async (call: Call, name: string) =>
    String(JSON.stringify(await call('CLIENT', 'LIST'))).includes(`name=${name} `)

  it('closes a client that takes too much, before it runs another command', async (call, _connection, server) => {
    await call('CONFIG', 'RESETSTAT')
    await configure(call, 'maxmemory-clients', MIB)
    const large = await connect(server.port)
    try {
      await large.send('CLIENT', 'SETNAME', 'large')
      assert.equal(await large.send('SET', 'a', 'x'.repeat(200 * KIB)), 'OK')
      assert.ok(await isConnected(call, 'large'))
      await large.send('SET', 'b', 'x'.repeat(2 * MIB)).catch(() => {})
      await until(async () => !(await isConnected(call, 'large')))
      assert.equal(await call('EXISTS', 'b'), 0)
      assert.equal(await info(call, 'evicted_clients'), 1)
      assert.equal(await call('PING'), 'PONG')
    } finally {
      await unlimited(call)
      await large.close()
    }
  })

  it('counts transactions, watched keys and subscriptions', async (call, _connection, server) => {
    await configure(call, 'maxmemory-clients', 200 * KIB)
    const grow: Record<string, (client: Awaited<ReturnType<typeof connect>>) => Promise<Reply>> = {
      watch: (client) => client.send('WATCH', Math.random()),
      subscribe: (client) => client.send('SUBSCRIBE', Math.random()),
      psubscribe: (client) => client.send('PSUBSCRIBE', Math.random()),
      queue: (client) => client.send('SET', 'a', 'x'.repeat(KIB)),
    }
    try {
      for (const [what, step] of Object.entries(grow)) {
        const client = await connect(server.port)
        if (what === 'queue') await client.send('MULTI')
        let steps = 0
        await assert.rejects(async () => {
          for (; steps < 20_000; steps++) await step(client)
        }, /connection closed/)
        assert.ok(steps > 50, `${what}: ${steps}`)
        await client.close()
      }
    } finally {
      await unlimited(call)
    }
  })

  it('spares who asks for it', async (call, _connection, server) => {
    await call('CLIENT', 'NO-EVICT', 'ON')
    await configure(call, 'maxmemory-clients', MIB)
    const spared = await connect(server.port)
    try {
      await spared.send('CLIENT', 'NO-EVICT', 'ON')
      assert.equal(await spared.send('SET', 'a', 'x'.repeat(2 * MIB)), 'OK')
      assert.equal(await spared.send('GET', 'b'), null)
    } finally {
      await unlimited(call)
      await spared.close()
    }
  })
})
