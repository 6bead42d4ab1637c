/**
 * What one script or library leaves behind for another: nothing. Each case is what the first does, and what the second
 * must find.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeServer } from './fake-server.ts'

/** What the first tries; errors do not matter. */
const LEAVERS: readonly string[] = [
  "secret = 'leaked'",
  "_G.secret = 'leaked'",
  "rawset(_G, 'secret', 'leaked')",
  "local function f() secret = 'leaked' end pcall(f)",
  "local f = loadstring([[secret = 'leaked']]) pcall(f)",
  "local secret = 'leaked' local function f() return secret end return tostring(f)",
  "setmetatable(_G, {__index = function() return 'leaked' end})",
  "getmetatable(_G).__index = function() return 'leaked' end",
  "getmetatable('').__index = function() return 'leaked' end",
  "getmetatable('').secret = 'leaked'",
  "string.secret = 'leaked'",
  "redis.secret = 'leaked'",
  "for _, t in pairs({string, table, math, cjson, bit, struct, cmsgpack, os, coroutine, redis}) do pcall(function() t.secret = 'leaked' end) end",
  "table.insert(table, 'leaked')",
  "KEYS[1] = 'leaked' KEYS.secret = 'leaked' ARGV.secret = 'leaked'",
  "setmetatable(KEYS, {__index = function() return 'leaked' end})",
  "KEYS = {'leaked'}",
  "local co = coroutine.create(function() local secret = 'leaked' coroutine.yield(secret) end) coroutine.resume(co)",
  "coroutine.wrap(function() rawset(_G, 'secret', 'leaked') end)()",
  "local t = setmetatable({}, {__mode = 'k', __gc = function() rawset(_G, 'secret', 'leaked') end}) t = nil collectgarbage()",
  "pcall(redis.call, 'echo', 'leaked') error({err = 'leaked', secret = 'leaked'})",
  'redis.setresp(3)',
  "cjson.null = 'leaked'",
  "xpcall(function() error('x') end, function() rawset(_G, 'secret', 'leaked') end)",
  "collectgarbage('stop')",
]

/** Finds what it can reach: anything named `secret`, anything that holds `leaked`. */
const FINDER = `
  local seen, found = {}, {}
  local function look(value, path, depth)
    if type(value) == 'string' and value:find('leaked', 1, true) then found[#found + 1] = path end
    if depth > 6 or seen[value] then return end
    if type(value) == 'table' then
      seen[value] = true
      for k, v in next, value do
        look(k, path .. '[key]', depth + 1)
        look(v, path .. '.' .. tostring(k), depth + 1)
      end
      look(getmetatable(value), path .. '<meta>', depth + 1)
    end
  end
  look(_G, '_G', 0)
  look(getmetatable(''), 'strings', 0)
  for _, value in ipairs({1, true, redis.call, function() end, coroutine.create(function() end)}) do
    if getmetatable(value) then found[#found + 1] = type(value) end
  end
  local ok, value = pcall(function() return secret end)
  if ok then found[#found + 1] = 'secret' end
  if ('x').secret then found[#found + 1] = 'strings.secret' end
  return table.concat(found, ' ')`

const NOTHING = '$0\r\n\r\n'

/** KEYS and ARGV are those of the run, empty. */
const NO_ARGUMENTS =
  'return #KEYS + #ARGV + (KEYS[1] and 1 or 0) + (KEYS.secret and 1 or 0) + (getmetatable(KEYS) and 1 or 0)'

/** RESP2 whatever another script chose: nothing is false. */
const PROTOCOL = "return redis.call('get', 'none') == false"

function library(name: string, body: string): string {
  return `redis.register_function('${name}', function(KEYS, ARGV) ${body} end)`
}

describe('after a script, another finds nothing of', () => {
  for (const leaver of LEAVERS) {
    test(leaver.slice(0, 90), () => {
      const server = new FakeServer()
      server.eval(leaver, ['leaked'], ['leaked'])
      assert.equal(server.eval(FINDER), NOTHING)
      assert.equal(server.eval(NO_ARGUMENTS), ':0\r\n')
      assert.equal(server.eval(PROTOCOL), ':1\r\n')
      server.load('lib', library('find', FINDER))
      assert.equal(server.fcall('find'), NOTHING)
      server.close()
    })
  }
})

describe('after a function, another library and a script find nothing of', () => {
  for (const leaver of LEAVERS) {
    test(leaver.slice(0, 90), () => {
      const server = new FakeServer()
      server.load('leaver', library('leave', leaver))
      server.load('finder', library('find', FINDER))
      server.fcall('leave', ['leaked'], ['leaked'])
      assert.equal(server.fcall('find'), NOTHING)
      assert.equal(server.eval(FINDER), NOTHING)
      server.load('other', library('arguments', NO_ARGUMENTS) + library('protocol', PROTOCOL))
      assert.equal(server.fcall('arguments'), ':0\r\n')
      assert.equal(server.fcall('protocol'), ':1\r\n')
      server.close()
    })
  }
})

describe('a library', () => {
  test('keeps its locals to itself', () => {
    const server = new FakeServer()
    const counter = (name: string) => `
      local secret, n = 'leaked', 0
      redis.register_function('${name}', function() n = n + 1 return n end)`
    server.load('one', counter('one'))
    server.load('two', counter('two'))
    server.load('finder', library('find', FINDER))
    assert.deepEqual(
      [server.fcall('one'), server.fcall('one'), server.fcall('two')],
      [':1\r\n', ':2\r\n', ':1\r\n'],
    )
    assert.equal(server.fcall('find'), NOTHING)
    // The same text under another name is another library.
    server.load('three', counter('three'))
    assert.equal(server.fcall('three'), ':1\r\n')
    assert.equal(server.fcall('one'), ':3\r\n')
    server.close()
  })

  test('that is loaded again begins anew', () => {
    const server = new FakeServer()
    const counter = "local n = 0 redis.register_function('n', function() n = n + 1 return n end)"
    server.load('lib', counter)
    server.fcall('n')
    server.load('lib', counter, true)
    assert.equal(server.fcall('n'), ':1\r\n')
    server.close()
  })

  test('cannot give its functions to others while it is loaded', () => {
    const server = new FakeServer()
    for (const code of [
      'redis.f = function() end',
      'server.f = 1',
      'f = function() end',
      "redis['register_function'] = nil",
    ]) {
      assert.throws(
        () => server.load('lib', `${code} ${library('g', '')}`),
        /Attempt to modify a readonly table/,
      )
    }
    server.load('lib', library('find', FINDER))
    assert.equal(server.fcall('find'), NOTHING)
    server.close()
  })

  test('loses what it kept of the time of loading when that is over', () => {
    const server = new FakeServer()
    server.load(
      'lib',
      `local register, api = redis.register_function, redis
       register('late', function() register('more', function() end) end)
       register('same', function() return api.call == nil end)`,
    )
    assert.match(server.fcall('late'), /can only be called on FUNCTION LOAD command/)
    assert.match(server.fcall('same'), /nonexistent global variable 'call'/)
    assert.equal(server.libraries.functionCount, 2)
    server.close()
  })
})
