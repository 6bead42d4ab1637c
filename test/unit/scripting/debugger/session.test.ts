/**
 * Sessions without a server: a user whose requests are known beforehand.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { Args } from '../../../../src/memory/args.ts'
import { Bytes } from '../../../../src/memory/bytes.ts'
import { DebuggedCommands } from '../../../../src/scripting/debugger/debugged-commands.ts'
import { DebugSession } from '../../../../src/scripting/debugger/session.ts'
import { loadModule } from '../../../../src/scripting/load-module.ts'
import { ScriptHost } from '../../../../src/scripting/script-host.ts'
import { encode } from '../../../support/resp-client.ts'
import { FakeServer } from '../fake-server.ts'

const module = loadModule()

interface Outcome {
  /** What the user was told, a list of lines for each time. */
  readonly told: string[][]
  readonly reply: string
  readonly host: ScriptHost
}

/** Debugs a script for a user who sends these, and is gone then. */
function debug(script: string, requests: readonly (string | Buffer)[], now = () => 0): Outcome {
  const told: string[][] = []
  const waiting = requests.map((one) => (typeof one === 'string' ? encode(one.split(' ')) : one))
  const user = {
    read: () => waiting.shift() ?? null,
    write: (bytes: Buffer) => {
      told.push(bytes.toString('latin1').split('\r\n').slice(1, -1))
    },
    get isGone() {
      return waiting.length === 0
    },
    end() {},
  }
  const body = Buffer.from(script)
  const session = new DebugSession({ body: new Bytes(body), user, timeLimit: 50, now })
  const server = new FakeServer()
  const caller = new DebuggedCommands(Object.assign(server, { refusals: 0 }), session)
  const host = new ScriptHost({ module, caller, debugger: session, memoryLimit: 32 * 1024 * 1024 })
  const sha = createHash('sha1').update(body).digest('hex')
  const args = Args.from('EVAL', body, '0')
  const reply = host.run({ sha, body, shebangLength: 0 }, args, 3, 0, 2).latin1()
  session.end()
  return { told, reply: reply.replace(/[0-9a-f]{40}/, 'SHA'), host }
}

