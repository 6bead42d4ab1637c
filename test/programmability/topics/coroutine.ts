/** Coroutines, and errors in them. */
import { around, type Case, calls, lines, programs, topicOf } from '../case.ts'

const functions: Case[] = [
  ...calls('coroutine.create', around(['function() end'])),
  ...calls('coroutine.wrap', around(['function() end'])),
  ...calls('coroutine.resume', around(['coroutine.create(function(...) return ... end)', '1'])),
  ...calls('coroutine.status', around(['coroutine.create(function() end)'])),
  ...calls('coroutine.running', [[], ['1']]),
  ...calls('coroutine.yield', [[], ['1']]),
  ...calls('coroutine.isyieldable', [[]]),
]

const uses = programs(lines`
  local co = coroutine.create(function(a) local b = coroutine.yield(a + 1) return b * 2 end) return coroutine.resume(co, 1), coroutine.resume(co, 10)
  local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) return co(), co(), co(), co()
  local co = coroutine.wrap(function() end) co() co()
  local co = coroutine.create(function() end) coroutine.resume(co) return coroutine.status(co), coroutine.resume(co)
  local co co = coroutine.create(function() return coroutine.status(co), coroutine.resume(co) end) return coroutine.resume(co)
  local co = coroutine.create(function() error("plain") end) return coroutine.resume(co)
  local co = coroutine.create(function() error({err = "ERR table"}) end) return coroutine.resume(co)
  local co = coroutine.create(function() error() end) return coroutine.resume(co)
  local co = coroutine.create(function() error(setmetatable({}, {__tostring = function() return "x" end})) end) return coroutine.resume(co)
  local co = coroutine.create(function() return redis.call("nope") end) return coroutine.resume(co)
  local co = coroutine.create(function() return redis.call("set", "k", "v") end) return coroutine.resume(co)
  local co = coroutine.create(function() return redis.pcall("get") end) return coroutine.resume(co)
  local co = coroutine.wrap(function() error("in wrap") end) co()
  local co = coroutine.wrap(function() error({err = "ERR in wrap"}) end) co()
  local co = coroutine.wrap(function() redis.call("nope") end) co()
  local co = coroutine.wrap(function() redis.call("incr", "a", "b") end) co()
  local co = coroutine.wrap(function() local x = nil; x.y = 1 end) co()
  return pcall(coroutine.wrap(function() redis.call("nope") end))
  return pcall(coroutine.wrap(function() error({1, 2}) end))
  return pcall(coroutine.wrap(function() error() end))
  local x = coroutine.yield(1) return x
  return pcall(coroutine.yield, 1)
  local co = coroutine.wrap(function() pcall(coroutine.yield, 1) end) return co()
  local co = coroutine.wrap(function() return pcall(function() return coroutine.yield(1) end) end) return co()
  local co = coroutine.wrap(function() table.sort({3, 2, 1}, function(a, b) coroutine.yield() return a < b end) end) co()
  local co = coroutine.wrap(function() return ("abc"):gsub(".", function(c) coroutine.yield(c) end) end) return co()
  local co = coroutine.wrap(function() local t = setmetatable({}, {__index = function(_, k) return coroutine.yield(k) end}) return t.x end) return co()
  local co = coroutine.wrap(function() for k in coroutine.yield do end end) return co()
  local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end local s = 0 for i in gen(100) do s = s + i end return s
  local co = coroutine.wrap(function(...) return select("#", ...), ... end) return co(nil, nil)
  local co = coroutine.create(function(...) while true do local x = {coroutine.yield(...)} if #x == 0 then return "done" end end end) coroutine.resume(co, 1, 2) return coroutine.resume(co, 3), coroutine.resume(co), coroutine.status(co)
  return coroutine.running(), coroutine.wrap(function() return type(coroutine.running()) end)()
  local t = {} for i = 1, 100 do t[i] = coroutine.create(function() coroutine.yield(i) end) coroutine.resume(t[i]) end return coroutine.status(t[50])
  local function nest(n) if n == 0 then return "deep" end return coroutine.wrap(function() return nest(n - 1) end)() end return nest(50)
  local function nest(n) if n == 0 then error("deep") end return coroutine.wrap(function() return nest(n - 1) end)() end return nest(5)
  local function nest() return coroutine.wrap(nest)() end return pcall(nest)
  local function nest() local co = coroutine.create(nest) return coroutine.resume(co) end return nest()
  local co = coroutine.create(function() redis.setresp(3) coroutine.yield(redis.call("hgetall", "none")) end) return coroutine.resume(co)
  return xpcall(coroutine.wrap(function() error("inside") end), function(e) return "handled " .. tostring(e) end)
  local co = coroutine.create(function() x = 1 end) return coroutine.resume(co)
  local co = coroutine.create(function() return nosuch end) return coroutine.resume(co)
`)

const results: Case[] = lines`
  return coroutine.wrap(function() return {1, 2} end)()
  return coroutine.create(function() end)
  return coroutine.resume(coroutine.create(function() return redis.error_reply("MY error") end))
  return select(2, coroutine.resume(coroutine.create(function() return redis.call("nope") end)))
  return select(2, coroutine.resume(coroutine.create(function() return redis.error_reply("MY error") end)))
  error(select(2, coroutine.resume(coroutine.create(function() redis.call("nope") end))))
  error(select(2, coroutine.resume(coroutine.create(function() error("text") end))))
`.map((text) => ({ name: text, commands: [['EVAL', text, 0]] }))

export const coroutine = topicOf('coroutines', functions, uses, results)
