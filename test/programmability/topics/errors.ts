/** Errors: raised, caught, nested, passed on; objects of every type; what the reply says of their place. */
import {
  type Case,
  calls,
  inBothProtocols,
  lines,
  pairs,
  programs,
  script,
  scripts,
  topicOf,
  words,
} from '../case.ts'

const OBJECTS = words`
  'text'  ''  1  1.5  0/0  true  false  nil  {err = 'MY x'}  {err = 'x'}  {err = ''}  {err = 1}
  {err = 'MY x', source = 's', line = 7}  {err = 'MY x', source = 1, line = 'l'}
  {err = 'MY x', extra = 1}  {err = 'MY x', ignore_error_stats_update = true}  cjson.null  redis  _G
  setmetatable({}, {__index = {err = 'MY inherited'}})
  setmetatable({}, {__index = function(_, k) return k end})
  setmetatable({}, {__newindex = function() error('inner') end})
  setmetatable({err = 'MY x'}, {__metatable = 1})  'a\0b'  '\228\255'  ('x'):rep(500)  '-x'  '-MY x'
  {err = 'a\0b'}  {err = '\228\255'}  {err = '-MY x'}
`

/** Caught, they are fine; a script that ends with one ends Valkey 8.1.1 with it (see fatal.test.ts). */
const UNREPORTABLE = words`
  {}  {1, 2}  {err = true}  {err = {}}  {ok = 'x'}  KEYS
  setmetatable({}, {__tostring = function() return 'mine' end})
`

const ADDRESSES = ['function() end', 'coroutine.create(function() end)']

const LEVELS = ['0', '1', '2', '3', '-1', '100', "'1'", '1.9', 'nil', '{}']

const raised: Case[] = [
  ...OBJECTS.flatMap((object) => [
    ...inBothProtocols([script(`uncaught error(${object})`, `error(${object})`)]),
    script(`local function f() error(${object}) end f()`, `local function f() error(${object}) end\n\nf()`),
    script(`pcall return error(${object})`, `local ok, e = pcall(error, ${object}) return e`),
    script(`error of pcall error(${object})`, `local ok, e = pcall(error, ${object}) error(e)`),
    script(`uncaught assert(false, ${object})`, `return assert(false, ${object})`),
    script(`tail error(${object})`, `local function f() return error(${object}) end return f()`),
    script(`loadstring error(${object})`, `loadstring("error(...)", "@elsewhere")(${object})`),
  ]),
  ...calls('error', pairs(["'text'", "{err = 'MY x'}", 'nil'], LEVELS)),
  ...[...OBJECTS, ...UNREPORTABLE, ...ADDRESSES].flatMap((object) =>
    programs([
      `return pcall(error, ${object})`,
      `return pcall(function() error(${object}) end)`,
      `return pcall(pcall, error, ${object})`,
      `return xpcall(function() error(${object}) end, function(e) return type(e), e end)`,
      `return select('#', pcall(error, ${object}))`,
    ]),
  ),
  ...calls('assert', [
    ['true'],
    ['1', '2', '3'],
    ['nil'],
    ['false'],
    ['false', "'text'"],
    ['nil', 'nil'],
    ['false', '{}'],
    [],
    ['nil', '5'],
    ["''"],
    ['false', "{err = 'MY x'}"],
  ]),
]

const handlers = programs(lines`
  return xpcall(function() return 1, 2 end, error)
  return xpcall(function() error("a") end, function(e) error("b") end)
  return xpcall(function() error("a") end, function(e) return {err = "MY " .. e} end)
  return xpcall(function() redis.call("nope") end, function(e) return e.err, e.source, e.line end)
  return xpcall(function() redis.call("nope") end, function(e) return e end)
  return xpcall(function() local x = nil; return x.y end, function(e) return "handled: " .. e end)
  return xpcall(nil, function(e) return e end)
  return xpcall(function() error("a") end, nil)
  return xpcall(function() error("a") end, 5)
  return xpcall(function() error("a") end, {})
  return xpcall(error, function(e) return e end, "extra")
  return xpcall()
  return xpcall(print or 1)
  return xpcall(function() error("a") end, tostring)
  return xpcall(function() error({err = "MY x"}) end, __redis__err__handler)
  return __redis__err__handler("x")
  return __redis__err__handler({err = "MY x"})
  return __server__err__handler(nil)
  return pcall(__redis__err__handler, "x")
  return pcall(__redis__err__handler)
  return __redis__err__handler == __server__err__handler
  return xpcall(xpcall, function(e) return e end)
  return xpcall(function() return xpcall(function() error("inner") end, function(e) error("outer " .. e, 0) end) end, function(e) return "caught " .. e end)
`)

