/**
 * Scripts that mean harm, and requests that do: each gets a clean error, and the next command works.
 */
import assert from 'node:assert/strict'
import { connect as connectSocket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { type Connection, connect, type Reply, type RunningServer, startPerilune } from '../support/server.ts'

let server: RunningServer
let connection: Connection

before(async () => {
  server = await startPerilune(['--metrics-port', '0', '--lua-memory-limit', '64mb'])
  connection = await connect(server.port)
})

after(async () => {
  await connection.close()
  await server.stop()
})

function textOf(reply: Reply): string {
  return typeof reply === 'object' && reply !== null && 'error' in reply ? reply.error : String(reply)
}

async function answer(script: string, ...args: string[]): Promise<string> {
  const reply = await connection.send('EVAL', script, '1', 'key', ...args)
  assert.equal(await connection.send('EVAL', 'return 41 + 1', '0'), 42, 'the next script')
  assert.equal(String(await connection.send('ECHO', 'alive')), 'alive')
  return textOf(reply)
}

/** Name, script, what the error must say. */
const ABUSE: readonly (readonly [string, string, RegExp])[] = [
  ['endless recursion', 'local function f() return 1 + f() end return f()', /stack overflow/],
  [
    'recursion through pcall',
    'local function f() return pcall(f) end f() error("end")',
    /end|overflow|memory/,
  ],
  [
    'recursion through a metamethod',
    'local t = setmetatable({}, {__index = function(t, k) return t[k .. "x"] end}) return t.x',
    /overflow|memory/,
  ],
  ['recursion in string.gsub', 'local function f() return ("x"):gsub(".", f) end return f()', /overflow/],
  [
    'recursion of coroutines',
    'if not coroutine then error("none") end local function f() return coroutine.wrap(f)() end return f()',
    /overflow|none|memory/,
  ],
  [
    'a table nested too deep for cjson',
    'local t = {} local p = t for i = 1, 5000 do p[1] = {} p = p[1] end return cjson.encode(t)',
    /excessive nesting/,
  ],
  ['JSON nested too deep', "return cjson.decode(('['):rep(100000))", /nested|nesting|too many/i],
  ['a table that holds itself in cjson', 'local t = {} t[1] = t return cjson.encode(t)', /excessive nesting/],
  [
    'MessagePack nested too deep',
    "return #cmsgpack.unpack(('\\145'):rep(200000))",
    /overflow|too many|Missing|memory|nest/i,
  ],
  ['memory taken by tables', 'local t = {} while true do t[#t + 1] = {1, 2, 3} end', /not enough memory/],
  ['memory taken by strings', "local s = 'x' while true do s = s .. s end", /not enough memory|overflow/],
  [
    'string.rep of gigabytes',
    "return #string.rep('x', 2147483647)",
    /not enough memory|too large|overflow|length/,
  ],
  [
    'string.rep of gigabytes by a long string',
    "return #string.rep(('x'):rep(1000), 3000000)",
    /not enough memory|too large/,
  ],
  [
    'table.concat of gigabytes',
    "local s = ('x'):rep(1000000) local t = {} for i = 1, 3000 do t[i] = s end return #table.concat(t)",
    /not enough memory/,
  ],
  ['unpack of millions', 'return unpack({}, 1, 10000000)', /too many results|overflow/],
  ['string.format with a huge width', "return string.format('%99999d', 1)", /invalid format|too long/],
  [
    'bytecode',
    'return loadstring(string.dump(function() return 1 end))()',
    /nil value|binary|bytecode|truncated|attempt|unable/i,
  ],
  [
    'a hand-made binary chunk',
    "local f, e = loadstring('\\27LuaQ') error(e or 'loaded')",
    /binary|precompiled|bytecode|truncated|header|unexpected/i,
  ],
  [
    'a global assignment',
    'x = 1',
    /Attempt to modify a readonly table|Script attempted to create global variable/i,
  ],
  [
    'reading an unknown global',
    'return nothing',
    /attempted to access nonexistent global variable 'nothing'/,
  ],
  ['writing into string', 'string.rep = nil', /Attempt to modify a readonly table/],
  ['writing into redis', 'redis.call = nil', /Attempt to modify a readonly table/],
  ['writing into _G', '_G.x = 1', /Attempt to modify a readonly table/],
  ['rawset into _G', "rawset(_G, 'x', 1)", /Attempt to modify a readonly table/],
  ['setmetatable of _G', 'setmetatable(_G, {})', /readonly|protected/i],
  ['the metatable of strings', "getmetatable('').__index = nil", /readonly|index|nil/i],
  ['a print', "print('x')", /nonexistent global variable 'print'/],
  ['loadfile', "loadfile('/etc/passwd')", /nonexistent global variable 'loadfile'/],
  ['dofile', "dofile('/etc/passwd')", /nonexistent global variable 'dofile'/],
  ['os.exit', 'os.exit(1)', /nil value|attempt to call/],
  ['io', "io.open('/etc/passwd')", /nonexistent global variable 'io'/],
  ['require', "require('os')", /nonexistent global variable 'require'/],
  ['an error of nil', 'error(nil)', /./],
  ['an error of true', 'error(true)', /./],
  ['an error of a number', 'error(42)', /42/],
  ['an error of a table', 'error({})', /./],
  ['an error of a table that claims an err', "error({err = 'MY error\\r\\n+injected'})", /MY error/],
  ['an error of a function', 'error(function() end)', /./],
  [
    'an error object with a failing __tostring',
    "error(setmetatable({}, {__tostring = function() error('again') end}))",
    /./,
  ],
  [
    'a failing xpcall handler',
    "local function h() error('again') end local ok, e = xpcall(function() error('x') end, h) error(e or 'none')",
    /./,
  ],
  ['EVAL in a script', "redis.call('EVAL', 'return 1', 0)", /not allowed from script/],
  ['a blocking or session command', "redis.call('SUBSCRIBE', 'x')", /not allowed from script/],
  ['a call without arguments', 'redis.call()', /Please specify at least one argument/],
  ['a call with a table', "redis.call('SET', 'key', {})", /must be strings or integers/],
  ['struct with a huge size', "struct.pack('c999999999', 'x')", /./],
  ['struct beyond the string', "struct.unpack('i8', 'x')", /too short/],
  ['struct with an endless format', "struct.pack(('i8'):rep(100000), 1)", /./],
  ['bit with too few arguments', 'bit.tobit()', /number expected/],
  ['a negative cjson depth', 'cjson.encode_max_depth(-1)', /expected|between/],
]

describe('scripts', () => {
  for (const [name, script, expected] of ABUSE) {
    test(name, { timeout: 60_000 }, async () => {
      const reply = await answer(script)
      assert.match(reply, expected)
      assert.doesNotMatch(reply, /[\r\n]/)
    })
  }

  test('a thousand arguments', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => `argument-${i}`)
    const script = "return redis.call('RPUSH', KEYS[1], unpack(ARGV))"
    await connection.send('DEL', 'many')
    assert.equal(await connection.send('EVAL', script, '1', 'many', ...many), 1000)
    assert.equal(String(await connection.send('LINDEX', 'many', '999')), 'argument-999')
  })

  test('a pattern that backtracks for very long ends or is bounded', { timeout: 60_000 }, async () => {
    const reply = await answer("return tostring(string.find(('a'):rep(18), ('a?'):rep(18) .. ('a'):rep(18)))")
    assert.match(reply, /^1|too complex/)
  })

  test('the interpreter that ran out of memory starts over with all scripts known', async () => {
    const sha = String(await connection.send('SCRIPT', 'LOAD', "return 'still here'"))
    assert.match(await answer('local t = {} while true do t[#t + 1] = {} end'), /not enough memory/)
    assert.equal(String(await connection.send('EVALSHA', sha, '0')), 'still here')
  })

  test('nothing of a script is left for the next', async () => {
    await connection.send('EVAL', "KEYS.extra = 1 ARGV.extra = 1 rawset(KEYS, 'x', 1)", '1', 'key')
    const seen = await connection.send(
      'EVAL',
      'return {tostring(KEYS.extra), tostring(ARGV.extra), tostring(KEYS.x)}',
      '0',
    )
    assert.deepEqual((seen as unknown[]).map(String), ['nil', 'nil', 'nil'])
  })
})

