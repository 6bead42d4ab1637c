import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { LuaError, LuaFactory, type LuaFunction } from '../../../src/scripting/index.ts'

const factory = new LuaFactory()

describe('LuaFactory and its engines', () => {
  test('a program returns its first result', async () => {
    const engine = await factory.createEngine()
    assert.equal(await engine.doString('return 1 + 1, 5'), 2)
    assert.equal(engine.doStringSync('local x = 1'), undefined)
    assert.equal(engine.doStringSync("return ('x'):rep(3)"), 'xxx')
    engine.global.close()
    assert.throws(() => engine.doStringSync('return 1'), /the interpreter is closed/)
  })

  test('globals go in and out', () => {
    const engine = factory.createEngineSync()
    engine.global.set('config', { name: 'perilune', list: [1, 2, [3]], on: true, none: null })
    assert.equal(
      engine.doStringSync('return config.name .. #config.list .. config.list[3][1] .. tostring(config.on)'),
      'perilune33true',
    )
    assert.equal(engine.doStringSync('return config.none == nil'), true)
    engine.doStringSync("answer = {a = {1, 2}, b = 'x'}")
    assert.deepEqual(JSON.parse(JSON.stringify(engine.global.get('answer'))), { a: [1, 2], b: 'x' })
    assert.equal(engine.global.get('nothing'), undefined)
  })

  test('functions call each other across the border', () => {
    const engine = factory.createEngineSync()
    engine.global.set('sum', (...values: number[]) => values.reduce((a, b) => a + b, 0))
    assert.equal(engine.doStringSync('return sum(1, 2, 3)'), 6)
    engine.doStringSync('function square(x) return x * x end')
    const square = engine.global.get('square') as LuaFunction
    assert.equal(square(7), 49)
    engine.global.set('twice', (f: LuaFunction, x: unknown) => f(f(x)))
    assert.equal(engine.doStringSync('return twice(square, 3)'), 81)
    engine.global.set('same', square)
    assert.equal(engine.doStringSync('return same == square'), true)
    assert.equal(engine.doStringSync('return coroutine.wrap(function() return twice(square, 2) end)()'), 16)
  })

  test('errors go both ways', () => {
    const engine = factory.createEngineSync()
    assert.throws(
      () => engine.doStringSync("error('oops')"),
      (error) => error instanceof LuaError && error.message === 'lua:1: oops',
    )
    assert.throws(() => engine.doStringSync('return ('), /unexpected symbol near '<eof>'/)
    engine.global.set('fail', () => {
      throw new Error('from JavaScript')
    })
    assert.equal(engine.doStringSync('local ok, e = pcall(fail) return e'), 'from JavaScript')
    assert.throws(() => engine.doStringSync('fail()'), /^LuaError: lua:1: from JavaScript$/)
    engine.global.set('run', (program: string) => engine.doStringSync(program))
    assert.equal(engine.doStringSync("return run('return 1') + run('return 2')"), 3)
    assert.throws(() => engine.doStringSync("run('x = = 1')"), /unexpected symbol/)
    assert.equal(engine.doStringSync('return 1'), 1)
  })

  test('strings as bytes', () => {
    const engine = factory.createEngineSync({ strings: 'bytes' })
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    engine.global.set('bytes', bytes)
    assert.deepEqual(engine.global.get('bytes'), bytes)
    assert.equal(engine.doStringSync('return #bytes'), 256)
  })

  test('print writes where it is told to', () => {
    const printed: unknown[][] = []
    const engine = factory.createEngineSync({ print: (...values) => printed.push(values) })
    engine.doStringSync("print('a', 1, true)")
    assert.deepEqual(printed, [['a', 1, true]])
  })

  test('the libraries of scripts are there', () => {
    const engine = factory.createEngineSync()
    assert.equal(engine.doStringSync('return cjson.encode({1, {a = 2}})'), '[1,{"a":2}]')
    assert.equal(engine.doStringSync('return cmsgpack.unpack(cmsgpack.pack(5)) + bit.band(7, 3)'), 8)
    assert.equal(engine.doStringSync("return struct.size('i4i8')"), 12)
    assert.equal(engine.doStringSync('return dofile == nil and loadfile == nil and io == nil'), true)
  })

  test('what has no meaning on the other side is an error', () => {
    const engine = factory.createEngineSync()
    assert.throws(
      () => engine.doStringSync('return coroutine.create(function() end)'),
      /a thread has no meaning outside Lua/,
    )
    assert.throws(() => engine.doStringSync('local t = {} t.t = t return t'), /nested too deeply/)
    const loop: Record<string, unknown> = {}
    loop.loop = loop
    assert.throws(() => engine.global.set('x', loop), /nested too deeply/)
    assert.throws(() => engine.global.set('x', Symbol('x')), /symbol has no meaning/)
    assert.equal(engine.doStringSync('return 1'), 1)
  })

  test('memory has a limit, and running out of it is an error', () => {
    const engine = factory.createEngineSync({ memoryLimit: 16 * 1024 * 1024 })
    assert.throws(
      () => engine.doStringSync("local s = 'x' while true do s = s .. s end"),
      /not enough memory/,
    )
    assert.equal(engine.doStringSync('return 1'), 1)
    assert.ok(engine.usedMemory > 0)
  })

  test('every value comes back as it went in', () => {
    const engine = factory.createEngineSync()
    engine.global.set('same', (value: unknown) => value)
    const leaf = fc.oneof(fc.boolean(), fc.double({ noNaN: true }), fc.string({ unit: 'grapheme' }))
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value'), { minLength: 1, maxLength: 5 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('value'), { maxKeys: 5 }),
      ),
    })).value
    fc.assert(
      fc.property(tree, (value) => {
        engine.global.set('value', value)
        const back = engine.doStringSync('return same(value)')
        assert.deepEqual(plain(back), plain(value))
      }),
      { numRuns: 300 },
    )
  })
})

/** With the usual prototype, which objects from Lua do not have. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, content]) => [key, plain(content)]))
}
