/** Scripts that never end, and the alarm that ends them. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { FakeServer } from './fake-server.ts'

describe('the alarm', () => {
  /** A server whose command `arm` sets the alarm, and which answers the polls so, one after the other. */
  function alarmed(polls: (string | undefined)[], rearming = false): FakeServer {
    const place = { buffer: new SharedArrayBuffer(0), alarm: 0 }
    const arm = () => {
      new Int32Array(place.buffer)[place.alarm >> 2] = 1
    }
    const server: FakeServer = new FakeServer(
      {
        onInstance: (memory, alarm) => {
          place.buffer = memory.buffer
          place.alarm = alarm
        },
      },
      {
        arm: (_args, reply) => {
          arm()
          reply.ok()
        },
      },
    )
    server.onPoll = () => {
      if (rearming) arm()
      return polls[Math.min(server.polls, polls.length) - 1]
    }
    return server
  }

  const KILLED = 'ERR Script killed by user with SCRIPT KILL.'

  const endless = [
    'while true do end',
    'while true do pcall(function() while true do end end) end',
    "while true do redis.call('ping') end",
    'coroutine.wrap(function() while true do end end)() while true do end',
    "while true do string.gsub('aaaa', 'a', function() while true do end end) end",
    "return string.find(('a'):rep(5000), ('.-'):rep(50) .. 'b')",
    "return string.find(('a'):rep(500000), ('a'):rep(250000) .. 'b', 1, true)",
    "return (''):rep(2^31 - 1)",
    'table.insert({}, -2^31, 1)',
    'local t = {} for i = 1, 40 do t = {t, t} end return cjson.encode(t)',
    'local t = {} t.map = {[t] = t} return t',
    'local t = {} for i = 1, 2e5 do t[i] = i % 7 end while true do table.sort(t, function(a, b) return a < b end) end',
  ]
  for (const body of endless) {
    test(`ends: ${body.slice(0, 60)}`, () => {
      const server = alarmed([KILLED])
      assert.match(
        server.error(`redis.call('arm') ${body}`),
        /^ERR Script killed by user with SCRIPT KILL\. script: SHA, on @user_script:1\.$/,
      )
      assert.ok(server.polls < 250, `polled ${server.polls} times`)
      assert.equal(server.eval('return 1'), ':1\r\n')
      server.close()
    })
  }

  test('ends a script while it is compiled', () => {
    const server: FakeServer = new FakeServer({
      onInstance: (memory, alarm) => {
        new Int32Array(memory.buffer)[alarm >> 2] = 1
      },
    })
    server.onPoll = () => KILLED
    assert.equal(server.error('return 1'), `${KILLED} script: SHA, on @user_script:1.`)
    server.onPoll = () => undefined
    assert.equal(server.eval('return 1'), ':1\r\n')
    assert.match(server.error('return +'), /^ERR Error compiling script \(new function\): /)
    server.close()
  })

  test('lets a script go on when the server says so', () => {
    const server = alarmed([undefined, undefined])
    assert.equal(
      server.eval(
        "redis.call('arm') local n = 0 for i = 1, 1000 do n = n + i end redis.call('arm') return n",
      ),
      ':500500\r\n',
    )
    assert.equal(server.polls, 2)
    assert.equal(server.host.lua.instances, 1)
    server.close()
  })

  test('is off for the next script', () => {
    const server = alarmed([KILLED])
    server.eval("redis.call('arm') return 1")
    const polls = server.polls
    assert.equal(server.eval('local n = 0 for i = 1, 10 do n = n + 1 end return n'), ':10\r\n')
    assert.equal(server.polls, polls)
    server.close()
  })

  test('ends a garbage collection in its midst, and the next one is whole', () => {
    const server = alarmed([...Array(5000).fill(undefined), KILLED], true)
    assert.match(
      server.error(
        "local t = {} for i = 1, 1e5 do t[i] = {} end redis.call('arm') collectgarbage() return 1",
      ),
      /^ERR Script killed by user/,
    )
    assert.ok(server.polls < 5250, `polled ${server.polls} times`)
    server.onPoll = () => undefined
    assert.equal(server.eval('collectgarbage() return 1'), ':1\r\n')
    server.close()
  })

  test('may be set all the time, also while an interpreter is made in the memory of the last', async () => {
    const place = { buffer: new SharedArrayBuffer(0), alarm: 0 }
    const server = new FakeServer({
      onInstance: (memory, alarm) => Object.assign(place, { buffer: memory.buffer, alarm }),
    })
    server.eval('return 1')
    const setter = new Worker(
      `const { words, index } = require('node:worker_threads').workerData
       for (;;) Atomics.store(words, index, 1)`,
      {
        eval: true,
        workerData: { words: new Int32Array(place.buffer), index: place.alarm >> 2 },
      },
    )
    try {
      while (server.polls === 0) server.eval('return 1')
      for (let i = 0; i < 5; i++) {
        server.host.reset()
        for (let j = 0; j < 5; j++) assert.equal(server.eval('return 1'), ':1\r\n')
      }
      assert.equal(server.host.lua.instances, 6)
    } finally {
      await setter.terminate()
      server.close()
    }
  })
})
