import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Args } from '../../../src/memory/args.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { FakeServer } from './fake-server.ts'

describe('values', () => {
  let server: FakeServer
  before(() => {
    server = new FakeServer()
  })
  after(() => server.close())

  const replies: [string, string, string][] = [
    ['return 1', ':1\r\n', ':1\r\n'],
    ['return -3.99', ':-3\r\n', ':-3\r\n'],
    ['return 1e300', ':-9223372036854775808\r\n', ':-9223372036854775808\r\n'],
    ["return 'a\\0b'", '$3\r\na\0b\r\n', '$3\r\na\0b\r\n'],
    ['return nil', '$-1\r\n', '_\r\n'],
    ['return true', ':1\r\n', ':1\r\n'],
    ['return false', '$-1\r\n', '_\r\n'],
    ['redis.setresp(3) return true', ':1\r\n', '#t\r\n'],
    ['redis.setresp(3) return false', ':0\r\n', '#f\r\n'],
    ['return {1,nil,3}', '*1\r\n:1\r\n', '*1\r\n:1\r\n'],
    ["return {1,{'x',{}}}", '*2\r\n:1\r\n*2\r\n$1\r\nx\r\n*0\r\n', '*2\r\n:1\r\n*2\r\n$1\r\nx\r\n*0\r\n'],
    ["return {ok='a\\r\\nb'}", '+a  b\r\n', '+a  b\r\n'],
    ["return {err='MY text\\r\\n'}", '-MY text\r\n', '-MY text\r\n'],
    ['return {double=1.5}', '$3\r\n1.5\r\n', ',1.5\r\n'],
    ['return {double=1/0}', '$3\r\ninf\r\n', ',inf\r\n'],
    ['return {double=-0}', '$2\r\n-0\r\n', ',-0\r\n'],
    ["return {big_number='123\\r4'}", '$5\r\n123 4\r\n', '(123 4\r\n'],
    ["return {verbatim_string={format='t',string='x'}}", '$1\r\nx\r\n', '=5\r\nt  :x\r\n'],
    ['return {map={a=1}}', '*2\r\n$1\r\na\r\n:1\r\n', '%1\r\n$1\r\na\r\n:1\r\n'],
    ['return {set={a=true}}', '*1\r\n$1\r\na\r\n', '~1\r\n$1\r\na\r\n'],
    [
      'return {map={a={map={b={set={c=1}}}}}}',
      '*2\r\n$1\r\na\r\n*2\r\n$1\r\nb\r\n*1\r\n$1\r\nc\r\n',
      '%1\r\n$1\r\na\r\n%1\r\n$1\r\nb\r\n~1\r\n$1\r\nc\r\n',
    ],
    ['return function() end', '$-1\r\n', '_\r\n'],
  ]
  for (const [body, resp2, resp3] of replies) {
    test(body, () => {
      assert.equal(server.eval(body), resp2)
      assert.equal(server.eval(body, [], [], 3), resp3)
    })
  }

  test('a table that contains itself ends at the limit of the stack', () => {
    const reply = server.eval('local t = {} t[1] = t return t')
    assert.match(reply, /^(\*1\r\n){7000,8000}-ERR reached lua stack limit\r\n$/)
  })

  test('keys and arguments arrive as they were sent', () => {
    const binary = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const reply = server.eval(
      'return {KEYS[1], KEYS[2], #KEYS, ARGV[1], ARGV[2], #ARGV}',
      ['k', ''],
      [binary, 'x'],
    )
    assert.equal(
      reply,
      `*6\r\n$1\r\nk\r\n$0\r\n\r\n:2\r\n$256\r\n${binary.toString('latin1')}\r\n$1\r\nx\r\n:2\r\n`,
    )
  })

  test('arguments of one request are copied with what lies between them', () => {
    const request = Buffer.from('$3\r\nkey\r\n$5\r\nvalue\r\n$0\r\n\r\n')
    const args = new Args()
    args.push(request, 0, 1)
    args.push(request, 4, 3)
    args.push(request, 13, 5)
    args.push(request, 24, 0)
    const script = {
      sha: 'a'.repeat(40),
      body: Buffer.from('return {KEYS[1], ARGV[1], ARGV[2]}'),
      shebangLength: 0,
    }
    assert.equal(
      server.host.run(script, args, 1, 1, 2).latin1(),
      '*3\r\n$3\r\nkey\r\n$5\r\nvalue\r\n$0\r\n\r\n',
    )
  })
})