const protectedCalls = programs(lines`
  return pcall()
  return pcall(nil)
  return pcall(5)
  return pcall("text")
  return pcall({})
  return pcall(setmetatable({}, {__call = function(self, a) return "called", a end}), 7)
  return pcall(function(...) return select("#", ...), ... end, nil, nil)
  return pcall(pcall)
  return pcall(pcall, pcall, error, "x")
  return pcall(error)
  return pcall(unpack, {1, 2, 3})
  return pcall(redis.call, "nope")
  return pcall(redis.pcall, "nope")
  return pcall(redis.call)
  return pcall(redis.call, "set", "k")
  return pcall(redis.call, {})
  return pcall(function() return redis.call("nope") end)
  return pcall(function() return redis.call("get") end)
  local function f() return 1 + f() end return pcall(f)
  local function f(n) local ok, e = pcall(f, n + 1) if not ok then return n > 10, e end return ok, e end return f(1)
  local function f() return pcall(f) end return f()
  local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k + 1] end return pcall(function() return t[1] end)
  local s = string.rep("(", 250) return loadstring("return " .. s .. "1" .. string.rep(")", 250))
  local s = string.rep("{", 250) return loadstring("return " .. s .. string.rep("}", 250))
  local s = {} for i = 1, 300 do s[i] = "local a" .. i .. " = " .. i end return loadstring(table.concat(s, " "))
  local s = {} for i = 1, 300 do s[i] = "a" .. i end return loadstring("return function(" .. table.concat(s, ",") .. ") end")
  return pcall(string.rep)
  return pcall(("x").rep, "x", {})
  return pcall(setmetatable, 1, 2)
  return pcall(rawset, _G, "x", 1)
  return pcall(function() x = 1 end)
  return pcall(function() return x end)
  return pcall(function() redis.x = 1 end)
  return pcall(table.concat, {{}})
  return pcall(table.insert, nil, 1)
`)

/** Where the reply says that an error arose. */
const places: Case[] = scripts([
  'return redis.call("nope")',
  '\n\nreturn redis.call("nope")',
  'local function f()\n redis.call("nope")\nend\nf()',
  'local function f()\n return redis.call("nope")\nend\nreturn f()',
  'local f = loadstring("redis.call(\'nope\')")\nf()',
  'local f = loadstring("\\n\\nredis.call(\'nope\')", "@file")\nf()',
  'local f = loadstring("x = 1", "=name")\nf()',
  'local f = loadstring("x = 1", "text of the chunk")\nf()',
  'table.sort({2, 1}, function(a, b)\n redis.call("nope")\nend)',
  '("x"):gsub(".", function()\n error("in gsub")\nend)',
  'table.foreach({1}, function()\n error({err = "MY x"})\nend)',
  'pcall(error, "x")\nerror("y")',
  'local ok, e = pcall(redis.call, "nope")\n\nerror(e)',
  'local e = redis.pcall("nope")\n\nerror(e)',
  'local e = redis.pcall("nope")\n\nreturn e',
  'local e = redis.error_reply("MY x")\nerror(e)',
  'local t = setmetatable({}, {__index = function()\n error("in index")\nend})\nreturn t.x',
  'local t = setmetatable({}, {__add = function()\n redis.call("nope")\nend})\nreturn t + 1',
  'string.rep()',
  '\nstring.rep()',
  'local rep = string.rep\nrep()',
  'pcall(string.rep)\nreturn ("x"):bad()',
  'setmetatable({}, 1)',
  'local x = 1 + {}',
  'local x = nil .. "x"',
  'local x = {} < {}',
  'for i = 1, {} do end',
  'return nosuch',
  'nosuch = 1',
  'nosuch()',
  'local t = {} t.x.y = 1',
  'local t = {} t.x()',
  'local t = {} t:x()',
  'redis.call("set", "k", {})',
  'redis.call("set", nil)',
  'redis.call()',
  'redis.nope()',
  'redis.log()',
  'redis.setresp(9)',
  'redis.sha1hex()',
  'redis.set_repl()',
  'redis.acl_check_cmd()',
  'redis.acl_check_cmd("nope")',
  'redis.error_reply()',
  'return redis.error_reply()',
  'cjson.decode("{")',
  'cjson.encode(function() end)',
  'cmsgpack.unpack("\\193")',
  'struct.pack("z")',
  'bit.band()',
  'error("zero \\0 byte")',
  'redis.call("incr", KEYS[1])',
  'redis.call("get", unpack(ARGV))',
  'return redis.call(unpack({"set", "k"}))',
  'assert(redis.pcall("nope").ok)',
  'assert(redis.pcall("nope").ok, redis.pcall("nope"))',
  'assert(loadstring("x ="))()',
  'local e = {err = "MY x"} e.e = e error(e)',
  'local co = coroutine.wrap(function()\n error("in coroutine")\nend)\nco()',
  'local co = coroutine.wrap(function()\n redis.call("nope")\nend)\nco()',
  'collectgarbage("nope")',
])

