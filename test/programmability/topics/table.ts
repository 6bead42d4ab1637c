/** The table library, and the order and length of tables. */
import { around, type Case, calls, each, HOSTILE, lines, programs, topicOf } from '../case.ts'

const LIST = "{'a', 'b', 'c'}"

/** Numbers that make these functions run for as long as they are large. */
const ENDLESS = new Set(['2^31', '-2^31', '2^32', '2^53', '2^63', '-2^63', '1/0', '-1/0', '0/0'])
const BOUNDED = HOSTILE.filter((value) => !ENDLESS.has(value))

const functions: Case[] = [
  ...calls('table.concat', around([LIST, "', '", '1', '3'], BOUNDED)),
  ...calls('table.concat', [
    ['{}'],
    ['{1, 2.5, 3e20}'],
    ['{true}'],
    ['{{}}'],
    ["{'a', nil, 'c'}"],
    [LIST, 'nil', '2'],
    [LIST, "'\\0'"],
  ]),
  ...calls('table.concat', [
    [LIST, "''", '3', '2'],
    [LIST, "''", '0'],
    [LIST, "''", '-1', '1'],
    [LIST, "''", '2', '4'],
    [LIST, "''", '4', '1e9'],
  ]),
  ...calls('table.insert', around([LIST, "'x'"])),
  ...calls('table.insert', [
    ...BOUNDED.map((at) => [LIST, at, "'x'"]),
    [LIST, '1', '2', '3'],
    [LIST],
    ['{}', '5', '1'],
    [LIST, '4', "'x'"],
  ]),
  ...calls('table.remove', around([LIST, '2'], BOUNDED)),
  ...calls('table.remove', [
    ['{}'],
    ['{}', '1'],
    [LIST, '3'],
    [LIST, '4'],
    [LIST, '-1'],
    ['KEYS'],
    ['{[3] = 1}', '3'],
  ]),
  ...calls('table.maxn', [
    ...each(HOSTILE),
    ['{}'],
    ['{[1.5] = 1}'],
    ['{[-1] = 1}'],
    ['{[10] = 1, x = 2, [2^40] = 3}'],
    ['{[1/0] = 1}'],
  ]),
  ...calls('table.getn', [...each(HOSTILE), [LIST], ['{nil, nil, 3}']]),
  ...calls('table.setn', [['{}', '1'], ['{}'], []]),
  ...calls('table.foreach', around([LIST, 'function(k, v) if v == "b" then return k end end'])),
  ...calls('table.foreachi', around([LIST, 'function(k, v) if v == "b" then return k end end'])),
  ...calls('table.foreach', [
    ['{}', 'error'],
    ['{1}', 'error'],
    ['{x = 1}', 'function() return false end'],
  ]),
  ...calls('table.sort', around([LIST, 'function(a, b) return a > b end'], BOUNDED)),
  ...calls('table.sort', [
    ['{3, 1, 2}'],
    ["{3, 'a'}"],
    ['{{}, {}}'],
    ['{true, false}'],
    ['{3, 1, nil, 2}'],
    ['{1, 2, 3}', 'function() return true end'],
  ]),
  ...calls('table.pack', [['1']]),
  ...calls('table.unpack', [['{1}']]),
]

const orders = programs(lines`
  local t = {5, 3, 8, 1, 9, 2, 7} table.sort(t) return t
  local t = {'b', 'a', 'C', 'B', '', 'aa', '\0', '\255'} table.sort(t) return t
  local t = {} for i = 1, 200 do t[i] = (i * 7919) % 211 end table.sort(t) return table.concat(t, " ")
  local t = {} for i = 1, 200 do t[i] = (i * 7919) % 211 end table.sort(t, function(a, b) return a % 10 < b % 10 end) return table.concat(t, " ")
  local t = {} for i = 1, 30 do t[i] = i end table.sort(t, function() return true end) return t
  local t = {} for i = 1, 30 do t[i] = i % 3 end table.sort(t, function(a, b) return a <= b end) return t
  local t = {3, 1, 2} table.sort(t, function(a, b) error("compare") end)
  local t = {3, 1, 2} table.sort(t, function(a, b) error({err = "ERR compare"}) end)
  local t = {3, 1, 2} return pcall(table.sort, t, function(a, b) return nil end)
  local t = {0/0, 1, 0/0, 2} return pcall(table.sort, t)
  local n = 0 table.sort({4, 3, 2, 1}, function(a, b) n = n + 1 return a < b end) return n
  local t = setmetatable({}, {__index = function() return 1 end}) table.insert(t, 5) return rawget(t, 1), #t
`)

