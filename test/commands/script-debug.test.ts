/**
 * SCRIPT DEBUG as a client sees it, word for word; the same dialogues with a real server prove the expectations. What a
 * session leaves behind, and what goes on beside it, is in test/scripting/debugger.test.ts.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type Argument, type Connection, connect, onEachServer, type Reply } from '../support/server.ts'

const SCRIPT = `local a = 1
local t = {1,'two',{x=1,y={2,3}},true}
local function f(n)
  local inner = n + 1
  return redis.call('incrby', KEYS[1], inner)
end
redis.call('set', KEYS[1], 10)
redis.debug('dbg', a, t, nil, 1.5)
local r = f(2)
redis.breakpoint()
local z = redis.pcall('nosuch')
a = a + r
return {a, r}
`

type Step = readonly [command: string | readonly string[], ...lines: readonly string[]]

function wordsOf(command: string | readonly string[]): readonly string[] {
  return typeof command === 'string' ? command.split(' ') : command
}

/** The error a script ended with. */
function errorIn(script: string, line: number, text: string): Reply {
  const sha = createHash('sha1').update(script).digest('hex')
  return { error: `ERR ${text} script: ${sha}, on @user_script:${line}.` }
}

function stoppedAt(line: number, text: string, reason = 'step over', mark = ' '): string[] {
  return [`* Stopped at ${line}, stop reason = ${reason}`, `->${mark}${String(line).padEnd(3)} ${text}`]
}

/** Starts to debug a script, which stops before its first line; what was told then. */
async function begin(connection: Connection, mode: string, ...args: Argument[]): Promise<Reply> {
  assert.equal(await connection.send('script', 'debug', mode), 'OK')
  return connection.send('eval', ...args)
}

async function follow(connection: Connection, steps: readonly Step[]): Promise<void> {
  for (const [command, ...lines] of steps) {
    assert.deepEqual(await connection.send(...wordsOf(command)), lines, JSON.stringify(command))
  }
}

/** The last step: what is told, the script's reply, and the end of the connection. */
async function finish(connection: Connection, step: Step, reply: Reply): Promise<void> {
  const [command, ...lines] = step
  assert.deepEqual(await connection.send(...wordsOf(command)), [...lines, '<endsession>'])
  assert.deepEqual(await connection.next(), reply)
  await assert.rejects(connection.send('ping'))
}

const WALK: readonly Step[] = [
  ['p', 'No local variables in the current context.'],
  ['n', ...stoppedAt(2, "local t = {1,'two',{x=1,y={2,3}},true}")],
  ['STEP', ...stoppedAt(6, 'end')],
  ['print', '<value> a = 1', '<value> t = {1; "two"; {["x"]=1; ["y"]={2; 3}}; true}'],
  ['p t', '<value> {1; "two"; {["x"]=1; ["y"]={2; 3}}; true}'],
  ['p KEYS', '<value> {"k"}'],
  ['p ARGV', '<value> {"x y"; "z"}'],
  ['p nope', 'No such variable.'],
  [
    'b 4 9 -4 0 99 abc -7 4',
    '   3   local function f(n)',
    '  #4     local inner = n + 1',
    "   5     return redis.call('incrby', KEYS[1], inner)",
    "   8   redis.debug('dbg', a, t, nil, 1.5)",
    '  #9   local r = f(2)',
    '   10  redis.breakpoint()',
    'Breakpoint removed.',
    'All breakpoints removed.',
    'Wrong line number.',
    "Invalid argument:'abc'",
    'No breakpoint in the specified line.',
    '   3   local function f(n)',
    '  #4     local inner = n + 1',
    "   5     return redis.call('incrby', KEYS[1], inner)",
  ],
  ['b 4', 'Wrong line number.'],
  ['break', '1 breakpoints set:', '  #4     local inner = n + 1'],
  [
    'l 3 1',
    "   2   local t = {1,'two',{x=1,y={2,3}},true}",
    '   3   local function f(n)',
    '  #4     local inner = n + 1',
  ],
  ['l 1 -1'],
  [
    'continue',
    '<debug> line 8: "dbg", 1, {1; "two"; {["x"]=1; ["y"]={2; 3}}; true}, nil, 1.5',
    ...stoppedAt(4, '  local inner = n + 1', 'break point', '#'),
  ],
  ['trace', 'In f:', '->#4     local inner = n + 1', 'From top level:', '   9   local r = f(2)'],
  ['p', '<value> n = 2'],
  ['p a', '<value> 1'],
  ['s', ...stoppedAt(5, "  return redis.call('incrby', KEYS[1], inner)")],
  ['n', '<command> incrby k 3', '<reply> 13', ...stoppedAt(10, 'redis.breakpoint()')],
  ['b 0', 'All breakpoints removed.'],
  ['b', "No breakpoints set. Use 'b <line>' to add one."],
  ['c', ...stoppedAt(11, "local z = redis.pcall('nosuch')", 'server.breakpoint() called')],
]

