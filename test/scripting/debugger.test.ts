/**
 * What a debugging session means for everybody else. What it says is in test/commands/script-debug.test.ts, and what
 * redis-cli makes of it in ldb.test.ts.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { SESSIONS_MAX } from '../../src/main/debugging/sessions.ts'
import { encode } from '../support/resp-client.ts'
import {
  type Connection,
  connect,
  type Reply,
  type RunningServer,
  send,
  startPerilune,
} from '../support/server.ts'
import { until } from '../support/until.ts'
import { ENDLESS, errorOf, KILLED, untilBusy } from './late.ts'

/** Threads that Node makes when it first needs them. */
const LATER_THREADS = 5

let server: RunningServer
let threadsAtStart = 0

before(async () => {
  server = await startPerilune(['--busy-reply-threshold', '50'])
  threadsAtStart = threads()
})

after(() => server.stop())

function threads(): number {
  return readdirSync(`/proc/${server.pid}/task`).length
}

function descriptors(): number {
  return readdirSync(`/proc/${server.pid}/fd`).length
}

/** A session that has stopped before the first line of its script. */
function begin(mode: string, script: string, ...args: string[]): Promise<Connection> {
  return beginOn(server, mode, script, ...args)
}

async function beginOn(
  { port }: RunningServer,
  mode: string,
  script: string,
  ...args: string[]
): Promise<Connection> {
  const connection = await connect(port)
  assert.equal(await connection.send('script', 'debug', mode), 'OK')
  const told = (await connection.send('eval', script, ...args)) as string[]
  assert.match(told[0] ?? '', /^\* Stopped at 1, stop reason = step over/, JSON.stringify(told))
  return connection
}

/** Continues to the end; the script's reply. */
async function finish(connection: Connection): Promise<Reply> {
  const told = (await connection.send('c')) as string[]
  assert.equal(told.at(-1), '<endsession>')
  const reply = await connection.next()
  await connection.close()
  return reply
}

