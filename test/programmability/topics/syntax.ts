/** Texts that do not compile, and texts at the limits of the compiler: the whole error, with all its bytes. */
import { type Case, lines, topicOf } from '../case.ts'

const TEXTS = [
  ...lines`
    return (
    return )
    x =
    local
    local 1
    local x y
    return return
    return 1 2
    return 1,
    if
    if x
    if x then
    if x then end end
    else
    end
    for
    for i
    for i = 1
    for i = 1, 2
    for i = 1, 2, 3, 4 do end
    for i in do end
    for 1 = 1, 2 do end
    while
    while true do
    repeat
    repeat until
    do
    function
    function f
    function f(
    function f(a b) end
    function f(..., a) end
    function 1() end
    function f.g:h.i() end
    local function f.g() end
    break
    while true do break x = 1 end
    return ... + 1
    local function f() return ... end
    f
    f.
    f:
    f:g
    f "a" = 1
    f() = 1
    (f) = 1
    1 = 1
    "a" = 1
    nil = 1
    {} = 1
    x, y
    x, 1 = 1, 2
    a.b:c = 1
    x = = 1
    x == 1
    x = 1 +
    x = 1 + + 2
    x = not
    x = #
    x = {
    x = {1, 2
    x = {1 2}
    x = {[1] 2}
    x = {[1 = 2}
    x = {a =}
    x = {,}
    x = {;}
    x = "abc
    x = 'abc
    x = "abc'
    x = "\
    x = "\400"
    x = "\x41"
    x = "\z"
    x = [[abc
    x = [==[abc]=]
    x = [=abc
    x = [=
    --[[ comment
    --[==[ comment ]]
    x = 1..2
    x = 1...2
    x = 0x
    x = 0xg
    x = 1e
    x = 1e+
    x = 3x
    x = 1.2.3
    x = 09.5.
    x = $
    x = @
    x = a ? b
    x = a != b
    x = a ! b
    x += 1
    x++
    x = 'a' .. 
    x = a . b . 
    goto x
    ::x::
    x = a // b
    x = a & b
    x = a ~ b
    return ~1
    x = 1 <> 2
    x = function
    x = function(
    x = function() return
    and
    or x
    not
    then
    until
    in
    nil
    true
    ...
    ;
    ;;
    return;
    return;;
    x = 1;; y = 2
    local x <const> = 1
    import x
    x: y
    a = b\
  `,
  'x = "a\nb"',
  'x = "a\\\nb" return (',
  'x = \xff',
  '\xff\xfe = 1',
  'return \x80\x81',
  'x = "\xff\xfe',
  'local \xe4 = 1 return \xe4',
  'return 1 \xff',
  'x = \x01',
  '\0',
  'x = \0',
  'return 1\0',
  'x = "\0" return (',
  '\x1bLua',
  '\x1bLuaQ\0\x01\x04\x08\x04\x08\0',
  '\xef\xbb\xbfreturn 1',
  '# first line\nreturn 1',
  'return 1\r\n',
  'return\r\n1',
  'x =\r\n\r\n(',
  '\n\n\nx = (',
  '\r\r\rx = (',
  '\n\r\n\rx = (',
  'a\tb',
  'return 1 --',
  'return --[[ x ]] 1',
  'return [[\nfirst line break is dropped]]',
  'return [==[\r\n]]]==]',
  'return "\\065\\10\\0\\255\\\\\\"\\\'"',
  "return '\\a\\b\\f\\n\\r\\t\\v' .. '\\q\\%'",
  'return "a\\\nb"',
]

const long = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join('')

const LARGE: Readonly<Record<string, string>> = {
  '199 locals': `${long(199, (i) => `local a${i} = ${i} `)}return a198`,
  '201 locals': `${long(201, (i) => `local a${i} = ${i} `)}return 1`,
  '61 upvalues': `${long(61, (i) => `local a${i} = ${i} `)}return (function() return ${long(61, (i) => `a${i} + `)}0 end)()`,
  '60 upvalues': `${long(60, (i) => `local a${i} = ${i} `)}return (function() return ${long(60, (i) => `a${i} + `)}0 end)()`,
  '190 parentheses': `return ${'('.repeat(190)}1${')'.repeat(190)}`,
  '250 parentheses': `return ${'('.repeat(250)}1${')'.repeat(250)}`,
  '190 tables': `return ${'{'.repeat(190)}1${'}'.repeat(190)}`,
  '250 tables': `return ${'{'.repeat(250)}1${'}'.repeat(250)}`,
  '190 functions': `return ${'(function() return '.repeat(190)}1${' end)()'.repeat(190)}`,
  '250 functions': `return ${'(function() return '.repeat(250)}1${' end)()'.repeat(250)}`,
  '190 blocks': `${'do '.repeat(190)}${'end '.repeat(190)}return 1`,
  '250 blocks': `${'do '.repeat(250)}${'end '.repeat(250)}return 1`,
  '1000 nots': `return ${'not '.repeat(1000)}true`,
  '190 minus signs': `return ${'- '.repeat(190)}1`,
  '250 minus signs': `return ${'- '.repeat(250)}1`,
  '190 concatenations': `return ${'"a" .. '.repeat(190)}"a"`,
  '250 concatenations': `return ${'"a" .. '.repeat(250)}"a"`,
  '1000 additions': `return ${'1 + '.repeat(1000)}1`,
  '250 values returned': `return ${long(250, (i) => `${i}, `)}1`,
  '256 arguments': `return select('#', ${long(255, (i) => `${i}, `)}1)`,
  '250 targets': `local t = {} ${long(250, (i) => `t[${i}], `)}t.x = 1 return t.x`,
  'a table of 10000': `return #{${long(10_000, (i) => `${i},`)}}`,
  '1000 constants': `local t = {${long(1000, (i) => `"k${i}",`)}} return #t`,
  'a long name': `local ${'x'.repeat(5000)} = 7 return ${'x'.repeat(5000)}`,
  'a long wrong name': `return ${'x'.repeat(5000)}`,
  'a long wrong token': `x = "${'y'.repeat(5000)}" z`,
  'a long number': `return ${'9'.repeat(400)}`,
  'a long fraction': `return {double = 0.${'1'.repeat(400)}}`,
  'a jump too long': `while KEYS[1] do ${long(140_000, () => 'local x = 1 ').replaceAll('local x = 1 ', 'x() ')} end return 1`,
  'a chain of ifs': `local x = 50 ${long(100, (i) => `${i === 0 ? 'if' : 'elseif'} x == ${i} then return ${i} `)}end`,
}

function compiled(name: string, text: string): Case {
  return {
    name,
    malformed: true,
    commands: [
      ['EVAL', text, 0],
      ['EVAL', 'local f, e = loadstring(ARGV[1], ARGV[2]) return {type(f), e}', 0, text, '=chunk'],
      ['EVAL', 'local f, e = loadstring(ARGV[1]) return {type(f), e}', 0, text],
    ],
  }
}

/** Constants of a function are numbered with 18 bits. */
const tooManyConstants: Case = {
  name: '300000 constants',
  malformed: true,
  commands: [['EVAL', `local t = {${long(300_000, (i) => `${i}.5,`)}} return #t`, 0]],
}

export const syntax = topicOf(
  'syntax',
  TEXTS.map((text) => compiled(JSON.stringify(text), text)),
  Object.entries(LARGE).map(([name, text]) => compiled(name, text)),
  [tooManyConstants],
)
