/** The cjson library: both directions, its settings, hostile texts. */
import { type Case, calls, each, HOSTILE, lines, programs, sweep, topicOf, words } from '../case.ts'

const VALUES = words`
  {}  {1, 2, 3}  {{}, {}}  {a = 1}  {a = {b = {c = 1}}}  {1, nil, 3}  {[1] = 1, [3] = 3}
  {[1] = 1, [20] = 20}  {[0] = 1}  {[-1] = 1}  {[1.5] = 1}  {[true] = 1}  {[{}] = 1}  {x = print or 1}
  {x = function() end}  {[1] = 1, a = 2}  {['1'] = 1}  {['a\0b'] = 'c\0d'}  cjson.null  {cjson.null}
  {n = cjson.null}  'text'  'quo"te'  'back\\slash'  'sl/ash'  '\n\r\t\b\f\v'  '\0\1\31\127\128\255'
  'äöü'  '\240\159\152\128'  1  -1  0  -0  0.1  1/3  1e15  1e16  1e100  2^53  2^63  -2^63
  123456789012345678  5e-324  1.7976931348623157e308  100000000000000  0.1 + 0.2
  setmetatable({}, {__index = {1, 2}})  setmetatable({1}, {__len = function() return 5 end})  KEYS  _G
  string  cjson  coroutine.create(function() end)
`

const TEXTS = [
  ...words`
  {}  []  [1,2,3]  {"a":1}  {"a":{"b":[1,{"c":null}]}}  null  true  false  "text"  1  -1  0  -0  0.1  1e5
  1E+5  1e-5  1e400  -1e400
`,
  ...words`
  12345678901234567890  0.1e1  1.  .5  -  +1  01  0x10  nan  NaN  inf  Infinity  -Infinity  1e  --1  1 2
  [1 2]  [1,]  [,1]  [  ]  {  }
`,
  ...[
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    '{1:1}',
    '{"a":1 "b":2}',
    '{"a":1,"a":2}',
    '',
    ' ',
    ' [ 1 , 2 ] ',
    '[1]x',
    'nul',
    'nulll',
    'tru',
    'True',
    '"',
    '"abc',
    "'a'",
    '"a\tb"',
    '// c',
    '/* c */1',
    '[1]//',
  ],
  ...words`
  "\n\r\t\b\f\/\\\""  "\u0041\u00e4\u20ac"  "\ud83d\ude00"  "\ud83d"  "\ude00\ud83d"  "\u12"  "\uzzzz"
  "\x41"  "\u0000"  "\uFFFF"
`,
  ...words`
  "äöü"  "ÿþ"  ""  {"":1}  {" ":{"":""}}  [[[[[[]]]]]]  [null,null]  {"a":null}  [true,false]  [1.0,1.50]
  {"1":"a","2":"b"}  [-0.0,0e10]
`,
]

const long = (open: string, close: string, depth: number) =>
  `('${open}'):rep(${depth}) .. ('${close}'):rep(${depth})`

const functions: Case[] = [
  ...calls('cjson.encode', [...each(VALUES), ...each(HOSTILE), [], ['1', '2']]),
  ...TEXTS.map((text) => {
    const request = ['EVAL', `return cjson.encode({cjson.decode(ARGV[1])})`, 0, text]
    return { name: `cjson.decode ${JSON.stringify(text)}`, commands: [request] }
  }),
  ...calls('cjson.decode', [...each(HOSTILE), [], ["'1'", "'2'"]]),
  ...calls(
    'cjson.decode',
    each([
      long('[', ']', 999),
      long('[', ']', 1000),
      long('[', ']', 1001),
      long('[', '', 5000),
      `('{"a":'):rep(1000) .. 1 .. ('}'):rep(1000)`,
      `('{"a":'):rep(1001) .. 1 .. ('}'):rep(1001)`,
    ]),
  ),
]

const SETTINGS = words`
  encode_sparse_array  encode_max_depth  decode_max_depth  encode_number_precision  encode_keep_buffer
  encode_invalid_numbers  decode_invalid_numbers  decode_array_with_array_mt
`

const SETTING_VALUES = [...HOSTILE, "'on'", "'off'", "'null'", "'ON'", '16', '17', '14', '1000']