describe('a session on a copy', () => {
  test('sees what was there when it began, and is seen by nobody', async () => {
    const other = await connect(server.port)
    await other.pipeline([
      ['set', 'a', 'old'],
      ['rpush', 'list', 'x'],
      ['set', 'short', 'v', 'px', '1000000'],
    ])
    await other.send('select', '3')
    await other.send('set', 'elsewhere', 'here')
    const session = await begin(
      'yes',
      "redis.call('set', 'a', 'new') return redis.call('mget', 'a', 'b')",
      '0',
    )
    await other.send('select', '0')
    assert.deepEqual(await other.send('set', 'b', 'later'), 'OK')
    assert.equal(await other.send('get', 'a'), 'old')
    assert.deepEqual(await session.send('r', 'lrange', 'list', '0', '-1'), [
      '<command> lrange list 0 -1',
      '<reply> ["x"]',
    ])
    assert.equal(((await session.send('r', 'pexpiretime', 'short')) as string[])[1]?.length, 21)
    assert.deepEqual(
      await session.send('e', "redis.call('select', 3) return redis.call('get', 'elsewhere')"),
      ['<retval> "here"'],
    )
    assert.deepEqual(await finish(session), ['new', null])
    assert.deepEqual(await other.send('mget', 'a', 'b'), ['old', 'later'])
    await other.close()
  })

  test('asks the server for INFO, without losing what is sent meanwhile', async () => {
    const session = await begin('yes', 'return 1', '0')
    session.write('*3\r\n$1\r\nr\r\n$4\r\ninfo\r\n$6\r\nserver\r\n')
    const told = (await session.next()) as string[]
    assert.equal(told[0], '<command> info server')
    assert.match(told[1] ?? '', /^<reply> "# Server\\r\\nredis_version:7\.2\.4/)
    assert.equal(await finish(session), 1)
  })

  test('may do what its user may', async () => {
    await send(server.port, 'acl', 'setuser', 'eve', 'on', 'nopass', '~*', '+@all', '-set')
    const connection = await connect(server.port)
    await connection.send('auth', 'eve', 'any')
    await connection.send('script', 'debug', 'yes')
    await connection.send('eval', "return redis.call('set', 'a', 'b')", '0')
    const told = (await connection.send('s')) as string[]
    assert.match(
      told[1] ?? '',
      /^<error> ACL failure in script: User eve has no permissions to run the 'set' command/,
    )
    await connection.close()
    await send(server.port, 'acl', 'setuser', 'eve', '-script|debug')
    const other = await connect(server.port)
    await other.send('auth', 'eve', 'any')
    assert.deepEqual(await other.send('script', 'debug', 'yes'), {
      error: "NOPERM User eve has no permissions to run the 'script|debug' command",
    })
    await other.close()
    await send(server.port, 'acl', 'deluser', 'eve')
  })

  test('knows the slots of a cluster', async () => {
    const node = await startPerilune(['--cluster-enabled', 'yes'])
    await send(node.port, 'cluster', 'addslotsrange', '0', '16383')
    for (let i = 0; i < 1000 && !String(await send(node.port, 'cluster', 'info')).includes('state:ok'); i++) {
      await pause(10)
    }
    const session = await connect(node.port)
    await session.send('script', 'debug', 'yes')
    await session.send('eval', 'return 1', '1', '{a}1')
    assert.deepEqual(await session.send('r', 'get', '{a}2'), ['<command> get {a}2', '<reply> NULL'])
    assert.deepEqual(await session.send('r', 'mget', 'a', 'b'), [
      '<command> mget a b',
      "<error> Command 'mget' in script attempted to access keys that don't hash to the same slot",
    ])
    await session.close()
    await node.stop()
  })

  test('goes on while a script of another client is late', async () => {
    const session = await begin('yes', 'local x = 1\nreturn x', '0')
    const caller = await connect(server.port)
    const ended = caller.send('eval', ENDLESS, '0')
    const other = await connect(server.port)
    await untilBusy((...args) => other.send(...args))
    session.write('*1\r\n$1\r\ns\r\n')
    assert.equal(await other.send('script', 'kill'), 'OK')
    assert.match(errorOf(await ended), KILLED)
    assert.deepEqual(await session.next(), ['* Stopped at 2, stop reason = step over', '-> 2   return x'])
    assert.equal(await finish(session), 1)
    await Promise.all([caller.close(), other.close()])
  })

  test('there is a limit to how many run', async () => {
    const sessions: Connection[] = []
    for (let i = 0; i < SESSIONS_MAX; i++) sessions.push(await begin('yes', 'return 1', '0'))
    const connection = await connect(server.port)
    await connection.send('script', 'debug', 'yes')
    assert.deepEqual(await connection.send('eval', 'return 1', '0'), {
      error: "ERR Fork() failed: can't run EVAL in debugging mode: Resource temporarily unavailable",
    })
    // As after a fork that failed: the client is there, and its scripts are not debugged.
    assert.equal(await connection.send('eval', 'return 1', '0'), 1)
    for (const session of sessions) assert.equal(await finish(session), 1)
    await connection.close()
  })

  test('ends with its client, and leaves nothing behind', async () => {
    await until(
      () => threads() <= threadsAtStart + LATER_THREADS,
      () => `${threads()} threads`,
    )
    const before = { threads: threads(), descriptors: descriptors() }
    for (let round = 0; round < 3; round++) {
      const waiting = await begin('yes', 'return 1', '0')
      const endless = await begin('yes', 'local x = 1\nwhile true do x = x + 1 end', '0')
      endless.write('*1\r\n$1\r\nc\r\n')
      const killed = await begin('yes', 'return 1', '0')
      await killed.send('r', 'ping')
      const id = /id=(\d+) [^\n]*cmd=eval/.exec(String(await send(server.port, 'client', 'list')))?.[1] ?? ''
      assert.equal(await send(server.port, 'client', 'kill', 'id', id), 1)
      await Promise.all([waiting.close(), endless.close(), killed.close()])
    }
    const isAsBefore = () => threads() <= before.threads && descriptors() <= before.descriptors
    await until(isAsBefore, () => JSON.stringify([before, threads(), descriptors()]))
    assert.match(String(await send(server.port, 'info', 'clients')), /\r\nconnected_clients:1\r\n/)
  })

  test('does not gather what its client sends without waiting for answers', async () => {
    const session = await begin('yes', 'local x = 1\nwhile true do x = x + 1 end', '0')
    session.write('*1\r\n$1\r\nc\r\n')
    for (let i = 0; i < 40; i++) session.write('x'.repeat(64 * 1024))
    await until(
      () => session.closed,
      () => 'the connection is still open',
    )
    assert.equal(await send(server.port, 'ping'), 'PONG')
  })

  test('does not keep the server from ending', async () => {
    const one = await startPerilune()
    const connection = await connect(one.port)
    await connection.send('script', 'debug', 'yes')
    await connection.send('eval', 'return 1', '0')
    process.kill(one.pid, 'SIGTERM')
    assert.equal(await one.exited, 0)
    await connection.close()
    await one.stop()
  })
})

describe('a synchronous session', () => {
  test('makes everybody wait, and its changes stay', async () => {
    const other = await connect(server.port)
    await other.send('del', 'n')
    const session = await begin('sync', "redis.call('incr', 'n') return redis.call('incr', 'n')", '0')
    const waiting = other.send('get', 'n')
    assert.deepEqual(await session.send('r', 'set', 'n', '5'), ['<command> set n 5', '<reply> "+OK"'])
    assert.equal(await finish(session), 7)
    assert.equal(await waiting, '7')
    assert.equal(await other.send('eval', "return redis.call('get', 'n')", '0'), '7')
    await other.close()
  })

  test('goes on by itself when the client is gone', async () => {
    await send(server.port, 'del', 'n')
    const session = await begin(
      'sync',
      "redis.call('incr', 'n')\nredis.breakpoint()\nredis.call('incr', 'n')",
      '0',
    )
    await session.close()
    assert.equal(await send(server.port, 'get', 'n'), '2')
  })

  test('an endless script ends when nobody is there to stop it', async () => {
    const session = await begin('sync', 'local x = 1\nwhile true do x = x + 1 end', '0')
    session.write('*1\r\n$1\r\nc\r\n')
    await session.close()
    assert.equal(await send(server.port, 'ping'), 'PONG')
  })

  test('nor does code without an end that the user has run keep the server', async () => {
    for (const code of ['while true do end', "string.find(('a'):rep(40), ('.-'):rep(40) .. 'b')"]) {
      const session = await begin('sync', 'return 1', '0')
      session.write(encode(['e', code]))
      await session.close()
      assert.equal(await send(server.port, 'ping'), 'PONG')
    }
  })

  for (const [when, script, asked] of [
    ['is halted', "redis.call('set', 'a', 1)\nreturn 1", []],
    ['does not end', 'local x = 1\nwhile true do x = x + 1 end', ['c']],
  ] as const) {
    test(`ends when the server is to end while its script ${when}`, async () => {
      const one = await startPerilune(['--busy-reply-threshold', '50'])
      const session = await beginOn(one, 'sync', script, '0')
      for (const command of asked) session.write(encode([command]))
      process.kill(one.pid, 'SIGTERM')
      assert.equal(await one.exited, 0)
      assert.match(one.output(), /Received SIGTERM[\s\S]*bye bye/)
      await session.close()
      await one.stop()
    })
  }

  test('is not counted in the statistics of its script', async () => {
    const script = "redis.call('ping') return 1"
    await send(server.port, 'script', 'load', script)
    const session = await begin('sync', script, '0')
    assert.equal(await finish(session), 1)
    const sha = createHash('sha1').update(script).digest('hex')
    const [, figures] = (await send(server.port, 'script', 'stats', sha)) as Reply[][]
    for (const name of ['calls', 'usec', 'commands']) assert.equal(figures?.[figures.indexOf(name) + 1], 0)
  })

  test('much can be told', async () => {
    const length = 3 * 1024 * 1024
    const session = await begin('sync', `local s = ('x'):rep(${length})\nreturn #s`, '0')
    await session.send('s')
    await session.send('m', '0')
    const [value] = (await session.send('p', 's')) as string[]
    assert.equal(value?.length, length + '<value> ""'.length)
    assert.equal(await finish(session), length)
  })
})
