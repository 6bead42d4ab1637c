/**
 * FUNCTION and FCALL against Perilune and Valkey.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type Call,
  type Connection,
  connect,
  noOracle,
  onEachServer,
  type Reply,
  type RunningServer,
  startOracle,
  startPerilune,
} from '../support/server.ts'
import { converse, type Exchange } from '../support/transcript.ts'

const LIB = `#!lua name=lib
redis.register_function('set', function(keys, args) return redis.call('set', keys[1], args[1]) end)
server.register_function{function_name = 'get', callback = function(keys) return redis.call('get', keys[1]) end,
  flags = {'no-writes', 'allow-stale'}, description = 'Reads.'}`
const ONE = "#!lua name=one\nredis.register_function('one', function() return 1 end)"
const TWO = "#!lua name=two\nredis.register_function('two', function() return 2 end)"
const OOM = "OOM command not allowed when used memory > 'maxmemory'."

function errorOf(reply: Reply): string {
  assert.ok(typeof reply === 'object' && reply !== null && 'error' in reply, JSON.stringify(reply))
  return reply.error
}

function pairs(reply: Reply): Map<Reply, Reply> {
  if (Array.isArray(reply)) {
    return new Map(reply.flatMap((key, i) => (i % 2 === 0 ? [[key, reply[i + 1]!] as const] : [])))
  }
  assert.ok(typeof reply === 'object' && reply !== null && 'map' in reply, JSON.stringify(reply))
  return new Map(reply.map)
}

/** Names of the libraries, sorted: Valkey's order is that of a hash table. */
async function libraries(call: Call): Promise<Reply[]> {
  const list = (await call('function', 'list')) as Reply[]
  return list.map((library) => pairs(library).get('library_name')!).sort()
}