const ANSWERS: readonly Step[] = [
  ['e n', "<error> ldb_eval:1: Script attempted to access nonexistent global variable 'n'"],
  ['eval redis.call("get",KEYS[1])', '<retval> false'],
  ['e return 1', '<retval> 1'],
  [['e', 'return', '1', '+', '1'], '<retval> 2'],
  [['e', 'x x'], "<error> ldb_eval:1: '=' expected near 'x'"],
  ['e error("boo")', '<error> ldb_eval:1: boo'],
  ['e redis.error_reply("foo")', '<retval> {["err"]="ERR foo"}'],
  ['e redis.status_reply("fine")', '<retval> {["ok"]="fine"}'],
  ['e cjson.null', '<retval> "light-userdata@(nil)"'],
  ['e {[1.5]=2}', '<retval> {[1.5]=2}'],
  [['e', '"a\\"b\\\\c\\0d\\200\\n"'], '<retval> "a"b\\c\\x00d\\xc8\\n"'],
  ['r set k 10', '<command> set k 10', '<reply> "+OK"'],
  ['redis foo', '<command> foo', '<error> Unknown command called from script'],
  ['valkey lrange k', '<command> lrange k', '<error> Wrong number of args calling command from script'],
  ['v subscribe x', '<command> subscribe x', '<error> This Redis command is not allowed from script'],
  [
    'server hgetall k',
    '<command> hgetall k',
    '<error> -WRONGTYPE Operation against a key holding the wrong kind of value',
    '<reply> "-WRONGTYPE Operation against a key holding the wrong kind of value"',
  ],
  ['r get none', '<command> get none', '<reply> NULL'],
  ['r rpush l 1 2 3 4 5 6 7 8 9', '<command> rpush l 1 2 3 4 5 6 7 8 ... (0 more)', '<reply> 9'],
  ['r lrange l 0 2', '<command> lrange l 0 2', '<reply> ["1","2","3"]'],
  ['r mget k none l', '<command> mget k none l', '<reply> ["10",NULL,NULL]'],
  ['r', '<error> Unknown Lua debugger command or wrong number of arguments.'],
  ['foo', '<error> Unknown Lua debugger command or wrong number of arguments.'],
  ['m', '<value> replies are truncated at 256 bytes.'],
  [
    'e ("x"):rep(300)',
    `<retval> "${'x'.repeat(246)} ...`,
    "<hint> The above reply was trimmed. Use 'maxlen 0' to disable trimming.",
  ],
  ['e ("x"):rep(300)', `<retval> "${'x'.repeat(246)} ...`],
  ['m 5', '<value> replies are truncated at 60 bytes.'],
  ['e ("x"):rep(60)', `<retval> "${'x'.repeat(50)} ...`],
  ['maxlen 0', '<value> replies are unlimited.'],
  ['e ("x"):rep(400)', `<retval> "${'x'.repeat(400)}"`],
]

