/**
 * The inputs of the published security advisories about Lua in Redis and Valkey, and of the Lua bugs they go back to, as
 * scripts and as functions: each ends in an ordinary answer, and the next script works.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { FakeServer } from './fake-server.ts'

const MEMORY = 48 * 1024 * 1024

/** An answer that is no error, and one that is. */
const FINE = /^[^-]/
const ANY = /^/
const ERROR = /^-ERR /
const NULL = /^(\$-1|_)\r\n$/

const parameters = Array.from({ length: 50 }, (_, i) => `p${i}`).join(', ')

const ADVISORIES: Readonly<Record<string, readonly (readonly [body: string, reply: RegExp])[]>> = {
  'CVE-2014-5461: a vararg function with more parameters than the stack has room for': [
    [`local function f(${parameters}, ...) return 1 end return f()`, /^:1/],
    [
      `local function f(${parameters}, ...) return f() + 1 end return f()`,
      /stack overflow|not enough memory/,
    ],
    [`return coroutine.wrap(function(${parameters}, ...) return select('#', ...) end)()`, /^:0/],
  ],
  'CVE-2015-4335: bytecode': [
    ['return loadstring(string.dump(function() end))', ANY],
    ["return loadstring('\\27LuaQ\\0\\1\\4\\8\\4\\8\\0')", NULL],
    ["return load(function() return '\\27Lua' end)", NULL],
  ],
  'CVE-2018-11218: MessagePack that says it is larger than it is': [
    ["return cmsgpack.unpack('\\221\\255\\255\\255\\255')", ERROR],
    ["return cmsgpack.unpack('\\223\\127\\255\\255\\255')", ERROR],
    ["return cmsgpack.unpack('\\219\\255\\255\\255\\255x')", ERROR],
    ["return cmsgpack.unpack(('\\145'):rep(100000))", ERROR],
    ["return cmsgpack.unpack_limit('\\1', 2^31)", ANY],
    ["return cmsgpack.unpack_one('\\1', -2^31)", ERROR],
    ['return #cmsgpack.pack(unpack({}, 1, 7000))', ANY],
  ],
  'CVE-2018-11219 and CVE-2020-14147: lengths in struct that overflow': [
    ["return struct.pack('>I2147483648', '10')", ERROR],
    ["return struct.unpack('>I2147483648', '10')", ERROR],
    ["return struct.unpack('>I4294967295', 'x')", ERROR],
    ["return struct.unpack('>I4294967296', 'x')", ERROR],
    ["return struct.unpack('c' .. ('9'):rep(40), 'x')", ERROR],
    ["return struct.unpack('s', 'x', 2^31)", ERROR],
    ["return struct.unpack('c0c0', '\\255\\255\\255\\255')", ERROR],
    ["return struct.size('c2147483647c2147483647c2147483647')", ANY],
    ["return struct.pack('!4294967296i4', 1)", ERROR],
  ],
  'CVE-2021-32626: replies and values nested deeper than the stack': [
    ['local t = {} for i = 1, 100000 do t = {t} end return t', ANY],
    ['local t = {} for i = 1, 100000 do t = {map = {[1] = t}} end return t', ANY],
    ['local t = {} t[1] = t return t', ANY],
    ['local t = {} for i = 1, 20000 do t = {t} end return cjson.encode(t)', ERROR],
    ['local t = {} for i = 1, 20000 do t = {t} end return #cmsgpack.pack(t)', ANY],
  ],
  'CVE-2022-24834: strings that grow sixfold in cjson': [
    ["return #cjson.encode({('\\0'):rep(2^24)})", ANY],
    ["return #cjson.encode({[('\\0'):rep(2^23)] = ('\\1'):rep(2^23)})", ANY],
    ["local s = ('\\31'):rep(2^24) return #cjson.encode({s, s, s, s})", /not enough memory/],
    ["return #cmsgpack.pack(('x'):rep(2^24), ('x'):rep(2^24))", ANY],
  ],
  'CVE-2022-24735: functions that others call, replaced': [
    ['string.rep = nil', /readonly table/],
    ["redis.call = function() return 'mine' end", /readonly table/],
    ["rawset(redis, 'call', 1)", /readonly table/],
    ['tostring = nil', /readonly table/],
    ["rawset(_G, 'tostring', nil)", /readonly table/],
    ['setmetatable(_G, {})', /readonly table/],
    ['setmetatable(string, {__index = {}})', /readonly table/],
    ['getmetatable(_G).__index = nil', /readonly table|nil value/],
    ['cjson.encode = nil', /readonly table/],
    ['table.insert(math, 1)', /readonly table/],
    ['for k in pairs(bit) do bit[k] = nil end', /readonly table/],
  ],
  'CVE-2022-24736: the guard of globals, called with anything': [
    ['return getmetatable(_G).__index()', ERROR],
    ['return getmetatable(_G).__index({}, nil)', ERROR],
    ['return getmetatable(_G).__index({}, {}, {})', ERROR],
    ['return getmetatable(_G).__index(_G, true)', ERROR],
    ['return _G[{}]', ERROR],
    ['return _G[1]', /nonexistent global variable '1'/],
  ],
  'CVE-2024-31449: bit.tohex with the smallest number of digits': [
    ['return bit.tohex(65535, -2147483648)', /^\$8\r\n0000FFFF/],
    ['return bit.tohex(1, 2147483647)', /^\$8\r\n00000001/],
    ['return bit.tohex(-1, -2^53)', ANY],
    ['return {bit.lshift(1, -1), bit.rol(1, 2^31), bit.tobit(2^70), bit.bswap(0/0)}', FINE],
  ],
  'CVE-2025-46817: ranges of unpack and of tables that overflow': [
    ['return {unpack({1, 2, 3}, -2, 2147483647)}', /too many results/],
    ['return {unpack({1, 2, 3}, 0, 2147483647)}', /too many results/],
    ['return {unpack({1, 2, 3}, -2147483648, 2147483647)}', /too many results/],
    ['return {unpack({1, 2, 3}, 2147483647, -2147483648)}', /^\*0/],
    ['return {unpack({1, 2, 3}, -2147483648, -2147483648)}', ANY],
    ['return {unpack({}, 2147483647, 2147483647)}', ANY],
    ['local t = {} t[2147483647] = 1 t[-2147483648] = 2 return #t', FINE],
    ["return table.concat({'a'}, '', 2147483647, 2147483647)", ERROR],
    ["return table.concat({}, 'x', 2147483647, -2147483648)", /^\$0/],
    ['local t = {1} table.insert(t, 2147483647, 2) return #t', ANY],
    ["return ('x'):sub(-2^63, 2^63)", ANY],
    ["return ('x'):byte(-2147483648, 2147483647)", FINE],
    ["return ('x'):rep(-2147483648)", /^\$0/],
    ['return select(-2147483648, 1)', ERROR],
    ['return select(2147483647, 1)', ANY],
  ],
  'CVE-2025-46818: the metatables that all values of a type share': [
    ["getmetatable('').__index = function() return 'poison' end", /readonly table/],
    ["getmetatable('').__add = function() end", /readonly table/],
    ["rawset(getmetatable(''), '__index', nil)", /readonly table/],
    ["setmetatable(getmetatable(''), {})", /readonly table/],
    ["setmetatable('', {})", ERROR],
    ['setmetatable(1, {})', ERROR],
    [
      'return getmetatable(1) or getmetatable(nil) or getmetatable(true) or getmetatable(print or redis.call)',
      ERROR,
    ],
    [
      'return (getmetatable(1) or getmetatable(nil) or getmetatable(true) or getmetatable(redis.call)) == nil',
      /^:1/,
    ],
    ['newproxy(true)', /nonexistent global variable 'newproxy'/],
    ['setfenv(1, {})', /nonexistent global variable 'setfenv'/],
    ['getfenv(0)', /nonexistent global variable 'getfenv'/],
  ],
  'CVE-2025-46819: long brackets that do not end': [
    ["return loadstring('return [' .. ('='):rep(2^23) .. '[ x')", ANY],
    ["return loadstring('return [' .. ('='):rep(2^23))", ANY],
    ["return loadstring('--[' .. ('='):rep(2^23))", ANY],
    ["return loadstring('return [[' .. ('x'):rep(2^23))", ANY],
    ["return loadstring('return [==[]=]')", ANY],
    [`return [${'='.repeat(70000)}[ x`, ERROR],
    [`return #[${'='.repeat(70000)}[x]${'='.repeat(70000)}]`, ANY],
  ],
  'CVE-2025-49844: a collection while the parser holds the name of the chunk': [
    [
      `collectgarbage('setpause', 1) collectgarbage('setstepmul', 1000000)
       for i = 1, 500 do
         local name = ('chunk'):rep(20) .. i
         loadstring('local a = {' .. ("'" .. i .. "', "):rep(50) .. '} return a, nothing.' .. ('x'):rep(50), name)
       end
       return 'fine'`,
      /fine/,
    ],
    [
      `local parts, n = {'local x = "', ('y'):rep(1000), '" return x'}, 0
       return load(function() collectgarbage() n = n + 1 return parts[n] end, ('name'):rep(100))()`,
      /yyyy/,
    ],
    ["return loadstring('return 1', ('\\255'):rep(100000))()", ANY],
  ],
  'CVE-2025-67733: line breaks in errors and statuses': [
    ["return redis.error_reply('x\\r\\n+OK\\r\\n')", /^-[^\r\n]*\r\n$/],
    ["return {err = 'X y\\r\\n$3\\r\\nfoo'}", /^-[^\r\n]*\r\n$/],
    ["return redis.status_reply('x\\r\\n+OK')", /^\+[^\r\n]*\r\n$/],
    ["return {ok = 'x\\n:1\\r'}", /^\+[^\r\n]*\r\n$/],
    ["error('x\\r\\n+OK\\r\\n')", /^-[^\r\n]*\r\n$/],
    ["error({err = 'X y\\r\\n+OK', source = 'a\\r\\nb', line = '\\r\\n'})", /^-[^\r\n]*\r\n$/],
    ["return redis.call('nothing\\r\\n+OK')", /^-[^\r\n]*\r\n$/],
    ["redis.setresp(3) return {big_number = '1\\r\\n:2'}", ANY],
    ['redis.setresp(3) return {double = 1, map = {}}', ANY],
    ["return {verbatim_string = {format = 'a\\r\\n', string = 'x'}}", ANY],
  ],
}

