/** The basic functions of Lua. */
import {
  around,
  type Case,
  calls,
  each,
  expressions,
  HOSTILE,
  lines,
  pairs,
  programs,
  sweep,
  topicOf,
  words,
} from '../case.ts'

const NUMERALS = words`
  '0'  '-0'  '10'  ' 10 '  '1 0'  '0x10'  '0X1f'  '-0x10'  '0x'  '1e5'  '1e'  '.5'  '5.'  '.'  'inf'
  '-inf'  'nan'  'infinity'  '1e400'  '-1e400'  '1e-400'  '0x1p4'  '1_000'  '1,5'  '12345678901234567890'
  '0.1'  '\t7\n'  '7\0'  '7x'  '--7'  '+7'  'ff'  'zz'  'ZZ'  '9'  '-ff'
`

const BASES = ['2', '8', '10', '16', '36', '1', '37', '0', '-1', "'16'", '16.7', 'nil', '{}', '2^32']

const tonumber = [
  ...calls('tonumber', [...each(HOSTILE), ...each(NUMERALS), []]),
  ...BASES.map((base) => sweep('tonumber', pairs(NUMERALS, [base]), `tonumber in base ${base}`)),
  ...calls(
    'tonumber',
    pairs(["'11'", '11', "'-7fffffffffffffff'", "'ffffffffffffffff'", "'10000000000000000'", '{}'], BASES),
  ),
]

const NUMBERS = words`
  0  -0  1  0.1  1/3  100  1e14  1e15  1e16  123456789012345  1e100  1e-5  1e-7  2^53  2^63  -2^63  1/0
  -1/0  3.14159265358979  1e300*1e10  5e-324  99999999999999.9  0.1+0.2  -1.5e-10
`

const tostring = [
  ...calls('tostring', [
    ...each(NUMBERS),
    ...each(["'text'", 'nil', 'true', 'false', "'\\0'"]),
    [],
    ['1', '2'],
  ]),
  ...programs(lines`
  return (tostring({}):gsub('0x%x+', 'address'))
  return (tostring(print or tostring):gsub('0x%x+', 'address'))
  return (tostring(function() end):gsub('0x%x+', 'address'))
  return (tostring(coroutine.create(function() end)):gsub('0x%x+', 'address'))
  return (tostring(cjson.null):gsub('0x%x+', 'address'))
  return tostring(setmetatable({}, {__tostring = function() return "mine" end}))
  return tostring(setmetatable({}, {__tostring = function() return 7 end}))
  return tostring(setmetatable({}, {__tostring = function() return nil end}))
  return tostring(setmetatable({}, {__tostring = function() error("inside") end}))
  return tostring(setmetatable({}, {__tostring = 5}))
  return tostring(setmetatable({}, {__tostring = setmetatable({}, {__call = function(...) return select("#", ...) end})}))
  return 1 .. 2, 0.1 .. '', -0 .. '', 1e15 .. '', 2^63 .. ''
`),
]

/** Valkey never ends where the number of values is more than 32 bits can count. */
function isCounted([, first, last]: readonly string[]): boolean {
  return last !== '3' || (first !== '2^31' && first !== '-2^31')
}

