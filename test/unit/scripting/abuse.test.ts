/**
 * Scripts that try to hurt the server: each gets a clean error, and the next script works. Memory is small here, so that
 * it is soon used up.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { FakeServer } from './fake-server.ts'

const MEMORY = 24 * 1024 * 1024

let server: FakeServer
before(() => {
  server = new FakeServer({ memoryLimit: MEMORY })
})
after(() => server.close())

function works(): void {
  assert.equal(server.eval("return redis.call('ping')"), '+PONG\r\n')
}

describe('recursion without end', () => {
  const scripts = [
    'local function f() return f() + 1 end return f()',
    "local function f() return string.gsub('a', 'a', f) end return f()",
    'local function f() return coroutine.wrap(f)() end return f()',
    'local function f() local t = setmetatable({}, {__index = function() return f() end}) return t.x end return f()',
    'local function f(a, b) table.sort({1, 2, 3}, f) return a < b end return f(1, 2)',
    'local m = {} m.__concat = function(a, b) return a .. b end local a = setmetatable({}, m) return a .. a',
    'local m = {} m.__tostring = function(a) return tostring(a) end return tostring(setmetatable({}, m))',
    'local function f(n) return select(2, pcall(function() return f(n + 1) end)) end error(f(0))',
  ]
  for (const body of scripts) {
    test(body.slice(0, 70), () => {
      assert.match(server.error(body), /stack overflow/)
      assert.equal(server.host.lua.lastFault, null)
      works()
    })
  }

  test('errors in the handler of errors', () => {
    assert.equal(server.eval('return xpcall(error, function(e) error(e) end)'), '$-1\r\n')
    works()
  })
})

describe('deep nesting', () => {
  const scripts: [string, RegExp][] = [
    ["return loadstring(string.rep('(', 10000) .. '1' .. string.rep(')', 10000))", /^\$-1/],
    ["return loadstring('return ' .. string.rep('{', 10000) .. string.rep('}', 10000))", /^\$-1/],
    ["return loadstring(string.rep('do ', 10000) .. string.rep(' end', 10000))", /^\$-1/],
    ["return string.find('', string.rep('a-', 1900) .. 'b')", /^\$-1/],
    ["return string.find('', string.rep('a-', 100000) .. 'b')", /pattern too complex/],
    ['local t = {} t[1] = t return cjson.encode(t)', /excessive nesting \(1001\)/],
    [
      'cjson.encode_max_depth(1e6) local t = {} for i = 1, 1e5 do t = {t} end return cjson.encode(t)',
      /excessive nesting/,
    ],
    [
      "cjson.decode_max_depth(1e6) return cjson.decode(string.rep('[', 1e5))",
      /too many nested data structures/,
    ],
    ["return cmsgpack.unpack(string.rep('\\145', 1e5))", /too many nested data structures/],
    ["return cmsgpack.unpack(string.rep('\\129', 1e5))", /too many nested data structures/],
    ['local t = {} t[1] = t return #cmsgpack.pack(t)', /^:17/],
  ]
  for (const [body, expected] of scripts) {
    test(body.slice(0, 70), () => {
      assert.match(server.eval(body), expected)
      assert.equal(server.host.lua.lastFault, null)
      works()
    })
  }

  test('all kinds of nesting at once', () => {
    const body = `local function f(n)
        if n == 0 then return string.find('', string.rep('a-', 1900) .. 'b') == nil and #cjson.decode(string.rep('[', 900) .. string.rep(']', 900)) end
        local r
        string.gsub('a', 'a', function() r = f(n - 1) end)
        return r
      end
      return f(90)`
    assert.equal(server.eval(body), ':1\r\n')
  })
})

describe('memory', () => {
  const scripts = [
    "return ('x'):rep(2^31 - 1)",
    "return ('xx'):rep(2^31 - 1)",
    "local s = 'x' while true do s = s .. s end",
    'local t = {} while true do t[#t + 1] = t end',
    'local t while true do t = {t} end',
    'local t = {} while true do t[#t + 1] = function() return t end end',
    'local t = {} while true do t[#t + 1] = coroutine.create(function() end) end',
    "local t = {} for i = 1, 1e9 do t['k' .. i] = i end",
    "return cjson.encode({('\\1'):rep(6e6)})",
    "return #cmsgpack.pack(('x'):rep(10e6))",
    'local t = {} for i = 1, 40 do t = {t, t} end return cjson.encode(t)',
    'local t = {} t.map = {[t] = t} return t',
    "local t = {} for i = 1, 7000 do t[i] = ('x'):rep(5000) end return t",
    'local t = {} for i = 1, 100 do t[i] = ARGV[1] .. i end return #table.concat(t)',
    "return redis.call('echo', ARGV[1] .. ARGV[1] .. ARGV[1] .. ARGV[1] .. ARGV[1] .. ARGV[1] .. ARGV[1])",
  ]
  for (const body of scripts) {
    test(body.slice(0, 70), () => {
      assert.match(server.error(body, [], ['y'.repeat(1_000_000)]), /not enough memory/)
      assert.equal(server.host.lua.lastFault, null)
      works()
    })
  }

  test('a script can catch it and go on', () => {
    const body = `local ok, e = pcall(function() local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end end)
      collectgarbage()
      return tostring(ok) .. e .. #('x'):rep(1e6)`
    assert.equal(server.bulk(body), 'falsenot enough memory1000000')
  })

  test('garbage is collected before memory runs out', () => {
    assert.equal(
      server.eval("local n = 0 for i = 1, 60 do local s = ('x'):rep(3e6) .. i n = n + #s end return n > 0"),
      ':1\r\n',
    )
    assert.equal(
      server.eval("local n = 0 for i = 1, 3e5 do local s = {'x' .. i} n = n + #s end return n"),
      ':300000\r\n',
    )
    assert.equal(server.eval("collectgarbage('stop') return 1"), ':1\r\n')
    assert.equal(
      server.eval("local n = 0 for i = 1, 3e5 do local s = {'x' .. i} n = n + #s end return n"),
      ':300000\r\n',
    )
  })

  test('a request larger than the memory', () => {
    const reply = server.eval('return #ARGV[1]', [], [Buffer.alloc(MEMORY)])
    assert.match(reply, /^-ERR .*not enough memory\r\n$/)
    works()
  })

  test('a script larger than the memory', () => {
    assert.match(server.eval(`return '${'x'.repeat(MEMORY)}'`), /^-ERR .*not enough memory\r\n$/)
    works()
  })
})

describe('the sandbox', () => {
  const READ_ONLY = /Attempt to modify a readonly table/
  const refused: [string, RegExp][] = [
    ['x = 1', READ_ONLY],
    ['_G.x = 1', READ_ONLY],
    ["rawset(_G, 'x', 1)", READ_ONLY],
    ['setmetatable(_G, {})', READ_ONLY],
    ['getmetatable(_G).__index = nil', READ_ONLY],
    ["getmetatable('').__index = 1", READ_ONLY],
    ["rawset(getmetatable(''), '__index', 1)", READ_ONLY],
    ['string.rep = 1', READ_ONLY],
    ['table.insert(_G, 1)', READ_ONLY],
    ['table.insert(redis, 1)', READ_ONLY],
    ['redis.call = 1', READ_ONLY],
    ['server.call = 1', READ_ONLY],
    ['KEYS = 1', READ_ONLY],
    ['return nope', /Script attempted to access nonexistent global variable 'nope'/],
    ["print('x')", /nonexistent global variable 'print'/],
    ["dofile('/etc/passwd')", /nonexistent global variable 'dofile'/],
    ["loadfile('/etc/passwd')", /nonexistent global variable 'loadfile'/],
    ['debug.getinfo(1)', /nonexistent global variable 'debug'/],
    ["io.open('x')", /nonexistent global variable 'io'/],
    ["require('x')", /nonexistent global variable 'require'/],
    ["os.execute('x')", /attempt to call field 'execute' \(a nil value\)/],
    ['getfenv()', /nonexistent global variable 'getfenv'/],
    ['setfenv(1, {})', /nonexistent global variable 'setfenv'/],
    ['newproxy()', /nonexistent global variable 'newproxy'/],
    ['loadstring(string.dump(function() end))()', /attempt to call a nil value/],
  ]
  for (const [body, expected] of refused) {
    test(body, () => {
      assert.match(server.error(body), expected)
      works()
    })
  }

  test('every table that can be reached is read-only', () => {
    const body = `local seen, bad = {}, {}
      local function walk(t, name)
        if type(t) ~= 'table' or seen[t] then return end
        seen[t] = true
        if pcall(rawset, t, 'perilune', 1) then bad[#bad + 1] = name end
        for k, v in pairs(t) do walk(v, name .. '.' .. tostring(k)) end
        walk(getmetatable(t), name .. '<meta>')
      end
      local keys, argv = KEYS, ARGV
      seen[keys] = true seen[argv] = true
      walk(_G, '_G')
      walk(getmetatable(''), 'string metatable')
      return table.concat(bad, ' ')`
    assert.equal(server.bulk(body), '')
  })

  test('the insecure functions are there when asked for', () => {
    const insecure = new FakeServer({ insecureApi: true })
    assert.equal(
      insecure.bulk('return type(getfenv) .. type(setfenv) .. type(newproxy)'),
      'functionfunctionfunction',
    )
    insecure.host.lua.setInsecureApi(false)
    assert.match(insecure.error('return getfenv'), /nonexistent global variable 'getfenv'/)
    insecure.close()
  })
})

describe('errors of every type', () => {
  const scripts: [string, string][] = [
    ['error()', 'ERR nil script: SHA, on @user_script:1.'],
    ['error(12)', 'ERR user_script:1: 12 script: SHA, on @user_script:1.'],
    ['error(true)', 'ERR true script: SHA, on @user_script:1.'],
    ["error('x')", 'ERR user_script:1: x script: SHA, on @user_script:1.'],
    ["error('x', 0)", 'ERR x script: SHA, on @user_script:1.'],
    ["error({err = 'My Error'})", 'My Error script: SHA, on @user_script:1.'],
    ['error({})', 'ERR (error object is a table value) script: SHA, on @user_script:1.'],
    ["error(redis.error_reply('-ERR\\r\\n-ERR FAKE'))", 'ERR  -ERR FAKE script: SHA, on @user_script:1.'],
    [
      'error(redis)',
      'ERR err_handler_def:10: Attempt to modify a readonly table script: SHA, on @err_handler_def:10.',
    ],
    ["error('a\\0b', 0)", 'ERR a script: SHA, on @user_script:1.'],
  ]
  for (const [body, expected] of scripts) {
    test(body, () => {
      assert.equal(server.error(body), expected)
      works()
    })
  }

  test('an error of each type comes out of pcall as it went in', () => {
    const body = `local out = {}
      for i, e in ipairs({1, 'x', true, print == nil, {}, function() end, coroutine.create(function() end)}) do
        local ok, got = pcall(error, e, 0)
        out[i] = tostring(ok) .. tostring(got == e)
      end
      return table.concat(out, ' ')`
    assert.match(server.bulk(body.replace('print == nil', 'false')), /^(falsetrue ?){7}$/)
  })
})
