/**
 * Scripts without a server around them: nanoseconds of processor time a run, with commands that do next to nothing, and
 * pure Lua beside wasmoon (Lua 5.4, also in WebAssembly).
 *
 *   node --import tsx bench/micro/scripting.ts
 */
import { createHash } from 'node:crypto'
import { LuaFactory as WasmoonFactory } from 'wasmoon'
import { Args } from '../../src/memory/args.ts'
import { Bytes } from '../../src/memory/bytes.ts'
import { LuaFactory } from '../../src/scripting/factory.ts'
import { loadModule } from '../../src/scripting/load-module.ts'
import { ScriptHost } from '../../src/scripting/script-host.ts'

const ROUNDS = 15
const WARM_UP_ROUNDS = 4

function processorMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** The median of some rounds, in nanoseconds for one of `count`. */
function measure(count: number, round: () => void): number {
  for (let i = 0; i < WARM_UP_ROUNDS; i++) round()
  const times: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const start = processorMicroseconds()
    round()
    times.push(((processorMicroseconds() - start) * 1000) / count)
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1]!
}

function makeHost(): ScriptHost {
  const value = new Bytes(Buffer.from('value-12345'))
  const names = ['get', 'set', 'incr']
  let counter = 0
  return new ScriptHost({
    module: loadModule(),
    caller: {
      resolve: (name) => names.indexOf(name.latin1().toLowerCase()),
      call(id, _args, reply) {
        if (id === 0) reply.bulk(value)
        else if (id === 1) reply.ok()
        else reply.integer(++counter)
      },
      log: () => undefined,
      countError: () => undefined,
      aclCheck: () => true,
      setRepl: () => undefined,
      poll: () => undefined,
    },
  })
}

/** The arguments of an EVALSHA as they lie in a request. */
function request(keys: string[], argv: string[]): Args {
  const words = [...keys, ...argv]
  const buffer = Buffer.from(words.map((word) => `$${word.length}\r\n${word}\r\n`).join(''))
  const args = new Args()
  let from = 0
  for (const word of words) {
    const at = buffer.indexOf(word, from)
    args.push(buffer, at, word.length)
    from = at + word.length
  }
  return args
}

const KEY = 'key:000000000001'

const SCRIPTS: [string, string, string[], string[], number][] = [
  ['empty', 'return 1', [], [], 100_000],
  ['one key, one argument', 'return 1', [KEY], ['value-12345'], 100_000],
  ['GET', "return redis.call('GET', KEYS[1])", [KEY], [], 100_000],
  ['SET', "return redis.call('SET', KEYS[1], ARGV[1])", [KEY], ['value-12345'], 100_000],
  ['INCR', "return redis.call('INCR', KEYS[1])", [KEY], [], 100_000],
  ['100 times INCR', "for i = 1, 100 do redis.call('INCR', KEYS[1]) end return 1", [KEY], [], 2000],
  [
    'compare and set',
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('SET', KEYS[1], ARGV[2]) else return 0 end",
    [KEY],
    ['value-12345', 'other'],
    50_000,
  ],
  ['an error', "return redis.call('GET', {})", [KEY], [], 20_000],
]

const PROGRAMS: [string, string][] = [
  ['loop', 'local s = 0 for i = 1, 3000000 do s = s + i % 7 end return s'],
  ['fib', 'local function f(n) if n < 2 then return n end return f(n - 1) + f(n - 2) end return f(24)'],
  ['strings', "local t = {} for i = 1, 30000 do t[#t + 1] = ('x' .. i):upper() end return #table.concat(t)"],
  ['tables', 'local n = 0 for i = 1, 100000 do local t = {i, i + 1, a = i} n = n + t.a + #t end return n'],
  [
    'patterns',
    "local n = 0 for i = 1, 20000 do if ('key:' .. i):match('^(%a+):(%d+)$') then n = n + 1 end end return n",
  ],
  ['pcall', 'local n = 0 for i = 1, 100000 do if pcall(type, i) then n = n + 1 end end return n'],
  ['errors', 'local n = 0 for i = 1, 3000 do if not pcall(error, i) then n = n + 1 end end return n'],
  ['sort', 'local t = {} for i = 1, 20000 do t[i] = (i * 7919) % 20011 end table.sort(t) return t[1]'],
]

console.log('scripts (ns of processor time a run)')
for (const [name, body, keys, argv, count] of SCRIPTS) {
  const host = makeHost()
  const script = {
    sha: createHash('sha1').update(body).digest('hex'),
    body: Buffer.from(body),
    shebangLength: 0,
  }
  const args = request(keys, argv)
  const time = measure(count, () => {
    for (let i = 0; i < count; i++) host.run(script, args, 0, keys.length, 2)
  })
  console.log(`  ${name.padEnd(24)}${time.toFixed(0).padStart(8)}`)
}

console.log('programs (ms): perilune, wasmoon')
const perilune = await new LuaFactory().createEngine()
const wasmoon = await new WasmoonFactory().createEngine()
for (const [name, program] of PROGRAMS) {
  const ours = measure(1e6, () => void perilune.doStringSync(program))
  const theirs = measure(1e6, () => void wasmoon.doStringSync(program))
  console.log(`  ${name.padEnd(24)}${ours.toFixed(2).padStart(8)}${theirs.toFixed(2).padStart(8)}`)
}
wasmoon.global.close()