/** Valkey puts line ends of raised errors on the wire. */
const lineEnds = scripts([
  "error('a\\r\\nb')",
  "error({err = 'MY a\\r\\nb'})",
  "error({err = 'MY x\\r\\n'})",
  "error(redis.error_reply('MY\\r\\nx'))",
])

const addresses = ADDRESSES.map((object) => ({
  ...script(`error(${object})`, `error(${object})`),
  normalise: (transcript: string) => transcript.replace(/0x[0-9a-f]+/g, 'address'),
}))

const commandErrors: Case[] = words`
  incr s  lpush s x  hset s  hset s f  set s  set s x ex  set s x ex 0  set s x ex abc  set s x nope
  expire s abc  incrby n 1.5  incrbyfloat n x  setrange s -1 x  getrange s 0  zadd z x m  zadd z nx xx 1 m
  linsert l sideways a b  lset none 0 x  lset l 99 x  lindex l x  rename none x  hincrby h f 1
  zunionstore d 0  zunionstore d 1  sintercard 0 s  object nope k  object  config get  config  config nope
  select x  select 99  restore k 0 bad  eval  evalsha x 0  bitop not d a b  setbit b -1 1  setbit b 0 2
  sort l  copy a  scan x  hscan h x  lpos l a rank 0  lmpop 0 l left  zrange z a b  zrangebyscore z x y
  zrangebylex z x y  getex s nope  mset a  msetnx a  append s  auth x  debug nope  client kill x
  client nope  memory nope  cluster info  wait x y  publish c  flushall nope  swapdb a b  move s 99
  move s x  acl nope  command nope  latency nope  slowlog nope  script nope  function nope
  function list x  xadd  geoadd  pfadd  lolwut version abc  hello 9  reset  quit  dump  persist  ttl  type
`.flatMap((line) => {
  const words = line
    .split(' ')
    .map((word) => `'${word}'`)
    .join(', ')
  const before = [
    ['SET', 's', 'x'],
    ['SET', 'n', '1'],
    ['RPUSH', 'l', 'a', 'b'],
    ['HSET', 'h', 'f', 'x'],
    ['ZADD', 'z', '1', 'm'],
  ]
  return {
    name: `error of: ${line}`,
    commands: [
      ...before,
      ['EVAL', `return redis.call(${words})`, 0],
      ['EVAL', `return redis.pcall(${words})`, 0],
      ['EVAL', `return {pcall(redis.call, ${words})}`, 0],
    ],
  }
})

export const errors = topicOf(
  'errors',
  raised,
  handlers,
  protectedCalls,
  places,
  lineEnds,
  addresses,
  commandErrors,
)