const tables: Case[] = [
  ...calls('rawget', around(['{10, 20}', '2'])),
  ...calls('rawset', around(['{}', "'k'", '1'])),
  ...calls('rawequal', [
    ...around(["'a'", "'a'"]),
    ['1', '1.0'],
    ['0', '-0'],
    ['0/0', '0/0'],
    ['{}', '{}'],
    ['nil', 'nil'],
  ]),
  ...calls('next', around(['{10, 20, x = 3}', '1'])),
  ...calls('next', [
    ['{}'],
    ['{5}', 'nil'],
    ['{5}', '1'],
    ['{5}', '2'],
    ['{a = 1}', "'a'"],
    ['{a = 1}', "'b'"],
  ]),
  ...calls('pairs', around(['{1, 2}'])),
  ...calls('ipairs', around(['{1, 2}'])),
  ...calls('select', around(['2', "'a'", "'b'", "'c'"])),
  ...calls('select', [
    ["'#'"],
    ["'#'", 'nil', 'nil'],
    ["'##'", '1'],
    ['-1', '1', '2'],
    ['-3', '1', '2'],
    ['4', '1', '2'],
  ]),
  ...calls('unpack', around(['{1, 2, 3}', '1', '3']).filter(isCounted)),
  ...calls('unpack', [
    ['{}'],
    ['{nil, 2}'],
    ['{1, 2}', '0'],
    ['{1, 2}', '-1', '1'],
    ['{1, 2}', '3', '2'],
    ['{}', '1', '7000'],
    ['{}', '1', '8001'],
  ]),
  ...calls('unpack', [
    ['{}', '1', '1e7'],
    ['{}', '2^31 - 2', '2^31 - 1'],
    ['{}', '2^53', '2^53'],
  ]),
  ...calls('type', around(['1'])),
  ...calls('setmetatable', around(['{}', '{}'])),
  ...calls(
    'setmetatable',
    pairs(['{}', 'setmetatable({}, {__metatable = 1})', '_G', 'string', 'KEYS', "''", '1'], ['{}', 'nil']),
  ),
  ...calls('getmetatable', [
    ...around(['{}']),
    ["setmetatable({}, {__metatable = 'locked'})"],
    ['setmetatable({}, {__metatable = false})'],
    ['setmetatable({}, {1})'],
  ]),
]

const metamethods = programs(lines`
  local t = setmetatable({}, {__index = function(t, k) return k .. "!" end}) return t.a, t[1], rawget(t, "a")
  local t = setmetatable({}, {__index = {a = 1}}) return t.a, t.b
  local t = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v + 1) end}) t.a = 1 return t.a
  local t = setmetatable({}, {__call = function(self, ...) return select("#", ...), ... end}) return t(1, nil, 3)
  local t = setmetatable({}, {__add = function(a, b) return "sum" end}) return t + 1, 1 + t, t + t
  local t = setmetatable({}, {__concat = function(a, b) return "joined" end}) return t .. "a", "a" .. t, 1 .. t
  local m = {__eq = function() return true end} return setmetatable({}, m) == setmetatable({}, m), setmetatable({}, m) == {}
  local m = {__lt = function() return true end} return setmetatable({}, m) < setmetatable({}, m), setmetatable({}, m) > setmetatable({}, m)
  local m = {__le = function() return true end} return setmetatable({}, m) <= setmetatable({}, m)
  local m = {__lt = function() return false end} return setmetatable({}, m) <= setmetatable({}, m)
  local t = setmetatable({}, {__len = function() return 42 end}) return #t
  local t = setmetatable({}, {__unm = function() return "minus" end}) return -t
  local t = setmetatable({}, {__mod = function(a, b) return "mod" end, __pow = function() return "pow" end, __div = function() return "div" end, __mul = function() return "mul" end, __sub = function() return "sub" end}) return t % 1, t ^ 1, t / 1, t * 1, t - 1
  local t = {} setmetatable(t, {__index = t}) return t.a
  local a, b = {}, {} setmetatable(a, {__index = b}) setmetatable(b, {__index = a}) return a.x
  local t = setmetatable({}, {__index = function(t, k) return t[k .. "x"] end}) return t.a
  local t = setmetatable({}, {__mode = "k"}) t[{}] = 1 collectgarbage() return next(t)
  local t = setmetatable({}, {__mode = "v"}) t[1] = {} collectgarbage() return next(t)
  return getmetatable("").__index == string, getmetatable("").__name, ("x"):upper()
  return {} < {}
  return {} < 1
  return 1 < "1"
  return "1" < "2", "a" < "b", "" < "a", "a" < "a\0", "\0" < "\1", "Z" < "a", "\200" < "a"
  return nil < nil
  return {} + 1
  return "a" + 1
  return "10" + 5, "0x10" + 0, " 3 " * "2", 10 .. ""
  return nil .. "a"
  return {} .. "a"
  local t = {} return t.x.y
  local t = {} t.x.y = 1
  local f f()
  local t = {} t.method()
  local t = {} t:method()
  return ("x").y.z
  return ("x"):nope()
  return #5
  return #nil
  return -{}
  return -"5", -"a"
  local t = {} t[nil] = 1
  local t = {} t[0/0] = 1
  local t = {} t[1] = nil t[1.0] = 5 t["1"] = 6 return t
  for i = 1, "x" do end
  for i = "1", 3 do end
  for i = 1, 3, "x" do end
  local n = 0 for i = 3, 1 do n = n + 1 end for i = 1, 2, 0.5 do n = n + 1 end return n
  for k in 5 do end
  for k in nil do end
  return 5 % 3, -5 % 3, 5 % -3, 5.5 % 2, -0 % 5, 5 % 0, 5 % (1/0), -5 % (1/0), 2 ^ 0.5, 7 / 0, -7 / 0
  return 1 == 1.0, "1" == 1, nil == false, 0 == -0, 0/0 == 0/0
  return not nil, not 0, not "", nil and 1, false or "x", 1 and 2
  return 2^53 == 2^53 + 1, 1e308 * 10, -1e308 * 10, 5e-324 / 2
`)

