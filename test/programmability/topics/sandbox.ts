/** What scripts cannot reach: globals, tables of the libraries, the loader, bytecode; and what stays of one for the next. */
import { type Case, expressions, lines, programs, type Traits, topicOf, words } from '../case.ts'

/** The globals there are, and those there might be. */
const GLOBALS = words`
  _G  _VERSION  assert  collectgarbage  coroutine  error  gcinfo  getmetatable  ipairs  load  loadstring  next
  pairs  pcall  rawequal  rawget  rawset  select  setmetatable  tonumber  tostring  type  unpack  xpcall  math
  string  table  os  bit  cjson  cmsgpack  struct  redis  server  KEYS  ARGV  __redis__err__handler
  __server__err__handler  dofile  loadfile  print  debug  require  module  package  io  arg  loadlib  newproxy
  getfenv  setfenv  rawlen  warn  utf8  bit32  ffi  jit  lfs  socket  os.exit  string.pack
`

const globals = expressions([
  ...GLOBALS.map((name) => `pcall(function() return type(${name}) end)`),
  ...GLOBALS.filter((name) => !name.includes('.')).map((name) => `type(rawget(_G, '${name}'))`),
])

const LIBRARIES = words`
  _G  redis  server  string  table  math  os  bit  cjson  cmsgpack  struct  coroutine
`

/** Each of them is refused. */
const closed = programs([
  ...LIBRARIES.flatMap((name) => [
    `${name}.new = 1`,
    `rawset(${name}, 'new', 1)`,
    `rawset(${name}, 1, 1)`,
    `setmetatable(${name}, {})`,
    `setmetatable(${name}, nil)`,
    `return getmetatable(${name})`,
    `return ${name}.nosuch`,
    `return ${name}[1]`,
    `return rawget(${name}, 'nosuch')`,
    `table.insert(${name}, 1)`,
    `return #${name}, next(${name}) ~= nil`,
    `for k in pairs(${name}) do ${name}[k] = nil end`,
  ]),
  ...lines`
    x = 1
    return x
    x.y = 1
    x()
    local _ENV = {} x = 1
    _G.x = 1
    _G["x"] = 1
    rawset(_G, "x", 1) return x
    return rawget(_G, "x")
    return _G.x
    return _G[{}]
    return _G[1]
    return _G[true]
    return _G[nil]
    return _G[0/0]
    _G[{}] = 1
    function x() end
    function redis.x() end
    function string:x() end
    string.format = nil
    string.format = string.rep
    pcall = nil
    error = nil
    tostring = function() end
    KEYS = {}
    ARGV = nil
    redis = nil
    redis.call = nil
    redis.call = function() return "mine" end
    math.random = function() return 4 end
    getmetatable(_G).__index = nil
    getmetatable(_G).__newindex = function() end
    return type(getmetatable(_G)), type(getmetatable(_G).__index)
    return getmetatable(_G).__index(_G, "string")
    return getmetatable(_G).__index(_G)
    return getmetatable(_G).__index(_G, {})
    return getmetatable(_G).__index()
    return getmetatable(_G).__index(1, 2, 3)
    return getmetatable(_G).__newindex
    setmetatable(getmetatable(_G), {})
    setmetatable(_G, {__index = function() return 1 end}) return x
    for k, v in pairs(_G) do if k == "x" then return v end end return "none"
    local n = 0 for k in pairs(_G) do n = n + 1 end return n > 20
    local t = {} for k in pairs(_G) do t[#t + 1] = tostring(k) end table.sort(t) return table.concat(t, " ")
    local t = {} for k, v in pairs(_G) do if type(v) == "table" then t[#t + 1] = k end end table.sort(t) return table.concat(t, " ")
    return _G == getmetatable(_G)
    return tostring == _G.tostring, _G._G._G == _G
    return next(getmetatable(_G))
    return table.remove(_G)
    table.sort(_G)
    return table.concat(_G)
    return cjson.encode(getmetatable(_G))
    return pcall(setmetatable, _G, {})
    return pcall(rawset, redis, "x", 1)
    return loadstring("x = 1")()
    return loadstring("return x")()
    return pcall(loadstring("x = 1"))
    return loadstring(string.dump(function() return 1 end))
    return loadstring("\27LuaQ")
    return load(function() return nil end)
    return pcall(load, "\27Lua")
    return coroutine.wrap(function() x = 1 end)()
    return os.time
    return os.execute("true")
    return os.getenv("PATH")
    return require("os")
    return package.loaded
    return io.open("/etc/passwd")
    return debug.getinfo(1)
    return debug.getregistry()
    return debug.sethook()
    print("x")
    dofile("/etc/passwd")
    loadfile("/etc/passwd")
    return module("x")
    return string.gsub("x", "x", os.execute)
    return getmetatable(""), getmetatable("").__index == string
    getmetatable("").x = 1
    getmetatable("").__add = function() return "added" end return "a" + "b"
    setmetatable("", {})
    return rawget(getmetatable(""), "__index") == string
    return getmetatable(1), getmetatable(nil), getmetatable(true), getmetatable(function() end), getmetatable(cjson.null)
    return getmetatable(coroutine.create(function() end))
    setmetatable(1, {})
    setmetatable(function() end, {})
    setmetatable(cjson.null, {})
    return newproxy and 1
    return getfenv and 1
    return setfenv and 1
  `,
])

/** Those that leave something behind on one server or the other. */
const STAINING: Traits = { stains: true }
const openHere = programs(
  lines`
    getmetatable("").x = 1 return ("a").x
    getmetatable("").__index = function() return "all" end return ("a").nosuch
    local u = newproxy(true) getmetatable(u).__index = function() return 1 end return u.x
    return getfenv(1) == _G, getfenv(0) == _G
    local function f() return y end setfenv(f, {y = 5}) return f()
    setfenv(1, {}) return 1
  `,
  STAINING,
)

/** What one script does, the next must not see. */
const neighbours: Case[] = [
  {
    name: 'locals and upvalues',
    commands: [
      ['EVAL', 'local n = 0 local function f() n = n + 1 return n end return {f(), f()}', 0],
      ['EVAL', 'local n = 0 local function f() n = n + 1 return n end return {f(), f()}', 0],
    ],
  },
  {
    name: 'a table that was returned',
    commands: [
      ['EVAL', 'local t = {1} t[2] = #t + 1 return t', 0],
      ['EVAL', 'local t = {1} t[2] = #t + 1 return t', 0],
    ],
  },
  {
    name: 'a failed script leaves nothing',
    commands: [
      ['EVAL', 'redis.setresp(3) redis.call("set", "k", 1) error("x")', 0],
      ['EVAL', 'return {redis.call("get", "k"), true}', 0],
      ['EVAL', 'x = 1', 0],
      ['EVAL', 'return x', 0],
    ],
  },
  {
    name: 'the database selected by a script',
    commands: [
      ['SELECT', 2],
      ['EVAL', 'redis.call("select", 3) redis.call("set", "k", "three") return redis.call("get", "k")', 0],
      ['GET', 'k'],
      ['EVAL', 'return redis.call("get", "k")', 0],
      ['EVAL', 'redis.call("select", 3) return redis.call("get", "k")', 0],
    ],
  },
  {
    name: 'many scripts, each with its own result',
    commands: Array.from({ length: 50 }, (_, i) => ['EVAL', `local x = ${i} return x * x`, 0]),
  },
]

export const sandbox = topicOf('sandbox', globals, closed, openHere, neighbours)
