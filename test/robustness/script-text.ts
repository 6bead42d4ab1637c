/**
 * Random Lua programs out of every library function with hostile arguments.
 */
import type { Random } from './random.ts'

const FUNCTIONS = {
  base: [
    'assert',
    'error',
    'ipairs',
    'next',
    'pairs',
    'pcall',
    'rawequal',
    'rawget',
    'rawset',
    'select',
    'setmetatable',
    'getmetatable',
    'tonumber',
    'tostring',
    'type',
    'unpack',
    'xpcall',
    'loadstring',
    'load',
    'collectgarbage',
  ],
  string: [
    'byte',
    'char',
    'dump',
    'find',
    'format',
    'gmatch',
    'gsub',
    'len',
    'lower',
    'match',
    'rep',
    'reverse',
    'sub',
    'upper',
  ],
  table: ['concat', 'insert', 'maxn', 'remove', 'sort', 'getn', 'foreach', 'foreachi', 'setn'],
  math: [
    'abs',
    'acos',
    'asin',
    'atan',
    'atan2',
    'ceil',
    'cos',
    'cosh',
    'deg',
    'exp',
    'floor',
    'fmod',
    'frexp',
    'ldexp',
    'log',
    'log10',
    'max',
    'min',
    'modf',
    'pow',
    'rad',
    'random',
    'randomseed',
    'sin',
    'sqrt',
    'tan',
  ],
  cjson: [
    'encode',
    'decode',
    'encode_sparse_array',
    'encode_max_depth',
    'decode_max_depth',
    'encode_number_precision',
    'encode_keep_buffer',
    'encode_invalid_numbers',
    'decode_invalid_numbers',
    'decode_array_with_array_mt',
  ],
  cmsgpack: ['pack', 'unpack', 'unpack_one', 'unpack_limit'],
  struct: ['pack', 'unpack', 'size'],
  bit: [
    'tobit',
    'tohex',
    'bnot',
    'band',
    'bor',
    'bxor',
    'lshift',
    'rshift',
    'arshift',
    'rol',
    'ror',
    'bswap',
  ],
  redis: [
    'call',
    'pcall',
    'error_reply',
    'status_reply',
    'sha1hex',
    'log',
    'setresp',
    'set_repl',
    'replicate_commands',
    'breakpoint',
    'debug',
    'acl_check_cmd',
  ],
  coroutine: ['create', 'resume', 'wrap', 'yield', 'status', 'running'],
  os: ['clock', 'time', 'exit'],
} as const

const VALUES = [
  'nil',
  'true',
  'false',
  '0',
  '1',
  '-1',
  '2^31',
  '-2^31',
  '2^53',
  '2^63',
  '-2^63',
  '1e308',
  '1/0',
  '-1/0',
  '0/0',
  '0.5',
  '255',
  '256',
  '65536',
  "''",
  "'a'",
  "'abc'",
  "'%d%s%q%c'",
  "'%99999d'",
  "'%5.300f'",
  "'(a*)*b'",
  "'%b()'",
  "'[[:alpha:'",
  "'%f[%w]'",
  "'^(.-)%s*$'",
  "'\\0\\255'",
  "('x'):rep(1000)",
  "('('):rep(250)",
  "'i8>I4!16'",
  "'<c0s'",
  "'b999'",
  '\'{"a":[1,2,{"b":null}]}\'',
  "'[' .. ('['):rep(2000)",
  "'\\193\\196\\255\\220'",
  "'\\222\\255\\255\\255\\255'",
  '{}',
  '{1,2,3}',
  '{a=1,b={c=2}}',
  "{ok='fine'}",
  "{err='ERR bad'}",
  '{double=3.5}',
  '{map={a=1}}',
  '{set={a=true}}',
  "{big_number='12345'}",
  "{verbatim_string={format='txt',string='x'}}",
  '{[1]=1,[1e6]=2}',
  'setmetatable({},{__index=function(t,k) return k end})',
  "setmetatable({},{__tostring=function() error('x') end})",
  'function() end',
  'function(...) return ... end',
  'function() error({}) end',
  'tostring',
  'string',
  'KEYS',
  'ARGV',
  '_G',
  'deep',
  'loop',
  'big',
  'redis.call',
  'coroutine and coroutine.create(function() end) or nil',
  "'get'",
  "'set'",
  "'hset'",
  "'zadd'",
  "'lpush'",
  "'sadd'",
  "'key'",
  "'eval'",
  "'multi'",
  "'config'",
  "'nosuch'",
] as const

const PRELUDE = `local deep = {} do local t = deep for i = 1, 300 do t[1] = {} t = t[1] end end
local loop = {} loop.self = loop
local big = ('z'):rep(100000)
`

function expression(random: Random, depth: number): string {
  if (depth > 0 && random.chance(0.35)) return callExpression(random, depth - 1)
  return random.pick(VALUES)
}

function callExpression(random: Random, depth: number): string {
  const library = random.pick(Object.keys(FUNCTIONS) as (keyof typeof FUNCTIONS)[])
  const name = random.pick(FUNCTIONS[library])
  const callee = library === 'base' ? name : `${library}.${name}`
  const args = Array.from({ length: random.below(5) }, () => expression(random, depth))
  return `${callee}(${args.join(', ')})`
}

/** A program of a few statements; errors inside are part of the game, some caught and some not. */
export function randomScript(random: Random): string {
  let text = PRELUDE
  for (let i = random.below(4); i >= 0; i--) {
    const call = callExpression(random, 2)
    const kind = random.below(6)
    if (kind === 0) text += `local r${i} = ${call}\n`
    else if (kind === 1) text += `for i = 1, 3 do pcall(function() return ${call} end) end\n`
    else text += `local ok${i}, r${i} = pcall(function() return ${call} end)\n`
  }
  return `${text}return ${expression(random, 1)}`
}
