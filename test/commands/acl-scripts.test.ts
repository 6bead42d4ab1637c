import assert from 'node:assert/strict'
import { as, errorOf } from '../support/acl.ts'
import { onEachServer, type Reply } from '../support/server.ts'

onEachServer('ACL and scripts', ({ it }) => {
  it('scripts may do what their caller may', async (call, _connection, server) => {
    await call('MSET', 'a', 'of a', 'b', 'of b')
    await as(server, call, '~a &c +@scripting +get +set +publish +config|get -config|get', async (send) => {
      const denied: [call: string, reason: string][] = [
        ["'get', 'b'", 'No permissions to access a key'],
        ["'set', 'b', 1", 'No permissions to access a key'],
        ["'del', 'a'", "User u has no permissions to run the 'del' command"],
        ["'object', 'encoding', 'a'", "User u has no permissions to run the 'object|encoding' command"],
        ["'publish', 'd', 'm'", 'No permissions to access a channel'],
      ]
      for (const [words, reason] of denied) {
        const text = `ERR ACL failure in script: ${reason}`
        const raised = errorOf(await send('EVAL', `return redis.call(${words})`, 0))
        assert.ok(raised.startsWith(`${text} script: `), raised)
        assert.deepEqual(await send('EVAL', `return redis.pcall(${words})`, 0), { error: text })
        assert.deepEqual(await send('EVAL', `return redis.pcall(${words}).err`, 0), text)
      }
      assert.equal(await send('EVAL', "return redis.call('get', 'a')", 0), 'of a')
      assert.equal(await send('EVAL', "return redis.call('publish', 'c', 'm')", 0), 0)
      assert.equal(await send('EVAL', "redis.call('set', 'a', 1) return redis.call('get', 'a')", 0), '1')
      // Declared or not makes no difference to the calls, but EVAL itself is looked at too.
      assert.equal(errorOf(await send('EVAL', 'return 1', 1, 'b')), 'NOPERM No permissions to access a key')
    })
    assert.equal(await call('EVAL', "return redis.call('get', 'b')", 0), 'of b')
  })

  it('other rules for scripts come in their order', async (call, _connection, server) => {
    await as(server, call, '~a +@scripting +get', async (send) => {
      const order: [call: string, error: string][] = [
        ["'nosuch'", 'ERR Unknown command called from script'],
        ["'del'", 'ERR Wrong number of args calling command from script'],
        ["'subscribe', 'x'", 'ERR This Redis command is not allowed from script'],
        ["'set', 'a', 1", "ERR ACL failure in script: User u has no permissions to run the 'set' command"],
      ]
      for (const [words, error] of order) {
        assert.deepEqual(await send('EVAL_RO', `return redis.pcall(${words})`, 0), { error }, words)
      }
    })
    await as(server, call, '~a +@scripting +set', async (send) => {
      assert.deepEqual(await send('EVAL_RO', "return redis.pcall('set', 'a', 1)", 0), {
        error: 'ERR Write commands are not allowed from read-only scripts.',
      })
    })
  })

  it('redis.acl_check_cmd', async (call, _connection, server) => {
    const check = (words: string) => `return tostring(redis.acl_check_cmd(${words}))`
    await as(server, call, '~a &c +@scripting +get +publish +sort +select|0', async (send) => {
      const cases: [words: string, permitted: boolean][] = [
        ["'get', 'a'", true],
        ["'GET', 'b'", false],
        ["'set', 'a', 1", false],
        ["'publish', 'c', 'm'", true],
        ["'publish', 'd', 'm'", false],
        ["'select', 0", true],
        ["'select', 1", false],
        ["'config', 'get', 'x'", false],
        ["'config'", false],
        ["'auth', 'x'", true],
        // Cut short, it names no key that could be denied.
        ["'get'", true],
        ["'get', 'b', 'a'", false],
      ]
      for (const [words, permitted] of cases) {
        assert.equal(await send('EVAL', check(words), 0), String(permitted), words)
      }
      const nosuch = errorOf(await send('EVAL', check("'nosuch'"), 0))
      assert.match(nosuch, /^ERR Invalid command passed to server\.acl_check_cmd\(\) script: /)
      assert.match(errorOf(await send('EVAL', check("'config', 'nosuch'"), 0)), /^ERR Invalid command passed/)
      assert.match(errorOf(await send('EVAL', check(''), 0)), /^ERR Please specify at least one argument/)
    })
    assert.equal(await call('EVAL', check("'get', 'b'"), 0), 'true')
  })

  it('ACL LOG and INFO have what scripts were denied', async (call, _connection, server) => {
    await call('ACL', 'LOG', 'RESET')
    await call('CONFIG', 'RESETSTAT')
    await as(server, call, '~a +@scripting +get', async (send) => {
      await send('EVAL', "for i = 1, 3 do redis.pcall('get', 'b') end redis.pcall('del', 'a')", 0)
    })
    const entries = ((await call('ACL', 'LOG')) as Reply[][]).map((entry) => [
      entry[1],
      entry[3],
      entry[5],
      entry[7],
      entry[9],
    ])
    assert.deepEqual(entries, [
      [1, 'command', 'lua', 'del', 'u'],
      [3, 'key', 'lua', 'b', 'u'],
    ])
    const client = String(((await call('ACL', 'LOG')) as Reply[][])[0]![13])
    assert.match(client, / cmd=eval user=u /)
    assert.match(String(await call('INFO', 'commandstats')), /cmdstat_get:calls=0,.*rejected_calls=3/)
  })

  it('what a caller may do is asked anew for every script', async (call, _connection, server) => {
    await as(server, call, '~* +@all', async (send) => {
      const script = "return redis.pcall('set', 'k', 1)"
      assert.deepEqual(await send('EVAL', script, 0), 'OK')
      await call('ACL', 'SETUSER', 'u', '-set')
      assert.equal(
        errorOf(await send('EVAL', script, 0)),
        "ERR ACL failure in script: User u has no permissions to run the 'set' command",
      )
      await call('ACL', 'SETUSER', 'u', '+@all', '~*', '&*')
      assert.deepEqual(await send('EVAL', script, 0), 'OK')
      await send('RESET')
      assert.deepEqual(await send('EVAL', script, 0), 'OK')
    })
  })

  it('scripts of a transaction', async (call, _connection, server) => {
    await as(server, call, '~a &* +@all', async (send) => {
      await send('MULTI')
      assert.equal(errorOf(await send('EVAL', 'return 1', 1, 'b')), 'NOPERM No permissions to access a key')
      await send('DISCARD')
      await send('MULTI')
      assert.equal(await send('EVAL', "return redis.pcall('get', 'b')", 1, 'a'), 'QUEUED')
      assert.deepEqual(await send('EXEC'), [
        { error: 'ERR ACL failure in script: No permissions to access a key' },
      ])
      assert.equal(((await call('ACL', 'LOG', 1)) as Reply[][])[0]![5], 'lua')
    })
  })

  it('SORT in scripts', async (call, _connection, server) => {
    await as(server, call, '~a +@scripting +sort', async (send) => {
      assert.deepEqual(await send('EVAL', "return redis.pcall('sort', 'a', 'by', 'w_*')", 0), {
        error: 'ERR BY option of SORT denied due to insufficient ACL permissions.',
      })
    })
  })
})