describe('commands', () => {
  let server: FakeServer
  before(() => {
    server = new FakeServer(
      {},
      {
        nested: (_args, reply) => {
          const mark = reply.beginArray()
          reply.integer(1n << 40n)
          reply.map(1)
          reply.text('key')
          reply.double(0.5)
          reply.status('fine')
          reply.null()
          reply.boolean(true)
          reply.endArray(mark, 5)
        },
        late: (_args, reply) => {
          const mark = reply.beginArray()
          reply.text('a')
          reply.text('b')
          reply.endSet(mark, 2)
        },
        many: (args, reply) => {
          const count = Number(args.at(1).latin1())
          reply.array(count)
          for (let i = 0; i < count; i++) reply.text('x'.repeat(100))
        },
        deep: (args, reply) => {
          const depth = Number(args.at(1).latin1())
          for (let i = 0; i < depth; i++) reply.array(1)
          reply.integer(1)
        },
      },
    )
  })
  after(() => server.close())

  test('a value goes in and out', () => {
    assert.equal(server.eval("return redis.call('SET', KEYS[1], ARGV[1])", ['k'], ['v\0']), '+OK\r\n')
    assert.equal(server.eval("return redis.call('get', KEYS[1])", ['k']), '$2\r\nv\0\r\n')
    assert.equal(server.bulk("return type(redis.call('get', 'none'))"), 'boolean')
    assert.equal(server.bulk("redis.setresp(3) return type(redis.call('get', 'none'))"), 'nil')
  })

  test('numbers as arguments keep their precision', () => {
    const reply = server.eval("return redis.call('args', 1, -0, 1.5, 2^53, 2^63, 1e20, 0.1+0.2, math.huge)")
    assert.deepEqual(reply.match(/(?<=\r\n)[^$*\r]+(?=\r\n)/g), [
      'args',
      '1',
      '0',
      '1.5',
      '9007199254740992',
      '9223372036854776000',
      '1e+20',
      '0.30000000000000004',
      'inf',
    ])
  })

  test('nested replies in both protocols', () => {
    const show = `local r = redis.call('nested')
      local m = r[2].map and ('map ' .. r[2].map.key.double) or ('array ' .. r[2][1] .. ' ' .. r[2][2])
      return table.concat({tostring(r[1]), m, r[3].ok, tostring(r[4]), tostring(r[5])}, '|')`
    assert.equal(server.bulk(show), '1099511627776|array key 0.5|fine|false|1')
    assert.equal(server.bulk(`redis.setresp(3) ${show}`), '1099511627776|map 0.5|fine|nil|true')
    assert.equal(server.eval("return redis.call('late')"), '*2\r\n$1\r\na\r\n$1\r\nb\r\n')
    assert.equal(server.eval("redis.setresp(3) return redis.call('late').set.b"), ':1\r\n')
  })

  test('replies larger than the reply buffer', () => {
    assert.equal(server.eval("return #redis.call('many', 5000)"), ':5000\r\n')
    assert.equal(server.eval("return #redis.call('echo', ('x'):rep(300000))"), ':300000\r\n')
  })

  test('replies nested too deeply are an error', () => {
    assert.equal(server.eval("return type(redis.call('deep', 900)) == 'table'"), ':1\r\n')
    assert.match(server.error("return redis.call('deep', 5000)"), /nested too deeply/)
  })

  test('errors of commands can be caught, returned and raised', () => {
    const text = 'WRONGTYPE Operation against a key holding the wrong kind of value'
    assert.equal(server.eval("return redis.pcall('wrongtype')"), `-${text}\r\n`)
    assert.equal(server.bulk("return redis.pcall('wrongtype').err"), text)
    assert.equal(server.bulk("return select(2, pcall(redis.call, 'wrongtype'))"), text)
    assert.equal(server.error("redis.call('wrongtype')"), `${text} script: SHA, on @user_script:1.`)
  })

  test("errors in an answer are told, and counted when they are the script's own", () => {
    const counted = (script: string) => {
      server.counted.length = 0
      server.eval(script)
      return [server.host.lua.answeredError, ...server.counted]
    }
    assert.deepEqual(counted('return 1'), [false])
    assert.deepEqual(counted("redis.call('wrongtype')"), [true])
    assert.deepEqual(counted("return redis.pcall('wrongtype')"), [true])
    assert.deepEqual(counted("redis.pcall('wrongtype')"), [false])
    assert.deepEqual(counted("return {1, {err = 'MY x'}, {redis.pcall('wrongtype'), {err = 'B y'}}}"), [
      true,
      'MY x',
      'B y',
    ])
    assert.deepEqual(counted("error({err = 'MY x', ignore_error_stats_update = true})"), [true])
    const [isError, text] = counted("error('mine')")
    assert.equal(isError, true)
    assert.match(String(text), /^ERR user_script:1: mine script: /)
  })

  test('wrong arguments', () => {
    assert.equal(
      server.error('redis.call()'),
      'ERR Please specify at least one argument for this call script: SHA, on @user_script:1.',
    )
    assert.equal(
      server.error("redis.call('echo', {})"),
      'ERR Command arguments must be strings or integers script: SHA, on @user_script:1.',
    )
    assert.equal(
      server.error("redis.call('nope')"),
      'ERR Unknown command called from script script: SHA, on @user_script:1.',
    )
    assert.equal(
      server.eval("return redis.pcall('nope').err"),
      '$38\r\nERR Unknown command called from script\r\n',
    )
  })

  test('many command names, more than are remembered', () => {
    const body = "for i = 1, 2000 do redis.pcall('name' .. i) end collectgarbage() return redis.call('ping')"
    assert.equal(server.eval(body), '+PONG\r\n')
    assert.equal(server.eval("return redis.call('PiNg')"), '+PONG\r\n')
  })

  test('log, set_repl and acl_check_cmd reach the server', () => {
    server.eval("redis.log(redis.LOG_NOTICE, 'a', 1, {}, 'b') redis.set_repl(redis.REPL_AOF)")
    assert.deepEqual(server.logged, [[2, 'a 1 b']])
    assert.deepEqual(server.replFlags, [1])
    assert.equal(
      server.eval("return {redis.acl_check_cmd('get', 'k'), redis.acl_check_cmd('forbidden')}"),
      '*2\r\n:1\r\n$-1\r\n',
    )
    assert.match(
      server.error("redis.acl_check_cmd('nope')"),
      /^ERR Invalid command passed to server\.acl_check_cmd\(\) script/,
    )
  })
})

test('views of a reply stay as they are until the next run', () => {
  const server = new FakeServer()
  const first = server.host.run(
    { sha: '2'.repeat(40), body: Buffer.from("error('gone')"), shebangLength: 0 },
    Args.from('x'),
    1,
    0,
    2,
  )
  assert.ok(first instanceof Bytes)
  assert.match(first.latin1(), /^-ERR user_script:1: gone/)
  server.close()
})