/** What is set with an argument, and what is then answered without one. */
const settings: Case[] = SETTINGS.flatMap((name) => [
  sweep(
    `cjson.${name}`,
    SETTING_VALUES.flatMap((value) => [[value], [`${value}, 5`], [`${value}, 5, 6`]]),
    `cjson.${name}`,
    { stains: true },
  ),
  ...calls(
    `cjson.${name}`,
    [[], ['true'], ["'x'"], ['{}'], ['-1'], ['3'], ['1', '2', '3', '4'], ['true', "'x'", '1']],
    { stains: true },
  ),
])

const configured = programs(
  lines`
  cjson.encode_sparse_array(true) return cjson.encode({[1] = 1, [100] = 2})
  cjson.encode_sparse_array(true, 2, 3) return cjson.encode({[1] = 1, [5] = 2}), cjson.encode({[1] = 1, [3] = 2})
  cjson.encode_sparse_array(false, 0) return pcall(cjson.encode, {[1] = 1, [1000] = 2})
  cjson.encode_max_depth(2) return cjson.encode({{1}}), pcall(cjson.encode, {{{1}}})
  cjson.decode_max_depth(2) return cjson.decode("[[1]]"), pcall(cjson.decode, "[[[1]]]")
  cjson.encode_number_precision(3) return cjson.encode({1/3, 123456, 0.0001})
  cjson.encode_number_precision(16) return cjson.encode({1/3, 0.1, 2^53 + 2})
  cjson.encode_number_precision(17) return cjson.encode({1/3})
  cjson.encode_keep_buffer(false) return cjson.encode({1}), cjson.encode({a = 1})
  cjson.encode_invalid_numbers(true) return cjson.encode({1/0, -1/0, 0/0})
  cjson.encode_invalid_numbers("null") return cjson.encode({1/0, -1/0, 0/0})
  cjson.encode_invalid_numbers(false) return pcall(cjson.encode, 1/0)
  cjson.decode_invalid_numbers(false) return pcall(cjson.decode, "nan"), pcall(cjson.decode, "0x10"), pcall(cjson.decode, "-inf")
  cjson.decode_invalid_numbers(true) return cjson.decode("[inf,-inf,0x10]")
  cjson.decode_array_with_array_mt(true) return cjson.encode(cjson.decode("[]")), cjson.encode(cjson.decode("{}"))
  cjson.decode_array_with_array_mt(true) local t = cjson.decode("{\"a\":[],\"b\":{}}") return cjson.encode(t.a), cjson.encode(t.b)
  cjson.decode_array_with_array_mt(false) return cjson.encode(cjson.decode("[]"))
  cjson.encode_max_depth(1e9) local t = {} t.t = t return pcall(cjson.encode, t)
  cjson.decode_max_depth(3) cjson.decode_max_depth(1000) return cjson.decode("[[[[1]]]]")
`,
  { stains: true },
)

const uses = programs(lines`
  local t = {} t.self = t return pcall(cjson.encode, t)
  local t = {} for i = 1, 998 do t = {t} end return #cjson.encode(t)
  local t = {} for i = 1, 1000 do t = {t} end return pcall(cjson.encode, t)
  return cjson.encode(cjson.decode('{"b":1,"a":2,"c":[1,2,{"d":null}]}'))
  local t = {} for i = 1, 30 do t["k" .. i] = i end return cjson.encode(t)
  return cjson.decode("[1,null,3]")[2] == cjson.null, cjson.null == nil, type(cjson.null)
  return cjson._NAME, cjson._VERSION, cjson.new
  cjson.encode = nil
  cjson.null = 1
  return pcall(cjson.encode, setmetatable({}, {__pairs = function() end}))
  return cjson.encode({1, 2, n = 3})
  return cjson.encode({[1] = "a", [2] = "b", [4] = "d"})
  return cjson.encode("\226\128\168"), cjson.encode("</script>")
  return cjson.encode(("x"):rep(10000)) == '"' .. ("x"):rep(10000) .. '"'
  return #cjson.encode(("\1"):rep(10000))
  local t = {} for i = 1, 1000 do t[i] = i / 7 end return redis.sha1hex(cjson.encode(t))
  local s = {} for i = 1, 1000 do s[i] = tostring(i * 1.5) end return #cjson.decode("[" .. table.concat(s, ",") .. "]")
  return cjson.decode(cjson.encode({a = {1, 2, {b = "c"}}, d = true, e = cjson.null}))
`)

export const cjson = topicOf('cjson library', functions, settings, configured, uses)