for (const mode of ['yes', 'sync']) {
  onEachServer(`SCRIPT DEBUG ${mode.toUpperCase()}`, ({ it }) => {
    it('a walk through a script', async (_call, connection) => {
      const told = await begin(connection, mode, SCRIPT, 1, 'k', 'x y', 'z')
      assert.deepEqual(told, stoppedAt(1, 'local a = 1'))
      await follow(connection, WALK)
      await finish(connection, ['c'], [14, 13])
    })

    it('what can be asked for', async (_call, connection) => {
      await begin(connection, mode, 'return KEYS[1]', 1, 'k')
      await follow(connection, ANSWERS)
      await finish(connection, ['c'], 'k')
    })

    it('the help', async (_call, connection) => {
      await begin(connection, mode, 'return 1', 0)
      const help = (await connection.send('help')) as string[]
      assert.equal(help.length, 30)
      assert.equal(help[0], 'Lua debugger help:')
      assert.equal(help[1], '[h]elp               Show this help.')
      assert.equal(help[20], '[v]alkey <cmd>       Execute a command.')
      assert.equal(help[25], '')
      assert.equal(help[29], '                     next line of code.')
      await finish(connection, ['c'], 1)
    })

    it('a script that is aborted', async (_call, connection) => {
      const script = 'redis.call("set","a","b") return 2'
      await begin(connection, mode, script, 0)
      await finish(connection, ['a'], errorIn(script, 1, 'script aborted for user request'))
    })

    it('errors of a script that is stepped through', async (_call, connection) => {
      const script = 'local x = 1\nredis.pcall("lpush")\nredis.log()'
      await begin(connection, mode, script, 0)
      await follow(connection, [['s', ...stoppedAt(2, 'redis.pcall("lpush")')]])
      await follow(connection, [
        [
          's',
          '<command> lpush',
          '<error> Wrong number of args calling command from script',
          ...stoppedAt(3, 'redis.log()'),
        ],
      ])
      const text = 'server.log() requires two arguments or more.'
      await finish(connection, ['s', `<error> ${text}`], errorIn(script, 3, text))
    })

    it('replies in RESP3', async (call, connection) => {
      await call('hello', '3')
      const script = `redis.setresp(3)
redis.call('hset', 'h', 'a', '1')
redis.call('hgetall', 'h')
redis.call('sadd', 's', '1')
redis.call('smembers', 's')
redis.call('get', 'none')
redis.call('zadd', 'z', '1.5', 'm')
redis.call('zrange', 'z', 0, -1, 'withscores')
return 1`
      const source = script.split('\n')
      await begin(connection, mode, script, 0)
      const replies = ['1', '{"a" => "1"}', '1', '~("1")', '(null)', '1', '[["m",(double) 1.5]]']
      await follow(connection, [['s', ...stoppedAt(2, source[1]!)]])
      for (const [i, reply] of replies.entries()) {
        const told = (await connection.send('s')) as string[]
        assert.deepEqual(told.slice(1), [`<reply> ${reply}`, ...stoppedAt(i + 3, source[i + 2]!)])
      }
      await finish(connection, ['s'], 1)
    })

    it('coroutines', async (_call, connection) => {
      const script = 'local c = coroutine.wrap(function(n)\n  coroutine.yield(n)\nend)\nreturn c(7)'
      await begin(connection, mode, script, 0)
      await follow(connection, [
        ['s', ...stoppedAt(3, 'end)')],
        ['s', ...stoppedAt(1, 'local c = coroutine.wrap(function(n)')],
        ['s', ...stoppedAt(4, 'return c(7)')],
        ['s', ...stoppedAt(2, '  coroutine.yield(n)')],
        ['p', '<value> n = 7'],
        ['e KEYS', '<retval> {}'],
        ['t', 'In top level:', '-> 2     coroutine.yield(n)'],
      ])
      await finish(connection, ['c'], 7)
    })

    it('EVAL_RO stays read-only', async (_call, connection) => {
      await connection.send('script', 'debug', mode)
      const script = 'return redis.call("set","a","b")'
      await connection.send('eval_ro', script, 0)
      const text = 'Write commands are not allowed from read-only scripts.'
      await finish(connection, ['s', '<command> set a b', `<error> ${text}`], errorIn(script, 1, text))
    })

    it('scripts that do not start', async (_call, connection, { port }) => {
      assert.deepEqual(await begin(connection, mode, 'return 1 1', 0), ['<endsession>'])
      assert.deepEqual(await connection.next(), {
        error: "ERR Error compiling script (new function): user_script:1: '<eof>' expected near '1'",
      })
      const other = await connect(port)
      assert.deepEqual(await begin(other, mode, 'return 1', 5), ['<endsession>'])
      assert.deepEqual(await other.next(), {
        error: "ERR Number of keys can't be greater than number of args",
      })
      await other.close()
    })

    it('requests that make no sense end the script', async (_call, connection) => {
      await begin(connection, mode, 'return 1', 0)
      connection.write('hello\r\n')
      assert.deepEqual(await connection.next(), ['<endsession>'])
      assert.deepEqual(await connection.next(), errorIn('return 1', 1, 'protocol error'))
    })

    it('a session within a transaction', async (call, connection, { port }) => {
      await call('script', 'debug', mode)
      await call('multi')
      await call('set', 'before', '1')
      await call('eval', 'return 5', '0')
      await call('set', 'after', '1')
      // What follows the session differs from run to run in Valkey.
      assert.deepEqual(await call('exec'), stoppedAt(1, 'return 5'))
      await connection.close()
      const other = await connect(port)
      assert.deepEqual(await other.send('mget', 'before', 'after'), ['1', '1'])
      await other.close()
    })
  })
}