onEachServer('functions', ({ it }) => {
  const each = (name: string, exchanges: readonly Exchange[]) =>
    it(name, async (call) => {
      await call('function', 'flush')
      await converse(call, exchanges)
    })

  each('are loaded, called, replaced and deleted', [
    [['function', 'load', LIB], 'lib'],
    ['fcall set 1 k value', 'OK'],
    ['fcall get 1 k', 'value'],
    ['FCALL GET 1 k', 'value'],
    ['fcall_ro get 1 k', 'value'],
    ['fcall_ro set 1 k x', { error: 'ERR Can not execute a script with write flag using *_ro command.' }],
    [['function', 'load', LIB], { error: "ERR Library 'lib' already exists" }],
    [['function', 'load', 'replace', ONE.replace('name=one', 'name=lib')], 'lib'],
    ['fcall get 1 k', { error: 'ERR Function not found' }],
    ['fcall one 0', 1],
    ['function delete lib', 'OK'],
    ['function delete lib', { error: 'ERR Library not found' }],
    ['fcall one 0', { error: 'ERR Function not found' }],
    ['function list', []],
  ])

  each('say what is wrong with a call', [
    [['function', 'load', ONE], 'one'],
    ['fcall', { error: "ERR wrong number of arguments for 'fcall' command" }],
    ['fcall one', { error: "ERR wrong number of arguments for 'fcall' command" }],
    ['fcall one x', { error: 'ERR Bad number of keys provided' }],
    ['fcall one -1', { error: "ERR Number of keys can't be negative" }],
    ['fcall one 1', { error: "ERR Number of keys can't be greater than number of args" }],
    ['fcall nope x', { error: 'ERR Function not found' }],
  ])

  each('say what is wrong with a library', [
    ['function load', { error: "ERR wrong number of arguments for 'function|load' command" }],
    [['function', 'load', 'x', ONE], { error: 'ERR Unknown option given: x' }],
    [['function', 'load', 'return 1'], { error: 'ERR Missing library metadata' }],
    [['function', 'load', '#!lua name=x'], { error: 'ERR Invalid library metadata' }],
    [['function', 'load', '#!lua\nreturn'], { error: 'ERR Library name was not given' }],
    [['function', 'load', '#!lua name=x y=z\n'], { error: 'ERR Invalid metadata value given: y=z' }],
    [['function', 'load', '#!js name=x\n'], { error: "ERR Engine 'js' not found" }],
    [['function', 'load', '#!lua name=x\n'], { error: 'ERR No functions registered' }],
    [
      ['function', 'load', "#!lua name=x\nredis.call('ping')"],
      {
        error:
          "ERR Error registering functions: ERR user_function:2: Script attempted to access nonexistent global variable 'call'",
      },
    ],
    [
      ['function', 'load', "#!lua name=x\nredis.register_function('f', function() end, 3)"],
      { error: 'ERR Error registering functions: ERR wrong number of arguments to server.register_function' },
    ],
    ['function list', []],
  ])

  it('are listed', async (call) => {
    await call('function', 'flush')
    await call('function', 'load', LIB)
    const flags = ['no-writes', 'allow-stale']
    const expected: [string, Reply][] = [
      ['library_name', 'lib'],
      ['engine', 'LUA'],
    ]
    const check = (reply: Reply, withCode: boolean, asSet: (flags: Reply[]) => Reply) => {
      const library = pairs((reply as Reply[])[0]!)
      for (const [key, value] of expected) assert.equal(library.get(key), value)
      assert.equal(library.get('library_code'), withCode ? LIB : undefined)
      const functions = (library.get('functions') as Reply[]).map(pairs)
      const get = functions.find((one) => one.get('name') === 'get')!
      const set = functions.find((one) => one.get('name') === 'set')!
      assert.deepEqual([get.get('description'), get.get('flags')], ['Reads.', asSet(flags)])
      assert.deepEqual([set.get('description'), set.get('flags')], [null, asSet([])])
    }
    check(await call('function', 'list'), false, (list) => list)
    check(await call('function', 'list', 'libraryname', 'L*', 'withcode'), true, (list) => list)
    await call('hello', '3')
    check(await call('function', 'list', 'withcode'), true, (list) => ({ set: list }))
    assert.deepEqual(await call('function', 'list', 'libraryname', 'nope*'), [])
    await converse(call, [
      ['function list libraryname', { error: 'ERR library name argument was not given' }],
      ['function list withcode withcode', { error: 'ERR Unknown argument withcode' }],
      ['function list x', { error: 'ERR Unknown argument x' }],
    ])
  })

  it('are counted', async (call) => {
    await call('function', 'flush')
    await call('function', 'load', LIB)
    await call('function', 'load', ONE)
    assert.deepEqual(await call('function', 'stats'), [
      ...['running_script', null, 'engines'],
      ['LUA', ['libraries_count', 2, 'functions_count', 3]],
    ])
    const info = (await call('info', 'memory')) as string
    assert.match(info, /^number_of_functions:3\r$/m)
    assert.match(info, /^number_of_libraries:2\r$/m)
    assert.match(info, /^used_memory_functions:[1-9]\d+\r$/m)
    assert.match(info, /^used_memory_vm_functions:[1-9]\d+\r$/m)
    const figure = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)![1])
    assert.equal(
      figure('used_memory_vm_total'),
      figure('used_memory_vm_eval') + figure('used_memory_vm_functions'),
    )
    assert.equal(
      figure('used_memory_scripts'),
      figure('used_memory_scripts_eval') + figure('used_memory_functions'),
    )
  })

  each('are flushed', [
    [['function', 'load', ONE], 'one'],
    ['function flush x', { error: 'ERR FUNCTION FLUSH only supports SYNC|ASYNC option' }],
    [
      'function flush sync async',
      { error: "ERR unknown subcommand or wrong number of arguments for 'flush'. Try FUNCTION HELP." },
    ],
    ['fcall one 0', 1],
    ['function flush async', 'OK'],
    ['fcall one 0', { error: 'ERR Function not found' }],
    [['function', 'load', ONE], 'one'],
    ['function flush sync', 'OK'],
    ['function list', []],
  ])

  each('are not killed when none runs', [
    ['function kill', { error: 'NOTBUSY No scripts in execution right now.' }],
  ])

  it('are dumped and restored', async (call, connection) => {
    await call('function', 'flush')
    await call('function', 'load', ONE)
    const dump = Buffer.from((await connection.send('function', 'dump')) as string, 'latin1')
    await call('function', 'flush')
    await call('function', 'load', TWO)
    assert.equal(await call('function', 'restore', dump), 'OK')
    assert.deepEqual(await libraries(call), ['one', 'two'])
    await converse(call, [
      [['function', 'restore', dump], { error: 'ERR Library one already exists' }],
      [['function', 'restore', dump, 'append'], { error: 'ERR Library one already exists' }],
      [['function', 'restore', dump, 'replace'], 'OK'],
      [['function', 'restore', dump, 'flush'], 'OK'],
      ['fcall one 0', 1],
      ['fcall two 0', { error: 'ERR Function not found' }],
      [
        ['function', 'restore', dump, 'x'],
        { error: 'ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.' },
      ],
      [
        ['function', 'restore', dump.subarray(1)],
        { error: 'ERR DUMP payload version or checksum are wrong' },
      ],
      ['function restore x', { error: 'ERR DUMP payload version or checksum are wrong' }],
    ])
    await call('set', 'k', 'v')
    const value = Buffer.from((await call('dump', 'k')) as string, 'latin1')
    assert.match(errorOf(await call('function', 'restore', value)), /^ERR given type is not a function/)
  })

  it('may run by what they declare when memory is used up', async (call) => {
    await call('function', 'flush')
    await call('function', 'load', LIB)
    await call('set', 'k', 'v')
    await call('config', 'set', 'maxmemory', '1')
    try {
      assert.equal(await call('fcall', 'get', '1', 'k'), 'v')
      await converse(call, [
        ['fcall set 1 k x', { error: OOM }],
        [['function', 'load', ONE], { error: OOM }],
        [['eval', '#!lua flags=no-writes\nreturn 1', '0'], 1],
        [['eval', '#!lua\nreturn 1', '0'], { error: OOM }],
        [['eval', "#!lua flags=allow-oom\nreturn redis.call('set', KEYS[1], 'x')", '1', 'k'], 'OK'],
      ])
    } finally {
      await call('config', 'set', 'maxmemory', '0')
    }
  })

  it('may run by what they declare when writing is paused', async (call, _connection, server) => {
    await call('function', 'flush')
    await call('function', 'load', LIB)
    const other = await connect(server.port)
    await call('client', 'pause', '10000', 'write')
    assert.equal(await call('fcall', 'get', '1', 'k'), null)
    let hasWritten = false
    const written = other.send('fcall', 'set', '1', 'k', 'v').then((reply) => {
      hasWritten = true
      return reply
    })
    assert.equal(await call('eval', '#!lua flags=no-writes\nreturn 7', '0'), 7)
    assert.equal(hasWritten, false)
    await call('client', 'unpause')
    assert.equal(await written, 'OK')
    await other.close()
  })

  it('run in transactions', async (call) => {
    await call('function', 'flush')
    await call('function', 'load', LIB)
    await converse(call, [
      ['multi', 'OK'],
      ['fcall set 1 k v', 'QUEUED'],
      ['fcall get 1 k', 'QUEUED'],
      ['exec', ['OK', 'v']],
    ])
  })

  it('are not reached from scripts, nor scripts from functions', async (call) => {
    await call('function', 'flush')
    await call('function', 'load', LIB)
    const denied = /^ERR This Redis command is not allowed from script/
    for (const command of ["'fcall', 'get', 1, 'k'", "'function', 'load', ''", "'function', 'list'"]) {
      assert.match(errorOf(await call('eval', `return redis.call(${command})`, '0')), denied)
    }
    await call(
      ...['function', 'load'],
      "#!lua name=other\nredis.register_function('run', function() return redis.call('eval', 'return 1', 0) end)",
    )
    assert.match(errorOf(await call('fcall', 'run', '0')), denied)
  })

  it('are ended when their library takes too long to load', async (call) => {
    await call('function', 'flush')
    await call('function', 'load', ONE)
    assert.deepEqual(await call('function', 'load', `${TWO}\nwhile true do end`), {
      error: 'ERR Error registering functions: ERR FUNCTION LOAD timeout',
    })
    assert.deepEqual(await libraries(call), ['one'])
    assert.equal(await call('fcall', 'one', '0'), 1)
  })
})

