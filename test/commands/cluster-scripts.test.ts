/**
 * Which keys a script may use on a node that serves all slots: by default, by its flags, by what it declared.
 */
import assert from 'node:assert/strict'
import { onEachNode } from '../support/cluster.ts'
import type { Call, Reply } from '../support/server.ts'

const OTHER_SLOT = 'ERR Script attempted to access keys that do not hash to the same slot'
const NO_CLUSTER = "ERR Can not run script on cluster, 'no-cluster' flag is set."
const crossSlot = (command: string) =>
  `ERR Command '${command}' in script attempted to access keys that don't hash to the same slot`

/** The reply, or the error without the script's name and line. */
async function run(call: Call, script: string, ...keys: string[]): Promise<Reply> {
  return plain(await call('EVAL', script, keys.length, ...keys))
}

function plain(reply: Reply): Reply {
  if (Array.isArray(reply)) return reply.map(plain)
  if (typeof reply !== 'object' || reply === null || !('error' in reply)) return reply
  return reply.error.replace(/ script: .*/, '')
}

const SET_BOTH = "redis.call('set', 'foo', 1) redis.call('set', 'bar', 2) return redis.call('get', 'bar')"

onEachNode('scripts on a node', ({ it }) => {
  it('without a shebang they may use any slot, but a command only one', async (call) => {
    assert.equal(await run(call, SET_BOTH), '2')
    assert.equal(await run(call, SET_BOTH, 'other'), '2')
    assert.equal(await run(call, "return redis.call('mget', 'foo', 'bar')"), crossSlot('mget'))
    assert.equal(await run(call, "return redis.call('memory', 'usage', 'x', 'y')"), 'ERR syntax error')
    assert.deepEqual(await run(call, "return {redis.pcall('del', 'foo', 'bar'), redis.call('get', 'foo')}"), [
      crossSlot('del'),
      '1',
    ])
    assert.deepEqual(await call('EVAL', 'return 1', 2, 'foo', 'bar'), {
      error: "CROSSSLOT Keys in request don't hash to the same slot",
    })
  })

  it('with one they may use one', async (call) => {
    assert.equal(await run(call, `#!lua\n${SET_BOTH}`), OTHER_SLOT)
    assert.equal(await call('GET', 'foo'), '1', 'what was before stays')
    assert.equal(await call('GET', 'bar'), null)
    assert.equal(await run(call, `#!lua\n${SET_BOTH}`, 'bar'), OTHER_SLOT)
    assert.equal(await run(call, "#!lua\nreturn redis.call('set', '{foo}1', 1)", 'foo'), 'OK')
    assert.equal(await run(call, "#!lua\nreturn redis.call('mget', 'foo', 'bar')"), crossSlot('mget'))
    const caught =
      "#!lua\nredis.call('get', 'foo') return {redis.pcall('get', 'bar'), redis.call('get', 'foo')}"
    assert.deepEqual(await run(call, caught), [OTHER_SLOT, '1'])
  })

  it('unless they say otherwise', async (call) => {
    assert.equal(await run(call, `#!lua flags=allow-cross-slot-keys\n${SET_BOTH}`), '2')
    assert.equal(
      await run(call, `#!lua flags=no-writes,allow-cross-slot-keys\nreturn redis.call('get', 'bar')`, 'foo'),
      '2',
    )
    assert.equal(await run(call, `#!lua flags=no-cluster\nreturn 1`), NO_CLUSTER)
    assert.equal(await run(call, `#!lua flags=no-cluster,no-writes\nreturn 1`), NO_CLUSTER)
    const sha = await call('SCRIPT', 'LOAD', '#!lua flags=no-cluster\nreturn 1')
    assert.deepEqual(await call('EVALSHA', sha as string, 0), { error: NO_CLUSTER })
    assert.deepEqual(await call('EVAL_RO', '#!lua flags=no-cluster\nreturn 1', 0), { error: NO_CLUSTER })
  })

  it('each script anew', async (call) => {
    const get = (key: string) => `#!lua\nreturn redis.call('get', '${key}')`
    assert.equal(await run(call, get('foo')), null)
    assert.equal(await run(call, get('bar')), null)
    assert.equal(await run(call, get('foo'), 'bar'), OTHER_SLOT)
    assert.equal(await run(call, get('foo')), null)
  })

  it('in a transaction they are held to its keys', async (call) => {
    const get = (key: string) => ['EVAL', `#!lua\nreturn redis.call('get', '${key}')`, '0']
    const transaction = async (...commands: string[][]) => {
      await call('MULTI')
      for (const command of commands) await call(...command)
      return plain(await call('EXEC'))
    }
    assert.deepEqual(await transaction(['GET', 'foo'], get('foo'), get('bar')), [null, null, OTHER_SLOT])
    // The last keys used before, if any, count as the caller's.
    assert.deepEqual(await transaction(get('foo'), get('bar')), [null, OTHER_SLOT])
    const ping = ['EVAL', "#!lua\nreturn redis.call('ping')", '0']
    assert.deepEqual(await transaction(get('foo'), ping, get('bar')), [null, 'PONG', null])
    const cross = ['EVAL', "#!lua flags=allow-cross-slot-keys\nreturn redis.call('get', 'foo')", '0']
    assert.deepEqual(await transaction(cross, get('bar')), [null, null])
    assert.deepEqual(await transaction(get('foo'), cross, get('bar')), [null, null, null])
    const failing = ['EVAL', "#!lua\nreturn redis.pcall('mget', 'foo', 'bar')", '0']
    assert.deepEqual(await transaction(get('foo'), failing, get('bar')), [
      null,
      crossSlot('mget'),
      OTHER_SLOT,
    ])
  })

  it('there is one database for them, too', async (call) => {
    assert.equal(await run(call, "return redis.call('select', 0)"), 'OK')
    assert.equal(
      await run(call, "return redis.call('select', 1)"),
      'ERR SELECT is not allowed in cluster mode',
    )
    assert.equal(await run(call, "return redis.call('cluster', 'keyslot', 'foo')"), 12182)
    assert.equal(
      await run(call, "return redis.call('spublish', 'foo', 'x') + redis.call('spublish', 'bar', 'x')"),
      0,
    )
    assert.equal(
      await run(
        call,
        "#!lua\nreturn redis.call('spublish', 'foo', 'x') + redis.call('spublish', 'bar', 'x')",
      ),
      OTHER_SLOT,
    )
  })

  it('while the cluster is down', async (call) => {
    const down = 'ERR Script attempted to execute a command while the cluster is down'
    const set = "return redis.call('set', 'bar', 1)"
    const get = "return redis.call('get', 'bar')"
    await call('CLUSTER', 'DELSLOTS', 0)
    assert.equal(await run(call, get), down)
    assert.equal(await run(call, set), down)
    assert.equal(await run(call, "return redis.call('ping')"), 'PONG')
    await call('CONFIG', 'SET', 'cluster-allow-reads-when-down', 'yes')
    assert.equal(await run(call, get), null)
    assert.equal(
      await run(call, set),
      'ERR Script attempted to execute a write command while the cluster is down and readonly',
    )
    assert.equal(
      await run(call, set, 'bar'),
      'ERR Script attempted to execute a write command while the cluster is down and readonly',
    )
    const sha = (await call('SCRIPT', 'LOAD', `#!lua\n${get}`)) as string
    const readOnly = { error: 'CLUSTERDOWN The cluster is down and only accepts read commands' }
    assert.deepEqual(await call('EVALSHA', sha, 1, 'bar'), readOnly)
    assert.deepEqual(await call('EVALSHA', sha, 0), null)
    await call('MULTI')
    assert.deepEqual(await call('EVALSHA', sha, 1, 'bar'), readOnly)
    await call('DISCARD')
    await call('CONFIG', 'SET', 'cluster-allow-reads-when-down', 'no')
    await call('CLUSTER', 'ADDSLOTS', 0)
    assert.equal(await run(call, get), null)
  })

  it('a refused command is counted as one', async (call) => {
    await call('CONFIG', 'RESETSTAT')
    await run(call, "redis.pcall('mget', 'foo', 'bar')")
    await call('MGET', 'foo', 'bar')
    assert.match(
      String(await call('INFO', 'commandstats')),
      /cmdstat_mget:calls=0,usec=0,usec_per_call=0\.00,rejected_calls=2,failed_calls=0/,
    )
    const errors = String(await call('INFO', 'errorstats'))
    assert.match(errors, /errorstat_CROSSSLOT:count=1\r\n/)
    assert.match(errors, /errorstat_ERR:count=1\r\n/)
  })
})