onEachServer('SCRIPT DEBUG', ({ it }) => {
  it('modes', async (call) => {
    const usage = { error: 'ERR Use SCRIPT DEBUG YES/SYNC/NO' }
    assert.deepEqual(await call('script', 'debug', 'maybe'), usage)
    assert.deepEqual(await call('script', 'debug'), {
      error: "ERR wrong number of arguments for 'script|debug' command",
    })
    assert.equal(await call('script', 'debug', 'Yes'), 'OK')
    assert.equal(await call('script', 'debug', 'no'), 'OK')
    assert.equal(await call('eval', 'return 1', '0'), 1)
  })

  it('without a session breakpoints and messages do nothing', async (call) => {
    assert.deepEqual(
      await call('eval', 'redis.debug(1) return {redis.breakpoint(), server.breakpoint()}', '0'),
      [null, null],
    )
    assert.equal(await call('eval', 'return tostring(redis.breakpoint())', '0'), 'false')
  })

  it('only EVAL is debugged', async (call) => {
    await call('script', 'debug', 'yes')
    assert.deepEqual(await call('evalsha', '0'.repeat(40), '0'), {
      error: 'ERR Please use EVAL instead of EVALSHA for debugging',
    })
    assert.deepEqual(await call('evalsha', 'abc', '0'), { error: 'NOSCRIPT No matching script.' })
  })

  it('not in a pipeline or transaction', async (call, connection) => {
    const refused = { error: 'ERR SCRIPT DEBUG must be called outside a pipeline' }
    assert.deepEqual(await connection.pipeline([['ping'], ['script', 'debug', 'yes']]), ['PONG', refused])
    await call('multi')
    await call('script', 'debug', 'yes')
    assert.deepEqual(await call('exec'), [refused])
  })
})

onEachServer(
  'a script without an end that is debugged',
  ({ it }) => {
    for (const mode of ['yes', 'sync']) {
      it(mode, async (_call, connection) => {
        const script = 'local x = 1\nwhile true do x = x + 1 end'
        await begin(connection, mode, script, 0)
        const told = (await connection.send('c')) as string[]
        assert.deepEqual(told, stoppedAt(2, 'while true do x = x + 1 end', 'timeout reached, infinite loop?'))
        await finish(connection, ['a'], errorIn(script, 2, 'script aborted for user request'))
      })
    }
  },
  ['--busy-reply-threshold', '50'],
)
