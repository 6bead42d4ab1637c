/** What a script returns as a reply: every Lua value, for clients of both protocols and both settings of the script. */
import { type Case, inBothProtocols, script, topicOf, words } from '../case.ts'

const NUMBERS = words`
  0  -0  1  -1  3.7  -3.7  0.5  -0.5  1e10  2^31  2^53  2^62  2^63 - 1024  2^63  -2^63  2^64  1e300
  -1e300  1/0  -1/0  0/0  5e-324
`

const DOUBLES = [
  ...NUMBERS,
  ...words`
  0.1  1/3  0.1 + 0.2  100  1e15  1e16  1e17  1e21  1e22  123456789.125  1e-5  1e-6  1e-7  1.5e-7
  1.7976931348623157e308  952617916565100.75  9007199254740993  4.35  3.14159
`,
]

const BIG_NUMBERS = words`
  '123'  '-123'  ''  'abc'  '1\r\n2'  '1\0002'  '12345678901234567890123456789'  123  nil  {}
`

const VERBATIM = words`
  {format = 'txt', string = 'text'}  {format = 'mkd', string = ''}  {format = 'toolong', string = 'x'}
  {format = 'a', string = 'x'}  {format = '', string = 'x'}  {format = 'txt', string = 'a\r\nb\0c'}
  {format = 'a\0b', string = 'x'}  {format = 1, string = 'x'}  {format = 'txt', string = 1}
  {format = 'txt'}  {string = 'x'}  {}  'text'  {format = '\r\n:', string = 'x'}
`

const AGGREGATES = words`
  {}  {1, 2, 3}  {1, nil, 3}  {nil, 2}  {1, 2, x = 3}  {x = 1}  {{}, {{}}}  {'a', {'b', {'c'}}}
  {true, false, 1.5}  {[0] = 1, [1] = 2}  {[1.5] = 1}  {map = {}}  {map = {a = 1}}  {map = {1, 2}}
  {map = {[true] = false}}  {map = {[1.5] = 2.5}}  {map = {a = {map = {b = 1}}}}  {map = 1}
  {map = {a = {err = "E x"}}}  {map = {[{1}] = {2}}}  {set = {}}  {set = {a = true}}  {set = {'x', 'y'}}
  {set = {[1] = true}}  {set = {[true] = 1}}  {set = {a = {set = {b = 1}}}}  {set = 1}
  {set = {[{1}] = true}}  {map = {}, set = {}}  {ok = 1}  {err = 1}  {ok = true}
  {err = 'E x', ok = 'fine'}  {ok = 'fine', double = 1}  {double = '1'}  {double = 1, map = {}}
  {attribute = {}}  {push = {}}  {verbatim_string = {}, map = {a = 1}}  {big_number = '1', double = 2}
  {1, {ok = 'x'}, {err = 'E y'}, {double = 1.5}, {big_number = '7'}}  setmetatable({}, {__index = {1, 2}})
  setmetatable({}, {__index = function() return 'x' end})  setmetatable({}, {__index = {ok = 'x'}})
  setmetatable({}, {__index = {err = 'x'}})
  setmetatable({err = 'E x'}, {__index = function(t, k) return k end})
  {err = 'E x', source = 's', line = 5}  {err = 'E x', ignore_error_stats_update = true}  {nil}  {false}
  {print or 5}
`

const OTHERS = words`
  nil  true  false  ''  'text'  'a\r\nb'  '\0\255'  ('x'):rep(20000)  function() end
  coroutine.create(function() end)  redis.call  cjson.null  KEYS  _G  math
`

const VALUES = [
  ...OTHERS,
  ...NUMBERS,
  ...AGGREGATES,
  ...DOUBLES.map((number) => `{double = ${number}}`),
  ...BIG_NUMBERS.map((text) => `{big_number = ${text}}`),
  ...VERBATIM.map((text) => `{verbatim_string = ${text}}`),
]

