import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Call, onEachServer, type Reply } from '../support/server.ts'
import { converse, wrongArity } from '../support/transcript.ts'
import { until } from '../support/until.ts'

function memoryInfo(call: Call): Promise<Map<string, string>> {
  return section(call, 'memory')
}

async function section(call: Call, name: string): Promise<Map<string, string>> {
  const text = (await call('INFO', name)) as string
  return new Map(text.split('\r\n').map((line) => line.split(':') as [string, string]))
}

async function fill(call: Call): Promise<void> {
  await call('SET', 'a', 'x'.repeat(1000))
  await call('SET', 'b', 'x', 'EX', 1000)
  await call('SELECT', 3)
  await call('RPUSH', 'list', 'x')
  await call('SELECT', 0)
}

async function untilAllIsFreed(call: Call): Promise<void> {
  await until(async () => (await memoryInfo(call)).get('lazyfree_pending_objects') === '0')
}

onEachServer('MEMORY', ({ it }) => {
  it('STATS has the fields of Valkey, in their order and types', async (call, connection) => {
    await fill(call)
    const check = (pairs: readonly (readonly [Reply, Reply])[], isDouble: (value: Reply) => boolean) => {
      const doubles = pairs.filter(([, value]) => isDouble(value)).map(([name]) => name)
      assert.deepEqual(doubles, [
        'dataset.percentage',
        'peak.percentage',
        'allocator-fragmentation.ratio',
        'allocator-rss.ratio',
        'rss-overhead.ratio',
        'fragmentation',
      ])
      assert.deepEqual(
        pairs.map(([name]) => name),
        [
          'peak.allocated',
          'total.allocated',
          'startup.allocated',
          'replication.backlog',
          'clients.slaves',
          'clients.normal',
          'cluster.links',
          'aof.buffer',
          'lua.caches',
          'functions.caches',
          'db.0',
          'db.3',
          'overhead.db.hashtable.lut',
          'overhead.db.hashtable.rehashing',
          'overhead.total',
          'db.dict.rehashing.count',
          'keys.count',
          'keys.bytes-per-key',
          'dataset.bytes',
          'dataset.percentage',
          'peak.percentage',
          'allocator.allocated',
          'allocator.active',
          'allocator.resident',
          'allocator.muzzy',
          'allocator-fragmentation.ratio',
          'allocator-fragmentation.bytes',
          'allocator-rss.ratio',
          'allocator-rss.bytes',
          'rss-overhead.ratio',
          'rss-overhead.bytes',
          'fragmentation',
          'fragmentation.bytes',
        ],
      )
    }
    const flat = (await call('MEMORY', 'STATS')) as Reply[]
    const pairs = Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!] as const)
    check(pairs, (value) => typeof value === 'string')
    const values = new Map(pairs)
    assert.equal(values.get('keys.count'), 3)
    const [main, , expires] = (values.get('db.0') as Reply[]).slice(0, 3)
    assert.deepEqual([main, expires], ['overhead.hashtable.main', 'overhead.hashtable.expires'])
    await connection.send('HELLO', 3)
    const { map } = (await call('MEMORY', 'STATS')) as { map: [Reply, Reply][] }
    check(map, (value) => typeof value === 'object' && value !== null && 'double' in value)
  })

  it('figures hold together', async (call) => {
    await fill(call)
    const values = await memoryInfo(call)
    const number = (name: string) => Number(values.get(name))
    assert.ok(number('used_memory') > 0)
    assert.ok(number('used_memory_peak') >= number('used_memory'))
    assert.ok(number('used_memory') >= number('used_memory_startup'))
    assert.equal(number('used_memory_dataset'), number('used_memory') - number('used_memory_overhead'))
    assert.ok(number('allocator_active') <= number('allocator_resident'))
    assert.equal(number('mem_clients_slaves'), 0)
    assert.equal(number('mem_not_counted_for_evict'), 0)
    const before = number('used_memory')
    await call('SET', 'large', 'x'.repeat(1_000_000))
    const grown = Number((await memoryInfo(call)).get('used_memory')) - before
    assert.ok(grown >= 1_000_000 && grown < 2_500_000, `${grown}`)
    await call('DEL', 'large')
    const left = Number((await memoryInfo(call)).get('used_memory')) - before
    assert.ok(left < grown - 900_000, `${left} of ${grown}`)
  })

  it('clients are counted, by Valkey when it looks at them', async (call) => {
    for (let tries = 0; (await memoryInfo(call)).get('mem_clients_normal') === '0'; tries++) {
      assert.ok(tries < 1000)
      await sleep(5)
    }
  })

  it('the other subcommands', async (call) => {
    await converse(call, [
      ['MEMORY PURGE', 'OK'],
      ['MEMORY PURGE x', wrongArity('memory|purge')],
      ['MEMORY STATS x', wrongArity('memory|stats')],
      ['MEMORY DOCTOR x', wrongArity('memory|doctor')],
      ['MEMORY MALLOC-STATS x', wrongArity('memory|malloc-stats')],
      ['MEMORY', wrongArity('memory')],
      ['MEMORY FOO', { error: "ERR unknown subcommand 'FOO'. Try MEMORY HELP." }],
    ])
    assert.match((await call('MEMORY', 'DOCTOR')) as string, /^Hi Sam, this instance is empty/)
    assert.match((await call('MEMORY', 'MALLOC-STATS')) as string, /Allocated: \d+/)
    const help = (await call('MEMORY', 'HELP')) as string[]
    assert.equal(help[0], 'MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:')
  })

  it('scripts are counted', async (call) => {
    await call('SCRIPT', 'FLUSH')
    await call('CONFIG', 'RESETSTAT')
    const look = async () => {
      const values = new Map([...(await memoryInfo(call)), ...(await section(call, 'stats'))])
      return (name: string) => Number(values.get(name))
    }
    const before = await look()
    assert.equal(before('number_of_cached_scripts'), 0)
    const pad = 'x'.repeat(1000)
    for (let i = 0; i < 510; i++) await call('EVAL', `return ${i} -- ${pad}`, 0)
    const full = await look()
    assert.equal(full('number_of_cached_scripts'), 500)
    assert.equal(full('evicted_scripts'), 10)
    assert.ok(full('used_memory_vm_eval') > 0)
    const grown = (name: string) => full(name) - before(name)
    assert.ok(grown('used_memory_scripts_eval') >= 500_000, `${grown('used_memory_scripts_eval')}`)
    assert.ok(grown('used_memory') >= 500_000, `${grown('used_memory')}`)
    await call('SCRIPT', 'LOAD', 'return 1')
    assert.equal((await look())('number_of_cached_scripts'), 501)
    await call('SCRIPT', 'FLUSH', 'SYNC')
    const after = await look()
    assert.equal(after('number_of_cached_scripts'), 0)
    assert.equal(after('used_memory_scripts_eval'), before('used_memory_scripts_eval'))
  })

  it('USAGE guesses from samples, or looks at all', async (call) => {
    const members = Array.from({ length: 2000 }, (_, i) => `${'x'.repeat(i % 50)}${i}`)
    await call('SADD', 'set', ...members)
    await call('HSET', 'hash', ...members.flatMap((member) => [member, 'value']))
    await call('ZADD', 'zset', ...members.flatMap((member) => [1, member]))
    for (const key of ['set', 'hash', 'zset']) {
      const exact = Number(await call('MEMORY', 'USAGE', key, 'SAMPLES', 0))
      const guess = Number(await call('MEMORY', 'USAGE', key, 'SAMPLES', 500))
      assert.ok(exact > 60_000, `${key}: ${exact}`)
      assert.ok(Math.abs(guess / exact - 1) < 0.35, `${key}: ${guess} of ${exact}`)
      assert.ok(Number(await call('MEMORY', 'USAGE', key)) > 20_000)
    }
  })

  it('what is unlinked is freed apart from the command', async (call) => {
    const members = Array.from({ length: 5000 }, (_, i) => `member:${i}`)
    // What the tests before left behind is none of this one's.
    await untilAllIsFreed(call)
    await call('CONFIG', 'RESETSTAT')
    await call('SADD', 'set', ...members)
    const before = Number((await memoryInfo(call)).get('used_memory'))
    assert.equal(await call('UNLINK', 'set'), 1)
    await untilAllIsFreed(call)
    const values = await memoryInfo(call)
    assert.equal(values.get('lazyfreed_objects'), '1')
    assert.ok(Number(values.get('used_memory')) < before - 100_000)
    await call('CONFIG', 'RESETSTAT')
    assert.equal((await memoryInfo(call)).get('lazyfreed_objects'), '0')
    for (let i = 0; i < 10; i++) await call('SET', `key:${i}`, 'x')
    await call('FLUSHALL', 'SYNC')
    assert.equal((await memoryInfo(call)).get('lazyfreed_objects'), '0')
    await call('CONFIG', 'SET', 'lazyfree-lazy-user-del', 'no')
    await call('SADD', 'set', ...members)
    await call('DEL', 'set')
    assert.equal((await memoryInfo(call)).get('lazyfreed_objects'), '0')
    await call('CONFIG', 'SET', 'lazyfree-lazy-user-del', 'yes')
  })
})
