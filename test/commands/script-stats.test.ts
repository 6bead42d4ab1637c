/**
 * SCRIPT STATS and what else tells of scripts over RESP: Perilune's own.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type Connection, connect, type Reply, type RunningServer, startPerilune } from '../support/server.ts'

type Stats = Record<string, Reply> & { errors: Record<string, Reply>; kills: Record<string, Reply> }

/** A flat list of names and values. */
function mapOf(reply: Reply | undefined): Record<string, Reply> {
  const list = reply as Reply[]
  return Object.fromEntries(list.flatMap((name, i) => (i % 2 === 0 ? [[String(name), list[i + 1]!]] : [])))
}

describe('statistics of scripts', () => {
  let server: RunningServer
  let connection: Connection
  const call = (...words: string[]) => connection.send(...(words as [string]))

  before(async () => {
    server = await startPerilune()
    connection = await connect(server.port)
  })
  after(async () => {
    await connection?.close()
    await server?.stop()
  })

  async function stats(...ids: string[]): Promise<Record<string, Stats>> {
    const all = Object.entries(mapOf(await call('script', 'stats', ...ids)))
    return Object.fromEntries(
      all.map(([id, one]) => {
        const figures = mapOf(one)
        return [id, { ...figures, errors: mapOf(figures.errors), kills: mapOf(figures.kills) }]
      }),
    ) as Record<string, Stats>
  }

  test('a slow command is timed among quick ones', async () => {
    await call('eval', "for i = 1, 20000 do redis.call('rpush', 'list', i * 7919 % 20000) end", '0')
    const body = "for i = 1, 1000 do redis.call('get', 'key') end return #redis.call('sort', 'list')"
    for (let i = 0; i < 3; i++) assert.equal(await call('eval', body, '0'), 20000)
    const info = String(await call('info', 'commandstats'))
    // No machine sorts so many in less.
    assert.ok(Number(/cmdstat_sort:calls=3,usec=(\d+)/.exec(info)![1]) > 500, info)
  })

  test('count runs, errors, commands, keys and bytes', async () => {
    const sha = String(await call('script', 'load', "-- name: peek\nreturn redis.call(ARGV[1], 'key')"))
    assert.equal((await stats(sha))[sha]!.calls, 0)
    await call('evalsha', sha, '0', 'get')
    await call('evalsha', sha, '1', 'key', 'get')
    await call('evalsha', sha, '0', 'nothing')
    const { [sha]: one } = await stats(sha.toUpperCase())
    assert.deepEqual(
      [
        one!.name,
        one!.calls,
        one!.commands,
        one!.undeclared_keys,
        one!.input_bytes,
        Number(one!.output_bytes) > 5,
      ],
      ['peek', 3, 2, 1, 16, true],
    )
    assert.deepEqual(one!.errors, { ERR: 1 })
    assert.deepEqual(one!.kills, { user: 0, memory: 0, fault: 0, page: 0 })
    assert.equal(Number(one!.usec_lua) + Number(one!.usec_commands) - Number(one!.usec) <= 1, true)
    assert.ok(Math.abs(Number(one!.last_run) - Date.now() / 1000) < 60)
    assert.ok(Number(one!.usec_p50) <= Number(one!.usec_max))
  })

  test('name the last keys that were not declared', async () => {
    const names = "for _, key in ipairs(ARGV) do redis.call('get', key) end return redis.call('get', KEYS[1])"
    const sha = String(await call('script', 'load', names))
    assert.deepEqual((await stats(sha))[sha]!.last_undeclared_keys, [])
    const keys = Array.from({ length: 10 }, (_, i) => `k${i}`)
    await call('evalsha', sha, '1', 'own', ...keys, 'own', '\xff', 'k9', 'x'.repeat(200))
    const expected = [`${'x'.repeat(128)}...`, '\xff', 'k9', 'k8', 'k7', 'k6', 'k5', 'k4']
    assert.deepEqual((await stats(sha))[sha]!.last_undeclared_keys, expected)
    await call('script', 'stats', 'reset')
    assert.deepEqual((await stats(sha))[sha]!.last_undeclared_keys, [])
  })

  test('count pipelined runs, all of them', async () => {
    const sha = String(await call('script', 'load', "return redis.call('incr', KEYS[1])"))
    const words = ['evalsha', sha, '1', 'counter']
    for (let i = 0; i < 10; i++) await connection.pipeline(Array.from({ length: 100 }, () => words))
    const { [sha]: one } = await stats(sha)
    assert.deepEqual([one!.calls, one!.commands, one!.input_bytes], [1000, 1000, 7000])
  })

  test('part the time of a script that seldom calls commands, as soon as it calls some', async () => {
    const script = "if ARGV[1] == 'cmd' then for i = 1, 100 do redis.call('keys', '*') end end"
    const sha = String(await call('script', 'load', script))
    await call('evalsha', sha, '0', 'none')
    for (let i = 0; i < 15; i++) await call('evalsha', sha, '0', 'cmd')
    const { [sha]: one } = await stats(sha)
    assert.equal(one!.profiled, 16)
    assert.ok(Number(one!.usec_commands) > Number(one!.usec) / 10, JSON.stringify(one))
  })

  test('tell the memory of Lua that a run took', async () => {
    const sha = String(await call('script', 'load', "return #string.rep('x', ARGV[1])"))
    await call('evalsha', sha, '0', '1000000')
    const peak = Number((await stats(sha))[sha]!.lua_memory_peak)
    assert.ok(peak >= 1_000_000 && peak < 4_000_000, String(peak))
    await call('evalsha', sha, '0', '10')
    assert.equal(Number((await stats(sha))[sha]!.lua_memory_peak), peak)
  })

  test('say that a run wanted too much memory', async () => {
    const sha = String(await call('script', 'load', "local s = 'x' while true do s = s .. s end"))
    await call('evalsha', sha, '0')
    assert.equal((await stats(sha))[sha]!.kills.memory, 1)
  })

  test('have functions by library and name', async () => {
    await call('function', 'load', "#!lua name=lib\nredis.register_function('f', function() return 1 end)")
    await call('fcall', 'f', '0')
    assert.equal((await stats('lib.f'))['lib.f']!.calls, 1)
    assert.deepEqual(await stats('lib.g', 'f'.repeat(40), 'f'.repeat(12)), {})
  })

  test('refuse what names no script', async () => {
    for (const words of [
      ['nope'],
      ['RESET', 'foo'],
      [''],
      ['abc123'],
      ['a'.repeat(41)],
      ['lib.'],
      ['lib.f', 'x y'],
    ]) {
      assert.match(JSON.stringify(await call('script', 'stats', ...words)), /ERR SCRIPT STATS takes SHA1s/)
    }
    assert.match(
      String(await call('script', 'help')),
      /STATS \[<sha1>\|<library>\.<function>\|<name> \.\.\.\]/,
    )
    assert.deepEqual(await call('latency', 'histogram', 'nope', 'script|', 'function|'), [])
  })

  test('call scripts as their authors do', async () => {
    const name = Buffer.from('größe').toString('latin1')
    const sha = String(await call('script', 'load', `#!lua name=${name}\nreturn 1`))
    assert.equal((await stats(sha))[sha]!.name, name)
    assert.deepEqual(Object.keys(await stats(name)), [sha])
  })

  test('know a script by its SHA in either case, by the first digits, and by its name', async () => {
    const body = '-- name: twice\nreturn 1'
    const [sha, other] = [body, `${body} `].map((text) => createHash('sha1').update(text).digest('hex'))
    await call('script', 'load', body)
    await call('evalsha', sha!, '0')
    assert.equal(await call('script', 'show', 'twice'), body)
    await call('script', 'load', `${body} `)
    for (const id of [sha!, sha!.toUpperCase(), sha!.slice(0, 12), sha!.slice(0, 30).toUpperCase()]) {
      assert.deepEqual(Object.keys(await stats(id, sha!)), [sha], id)
      assert.equal(await call('script', 'show', id), body)
      assert.equal(
        mapOf(await call('latency', 'histogram', `script|${id}`))[`script|${sha}`] !== undefined,
        true,
      )
    }
    assert.deepEqual(Object.keys(await stats('twice', sha!)), [sha, other])
    assert.deepEqual(Object.keys(mapOf(await call('latency', 'histogram', 'script|twice'))), [
      `script|${sha}`,
    ])
    for (const id of ['twice', sha!.slice(0, 11), `${sha}0`]) {
      assert.match(JSON.stringify(await call('script', 'show', id)), /NOSCRIPT/)
    }
  })

  test('keep the sums of scripts that went, until they are set back', async () => {
    await call('script', 'flush')
    const { other } = await stats()
    assert.ok(Number(other!.calls) >= 1004)
    assert.equal(await call('script', 'stats', 'RESET'), 'OK')
    const all = await stats()
    assert.deepEqual(Object.keys(all), ['lib.f', 'other'])
    assert.ok(Object.values(all).every(({ calls }) => calls === 0))
  })

  test('LATENCY HISTOGRAM knows scripts and functions by name, and lists none of them unasked', async () => {
    const sha = String(await call('script', 'load', 'return 1'))
    for (let i = 0; i < 5; i++) await call('evalsha', sha, '0')
    await call('fcall', 'f', '0')
    const found = mapOf(await call('latency', 'histogram', `script|${sha}`, 'function|lib.f', 'script|f'))
    assert.deepEqual(Object.keys(found), [`script|${sha}`, 'function|lib.f'])
    const { calls, histogram_usec } = mapOf(found[`script|${sha}`])
    assert.equal(calls, 5)
    assert.equal((histogram_usec as Reply[]).at(-1), 5)
    assert.ok(Object.keys(mapOf(await call('latency', 'histogram'))).every((name) => !name.includes(sha)))
  })

  test('the slow log names the script whose text it cuts', async () => {
    await call('config', 'set', 'slowlog-log-slower-than', '0')
    const script = `return '${'x'.repeat(200)}'`
    await call('eval', script, '0', 'y'.repeat(130))
    await call('config', 'set', 'slowlog-log-slower-than', '10000')
    const sha = String(await call('script', 'load', script))
    const entries = (await call('slowlog', 'get', '-1')) as Reply[][]
    const [, body, , argument] = entries
      .map((entry) => entry[3] as string[])
      .find(([name]) => name === 'eval')!
    assert.equal(body!.slice(128), `... (81 more bytes, script ${sha})`)
    assert.equal(argument!.slice(128), '... (2 more bytes)')
  })

  test('count scripts that were loaded after thousands of others', async () => {
    const loads = Array.from({ length: 4200 }, (_, i) => ['script', 'load', `return ${i} + 7`])
    const shas = (await connection.pipeline(loads)).map(String)
    const late = shas.at(-1)!
    await connection.pipeline(Array.from({ length: 50 }, () => ['evalsha', late, '0']))
    assert.equal((await stats(late))[late]!.calls, 50)
    // That of one that never ran is all zeros, whatever it is called by.
    const { [late]: one, [shas[0]!]: none } = await stats(late, shas[0]!.toUpperCase())
    assert.deepEqual(Object.keys(none!), Object.keys(one!))
    const { name, errors, kills, last_undeclared_keys: keys, ...figures } = none!
    assert.deepEqual([name, errors, keys], ['', {}, []])
    assert.ok(Object.values({ ...kills, ...figures }).every((value) => value === 0))
  })
})
