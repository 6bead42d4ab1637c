/** The string library: plain functions, formats, patterns. */
import {
  around,
  type Case,
  calls,
  each,
  HOSTILE,
  lines,
  pairs,
  programs,
  sweep,
  topicOf,
  words,
} from '../case.ts'

const POSITIONS = words`
  0  1  -1  2  5  6  -5  -6  100  -100  2^31  -2^31  2^33  2^53  1.9  '2'  nil
`

const simple: Case[] = [
  ...calls('string.len', each(HOSTILE)),
  ...calls('string.lower', each([...HOSTILE, "'ÀB\\0C'"])),
  ...calls('string.upper', each([...HOSTILE, "'àb\\0c'"])),
  ...calls('string.reverse', each([...HOSTILE, "'abc'", "'a\\0b'"])),
  ...calls('string.byte', around(["'hello'", '2', '3'])),
  ...calls('string.byte', pairs(["'hello'"], POSITIONS)),
  ...calls('string.byte', [
    ["'hello'", '1', '-1'],
    ["''"],
    ["('x'):rep(9000)", '1', '-1'],
    ["'hello'", '3', '2'],
  ]),
  ...calls('string.char', [
    ...each([...HOSTILE, '256', "'65'", '65.9']),
    [],
    ['72', '105'],
    ['72', '-1'],
    ['0', '255'],
    ['65', '{}'],
  ]),
  ...calls('string.sub', around(["'hello'", '2', '3'])),
  ...calls('string.sub', pairs(["'hello'"], POSITIONS)),
  sweep(
    'string.sub',
    pairs(POSITIONS, POSITIONS).map(([first, last]) => ["'hello'", first!, last!]),
  ),
  ...calls(
    'string.rep',
    around(
      ["'ab'", '3'],
      HOSTILE.filter((value) => value !== '2^31'),
    ),
  ),
  ...calls(
    'string.rep',
    pairs(["''", "'a'", "'a\\0'", "('x'):rep(500)"], ['0', '1', '-5', '2.7', "'3'", '1000']),
  ),
  ...calls('string.dump', [...each(HOSTILE.filter((value) => value !== 'function() end')), []]),
]

const DIRECTIVES = words`
  %d  %i  %5d  %-5d|  %05d  %+d  % d  %.3d  %8.3d  %-08d  %ld  %x  %X  %#x  %o  %#o  %u  %c  %e  %E  %.3e
  %f  %.0f  %#.0f  %10.2f  %-10.2f|  %+.1f  %.20f  %.99f  %g  %G  %.3g  %#g  %.17g  %a  %s  %10s  %-10s|
  %.2s  %.0s  %10.2s  %q  %5q  %%  %5%  %  %y  %123d  %.123d  %1234s  %-+ #0d  %-+ #00d  %.  %*d
`

const FORMATTED = words`
  0  -0  1  -1  65  3.7  -3.7  1e15  2^31  2^53  2^63  -2^63  2^64  1e300  1/0  -1/0  1e-10  123456.789
  '12'  '0x10'  'abc'  ''  'a\0b'  'quo"te\\ \n\r\0'  nil  true  {}
`

const formats: Case[] = [
  ...DIRECTIVES.map((directive) =>
    sweep(
      'string.format',
      FORMATTED.map((value) => [`'${directive}'`, value]),
      `string.format '${directive}'`,
    ),
  ),
  ...calls('string.format', around(["'%s and %s'", "'a'", '1'])),
  ...calls('string.format', [
    ["'none'"],
    ["'%s'"],
    ["'%d %d'", '1'],
    ["'%s'", "('x'):rep(500)"],
    ["'%99.99f'", '-1e300'],
    ["'%5s%%%d'", "'a'", '5'],
  ]),
  ...programs(lines`
  return string.format('%s', setmetatable({}, {__tostring = function() return 'mine' end}))
  return ('%d items'):format(3)
  return string.format('\0%s\0', 'a')
  return string.format('%c%c%c', 0, 255, 256)
  return string.format('%5c|%-5c|', 65, 65)
  return string.format(('%d'):rep(100), unpack({}))
  local t = {} for i = 1, 200 do t[i] = i end return string.format(('%d,'):rep(200), unpack(t))
  return string.format(5)
  return string.format('%.14g %.14g %.14g', 0.1, 1e15, 123456789012345678)
  return string.format('%5.1f|%5.1f|%5.1f', 0.05, 0.15, 0.25)
  return string.format('%.0f %.0f %.0f %.0f', 0.5, 1.5, 2.5, 3.5)
  return string.format('%.3f %.10f', 1e22, 1/3)
  return string.format('%x', 2^53), string.format('%x', -1), string.format('%o', -8), string.format('%u', -1)
  return string.format('%d', -2^53), string.format('%i', 0.99), string.format('%d', -0.99)
`),
]

const SUBJECTS = lines`
  'hello world'
  'key = value; k2=v2'
  '[[nested] (a(b)c)]'
  '\0a\0b'
  ''
  'äöü €'
  'aaaaab'
  '  trim me '
  '2024-01-31'
`

