/**
 * Function libraries in an interpreter: what loading them changes, what it does not when it fails, and what of them outlives
 * the interpreter.
 */
import assert from 'node:assert/strict'
import { after, beforeEach, describe, test } from 'node:test'
import { Bytes } from '../../../src/memory/bytes.ts'
import { ALLOW_OOM, NO_WRITES } from '../../../src/scripting/shebang.ts'
import { FakeServer } from './fake-server.ts'

const ONE = "redis.register_function('one', function() return 1 end)"
const COUNTER = "local n = 0 redis.register_function('count', function() n = n + 1 return n end)"
const LIMIT_MS = 500

function names(server: FakeServer): string[] {
  return [...server.libraries.libraries].flatMap((library) => library.functions.map(({ name }) => name))
}

describe('function libraries', () => {
  let server = new FakeServer()
  beforeEach(() => {
    server.close()
    server = new FakeServer()
  })
  after(() => server.close())

  test('functions get keys and arguments, and answer as scripts do', () => {
    server.load(
      'lib',
      "redis.register_function('f', function(keys, args) return {keys, args, #keys, #args} end)",
    )
    assert.equal(
      server.fcall('f', ['k'], ['a', 'bc']),
      '*4\r\n*1\r\n$1\r\nk\r\n*2\r\n$1\r\na\r\n$2\r\nbc\r\n:1\r\n:2\r\n',
    )
    server.load(
      'calls',
      "server.register_function('get', function(keys) return server.call('get', keys[1]) end)",
    )
    server.data.set('k', Buffer.from('value'))
    assert.equal(server.fcall('get', ['k']), '$5\r\nvalue\r\n')
  })

  test('what was registered is told, in its order', () => {
    server.load(
      'lib',
      `redis.register_function('b', function() end)
       redis.register_function{function_name = 'a', callback = function() end, description = 'text\\0more',
                               flags = {'no-writes', 'allow-oom'}}`,
    )
    const [library] = server.libraries.libraries
    assert.deepEqual(
      library!.functions.map(({ name, description, flags }) => [name, description?.latin1() ?? null, flags]),
      [
        ['b', null, 0],
        ['a', 'text\0more', NO_WRITES | ALLOW_OOM],
      ],
    )
    assert.equal(server.libraries.functionCount, 2)
    assert.equal(server.libraries.find(Bytes.from('A'))?.name, 'a')
    assert.equal(server.libraries.find(Bytes.from('a\0b'))?.name, 'a')
    assert.equal(server.libraries.find(Bytes.from('\0a')), undefined)
  })

  test('a library that fails to load changes nothing', () => {
    server.load('lib', ONE)
    const failing: [string, string, RegExp][] = [
      ['other', 'return +', /Error compiling function: user_function:2: unexpected symbol/],
      [
        'other',
        `${COUNTER} local x = nil + 1`,
        /Error registering functions: ERR user_function:2: attempt to/,
      ],
      ['other', `${COUNTER} error('x')`, /nonexistent global variable 'error'/],
      ['other', 'return 1', /No functions registered/],
      ['other', `${COUNTER} ${COUNTER}`, /Function already exists in the library/],
      ['other', "redis.register_function('bad-name', function() end)", /Function names can only contain/],
      ['other', `${COUNTER} ${ONE}`, /Function one already exists/],
      ['other', "redis.call('ping')", /attempt to call field 'call'|nonexistent global variable 'call'/],
      ['other', 'x = 1', /Attempt to modify a readonly table/],
      ['lib', COUNTER, /Library 'lib' already exists/],
      ['no-name', ONE, /Library names can only contain/],
    ]
    for (const [name, code, error] of failing) {
      assert.throws(() => server.load(name, code), error)
      assert.deepEqual(names(server), ['one'], code)
      assert.equal(server.fcall('one'), ':1\r\n')
    }
    assert.throws(() => server.load('lib', `${COUNTER} local x = nil + 1`, true), /Error registering/)
    assert.equal(server.fcall('one'), ':1\r\n')
    assert.equal(server.functions.lua.instances, 1)
  })

  test('what fails to load, and what is deleted, leaves no memory behind', () => {
    const text = 'x'.repeat(1000)
    const churn = () => {
      for (let i = 0; i < 200; i++) {
        assert.throws(
          () => server.load('other', `local t = '${text}${i}' ${COUNTER} local x = nil + #t`),
          /Error registering/,
        )
        server.load(
          'more',
          `local t = '${text}${i}' redis.register_function('more', function() return #t end)`,
          true,
        )
      }
      server.libraries.delete('more')
      server.functions.lua.current().exports.collect()
      return server.functions.lua.usedMemory
    }
    const before = churn()
    assert.ok(churn() <= before + 1024, 'the second time takes no more than the first')
  })

  test('a library is replaced, and its functions go', () => {
    server.load('lib', `${ONE} ${COUNTER}`)
    server.load('lib', "redis.register_function('two', function() return 2 end)", true)
    assert.deepEqual(names(server), ['two'])
    assert.equal(server.libraries.find(Bytes.from('one')), undefined)
    assert.ok(server.libraries.delete('lib'))
    assert.ok(!server.libraries.delete('lib'))
    assert.equal(server.libraries.functionCount, 0)
    assert.equal(server.libraries.memory, 0)
  })

  test('libraries are restored all or none', () => {
    server.load('lib', ONE)
    const code = (name: string, body: string) => Bytes.from(`#!lua name=${name}\n${body}`)
    const two = code('two', "redis.register_function('two', function() return 2 end)")
    assert.throws(() => server.libraries.restore([two, code('bad', 'error()')], 'flush'), /Error registering/)
    assert.throws(
      () => server.libraries.restore([two, code('lib', COUNTER)], 'append'),
      /Library lib already exists/,
    )
    assert.throws(
      () => server.libraries.restore([two, code('x', ONE)], 'replace'),
      /Function one already exists/,
    )
    assert.deepEqual(names(server), ['one'])
    server.libraries.restore([two, code('lib', COUNTER)], 'replace')
    assert.deepEqual(names(server), ['two', 'count'])
    server.libraries.restore([code('x', ONE)], 'flush')
    assert.deepEqual(names(server), ['one'])
    assert.equal(server.fcall('one'), ':1\r\n')
  })

  test('libraries are loaded again into a new interpreter, each when it is called', () => {
    server.load('lib', `${ONE} ${COUNTER}`)
    server.load(
      'log',
      "redis.log(redis.LOG_NOTICE, 'loaded') redis.register_function('log', function() return 3 end)",
    )
    assert.equal(server.fcall('count'), ':1\r\n')
    assert.equal(server.fcall('count'), ':2\r\n')
    server.functions.lua.reset()
    assert.equal(server.fcall('one'), ':1\r\n')
    assert.equal(server.fcall('count'), ':1\r\n', 'its variables are new')
    assert.equal(server.logged.length, 1)
    assert.equal(server.fcall('log'), ':3\r\n')
    assert.equal(server.logged.length, 2)
  })

  test('a function that is killed costs no library its variables', () => {
    let killer: string | undefined = 'ERR Script killed by user with FUNCTION KILL.'
    server.onPoll = () => killer
    server.load('lib', `${COUNTER} redis.register_function('endless', function() while true do end end)`)
    assert.equal(server.fcall('count'), ':1\r\n')
    server.functions.lua.current().setAlarm(true)
    assert.match(server.fcall('endless'), /^-ERR Script killed by user with FUNCTION KILL\. script: endless/)
    killer = undefined
    assert.equal(server.fcall('count'), ':2\r\n')
    assert.equal(server.functions.lua.instances, 1)
  })

  test('a defect or a lack of memory costs the variables, not the libraries', () => {
    server.close()
    server = new FakeServer({ memoryLimit: 24 * 1024 * 1024 })
    server.load(
      'lib',
      `${COUNTER} redis.register_function('defect', function() return redis.call('defect') end)
       redis.register_function('fill', function() local t = {} while true do t[#t + 1] = {} end end)`,
    )
    for (const [name, error] of [
      ['defect', /^-ERR internal error/],
      ['fill', /^-ERR .*not enough memory/],
    ] as const) {
      assert.equal(server.fcall('count'), ':1\r\n')
      assert.match(server.fcall(name), error)
    }
    assert.equal(server.fcall('count'), ':1\r\n')
    assert.equal(server.functions.lua.instances, 3)
  })
})

describe('the time a library may take to load', () => {
  /** A server whose alarm rings as soon as Lua runs, at moments of a clock that is given. */
  function serverAt(now: () => number): FakeServer {
    return new FakeServer({
      now,
      onInstance: (memory, alarm) => {
        new Int32Array(memory.buffer)[alarm >> 2] = 1
      },
    })
  }

  test('ends with an error and changes nothing', () => {
    let time = 0
    const server = serverAt(() => time++ * (LIMIT_MS + 1))
    const endless = `${COUNTER} while true do end`
    assert.throws(() => server.load('lib', endless), /FUNCTION LOAD timeout$/)
    assert.equal(server.libraries.functionCount, 0)
    assert.equal(server.polls, 0, 'the server is not asked')
    server.load('lib', ONE)
    assert.equal(server.fcall('one'), ':1\r\n')
    server.close()
  })

  test('is not over before it is', () => {
    const server = serverAt(() => 0)
    server.load('lib', `for i = 1, 1e5 do end ${ONE}`)
    assert.equal(server.fcall('one'), ':1\r\n')
    server.close()
  })
})
