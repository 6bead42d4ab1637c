/**
 * The examples of the documentation of Lua scripts, typed into the real redis-cli.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { type RunningServer, startPerilune, TLS } from '../support/server.ts'

const run = promisify(execFile)

let server: RunningServer

before(async () => {
  server = await startPerilune(['--metrics-port', '0'])
})

after(() => server.stop())

/** What redis-cli prints, as on a terminal. */
async function cli(...words: string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-p', String(server.port), '--no-raw', ...words])
  return stdout.trimEnd()
}

async function evalFile(script: string, ...words: string[]): Promise<string> {
  const file = join(server.dir, 'script.lua')
  await writeFile(file, script)
  return cli('--eval', file, ...words)
}

describe('EVAL', () => {
  test('a greeting', async () => {
    assert.equal(await cli('EVAL', "return 'Hello, scripting!'", '0'), '"Hello, scripting!"')
  })

  test('keys and arguments', async () => {
    const printed = await cli(
      'EVAL',
      'return { KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3] }',
      '2',
      'key1',
      'key2',
      'arg1',
      'arg2',
      'arg3',
    )
    assert.equal(printed, '1) "key1"\n2) "key2"\n3) "arg1"\n4) "arg2"\n5) "arg3"')
  })

  test('--eval with keys , arguments', async () => {
    assert.equal(await evalFile("return redis.call('SET', KEYS[1], ARGV[1])", 'foo', ',', 'bar'), 'OK')
    assert.equal(await cli('GET', 'foo'), '"bar"')
  })

  test('a table ends at the first nil, floats lose their fraction, named fields vanish', async () => {
    const printed = await cli('EVAL', "return {1,2,3.3333,somekey='somevalue','foo',nil,'bar'}", '0')
    assert.equal(printed, '1) (integer) 1\n2) (integer) 2\n3) (integer) 3\n4) "foo"')
  })

  test('an error of a command names the script and the line', async () => {
    const printed = await cli(
      'EVAL',
      "return redis.call('ECHO', 'Echo,', 'echo... ', 'eco... ', 'o...')",
      '0',
    )
    assert.equal(
      printed,
      '(error) ERR Wrong number of args calling command from script script: b0345693f4b77517a711221050e76d24ae60b7f7, on @user_script:1.',
    )
  })

  test('pcall gives the error to the script', async () => {
    const script = `local reply = redis.pcall('ECHO', unpack(ARGV))
if reply['err'] ~= nil then
  redis.log(redis.LOG_WARNING, reply['err'])
  reply['err'] = 'ERR Something is wrong, but no worries, everything is under control'
end
return reply`
    assert.equal(
      await cli('EVAL', script, '0', 'hello', 'world'),
      '(error) ERR Something is wrong, but no worries, everything is under control',
    )
    assert.equal(await cli('EVAL', script, '0', 'hello'), '"hello"')
    assert.match(server.output(), /Wrong number of args calling command from script/)
  })

  test('a global variable is refused', async () => {
    const printed = await cli('EVAL', "my_global_variable = 'some value'", '0')
    assert.match(
      printed,
      /^\(error\) ERR user_script:1: Attempt to modify a readonly table script: [0-9a-f]{40}, on @user_script:1\.$/,
    )
    assert.match(
      await cli('EVAL', 'return an_undefined_global_variable', '0'),
      /^\(error\) ERR user_script:1: Script attempted to access nonexistent global variable 'an_undefined_global_variable' script: [0-9a-f]{40}, on @user_script:1\.$/,
    )
  })
})

describe('the script cache', () => {
  test('SCRIPT LOAD and EVALSHA', async () => {
    const sha = 'c664a3bf70bd1d45c4284ffebb65a6f2299bfc9f'
    assert.equal(await cli('SCRIPT', 'LOAD', "return 'Immabe a cached script'"), `"${sha}"`)
    assert.equal(await cli('EVALSHA', sha, '0'), '"Immabe a cached script"')
    assert.equal(await cli('SCRIPT', 'EXISTS', sha, 'f'.repeat(40)), '1) (integer) 1\n2) (integer) 0')
    assert.equal(await cli('SCRIPT', 'SHOW', sha), `"return 'Immabe a cached script'"`)
    assert.equal(await cli('SCRIPT', 'FLUSH'), 'OK')
    assert.equal(await cli('EVALSHA', sha, '0'), '(error) NOSCRIPT No matching script.')
  })

  test('NOSCRIPT', async () => {
    assert.equal(
      await cli('EVALSHA', 'ffffffffffffffffffffffffffffffffffffffff', '0'),
      '(error) NOSCRIPT No matching script.',
    )
  })
})

describe('the libraries', () => {
  const examples: readonly (readonly [string, string, string])[] = [
    ['cjson.encode', "return cjson.encode({ ['foo'] = 'bar' })", '"{\\"foo\\":\\"bar\\"}"'],
    ['cjson.decode', `return cjson.decode('{"foo":"bar"}')['foo']`, '"bar"'],
    ['cmsgpack.pack', "return cmsgpack.pack({'foo', 'bar', 'baz'})", '"\\x93\\xa3foo\\xa3bar\\xa3baz"'],
    [
      'cmsgpack.unpack',
      "return cmsgpack.unpack('\\147\\163foo\\163bar\\163baz')",
      '1) "foo"\n2) "bar"\n3) "baz"',
    ],
    ['bit.tohex', 'return bit.tohex(65535, -4)', '"FFFF"'],
    ['bit.bor', 'return bit.bor(1, 2, 4, 8, 16, 32, 64, 128)', '(integer) 255'],
    ['redis.sha1hex', "return redis.sha1hex('')", '"da39a3ee5e6b4b0d3255bfef95601890afd80709"'],
    ['redis.error_reply', "return redis.error_reply('My Error')", '(error) My Error'],
    ['redis.status_reply', "return redis.status_reply('TICK')", 'TICK'],
    ['redis.setresp', "redis.setresp(3) return redis.call('HSET', KEYS[1] or 'h', 'f', 'v')", '(integer) 1'],
  ]
  for (const [name, script, expected] of examples) {
    test(name, async () => {
      assert.equal(await cli('EVAL', script, '0'), expected)
    })
  }

  test('struct', async () => {
    assert.equal(
      await cli('EVAL', "return { struct.unpack('HH', struct.pack('HH', 1, 2)) }", '0'),
      '1) (integer) 1\n2) (integer) 2\n3) (integer) 5',
    )
    assert.equal(await cli('EVAL', "return struct.pack('HH', 1, 2)", '0'), '"\\x01\\x00\\x02\\x00"')
    assert.equal(await cli('EVAL', "return struct.size('HH')", '0'), '(integer) 4')
  })
})

describe('over TLS', () => {
  let secure: RunningServer
  before(async () => {
    secure = await startPerilune([], TLS)
  })
  after(() => secure.stop())

  async function cliOverTls(...words: string[]): Promise<string> {
    const address = ['-h', 'localhost', '-p', String(secure.port), '--tls', '--cacert', 'ca.crt']
    const { stdout } = await run('redis-cli', [...address, ...words], { cwd: secure.dir })
    return stdout.trimEnd()
  }

  test('with a certificate', async () => {
    const certificate = ['--cert', 'client.crt', '--key', 'client.key']
    assert.equal(await cliOverTls(...certificate, 'EVAL', 'return {KEYS[1], 7}', '1', 'key'), 'key\n7')
    assert.match(await cliOverTls(...certificate, 'CLIENT', 'INFO'), /\bladdr=127\.0\.0\.1:\d+ /)
  })

  test('without one', () => assert.rejects(cliOverTls('PING'), /Error: /))
})