const layouts = programs(lines`
  return {10, 20, 30, x = 1, y = 2, [100] = 3}
  local t = {} for i = 1, 20 do t["k" .. i] = i end return t
  local t = {} for i = 20, 1, -1 do t["k" .. i] = i end return t
  local t = {} for i = 1, 50 do t[i * 3] = i end return t
  local t = {} for i = 1, 12 do t[i / 2] = i end return t
  local t = {} for i = 1, 10 do t["k" .. i] = i end for i = 1, 10, 2 do t["k" .. i] = nil end for i = 1, 5 do t["n" .. i] = i end return t
  local t = {true, false, [true] = 1, [false] = 2} return t
  local t = {} t["a\0b"] = 1 t["a\0c"] = 2 t["a"] = 3 return t
  local t = {} t[("long"):rep(50)] = 1 t[("long"):rep(50) .. "x"] = 2 return #next(t)
  local t = {[1] = 1, [2] = 2, [4] = 4} return #t, #{1, 2, nil, 4}, #{nil, nil, 3}, #{n = 1}, #{nil}
  local t = {} for i = 1, 100 do t[i] = i end for i = 100, 51, -1 do t[i] = nil end return #t
  local t = {} t[2^53] = 1 t[-1] = 2 t[0] = 3 t[1e300] = 4 t[-2^63] = 5 t[0.1] = 6 return t
  local t = {1, 2, 3} t[#t + 1] = 4 t[#t] = nil return t, #t
  local keys = {} for k in pairs({GET = 1, SET = 1, DEL = 1, INCR = 1, EXPIRE = 1, TTL = 1, HGET = 1, HSET = 1}) do keys[#keys + 1] = k end return keys
  local keys = {} for k in pairs(math) do keys[#keys + 1] = k end return table.concat(keys, " ")
  local keys = {} for k in pairs(string) do keys[#keys + 1] = k end return table.concat(keys, " ")
  local keys = {} for k in pairs(table) do keys[#keys + 1] = k end return table.concat(keys, " ")
  local keys = {} for k in pairs(bit) do keys[#keys + 1] = k end return table.concat(keys, " ")
  local keys = {} for k in pairs(cjson) do keys[#keys + 1] = k end return table.concat(keys, " ")
  local keys = {} for k in pairs(cmsgpack) do keys[#keys + 1] = k end return table.concat(keys, " ")
  local keys = {} for k in pairs(struct) do keys[#keys + 1] = k end return table.concat(keys, " ")
  local keys = {} for k in pairs(os) do keys[#keys + 1] = k end return table.concat(keys, " ")
  local keys = {} for k in pairs(coroutine) do keys[#keys + 1] = k end table.sort(keys) return table.concat(keys, " ")
  local keys = {} for k in pairs(redis) do keys[#keys + 1] = k end return table.concat(keys, " ")
  local t = {1, 2, 3} for k in pairs(t) do t[k] = nil end return next(t)
  local t = {} for i = 1, 10 do t[i] = i end for k, v in pairs(t) do if v % 2 == 0 then t[k] = nil end end return t
  local t = {a = 1} for k in pairs(t) do t.b = 2 t[k] = nil end return t.b
  return next({}, "absent")
  local t = {} for i = 1, 3 do t[i] = {} t[i].self = t[i] end return t
`)

export const table = topicOf('table library', functions, orders, layouts)
