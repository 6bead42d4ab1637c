/**
 * What clients see while a function is late (`busy-reply-threshold`), and how it is stopped.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Call, onEachServer, type Reply, type RunningServer, startPerilune } from '../support/server.ts'
import { BUSY, BUSY_FUNCTION, errorOf, KINDS, LATE, untilBusy, whileBusy } from './late.ts'

const LIBRARY = `#!lua name=lib
local calls = 0
redis.register_function('endless', function() while true do end end)
redis.register_function('swallow', function() while true do pcall(function() while true do end end) end end)
redis.register_function('write', function(keys, args)
  redis.call('set', 'x', 'y')
  for i = 1, tonumber(args[1]) do end
  return 'written'
end)
redis.register_function('count', function() calls = calls + 1 return calls end)`

/** Runs `body` while a function of another connection is late; answers what its client got in the end. */
async function whileFunctionIsBusy(
  server: RunningServer,
  call: Call,
  name: string,
  body: () => Promise<void>,
): Promise<Reply> {
  const caller = await server.connect()
  const ended = caller.send('fcall', name, '1', 'key', 'argument')
  await untilBusy(call, BUSY_FUNCTION)
  await body()
  assert.equal(await call('function', 'kill'), 'OK')
  const reply = await ended
  await caller.close()
  return reply
}

onEachServer(
  'a late function',
  ({ it }) => {
    it('is answered BUSY, killed, and forgotten', async (call, _connection, server) => {
      assert.equal(await call('function', 'load', 'replace', LIBRARY), 'lib')
      assert.equal(await call('fcall', 'count', '0'), 1)
      const reply = await whileFunctionIsBusy(server, call, 'endless', async () => {
        assert.deepEqual(await call('set', 'key', 'value'), BUSY_FUNCTION)
        assert.deepEqual(await call('fcall', 'count', '0'), BUSY_FUNCTION)
        assert.deepEqual(await call('function', 'list'), BUSY_FUNCTION)
        assert.deepEqual(await call('shutdown'), BUSY_FUNCTION)
      })
      assert.match(
        errorOf(reply),
        /^ERR (Error running script: endless, |)Script killed by user with FUNCTION KILL/,
      )
      assert.equal(await call('get', 'key'), null)
      assert.deepEqual(await call('function', 'kill'), {
        error: 'NOTBUSY No scripts in execution right now.',
      })
      assert.equal(await call('fcall', 'count', '0'), 2, 'the variables of its library are still there')
    })

    it('is killed in spite of pcall', async (call, _connection, server) => {
      await call('function', 'load', 'replace', LIBRARY)
      const reply = await whileFunctionIsBusy(server, call, 'swallow', async () => {})
      assert.match(errorOf(reply), /Script killed by user/)
    })

    it('is what FUNCTION STATS tells of', async (call, _connection, server) => {
      await call('function', 'load', 'replace', LIBRARY)
      await whileFunctionIsBusy(server, call, 'endless', async () => {
        const other = await server.connect()
        // Fills the buffer that the command of the function came in.
        await other.pipeline(Array.from({ length: 50 }, () => ['set', 'k', 'x'.repeat(500)]))
        for (const stats of [await other.send('function', 'stats'), await call('function', 'stats')]) {
          const [title, running, ...rest] = stats as Reply[]
          const duration = (running as Reply[])[5] as number
          assert.ok(Number.isInteger(duration) && duration >= 50, String(duration))
          assert.deepEqual(
            [title, (running as Reply[]).slice(0, 5), ...rest],
            [
              'running_script',
              ['name', 'endless', 'command', ['fcall', 'endless', '1', 'key', 'argument'], 'duration_ms'],
              'engines',
              ['LUA', ['libraries_count', 1, 'functions_count', 4]],
            ],
          )
        }
        await other.close()
      })
    })

    it('is none of SCRIPT KILL, nor a script one of FUNCTION KILL', async (call, _connection, server) => {
      await call('function', 'load', 'replace', LIBRARY)
      await whileFunctionIsBusy(server, call, 'endless', async () => {
        assert.deepEqual(await call('script', 'kill'), BUSY_FUNCTION)
      })
      await whileBusy(server, call, async () => {
        assert.deepEqual(await call('function', 'kill'), BUSY)
        assert.deepEqual(await call('function', 'stats'), BUSY)
      })
    })

    it('cannot be killed once it has called a command that writes', async (call, _connection, server) => {
      await call('function', 'load', 'replace', LIBRARY)
      const caller = await server.connect()
      const ended = caller.send('fcall', 'write', '0', '60000000')
      await untilBusy(call, BUSY_FUNCTION)
      assert.match(
        errorOf(await call('function', 'kill')),
        /^UNKILLABLE Sorry the script already executed write commands/,
      )
      assert.equal(await ended, 'written')
      await caller.close()
    })
  },
  LATE,
)

describe('functions of all kinds are stopped', () => {
  for (const [name, script] of Object.entries(KINDS)) {
    test(name, async () => {
      const server = await startPerilune(LATE)
      const connection = await server.connect()
      const call: Call = (...args) => connection.send(...args)
      try {
        const kind = `redis.register_function('kind', function() ${script} end)`
        assert.equal(await call('function', 'load', `${LIBRARY}\n${kind}`), 'lib')
        assert.equal(await call('fcall', 'count', '0'), 1)
        const reply = await whileFunctionIsBusy(server, call, 'kind', async () => {})
        assert.match(errorOf(reply), /^ERR .*Script killed by user with FUNCTION KILL/)
        assert.equal(await call('fcall', 'count', '0'), 2)
      } finally {
        await connection.close()
        await server.stop()
      }
    })
  }
})