const PATTERNS = words`
  .  .*  .-  .+  .?  l+  %a+  %w*  %d+  %s+  %p  %c  %x+  %z  %u  %A  %S+  [aeiou]  [^aeiou]+  [a-f]+
  [%w_]+  []]  [^]]  [a-]  [-a]  [%]]  ^hello  world$  ^$  $  ^  a$b  %$  (%w+) ?= ?(%w+)  ()  ()ll()
  (.)(.)  (a*)(.)  (%w)%1  %b()  %b[]  %bxy  %f[%w]%w+  %f[%z]  ^%s*(.-)%s*$  (%d+)-(%d+)-(%d+)
  ((%w)(%w))  \\0  [%z]  [\\1-\\127]+
`

/** Each of them is an error, of one sort or another. */
const BROKEN_PATTERNS = words`
  %  [  [a  [^  []  [%  (  )  (()  ())  %b  %bx  %f  %fa  %1  (%1)  %0  %9  (a  a)  [[:alpha:  [a-%  *  +a
  ?  -  (.)(.)(.)(.)(.)(.)(.)(.)(.)%9  %2(.)
`

const quoted = (patterns: readonly string[]) => patterns.map((pattern) => `'${pattern}'`)

const searching: Case[] = [
  ...quoted(PATTERNS).flatMap((pattern) => [
    sweep(
      'string.find',
      SUBJECTS.map((subject) => [subject, pattern]),
      `string.find ${pattern}`,
    ),
    sweep(
      'string.gsub',
      SUBJECTS.map((subject) => [subject, pattern, "'<%0>'"]),
      `string.gsub ${pattern}`,
    ),
  ]),
  ...calls('string.match', pairs(SUBJECTS.slice(0, 2), quoted(PATTERNS))),
  ...calls('string.find', pairs(["'(hello'"], quoted(BROKEN_PATTERNS))),
  ...calls(
    'string.gsub',
    pairs(["'(hello'"], quoted(BROKEN_PATTERNS)).map((list) => [...list, "'x'"]),
  ),
  ...calls('string.find', around(["'hello'", "'l'", '1', 'true'])),
  ...calls(
    'string.find',
    pairs(["'a+b'"], quoted(['+', 'a+', '.', ''])).map((list) => [...list, '1', 'true']),
  ),
  ...calls(
    'string.find',
    POSITIONS.map((position) => ["'hello'", "'l'", position]),
  ),
  ...calls(
    'string.find',
    POSITIONS.map((position) => ["'hello'", "''", position]),
  ),
  ...calls('string.match', around(["'hello'", "'l+'", '1'])),
  ...calls('string.gmatch', around(["'hello'", "'l'"])),
  ...calls('string.gfind', [["'hello'", "'l'"]]),
]

const REPLACEMENTS = words`
  'x'  ''  '%0%0'  '%1'  '%2'  '%%'  '%'  '%x'  '<%0>'  'a\0b'  5  nil  true  {}  {h = 'H', o = 0}
  {l = false}  {l = {}}  function(c) return c:upper() end  function() end  function() return false end
  function() return {} end  function() return 1, 2 end  function() error('inside') end
  function() error({err = 'ERR table'}) end
`

const replacing: Case[] = [
  ...calls(
    'string.gsub',
    pairs(["'.'", "'(l)(.)'", "'l*'", "''", "'%w+'"], REPLACEMENTS).map((list) => ["'hello'", ...list]),
  ),
  ...calls('string.gsub', around(["'hello'", "'l'", "'L'", '1'])),
  ...calls(
    'string.gsub',
    ['0', '1', '2', '-1', '2.9', '2^31', '2^53'].map((count) => ["'hello'", "'l'", "'L'", count]),
  ),
  ...calls(
    'string.gsub',
    SUBJECTS.map((subject) => [subject, "'^%s*'", "''"]),
  ),
]

const iteration = programs(lines`
  local t = {} for w in ('one two  three'):gmatch('%a+') do t[#t + 1] = w end return t
  local t = {} for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do t[k] = v end return t
  local t = {} for p in ('abc'):gmatch('()') do t[#t + 1] = p end return t
  local t = {} for w in ('abc'):gmatch('') do t[#t + 1] = w end return t
  local t = {} for w in ('a,b,,c'):gmatch('([^,]*)') do t[#t + 1] = w end return t
  local t = {} for w in ('hello'):gmatch('^h') do t[#t + 1] = w end return t
  for w in ('hello'):gmatch('[') do end
  return ('x'):rep(40):find(('x*'):rep(3) .. 'y')
  return pcall(string.rep, 'x', -1)
  return ('(' ):rep(300):find(('%('):rep(33))
  return ('a'):rep(100):find(('(a)'):rep(32))
  return pcall(string.find, ('a'):rep(100), ('(a)'):rep(33))
  return ('x'):gsub('x', '%1')
  return (('abc'):gsub('', '-'))
  return ('abc'):gsub('.', {a = 1, b = true})
  return ('hello world'):gsub('o', setmetatable({}, {__index = function(_, k) return k .. k end}))
  return ('a.b.c'):gsub('%.', '%%')
  return #('x'):rep(1000):rep(100)
  return ('abc'):byte(1, -1)
  return ('\228\246'):upper(), ('\196'):lower(), ('\228'):find('%a'), ('\160'):find('%s')
  local s = '' for i = 0, 255 do local c = string.char(i) s = s .. (c:find('%c') and 'c' or c:find('%p') and 'p' or c:find('%w') and 'w' or c:find('%s') and 's' or '.') end return s
`)

export const string = topicOf('string library', simple, formats, searching, replacing, iteration)