describe('dumps of functions', { skip: noOracle }, () => {
  let servers: RunningServer[] = []
  let connections: Connection[] = []

  before(async () => {
    servers = await Promise.all([startPerilune(), startOracle()])
    connections = await Promise.all(servers.map(({ port }) => connect(port)))
  })
  after(async () => {
    await Promise.all(connections.map((connection) => connection.close()))
    await Promise.all(servers.map((server) => server.stop()))
  })

  const LARGE = `${ONE.replaceAll('one', 'large')}\n-- ${'text '.repeat(5000)}`
  const BINARY = Buffer.concat([Buffer.from(TWO), Buffer.from('\n-- \x80\xff\r\n', 'latin1')])

  for (const [name, code] of Object.entries({ small: ONE, large: LARGE, binary: BINARY })) {
    test(`a ${name} library is the same bytes`, async () => {
      const dumps = await Promise.all(
        connections.map(async (connection) => {
          await connection.send('function', 'flush')
          await connection.send('function', 'load', code)
          return connection.send('function', 'dump')
        }),
      )
      assert.equal(dumps[0], dumps[1])
    })
  }

  test('each server restores what the other dumped', async () => {
    for (const [from, to] of [connections, connections.toReversed()] as [Connection, Connection][]) {
      await Promise.all([from, to].map((connection) => connection.send('function', 'flush')))
      for (const code of [LIB, ONE, TWO, LARGE]) await from.send('function', 'load', code)
      const dump = Buffer.from((await from.send('function', 'dump')) as string, 'latin1')
      assert.equal(await to.send('function', 'restore', dump), 'OK')
      assert.deepEqual(await libraries((...args) => to.send(...args)), ['large', 'lib', 'one', 'two'])
      assert.equal(await to.send('fcall', 'two', '0'), 2)
    }
  })
})