let server: FakeServer
before(() => {
  server = new FakeServer({ memoryLimit: MEMORY })
})
after(() => server.close())

/** A reply is one RESP value and nothing behind it. */
function assertWhole(reply: string): void {
  assert.equal(endOf(reply, 0), reply.length, JSON.stringify(reply.slice(0, 200)))
}

function endOf(reply: string, start: number): number {
  const lineEnd = reply.indexOf('\r\n', start) + 2
  assert.ok(lineEnd > 1, 'a line')
  const size = Number(reply.slice(start + 1, lineEnd - 2))
  switch (reply[start]) {
    case '$':
    case '=':
      return size < 0 ? lineEnd : lineEnd + size + 2
    case '*':
    case '%':
    case '~': {
      let end = lineEnd
      for (let i = 0; i < size * (reply[start] === '%' ? 2 : 1); i++) end = endOf(reply, end)
      return end
    }
    default:
      return lineEnd
  }
}

for (const [title, inputs] of Object.entries(ADVISORIES)) {
  describe(title, () => {
    for (const [body, expected] of inputs) {
      test(body.replace(/\s+/g, ' ').slice(0, 90), () => {
        for (const protocol of [2, 3]) {
          const reply = server.eval(body, ['key'], ['argument'], protocol)
          assert.match(reply, expected)
          // A reply nested without end is deeper than this can follow.
          if (reply.length < 10_000) assertWhole(reply)
          assert.equal(server.host.lua.lastFault, null)
          assert.equal(
            server.eval("return ('x'):rep(3) .. redis.call('echo', tostring(1))"),
            '$4\r\nxxx1\r\n',
          )
        }
        const wrapped = `redis.register_function('f', function(KEYS, ARGV) ${body} end)`
        if (loads(server, wrapped)) assert.match(server.fcall('f', ['key'], ['argument']), expected)
        assert.equal(server.functions.lua.lastFault, null)
        server.load('next', "redis.register_function('g', function() return ('x'):rep(3) end)", true)
        assert.equal(server.fcall('g'), '$3\r\nxxx\r\n')
      })
    }
  })
}

/** False: the text does not compile. */
function loads(server: FakeServer, code: string): boolean {
  try {
    server.load('lib', code, true)
    return true
  } catch (error) {
    assert.match((error as Error).message, /^ERR Error compiling function: /)
    return false
  }
}

test('CVE-2024-46981: finalizers when an interpreter goes', () => {
  const insecure = new FakeServer({ insecureApi: true, memoryLimit: MEMORY })
  const body = `
    for i = 1, 100 do
      local p = newproxy(true)
      getmetatable(p).__gc = function() for j = 1, 10 do loadstring('return ' .. j)() end redis.call('ping') end
    end
    return 1`
  for (let i = 0; i < 5; i++) {
    assert.equal(insecure.eval(`${body} -- ${i}`), ':1\r\n')
    insecure.host.reset()
    assert.equal(insecure.eval('collectgarbage() return 2'), ':2\r\n')
  }
  insecure.close()
})