describe('a debugging session', () => {
  test('tells where the script stops, and what it answers', () => {
    const { told, reply } = debug('local a = 1\nreturn a', ['s', 'p', 'c'])
    assert.deepEqual(told, [
      ['+* Stopped at 1, stop reason = step over', '+-> 1   local a = 1'],
      ['+* Stopped at 2, stop reason = step over', '+-> 2   return a'],
      ['+<value> a = 1'],
      ['+<endsession>'],
    ])
    assert.equal(reply, ':1\r\n')
  })

  test('a script without a line', () => {
    const { told } = debug('\n', ['w', 'l', 'b 1', 'c'])
    assert.deepEqual(told, [
      ['+* Stopped at 1, stop reason = step over', '+-> 1   <out of range source code line>'],
      [],
      [],
      ['+Wrong line number.'],
      ['+<endsession>'],
    ])
  })

  test('what is asked for leaves nothing in the reply', () => {
    const requests = ['e 1', 'p', 't', 'r get x', 'e error()', 'p KEYS']
    const { reply } = debug("local a = 'x' return {a, redis.call('set', 'k', 'v')}", requests)
    assert.equal(reply, '*2\r\n$1\r\nx\r\n+OK\r\n')
  })

  test('requests may come in pieces', () => {
    const request = encode(['p', 'KEYS'])
    const pieces = [...request].map((byte) => Buffer.from([byte]))
    // The end of a word may not come alone.
    const joined = [...pieces.slice(0, -2), Buffer.concat(pieces.slice(-2))]
    assert.deepEqual(debug('local x = 1', joined).told[1], ['+<value> {}'])
  })

  test('when the user goes the script runs to its end, whatever stops it', () => {
    const { told, reply } = debug('local a = 1\nredis.breakpoint()\na = a + 1\nreturn a', ['b 3'])
    assert.equal(reply, ':2\r\n')
    assert.equal(told.at(-1)?.at(-1), '+<endsession>')
  })

  test('unless it has no end', () => {
    let time = 0
    const { reply } = debug('local x = 1\nwhile true do x = x + 1 end', [], () => (time += 30))
    assert.match(
      reply,
      /^-ERR timeout during Lua debugging with client closing connection script: SHA, on @user_script:2\.\r\n$/,
    )
  })

  for (const [what, code] of [
    ['code that is evaluated', 'while true do end'],
    ['a search', "string.find(('a'):rep(40), ('.-'):rep(40) .. 'b')"],
    ['errors that are caught', 'while true do pcall(error) end'],
  ] as const) {
    test(`${what} without an end is ended when the user goes`, () => {
      let time = 0
      const { told, reply } = debug('local a = 1\nreturn a', ['s', `e ${code}`], () => (time += 30))
      assert.deepEqual(told[2], ['+<error> ERR timeout during Lua debugging with client closing connection'])
      assert.equal(reply, ':1\r\n')
      const own = debug(`local a = 1\n${code}`, ['c'], () => (time += 30))
      assert.match(own.reply, /^-ERR timeout during Lua debugging with client closing connection script/)
    })
  }

  test('a time limit counts from the last stop', () => {
    let time = 0
    const script = 'local n = 0\nfor i = 1, 300000 do n = n + 1 end\nreturn n'
    const { told, reply } = debug(
      script,
      ['c', 'c', 'c', 'c', 'c', 'c', 'c', 'c', 'c', 'c'],
      () => (time += 30),
    )
    assert.ok(told.some((lines) => lines[0]?.endsWith('stop reason = timeout reached, infinite loop?')))
    assert.equal(reply, ':300000\r\n')
  })

  test('too long a request ends the script', () => {
    const part = Buffer.from(`*2\r\n$1\r\ns\r\n$${'0'.repeat(1000)}`)
    const flood = [part, ...Array.from({ length: 17 }, () => Buffer.alloc(64 * 1024, '0'))]
    assert.match(debug('return 1', flood).reply, /^-ERR max client buffer reached/)
  })

  test('64 breakpoints are enough', () => {
    const script = `${'local x\n'.repeat(100)}return 1`
    const lines = Array.from({ length: 65 }, (_, i) => i + 1)
    const { told } = debug(script, [`b ${lines.join(' ')}`, 'b'])
    assert.equal(told[1]?.at(-1), '+Too many breakpoints set.')
    assert.equal(told[2]?.[0], '+64 breakpoints set:')
  })

  test('an abort can be caught, as in Valkey', () => {
    const script = 'local ok, e = pcall(function()\n  return 1\nend)\nreturn e'
    const { reply } = debug(script, ['b 2', 'c', 'a'])
    assert.equal(reply, '$35\r\nERR script aborted for user request\r\n')
  })

  test('code that fails in the middle harms nothing', () => {
    const { told, reply } = debug("local s = 'kept'\nreturn s", [
      's',
      'e local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1e5) .. i end',
      'e string.rep("x", 1e9)',
      'e redis.call("get")',
      'e redis.call("nosuch")',
      'e (function() local function f() return f() + 1 end return f() end)()',
      'p s',
    ])
    assert.deepEqual(told[2], ['+<error> not enough memory'])
    assert.deepEqual(told[3], ['+<error> not enough memory'])
    assert.match(told[6]?.[0] ?? '', /^\+<error> (ldb_eval:1: stack overflow|not enough memory)/)
    assert.deepEqual(told[7], ['+<value> "kept"'])
    assert.equal(reply, '$4\r\nkept\r\n')
  })

  test('what is too long to be told, in a coroutine too', () => {
    const script = `local s = ('x'):rep(5e6)
return coroutine.wrap(function()
  return #s
end)()`
    const many = 'local s = ("x"):rep(3e6) return {s,s,s,s,s,s,s,s,s,s}'
    const { told, reply } = debug(script, ['b 3', 'c', 'm 0', `e ${many}`, 'e 1', 'c'])
    assert.deepEqual(told.slice(4, 6), [['+<error> not enough memory'], ['+<retval> 1']])
    assert.equal(reply, ':5000000\r\n')
  })

  test('errors of every kind', () => {
    const hostile = 'setmetatable({}, {__index = function(t) error(t) end})'
    const { told, reply } = debug('return 1', [
      ...['error()', 'error(5)', 'error({})', 'error({err = {}})', `error(${hostile})`].map(
        (code) => `e ${code}`,
      ),
    ])
    assert.deepEqual(told.slice(1, 6), [
      ['+<error> '],
      ['+<error> ldb_eval:1: 5'],
      ['+<error> '],
      ['+<error> '],
      ['+<error> '],
    ])
    assert.equal(reply, ':1\r\n')
  })

  test('tables that contain themselves', () => {
    const { told } = debug('local t = {1}\nt.t = t\nreturn 1', ['s', 's', 'm 0', 'p t'])
    const [value = ''] = told[4] ?? []
    assert.match(value, /^\+<value> \{\[1\]=1; \["t"\]=\{\[1\]=1; /)
    assert.match(value, /<max recursion level reached! Nested table\?>\}+$/)
  })

  test('a defect of the server is an error of the script', () => {
    const { reply, host } = debug("return redis.call('defect')", ['s'])
    assert.match(reply, /^-ERR internal error/)
    assert.equal(host.lua.lastFault?.message, 'a defect')
  })

  test('breakpoints of other chunks and of C are none', () => {
    const script = "local f = loadstring('local a = 1\\nreturn a')\nlocal x = f()\nreturn x"
    const { told } = debug(script, ['b 2', 'c', 's', 's'])
    assert.deepEqual(
      told.filter((lines) => lines[0]?.startsWith('+* Stopped')).map((lines) => lines[1]),
      ["+-> 1   local f = loadstring('local a = 1\\nreturn a')", '+->#2   local x = f()', '+-> 3   return x'],
    )
  })
})
