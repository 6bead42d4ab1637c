/** The cmsgpack library: every encoding in both directions, cut and hostile data. */
import { around, type Case, calls, each, HOSTILE, lines, programs, sweep, topicOf, words } from '../case.ts'

const NUMBERS = words`
  0  1  127  128  255  256  65535  65536  2^31 - 1  2^31  2^32 - 1  2^32  2^53  2^62  2^63  2^64  1e300
  -0  -1  -32  -33  -128  -129  -32768  -32769  -2^31  -2^31 - 1  -2^53  -2^63  -2^64  0.5  1/3  -1.5
  1e-300  3.5  1/0  -1/0
`
const VALUES = words`
  {}  {1, 2, 3}  {a = 1}  {1, nil, 3}  {[2] = 1}  {[1] = 1, a = 2}  {[0] = 1}  {[1.5] = 1}
  {[true] = false}  {{}, {{}}}  {a = {b = {c = {}}}}  nil  true  false  ''  'abc'  ('x'):rep(31)
  ('x'):rep(32)  ('x'):rep(255)  ('x'):rep(256)  '\0\255'  function() end
  coroutine.create(function() end)  cjson.null  setmetatable({}, {__index = {1}})  KEYS  print or 1
  {function() end}  {x = cjson.null}
`

/** The first byte of every kind of value, alone, and followed by little and by much. */
const HEADS = Array.from({ length: 256 }, (_, byte) => byte)

const functions: Case[] = [
  sweep('cmsgpack.pack', each(NUMBERS), 'cmsgpack.pack, numbers,'),
  ...calls('cmsgpack.pack', [
    ...each(VALUES),
    ...each(HOSTILE),
    [],
    ['1', '2', "'three'", '{}'],
    ['nil', 'nil'],
  ]),
  ...calls('cmsgpack.unpack', [
    ...each(HOSTILE),
    [],
    ["'\\1\\2\\3'"],
    ["'\\1'", "'\\2'"],
    ["('\\1'):rep(100)"],
  ]),
  ...calls('cmsgpack.unpack_one', around(["'\\1\\2\\3'", '1'])),
  ...calls('cmsgpack.unpack_limit', around(["'\\1\\2\\3'", '2', '0'])),
  ...calls(
    'cmsgpack.unpack_one',
    ['0', '1', '2', '3', '4', '-1', '2^31', '2^32', '1.5'].map((offset) => ["'\\1\\2\\3'", offset]),
  ),
  ...['0', '1', '3', '-1', '100', '2^31'].flatMap((limit) =>
    calls(
      'cmsgpack.unpack_limit',
      ['0', '1', '2', '3', '4', '-1'].map((offset) => ["'\\1\\2\\3'", limit, offset]),
    ),
  ),
]

const decoding = [
  ...HEADS.map((byte) =>
    sweep(
      'cmsgpack.unpack',
      each([
        `'\\${byte}'`,
        `'\\${byte}\\0'`,
        `'\\${byte}\\1\\2'`,
        `'\\${byte}' .. ('\\1'):rep(70)`,
        `'\\${byte}' .. ('\\0'):rep(12)`,
      ]),
      `cmsgpack.unpack \\${byte}`,
    ),
  ),
  ...programs(lines`
  return cmsgpack.unpack("\221\255\255\255\255")
  return cmsgpack.unpack("\223\255\255\255\255")
  return cmsgpack.unpack("\219\255\255\255\255")
  return cmsgpack.unpack("\220\255\255\1")
  return cmsgpack.unpack("\129\192\1")
  return cmsgpack.unpack("\129\203\127\248\0\0\0\0\0\0\1")
  return cmsgpack.unpack(("\145"):rep(100) .. "\1")
  return cmsgpack.unpack("\130\161a\1\161a\2")
  return cmsgpack.unpack("\193")
`),
]

const uses = programs(lines`
  return cmsgpack.unpack(cmsgpack.pack({1, 2, {a = "b"}}))
  return cmsgpack.unpack(cmsgpack.pack(1, "two", {3}, nil, false))
  return cmsgpack.unpack_one(cmsgpack.pack(1, "two"))
  local s = cmsgpack.pack(1, "two", {3}) local o, v = 0 local t = {} while o ~= -1 do o, v = cmsgpack.unpack_one(s, o) t[#t + 1] = v end return t
  return cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 2)
  local t = {} t.t = t return #cmsgpack.pack(t)
  local t = {} for i = 1, 20 do t = {t} end return cmsgpack.pack(t)
  local t = {} for i = 1, 16 do t[i] = i end return cmsgpack.pack(t)
  local t = {} for i = 1, 70000 do t[i] = 1 end return redis.sha1hex(cmsgpack.pack(t))
  local t = {} for i = 1, 20 do t["k" .. i] = i end return cmsgpack.pack(t)
  return redis.sha1hex(cmsgpack.pack(("x"):rep(70000)))
  return cmsgpack.pack(0.1), cmsgpack.pack(0.5), cmsgpack.pack(16777217), cmsgpack.pack(1e10 + 0.5)
  return cmsgpack._NAME, cmsgpack._VERSION, cmsgpack._COPYRIGHT, cmsgpack._DESCRIPTION, cmsgpack.safe, cmsgpack.use_double
  cmsgpack.pack = nil
  return pcall(cmsgpack.pack, unpack({}, 1, 300))
  return select("#", cmsgpack.unpack(("\1"):rep(3000)))
  return pcall(cmsgpack.unpack, ("\1"):rep(9000))
  return cmsgpack.pack({[1] = 1, [2] = 2, [2^31] = 3})
  return cmsgpack.pack({["1"] = 1})
  return cmsgpack.unpack(cmsgpack.pack({[1.5] = 2, [true] = 3}))
`)

export const cmsgpack = topicOf('cmsgpack library', functions, decoding, uses)