const values: Case[] = VALUES.flatMap((value) => [
  ...inBothProtocols([script(`return ${value}`, `return ${value}`)]),
  ...inBothProtocols([script(`setresp(3) return ${value}`, `redis.setresp(3) return ${value}`)]),
])

const several: Case[] = inBothProtocols(
  [
    'return 1, 2, 3',
    'return',
    '',
    'return nil, 1',
    'local t = {} for i = 1, 2000 do t[i] = i end return t',
    'local t = {} for i = 1, 100 do t[i] = ("x"):rep(i) end return t',
    'local t = {} for i = 1, 40 do t["k" .. i] = i end return {map = t}',
    'local t = {} for i = 1, 40 do t["k" .. i] = true end return {set = t}',
    'local t = {} t[1] = t return pcall(function() return 1 end)',
    'local t = 1 for i = 1, 100 do t = {t} end return t',
    'local t = {} for i = 1, 100 do t = {map = {k = t}} end return t',
    'redis.setresp(3) redis.setresp(2) return true',
    'redis.setresp(3) return {true, false, nil}',
    'redis.setresp(3) return {map = {[true] = false}}',
    'return {{true, false}, {map = {x = true, y = false}}}',
  ].map((text) => script(text, text)),
)

/** Doubles of all sizes, the same in every run: as many bytes from a linear congruential generator. */
function randomDoubles(count: number, seed: number): Buffer {
  const bytes = Buffer.alloc(count * 8)
  let state = seed
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

const AS_DOUBLES = `
  local all = {}
  for at = 1, #ARGV[1], 8 do
    local x = struct.unpack('<d', ARGV[1], at)
    if x == x then all[#all + 1] = {double = %s} end
  end
  return all`

/** Every bit pattern, and numbers of the sizes that are in use. */
const randomNumbers: Case[] = [1, 2, 3].flatMap((seed) =>
  inBothProtocols(
    [
      'x',
      'x % 1',
      '(x % 1) * 1e6',
      'math.floor(x % 1 * 1e6) / 1e3',
      'x % 1 * 2^-1000',
      '(x % 1 + 1) * 2^52',
    ].map((number) => ({
      name: `1000 doubles of seed ${seed} as ${number}`,
      commands: [['EVAL', AS_DOUBLES.replace('%s', number), 0, randomDoubles(1000, seed)]],
    })),
  ),
)

/** The same numbers as arguments of commands, and as scores. */
const randomArguments: Case[] = [4, 5].map((seed) => ({
  name: `doubles of seed ${seed} as arguments and scores`,
  commands: [
    [
      'EVAL',
      AS_DOUBLES.replace('all[#all + 1] = {double = %s}', "all[#all + 1] = redis.call('echo', x % 1)"),
      0,
      randomDoubles(500, seed),
    ],
    [
      'EVAL',
      AS_DOUBLES.replace('all[#all + 1] = {double = %s}', "redis.call('zadd', 'z', x, at)"),
      0,
      randomDoubles(500, seed),
    ],
    ['ZRANGE', 'z', 0, -1, 'WITHSCORES'],
    ['EVAL', 'return redis.call("zrange", "z", 0, -1, "withscores")', 0],
  ],
}))

/** What a script sets is the next one's default no more. */
const separate: Case = {
  name: 'setresp ends with the script',
  commands: [
    'redis.setresp(3) return true',
    'return true',
    'redis.setresp(3) error("x")',
    'return {true, redis.call("hgetall", "none")}',
  ].map((text) => ['EVAL', text, 0]),
}

/** Where the nesting of a reply ends: Lua's stack. */
const depth: Case[] = inBothProtocols(
  [
    'local t = {} t[1] = t return t',
    'local t = {} t.map = {x = t} return t',
    'local t = {} t.set = {} t.set[t] = true return t',
    'local t = 1 for i = 1, 10000 do t = {t} end return t',
  ].map((text) => script(text, text)),
)

export const replies = topicOf(
  'values as replies',
  values,
  several,
  randomNumbers,
  randomArguments,
  [separate],
  depth,
)
