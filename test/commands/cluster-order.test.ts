/**
 * What a node asks first when a request may be refused for several reasons.
 */
import assert from 'node:assert/strict'
import { nodesFile, OTHER_ADDRESS, onEachNode } from '../support/cluster.ts'
import { type Call, connect, type Reply } from '../support/server.ts'
import { converse, wrongArity } from '../support/transcript.ts'

const error = (text: string): Reply => ({ error: text })

const MOVED = error(`MOVED 12182 ${OTHER_ADDRESS}`)
const MOVED_A = error(`MOVED 15495 ${OTHER_ADDRESS}`)
const CROSS_SLOT = error("CROSSSLOT Keys in request don't hash to the same slot")
const OOM_TEXT = "OOM command not allowed when used memory > 'maxmemory'."
const OOM = error(OOM_TEXT)
const EXEC_ABORT = error('EXECABORT Transaction discarded because of previous errors.')
const KEYS_IN_SCRIPT = 'ERR ACL failure in script: No permissions to access a key'
const NO_KEYS = error('NOPERM No permissions to access a key')

onEachNode(
  'a request to a node',
  ({ it }) => {
    it('first of all is one that exists, whole, and by somebody who is known', async (call, _connection, server) => {
      await converse(call, [
        ['GET foo bar', wrongArity('get')],
        ['NONSENSE foo', error("ERR unknown command 'NONSENSE', with args beginning with: 'foo' ")],
        ['CONFIG SET requirepass secret', 'OK'],
      ])
      const stranger = await connect(server.port)
      assert.deepEqual(await stranger.send('GET', 'foo'), error('NOAUTH Authentication required.'))
      assert.equal(await stranger.send('AUTH', 'secret'), 'OK')
      assert.deepEqual(await stranger.send('GET', 'foo'), MOVED)
      await stranger.close()
      await call('CONFIG', 'SET', 'requirepass', '')
    })

    it('then permitted, then in its place', async (call, _connection, server) => {
      const denied = (command: string) =>
        error(`NOPERM User alice has no permissions to run the '${command}' command`)
      await call(
        'ACL',
        'SETUSER',
        'alice',
        'on',
        'nopass',
        '+@all',
        '-set',
        '-script',
        '~a*',
        '~foo',
        'resetchannels',
        '&a*',
      )
      const alice = await connect(server.port)
      const ask: Call = (...args) => alice.send(...args)
      await ask('AUTH', 'alice', 'x')
      await converse(ask, [
        // The keys of nobody and of another node alike.
        ['GET {foo}1', NO_KEYS],
        ['GET bar', NO_KEYS],
        ['GET foo', MOVED],
        ['SET foo 1', denied('set')],
        ['SET bar 1', denied('set')],
        // The first key that is denied, not the first that is elsewhere.
        ['MGET foo a', CROSS_SLOT],
        ['MGET foo bar', NO_KEYS],
        [['EVAL', 'return 1', '2', 'foo', 'bar'], NO_KEYS],
        [['EVAL', 'return 1', '2', 'foo', 'a'], CROSS_SLOT],
        ['FCALL nothing 1 bar', NO_KEYS],
        ['FCALL nothing 1 foo', MOVED],
        ['SPUBLISH foo x', error('NOPERM No permissions to access a channel')],
        ['MULTI', 'OK'],
        ['GET foo', MOVED],
        ['SET foo 1', denied('set')],
        ['EXEC', EXEC_ABORT],
        ['MULTI', 'OK'],
        ['GET bar', NO_KEYS],
        ['EXEC', EXEC_ABORT],
      ])
      // In a script, too.
      const run = async (script: string) => {
        const reply = await ask('EVAL', `return {redis.pcall(${script}).err}`, '0')
        return (reply as string[])[0]!
      }
      assert.equal(
        await run("'get', 'foo'"),
        'ERR Script attempted to access a non local key in a cluster node',
      )
      assert.equal(await run("'get', 'bar'"), KEYS_IN_SCRIPT)
      assert.equal(await run("'mget', 'foo', 'bar'"), KEYS_IN_SCRIPT)
      assert.equal(
        await run("'mget', 'foo', 'a'"),
        "ERR Command 'mget' in script attempted to access keys that don't hash to the same slot",
      )
      const log = (await call('ACL', 'LOG')) as Reply[]
      assert.ok(log.length > 0)
      assert.ok(!JSON.stringify(log).includes('"object","a"'), 'what is only elsewhere is not denied')
      await alice.close()
      await call('ACL', 'DELUSER', 'alice')
    })

    it('then there must be memory, and no subscription', async (call, _connection, server) => {
      await call('CONFIG', 'SET', 'maxmemory', 1)
      await converse(call, [
        ['SET foo 1', MOVED],
        ['MSET foo 1 bar 1', CROSS_SLOT],
        ['SET bar 1', OOM],
        [['EVAL', "return redis.call('set', 'bar', 1)", '1', 'foo'], MOVED],
        [['EVAL', '#!lua\nreturn 1', '1', 'foo'], MOVED],
        [['EVAL', '#!lua\nreturn 1', '1', 'bar'], OOM],
        // Scripts are asked the other way round.
        [['EVAL', "return {redis.pcall('set', 'foo', 1).err}", '0'], [OOM_TEXT]],
        [
          ['EVAL', "return {redis.pcall('get', 'foo').err}", '0'],
          ['ERR Script attempted to access a non local key in a cluster node'],
        ],
        ['CONFIG SET maxmemory 0', 'OK'],
      ])
      const subscriber = await connect(server.port)
      await subscriber.send('SUBSCRIBE', 'channel')
      assert.deepEqual(await subscriber.send('GET', 'foo'), MOVED)
      assert.match(JSON.stringify(await subscriber.send('GET', 'bar')), /Can't execute 'get'/)
      await subscriber.close()
    })

    it('a transaction is asked about its keys when it is to run, and ends with them', async (call) => {
      await converse(call, [
        ['MULTI', 'OK'],
        ['SET bar 1', 'QUEUED'],
        ['SET a 1', MOVED_A],
        ['SET bar 2', 'QUEUED'],
        ['EXEC', EXEC_ABORT],
        // What was queued before the refusal counts no more.
        ['MULTI', 'OK'],
        ['SET bar 1', 'QUEUED'],
        ['SET {b}1 1', 'QUEUED'],
        ['NONSENSE', error("ERR unknown command 'NONSENSE', with args beginning with: ")],
        ['EXEC', EXEC_ABORT],
        ['MULTI', 'OK'],
        ['SET bar 1', 'QUEUED'],
        ['SET {b}1 1', 'QUEUED'],
        ['GET', wrongArity('get')],
        ['SET {b}1 1', 'QUEUED'],
        ['EXEC', EXEC_ABORT],
        ['MULTI', 'OK'],
        ['SET bar 1', 'QUEUED'],
        ['SET {b}1 1', 'QUEUED'],
        ['EXEC', CROSS_SLOT],
        ['EXEC', error('ERR EXEC without MULTI')],
        ['EXISTS bar', 0],
      ])
    })
  },
  nodesFile('0-8191', '8192-16383'),
)