const metatableOfStrings = programs(['getmetatable("").__index = nil return 1'], { stains: true })

const load: Case[] = [
  ...calls('loadstring', around(["'return 1, 2'", "'chunk'"])),
  ...calls(
    'loadstring',
    each(words`
  'x ='  'return'  ''  '\27Lua'  '\27LuaQ\0'  'return ...'  '#!x\nreturn 1'  '= 1'  '\0'
`),
  ),
  ...calls(
    'loadstring',
    pairs(
      ["'x ='", "'error(1)'"],
      ["'=name'", "'@file'", "'plain'", "('long '):rep(40)", "'two\\nlines'", "'\\255\\254'"],
    ),
  ),
  ...calls('load', around(['function() end', "'chunk'"])),
  ...programs(lines`
  return loadstring("return ...", "c")(1, 2)
  local f, e = loadstring("return nope") return f()
  local n = 0 return load(function() n = n + 1 return ({"return ", "1 + ", "2"})[n] end)()
  return load(function() return {} end)
  return load(function() error("reader") end)
  return load(function() error({err = "ERR reader"}) end)
  local n = 0 return load(function() n = n + 1 return n == 1 and "x =" or nil end, "=from")
  return loadstring("error('in')", "=here")()
  return loadstring("error('in')", "@here")()
  return loadstring("error('in')", "the text of it")()
  return loadstring("error('in')", ("very long "):rep(20))()
  return pcall(loadstring("local x = nil; x()", "=c"))
  return loadstring("KEYS = 1")()
  return loadstring("x = 1")()
  return loadstring("return KEYS, ARGV")()
  return loadstring(("return 1 "):rep(1) .. "\nreturn \n)")
  return pcall(string.dump, function() return 1 end)
  return type(string.dump), loadstring(string.dump(function() return 1 end))
`),
]

const garbage: Case[] = [
  ...calls(
    'collectgarbage',
    each(["'collect'", "'stop'", "'restart'", "'step'", "'nope'", "''", '1', 'nil', '{}']),
    { stains: true },
  ),
  ...programs(
    lines`
  return type(collectgarbage("count")), collectgarbage("setpause", 150), collectgarbage("setpause", 200), collectgarbage("setstepmul", 300), collectgarbage("setstepmul", 200)
  return type(gcinfo()), gcinfo() > 0
  return collectgarbage("step", 1e6)
  return collectgarbage("step", "x")
  return collectgarbage("collect", 1, 2)
`,
    { stains: true },
  ),
]

const globals = expressions(words`
  _VERSION  _G == _G._G  type(_G)  type(arg)  type(require)  rawget(_G, "require")  rawget(_G, "arg")
`)

export const base = topicOf(
  'base library',
  tonumber,
  tostring,
  tables,
  metamethods,
  metatableOfStrings,
  load,
  garbage,
  globals,
)
