import assert from 'node:assert/strict'
import { as, type Send } from '../support/acl.ts'
import { type Argument, onEachServer, type Reply } from '../support/server.ts'

/** The entries of ACL LOG as objects. */
async function log(send: Send, ...args: Argument[]): Promise<Record<string, Reply>[]> {
  const entries = (await send('ACL', 'LOG', ...args)) as Reply[][]
  return entries.map((flat) => {
    const entry: Record<string, Reply> = {}
    for (let i = 0; i < flat.length; i += 2) entry[String(flat[i])] = flat[i + 1]!
    return entry
  })
}

onEachServer('what was denied', ({ it }) => {
  it('LOG: reasons, contexts, grouping', async (call, _connection, server) => {
    await call('ACL', 'LOG', 'RESET')
    await as(server, call, '~a &c +@all -del', async (send) => {
      await send('GET', 'x')
      await send('GET', 'x')
      await send('SET', 'x', 1)
      await send('DEL', 'a')
      await send('PUBLISH', 'd', 'm')
      await send('MULTI')
      await send('GET', 'x')
      await send('DISCARD')
      await send('EVAL', "redis.pcall('get', 'x')", 0)
      await send('Auth', 'u', 'x')
      await send('AUTH', 'nobody', 'x')
      await send('HELLO', 3, 'AUTH', 'u2', 'x')
      const entries = await log(call)
      assert.deepEqual(
        entries.map((entry) => [entry.count, entry.reason, entry.context, entry.object, entry.username]),
        [
          [1, 'auth', 'toplevel', 'HELLO', 'u2'],
          [1, 'auth', 'toplevel', 'AUTH', 'nobody'],
          [1, 'key', 'lua', 'x', 'u'],
          [1, 'key', 'multi', 'x', 'u'],
          [1, 'channel', 'toplevel', 'd', 'u'],
          [1, 'command', 'toplevel', 'del', 'u'],
          [3, 'key', 'toplevel', 'x', 'u'],
        ],
      )
      const [newest] = entries
      assert.deepEqual(Object.keys(newest!), [
        ...['count', 'reason', 'context', 'object', 'username', 'age-seconds'],
        ...['client-info', 'entry-id', 'timestamp-created', 'timestamp-last-updated'],
      ])
      assert.match(String(newest!['client-info']), /^id=\d+ addr=127\.0\.0\.1:\d+ .* cmd=hello user=u /)
      assert.match(String(newest!['age-seconds']), /^\d+(\.\d+)?$/)
      assert.equal(newest!['timestamp-created'], newest!['timestamp-last-updated'])
      // What is counted again comes first.
      await send('DEL', 'a')
      assert.equal((await log(call, 1))[0]!.object, 'del')
      assert.equal((await log(call, -1)).length, 0)
      assert.equal((await log(call, 100)).length, 7)
    })
    assert.equal(await call('ACL', 'LOG', 'reset'), 'OK')
    assert.deepEqual(await log(call), [])
  })

  it('LOG holds acllog-max-len entries', async (call, _connection, server) => {
    await as(server, call, '+@all', async (send) => {
      for (const key of ['a', 'b', 'c']) await send('GET', key)
      await call('CONFIG', 'SET', 'acllog-max-len', 2)
      assert.equal((await log(call)).length, 3)
      await send('GET', 'd')
      assert.deepEqual(
        (await log(call)).map((entry) => entry.object),
        ['d', 'c'],
      )
      await call('CONFIG', 'SET', 'acllog-max-len', 0)
      await send('GET', 'e')
      assert.deepEqual(await log(call), [])
      await call('CONFIG', 'SET', 'acllog-max-len', 128)
    })
  })

  it('LOG in RESP3', async (call, _connection, server) => {
    await as(server, call, '+@all', async (send) => {
      await call('ACL', 'LOG', 'RESET')
      await send('GET', 'a')
      await call('HELLO', 3)
      const [entry] = (await call('ACL', 'LOG')) as [{ map: [string, Reply][] }]
      const age = entry.map.find(([name]) => name === 'age-seconds')![1] as { double: string }
      assert.ok(Number(age.double) >= 0)
    })
  })

  it('INFO counts what was denied', async (call, _connection, server) => {
    const denied = async (): Promise<Record<string, number>> => {
      const counts = String(await call('INFO', 'stats')).matchAll(/acl_access_denied_([a-z]+):(\d+)/g)
      return Object.fromEntries([...counts].map(([, name, count]) => [name, Number(count)]))
    }
    await call('CONFIG', 'RESETSTAT')
    const before = await denied()
    await as(server, call, '~a +@all -del', async (send) => {
      await send('AUTH', 'u3', 'x')
      for (let i = 0; i < 2; i++) await send('DEL', 'a')
      for (let i = 0; i < 3; i++) await send('GET', 'x')
      for (let i = 0; i < 4; i++) await send('PUBLISH', 'x', 'm')
    })
    const after = await denied()
    const growth = Object.entries(after).map(([name, count]) => [name, count - before[name]!])
    assert.deepEqual(Object.fromEntries(growth), { auth: 1, cmd: 2, key: 3, channel: 4 })
    await call('CONFIG', 'RESETSTAT')
    assert.deepEqual(await denied(), after)
    await as(server, call, '-@all', async (send) => {
      await send('GET', 'a')
    })
    const info = String(await call('INFO', 'everything'))
    assert.match(info, /errorstat_NOPERM:count=1\r\n/)
    assert.match(info, /cmdstat_get:calls=0,.*,rejected_calls=1,failed_calls=0/)
  })
})
