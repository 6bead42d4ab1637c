/**
 * What clients see while a script is late (`busy-reply-threshold`), and how it is stopped.
 */
import assert from 'node:assert/strict'
import { connect as connectSocket } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type Access,
  type Call,
  Connection,
  connect,
  onEachServer,
  PLAIN,
  type Reply,
  type RunningServer,
  type Servers,
  startPerilune,
  TLS,
} from '../support/server.ts'
import { BUSY, ENDLESS, errorOf, KILLED, KINDS, LATE, untilBusy, whileBusy } from './late.ts'

function suite({ it }: Servers): void {
  it('is answered BUSY, killed, and forgotten', async (call, _connection, server) => {
    const reply = await whileBusy(server, call, async () => {
      assert.deepEqual(await call('set', 'key', 'value'), BUSY)
      assert.deepEqual(await call('eval', 'return 1', '0'), BUSY)
    })
    assert.match(errorOf(reply), /Script killed by user with SCRIPT KILL/)
    assert.equal(await call('get', 'key'), null)
    assert.equal(await call('set', 'key', 'value'), 'OK')
    assert.deepEqual(await call('script', 'kill'), { error: 'NOTBUSY No scripts in execution right now.' })
    assert.equal(await call('eval', 'return 7', '0'), 7)
  })

  it('is Redis that is busy where Redis is asked for', async (call, _connection, server) => {
    await call('config', 'set', 'extended-redis-compatibility', 'yes')
    const caller = await server.connect()
    const ended = caller.send('eval', ENDLESS, '0')
    await untilBusy(call, {
      error: 'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    })
    assert.equal(await call('script', 'kill'), 'OK')
    assert.match(errorOf(await ended), KILLED)
    await caller.close()
    await call('config', 'set', 'extended-redis-compatibility', 'no')
  })

  it('asks who may do what before it answers BUSY', async (call, _connection, server) => {
    await call('acl', 'setuser', 'visitor', 'on', '>pass', '~a', '+get', '+ping')
    await whileBusy(server, call, async () => {
      const other = await server.connect()
      assert.equal(await other.send('auth', 'visitor', 'pass'), 'OK')
      assert.deepEqual(await other.send('get', 'a'), BUSY)
      assert.deepEqual(await other.send('get', 'b'), { error: 'NOPERM No permissions to access a key' })
      assert.deepEqual(await other.send('script', 'kill'), {
        error: "NOPERM User visitor has no permissions to run the 'script|kill' command",
      })
      await other.close()
    })
    await call('acl', 'deluser', 'visitor')
  })

  it('goes on as its caller after others were served', async (call, _connection, server) => {
    await call('acl', 'setuser', 'caller', 'on', '>pass', '~a', '+eval', '+get')
    const caller = await server.connect()
    await caller.send('auth', 'caller', 'pass')
    const script = "for i = 1, tonumber(ARGV[1]) do end return redis.pcall('get', 'b')"
    const ended = caller.send('eval', script, '0', '60000000')
    await untilBusy(call)
    assert.equal(await call('auth', 'default', ''), 'OK')
    assert.deepEqual(await ended, { error: 'ERR ACL failure in script: No permissions to access a key' })
    await caller.close()
    await call('acl', 'deluser', 'caller')
  })

  it('lets sessions be changed', async (call, _connection, server) => {
    await whileBusy(server, call, async () => {
      const other = await server.connect()
      const hello = await other.send('hello', '3', 'setname', 'visitor')
      assert.ok(typeof hello === 'object' && hello !== null && 'map' in hello)
      assert.match(errorOf(await other.send('auth', 'nobody', 'x')), /^WRONGPASS/)
      assert.equal(await other.send('multi'), 'OK')
      assert.deepEqual(await other.send('incr', 'x'), BUSY)
      assert.match(errorOf(await other.send('exec')), /^EXECABORT .*BUSY|^EXECABORT .*busy/)
      assert.equal(await other.send('multi'), 'OK')
      assert.equal(await other.send('discard'), 'OK')
      assert.equal(await other.send('watch', 'x'), 'OK')
      assert.equal(await other.send('unwatch'), 'OK')
      assert.equal(await other.send('reset'), 'RESET')
      assert.deepEqual(await other.send('client', 'getname'), BUSY)
      assert.deepEqual(await other.send('nosuch'), {
        error: "ERR unknown command 'nosuch', with args beginning with: ",
      })
      assert.match(errorOf(await other.send('get')), /^ERR wrong number/)
      await other.close()
    })
    assert.equal(await call('exists', 'x'), 0)
  })

  it('cannot be killed once it has called a command that writes', async (call, _connection, server) => {
    const caller = await server.connect()
    const script =
      "redis.call('set', 'x', 'y') local until_ = tonumber(ARGV[1]) for i = 1, until_ do end return redis.call('get', 'x')"
    const ended = caller.send('eval', script, '0', '60000000')
    await untilBusy(call)
    assert.match(
      errorOf(await call('script', 'kill')),
      /^UNKILLABLE Sorry the script already executed write commands/,
    )
    assert.equal(await ended, 'y')
    await caller.close()
  })

  it('is not to be ended by SHUTDOWN without NOSAVE', async (call, _connection, server) => {
    await whileBusy(server, call, async () => {
      assert.deepEqual(await call('shutdown'), BUSY)
      assert.deepEqual(await call('shutdown', 'save'), BUSY)
    })
    assert.equal(await call('ping'), 'PONG')
  })

  it('delays no reply of the pipeline before it, and every one behind it', async (call, _connection, server) => {
    const caller = await server.connect()
    const replies: Reply[] = []
    const all = caller.pipeline([
      ['set', 'a', '1'],
      ['incr', 'a'],
      ['eval', ENDLESS, '0'],
      ['incr', 'a'],
      ['ping', 'last'],
    ])
    void all.then((list) => replies.push(...list))
    await untilBusy(call)
    await pause(20)
    assert.equal(await call('script', 'kill'), 'OK')
    const [first, second, third, fourth, fifth] = await all
    assert.deepEqual([first, second, fourth, fifth], ['OK', 2, 3, 'last'])
    assert.match(errorOf(third!), /Script killed by user/)
    await caller.close()
  })

  it('does not lose the halves of a command', async (call, _connection, server) => {
    const split = await server.connect()
    split.write('*2\r\n$4\r\nPI')
    await whileBusy(server, call, async () => {
      split.write('NG\r\n$5\r\nfirst\r\n*2\r\n$4\r\nECHO\r\n$6\r\nsec')
      assert.deepEqual(await split.next(), BUSY)
    })
    split.write('ond\r\n')
    assert.equal(await split.next(), 'second')
    await split.close()
  })

  it('answers each command of a pipeline, and goes on with it afterwards', async (call, _connection, server) => {
    const other = await server.connect()
    await whileBusy(server, call, async () => {
      const replies = await other.pipeline(Array.from({ length: 300 }, () => ['set', 'k', 'v']))
      for (const reply of replies) assert.deepEqual(reply, BUSY)
    })
    const replies = await other.pipeline(Array.from({ length: 300 }, (_, i) => ['echo', String(i)]))
    assert.deepEqual(
      replies,
      Array.from({ length: 300 }, (_, i) => String(i)),
    )
    await other.close()
  })

  it('lets connections come and go', async (call, _connection, server) => {
    const going = await server.connect()
    const staying: Connection[] = []
    await whileBusy(server, call, async () => {
      await going.close()
      for (let i = 0; i < 20; i++) {
        const visitor = await server.connect()
        assert.deepEqual(await visitor.send('ping'), BUSY)
        if (i % 2 === 0) staying.push(visitor)
        else if (i % 4 === 1) {
          assert.equal(await visitor.send('quit'), 'OK')
          for (let k = 0; k < 200 && !visitor.closed; k++) await pause(5)
          assert.ok(visitor.closed, 'QUIT ends the connection at once')
        } else await visitor.close()
      }
    })
    for (const [i, visitor] of staying.entries()) {
      assert.equal(await visitor.send('echo', `hello ${i}`), `hello ${i}`)
      await visitor.close()
    }
    const list = (await call('client', 'list')) as string
    assert.ok(list.trim().split('\n').length <= 2, list)
  })

  it('tells those who wait what it publishes', async (call, _connection, server) => {
    const subscriber = await server.connect()
    await subscriber.send('subscribe', 'news')
    const script = "redis.call('publish', 'news', 'early') for i = 1, 2 do while true do end end"
    await whileBusy(
      server,
      call,
      async () => {
        assert.deepEqual(await subscriber.next(), ['message', 'news', 'early'])
      },
      script,
    )
    await call('publish', 'news', 'later')
    assert.deepEqual(await subscriber.next(), ['message', 'news', 'later'])
    await subscriber.close()
  })

  it('may be one of a transaction', async (call, _connection, server) => {
    const caller = await server.connect()
    await caller.send('multi')
    await caller.send('incr', 'n')
    await caller.send('eval', ENDLESS, '0')
    await caller.send('incr', 'n')
    const ended = caller.send('exec')
    await untilBusy(call)
    assert.equal(await call('script', 'kill'), 'OK')
    const replies = (await ended) as Reply[]
    assert.deepEqual([replies[0], replies[2]], [1, 2])
    assert.match(errorOf(replies[1]!), /Script killed by user/)
    await caller.close()
  })

  it('survives that its client goes', async (call, _connection, server) => {
    const caller = await server.connect()
    void caller.send('eval', ENDLESS, '0').catch(() => {})
    await untilBusy(call)
    await caller.close()
    assert.deepEqual(await call('ping'), BUSY)
    assert.equal(await call('script', 'kill'), 'OK')
    await pause(20)
    assert.equal(await call('ping'), 'PONG')
  })

  it('is killed in spite of pcall', async (call, _connection, server) => {
    const reply = await whileBusy(
      server,
      call,
      async () => {},
      'while true do pcall(function() while true do end end) end',
    )
    assert.match(errorOf(reply), /Script killed by user/)
  })
}

for (const access of [PLAIN, TLS]) onEachServer('a late script', suite, LATE, access)

/** Those of them that are stopped over TLS as well: how a script is stopped does not depend on it. */
const KINDS_OVER_TLS = 4

describe('scripts of all kinds are stopped', () => {
  const kinds = Object.entries(KINDS)
  for (const [name, script] of kinds) stopped(name, script, PLAIN)
  for (const [name, script] of kinds.slice(0, KINDS_OVER_TLS)) stopped(name, script, TLS)

  function stopped(name: string, script: string, access: Access): void {
    test(`${name} over ${access.name}`, async () => {
      const server = await startPerilune(LATE, access)
      const connection = await server.connect()
      try {
        await connection.send('set', 'kept', 'value')
        const call: Call = (...args) => connection.send(...args)
        const reply = await whileBusy(server, call, async () => {}, script)
        assert.match(errorOf(reply), KILLED)
        assert.equal(await connection.send('get', 'kept'), 'value')
        assert.equal(await connection.send('eval', 'return #ARGV', '0', 'x'), 1)
      } finally {
        await connection.close()
        await server.stop()
      }
    })
  }
})

describe('a server with a late script', () => {
  async function withServer(args: string[], body: (server: RunningServer, call: Call) => Promise<void>) {
    const server = await startPerilune([...LATE, ...args])
    const connection = await server.connect()
    try {
      await body(server, (...words) => connection.send(...words))
    } finally {
      await connection.close()
      await server.stop()
    }
  }

  test('is ended by SHUTDOWN NOSAVE', () =>
    withServer([], async (server, call) => {
      const caller = await server.connect()
      void caller.send('eval', "redis.call('set', 'x', 1) while true do end", '0').catch(() => {})
      await untilBusy(call)
      void call('shutdown', 'nosave').catch(() => {})
      assert.equal(await server.exited, 0)
      await caller.close()
    }))

  test('is reached over a Unix socket', () =>
    withServer(['--unixsocket', 'sock'], async (server, call) => {
      const path = join(server.dir, 'sock')
      const open = () => new Connection(connectSocket(path))
      const before = open()
      assert.equal(await before.send('ping'), 'PONG')
      const reply = await whileBusy(server, call, async () => {
        const visitor = open()
        assert.deepEqual(await visitor.send('ping'), BUSY)
        assert.deepEqual(await before.send('ping'), BUSY)
        await visitor.close()
      })
      assert.match(errorOf(reply), KILLED)
      assert.equal(await before.send('ping'), 'PONG')
      await before.close()
    }))

  test('serves those who came over a port that was changed', () =>
    withServer([], async (server, call) => {
      const port = server.port
      await whileBusy(server, call, async () => {})
      assert.equal(await call('config', 'set', 'bind', '127.0.0.1 -::1'), 'OK')
      await whileBusy({ ...server, port }, call, async () => {
        const visitor = await connect(port)
        assert.deepEqual(await visitor.send('ping'), BUSY)
        await visitor.close()
      })
    }))

  test('follows a change of the threshold', () =>
    withServer([], async (server, call) => {
      assert.equal(await call('config', 'set', 'busy-reply-threshold', '0'), 'OK')
      const caller = await server.connect()
      const ended = caller.send('eval', 'for i = 1, 60000000 do end return 1', '0')
      assert.equal(await call('ping'), 'PONG', 'answered when the script has ended')
      assert.equal(await ended, 1)
      assert.equal(await call('config', 'set', 'lua-time-limit', '40'), 'OK')
      assert.match(errorOf(await whileBusy(server, call, async () => {})), KILLED)
      await caller.close()
    }))

  test('does without the guardian where sockets cannot be lent', async () => {
    process.env.PERILUNE_NET = 'public'
    try {
      await withServer([], async (_server, call) => {
        assert.equal(await call('eval', 'for i = 1, 60000000 do end return 1', '0'), 1)
      })
    } finally {
      delete process.env.PERILUNE_NET
    }
  })

  test('hands its clients over and takes them back many times', () =>
    withServer([], async (server, call) => {
      const clients = await Promise.all(Array.from({ length: 30 }, () => server.connect()))
      for (let cycle = 0; cycle < 15; cycle++) {
        await whileBusy(server, call, async () => {
          for (const client of clients) assert.deepEqual(await client.send('ping'), BUSY)
        })
        const echoes = await Promise.all(clients.map((client, i) => client.send('echo', `${cycle}:${i}`)))
        assert.deepEqual(
          echoes,
          clients.map((_, i) => `${cycle}:${i}`),
        )
      }
      await Promise.all(clients.map((client) => client.close()))
    }))
})
