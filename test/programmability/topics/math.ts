/** The math library, os.clock and arithmetic. */
import {
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

const ANGLES = ['0.5', '1', '-1', '3.14159265358979', '100', '1e10', '1e300', '1e-300', '0.1']
/** Whose results are the same everywhere. */
const EXACT = ['abs', 'ceil', 'deg', 'exp', 'floor', 'frexp', 'log', 'modf', 'rad', 'sqrt']
/** Whose last digits are the C library's; as numbers are printed, with 14 digits, they do not show. */
const ROUNDED = ['acos', 'asin', 'atan', 'cos', 'cosh', 'log10', 'sin', 'sinh', 'tan', 'tanh']
const UNARY = [...EXACT, ...ROUNDED]
const EXACT_BINARY = ['fmod', 'mod', 'ldexp', 'pow', 'max', 'min']
const BINARY = ['atan2', ...EXACT_BINARY]
const OPERANDS = ['0', '-0', '1', '-1', '2', '-2.5', '0.5', '10', '1e300', '1/0', '-1/0', '0/0']

const WRONG = [
  [],
  ['1'],
  ["'3'", "'2'"],
  ['{}', '1'],
  ['1', 'nil'],
  ['1', "'x'"],
  ['1', '2', '3'],
  ['nil', 'nil'],
]

const functions: Case[] = [
  ...EXACT.map((name) => sweep(`math.${name}`, each([...HOSTILE, ...ANGLES]))),
  ...ROUNDED.map((name) => sweep(`fourteen(math.${name})`, each([...HOSTILE, ...ANGLES]))),
  sweep('fourteen(math.atan2)', pairs(OPERANDS, OPERANDS)),
  ...UNARY.flatMap((name) => calls(`math.${name}`, [[], ...each(['0.5', "'0x10'", 'nil', '{}', "'x'"])])),
  ...EXACT_BINARY.map((name) => sweep(`math.${name}`, pairs(OPERANDS, OPERANDS))),
  ...BINARY.flatMap((name) => calls(`math.${name}`, [['7', '2'], ...WRONG])),
  ...calls('math.max', [
    ['3', '1', '2'],
    ["'10'", '9'],
    ['1', "'x'"],
    ['1', '2', '{}'],
  ]),
  ...calls('math.ldexp', pairs(['1', '0.5'], ['1024', '-1100', '2^31', '1.9', '-1.9'])),
]

const SEEDS = ['0', '1', '42', '-1', '2^31', '2^32 + 5', '1.9', "'7'"]

const random: Case[] = [
  ...programs([
    ...SEEDS.map(
      (seed) =>
        `math.randomseed(${seed}) return math.random(), math.random(), math.random(100), math.random(5, 9), math.random(-10, 10)`,
    ),
    'math.randomseed(1) local t = {} for i = 1, 50 do t[i] = math.random(1000) end return table.concat(t, " ")',
    'math.randomseed(1) return math.random(2^31 - 1), math.random(-2^31, 2^31 - 1), math.random(0, 2^31 - 1)',
    'math.randomseed(1) return math.random(1.9), math.random("7"), math.random(1, 1)',
    'math.randomseed(5) local a = math.random() math.randomseed(5) return a == math.random()',
  ]),
  ...calls('math.random', [
    ['0'],
    ['-1'],
    ['2', '1'],
    ['1', '2', '3'],
    ['nil'],
    ['{}'],
    ["'x'"],
    ['2^31'],
    ['0/0'],
    ['1', 'nil'],
  ]),
  ...calls('math.randomseed', [[], ['nil'], ['{}'], ["'x'"], ['1', '2']]),
]

/** Where the last digits do show. */
const lastDigits = expressions(['math.sin(2.5)', 'math.atan2(1, 10)'])

const constants = expressions(words`
  math.pi  math.huge  -math.huge  math.huge - math.huge == 0  type(math.mod)  math.fmod == math.mod
`)

const arithmetic = programs(lines`
  return 7 / 2, 7 % 2, -7 % 2, 7 % -2, 2 ^ 10, 2 ^ -1, 2 ^ 0.5, -2 ^ 2, (-8) ^ (1/3)
  return 0.1 + 0.2, 1e16 + 1, 2^53 + 1, 1 / 3, 100 / 3, 1e308 * 10
  return 1e15, 1e14 + 0.5, 123456789.123456789, 5e-324, 1.7976931348623157e308
  return 0x10, 0xff, 0xffffffffff, 0x7fffffffffffffff, 0xffffffffffffffff, 0x10000000000000000
  return 1e1, 1E+2, 1e-2, .5, 5., 3.14
  return 3 == 3.0, 0 == -0, 1 / 0, -1 / 0, 1 / -0
  local n = 0 for i = 1, 0.9999999, -0.1 do n = n + 1 end return n
  local n = 0 for i = 1, 2, 0.1 do n = n + 1 end return n
  local n = 0 for i = 0.1, 1, 0.1 do n = n + 1 end return n
  return tostring(2^63), tostring(-2^63), tostring(2^24), 2^31 .. "", 1e100 .. ""
  return math.floor(-0.5), math.ceil(-0.5), math.floor(2^60 + 0.5), math.abs(-0)
  return 5 % math.huge, -5 % math.huge, 5 % -math.huge, math.huge % 5, 0 % 5, -0 % 5
  return 1e300 % 3, 5.3 % 0.1, -5.3 % 0.1, 2^53 % 3, -2^53 % 3
`)

const clock = programs(lines`
  return type(os.clock()), os.clock() >= 0, os.clock() <= os.clock()
  return os.clock(1, 2, 3) ~= nil
  return os.time, os.date
  return os.time()
  return os.execute, os.exit, os.getenv, os.remove, os.rename, os.tmpname, os.setlocale, os.difftime
  os.exit()
  os.getenv("HOME")
  os.clock = nil
`)

export const math = topicOf(
  'math and os libraries',
  functions,
  random,
  lastDigits,
  constants,
  arithmetic,
  clock,
)
