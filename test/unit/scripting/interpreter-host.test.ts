import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SEQUENCE } from '../../../src/control-block.ts'
import { ReplyError } from '../../../src/errors.ts'
import { Args } from '../../../src/memory/args.ts'
import { FakeServer } from './fake-server.ts'

describe('interpreters', () => {
  test('a defect of the host is an error for the script and costs the interpreter', () => {
    const server = new FakeServer()
    assert.match(server.error("redis.call('defect')"), /^ERR internal error script/)
    assert.equal(server.host.lua.lastFault?.message, 'a defect')
    assert.equal(server.eval("return redis.call('ping')"), '+PONG\r\n')
    assert.equal(server.host.lua.lastFault, null)
    assert.equal(server.host.lua.instances, 2)
    server.close()
  })

  test('scripts survive the replacement of the interpreter, caught defects too', () => {
    const server = new FakeServer()
    for (let i = 0; i < 5; i++) {
      assert.equal(server.eval("pcall(redis.call, 'defect') return 'fine'"), '$4\r\nfine\r\n')
    }
    assert.equal(server.host.lua.instances, 5)
    server.close()
  })

  test('garbage that is left to gather counts until somebody asks for tidiness, in a run too', () => {
    let inRun = 0
    const server: FakeServer = new FakeServer(
      {},
      {
        tidy: (_args, reply) => {
          server.host.lua.tidy()
          inRun = server.host.lua.usedMemory
          reply.ok()
        },
      },
    )
    server.eval('return 1')
    server.host.lua.tidy()
    const before = server.host.lua.usedMemory
    server.eval("for i = 1, 1000 do local s = 'garbage' .. i end redis.call('tidy')")
    assert.ok(inRun > before + 40_000)
    assert.ok(server.host.lua.usedMemory > before + 40_000)
    server.host.lua.tidy()
    assert.ok(server.host.lua.usedMemory < before + 20_000)
    assert.equal(server.eval("return redis.call('ping')"), '+PONG\r\n')
    assert.equal(server.host.lua.instances, 1)
    server.close()
  })

  test('load answers what is wrong with a script', () => {
    const server = new FakeServer()
    assert.throws(
      () => server.host.load('b'.repeat(40), Buffer.from('return (')),
      (error) =>
        error instanceof ReplyError &&
        error.message ===
          "ERR Error compiling script (new function): user_script:1: unexpected symbol near '<eof>'",
    )
    server.host.load('c'.repeat(40), Buffer.from('return 7'))
    const script = { sha: 'c'.repeat(40), body: Buffer.from('not read'), shebangLength: 0 }
    assert.equal(server.host.run(script, Args.from('x'), 1, 0, 2).latin1(), ':7\r\n')
    server.host.unload('c'.repeat(40))
    assert.match(server.host.run(script, Args.from('x'), 1, 0, 2).latin1(), /^-ERR Error compiling script/)
    server.close()
  })

  test('a shebang is not given to the interpreter', () => {
    const server = new FakeServer()
    const body = Buffer.from('#!lua\nreturn 1 +')
    const good = { sha: 'd'.repeat(40), body: Buffer.from('#!lua\nreturn 9'), shebangLength: 5 }
    assert.equal(server.host.run(good, Args.from('x'), 1, 0, 2).latin1(), ':9\r\n')
    const bad = { sha: 'e'.repeat(40), body, shebangLength: 5 }
    assert.match(
      server.host.run(bad, Args.from('x'), 1, 0, 2).latin1(),
      /user_script:2: unexpected symbol near '<eof>'/,
    )
    server.close()
  })

  test('a script cannot start another', () => {
    const nested = new FakeServer(
      {},
      {
        inner: (_args, reply) => {
          nested.host.run(
            { sha: 'f'.repeat(40), body: Buffer.from('return 1'), shebangLength: 0 },
            Args.from('x'),
            1,
            0,
            2,
          )
          reply.ok()
        },
      },
    )
    assert.match(nested.error("return redis.call('inner')"), /^ERR a script is running already/)
    assert.equal(nested.eval('return 2'), ':2\r\n')
    nested.close()
  })

  test('no script sees what another left', () => {
    const server = new FakeServer()
    server.eval(
      "local t = {} t.x = 1 pcall(function() _G.y = 2 end) pcall(rawset, _G, 'y', 2) return 1",
      ['key'],
      ['arg'],
    )
    assert.match(server.error('return y'), /nonexistent global variable 'y'/)
    assert.equal(server.eval('return #KEYS + #ARGV'), ':0\r\n')
    server.close()
  })

  test('the sequence number is odd while a script runs', () => {
    const control = new Int32Array(new SharedArrayBuffer(4))
    const seen: number[] = []
    const server = new FakeServer(
      { control },
      {
        look: (_args, reply) => {
          seen.push(control[SEQUENCE]!)
          reply.ok()
        },
      },
    )
    server.eval("redis.call('look')")
    server.eval("redis.call('look') error('x')")
    assert.deepEqual(seen, [1, 3])
    assert.equal(control[SEQUENCE], 4)
    server.close()
  })

  test('the build tells what it was made of', () => {
    const info = new FakeServer().host.lua.buildInfo
    assert.equal(info?.lua, 'Lua 5.1.5')
    assert.ok(info.patches.includes('CVE-2025-49844.patch'))
    assert.ok(info.patches.includes('perilune/01-alarm.patch'))
  })

  test('used memory grows with what scripts keep and SCRIPT FLUSH starts anew', () => {
    const server = new FakeServer()
    server.eval('return 1')
    const before = server.host.lua.usedMemory
    server.host.load('1'.repeat(40), Buffer.from(`return {${'"some text",'.repeat(5000)}}`))
    assert.ok(server.host.lua.usedMemory > before + 10000)
    assert.ok(server.host.lua.reservedMemory > server.host.lua.usedMemory)
    server.host.reset()
    assert.equal(server.host.lua.usedMemory, 0)
    assert.equal(server.eval('return 1'), ':1\r\n')
    server.close()
  })

  test('large replies and arguments leave no memory behind', () => {
    const server = new FakeServer()
    const big = 'x'.repeat(3_000_000)
    for (let i = 0; i < 30; i++)
      assert.equal(server.bulk('return ARGV[1] .. ARGV[1]', [], [big]).length, 6_000_000)
    assert.ok(server.host.lua.reservedMemory < 200 * 1024 * 1024)
    server.close()
  })
})