/** What the server sends until it closes or is silent for a moment. */
function converse(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectSocket(server.port, '127.0.0.1')
    let heard = ''
    socket.on('data', (data) => {
      heard += data.toString('latin1')
    })
    socket.on('close', () => resolve(heard))
    socket.on('error', () => resolve(heard))
    socket.write(text)
    setTimeout(() => socket.destroy(), 500)
  })
}

describe('replies without end', () => {
  for (const script of [
    'local t = {} local p = t for i = 1, 100000 do p[1] = {} p = p[1] end return t',
    'local t = {} t[1] = t return t',
  ]) {
    test(script, async () => {
      const heard = await converse(`*3\r\n$4\r\nEVAL\r\n$${script.length}\r\n${script}\r\n$1\r\n0\r\n`)
      assert.match(heard, /^\*1\r\n\*1\r\n/)
      assert.match(heard, /\*1\r\n-ERR reached lua stack limit\r\n$/)
      assert.equal(await connection.send('EVAL', 'return 41 + 1', '0'), 42)
    })
  }
})

describe('requests', () => {
  test('a bulk of a gigabyte is refused when it is declared', async () => {
    assert.match(
      await converse('*2\r\n$4\r\nECHO\r\n$1073741824\r\n'),
      /^-ERR Protocol error: invalid bulk length\r\n$/,
    )
  })

  test('a million arguments and more are refused when they are declared', async () => {
    assert.match(await converse('*2147483648\r\n'), /^-ERR Protocol error: invalid multibulk length\r\n$/)
  })

  test('an inline request without end is refused', async () => {
    assert.match(await converse('x'.repeat(70_000)), /^-ERR Protocol error: too big inline request\r\n$/)
  })

  test('web requests from a browser are turned away', async () => {
    assert.doesNotMatch(await converse('POST / HTTP/1.1\r\nHost: localhost\r\n\r\nSET x 1\r\n'), /OK/)
  })
})
