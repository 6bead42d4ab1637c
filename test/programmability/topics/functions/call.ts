/** FCALL and FCALL_RO: arguments, values as replies, errors and their places, flags, state between calls. */
import type { Argument } from '../../../support/resp-client.ts'
import { type Case, inBothProtocols, lines, topicOf, words } from '../../case.ts'
import { calling, functionCase, library, loads, showing } from './library.ts'

const ECHO = loads(library("redis.register_function('f', function(keys, args) return {keys, args} end)"))

const LISTS: readonly (readonly Argument[])[] = [
  [],
  ['f'],
  ['f', 'x'],
  ['f', ''],
  ['f', '-1'],
  ['f', '1'],
  ['f', '2', 'k'],
  ['f', '0'],
  ['f', '0', 'a', 'b'],
  ['f', '1', 'k'],
  ['f', '1', 'k', 'a'],
  ['f', '2', 'k1', 'k2', 'a'],
  ['f', '1.0', 'k'],
  ['f', ' 1', 'k'],
  ['f', '9223372036854775807'],
  ['f', '9223372036854775808'],
  ['f', '0', '\0\xff\r\n', ''],
  ['F', '0'],
  ['g', '0'],
  ['g', 'x'],
  ['g', '5', 'k'],
  ['', '0'],
  ['f\0', '0'],
  ['\xff', '0'],
  ['lib', '0'],
]

const requests = LISTS.map((list) =>
  functionCase(`FCALL ${list.map((word) => JSON.stringify(word)).join(' ')}`, [
    ECHO,
    ['FCALL', ...list],
    ['FCALL_RO', ...list],
    ['EVAL', 'return redis.pcall("fcall", unpack(ARGV))', 0, ...list],
  ]),
)

const arities = ['FCALL', 'FCALL_RO'].flatMap((name) =>
  [[name], [name, 'f']].map((command) => functionCase(command.join(' '), [ECHO, command])),
)

const VALUES = [
  ...words`
    nil  true  false  1  -1.9  1e300  'text'  ''  'a\r\nb'  {}  {1, 2, 3}  {1, nil, 3}  {true, false}  {'a', {'b'}}
    {ok = 'FINE'}  {err = 'MY x'}  {err = 'x'}  {err = ''}  {double = 0.1}  {double = 1/0}  {map = {a = 1}}  keys
    {set = {a = true}}  {big_number = '123'}  function() end  redis.call  coroutine.create(function() end)  args
    {err = 'a\r\nb'}  {ok = 'a\r\nb'}  redis.error_reply('MY x')  redis.error_reply('x')  redis.status_reply('FINE')
    {{err = 'MY x'}, {ok = 'y'}}  cjson.null  {verbatim_string = {format = 'txt', string = 'x'}}  _G.KEYS == nil
  `,
]

const values = VALUES.flatMap((value) => [
  ...inBothProtocols([calling(`return ${value}`, [['1', 'k', 'a']])]),
  ...inBothProtocols([calling(`redis.setresp(3) return ${value}`, [['1', 'k', 'a']])]),
])

const FAILING = lines`
  error('text')
  error({err = 'MY text'})
  error({err = 'text', extra = 1})
  error(1)
  error()
  error('text', 0)
  error('text', 2)
  return error('text')
  redis.call('nope')
  return redis.call('nope')
  return redis.pcall('nope')
  redis.call('get')
  redis.call()
  redis.call({})
  redis.call('set', keys[1], {})
  return redis.pcall('lpush', keys[1], 1) and redis.call('get', keys[1])
  x = 1
  return x
  return KEYS[1]
  return ARGV[1]
  local t = nil; return t.x
  local t = {} t.x.y = 1
  return 1 + {}
  return nosuch()
  string.rep()
  return ('x'):bad()
  redis.register_function('g', function() end)
  return redis.register_function
  redis.log()
  redis.log(redis.LOG_DEBUG, 'x')
  redis.setresp(7)
  redis.sha1hex()
  redis.breakpoint()
  redis.debug('x')
  redis.replicate_commands()
  redis.set_repl(redis.REPL_ALL)
  redis.set_repl()
  redis.acl_check_cmd('nope')
  return redis.acl_check_cmd('get', 'k')
  assert(false)
  assert(false, 'text')
  assert(false, {err = 'MY text'})
  return pcall(error, 'text')
  return {pcall(error, 'text')}
  return {pcall(redis.call, 'nope')}
  local ok, e = pcall(redis.call, 'nope') error(e)
  local ok, e = pcall(redis.call, 'nope') return e
  return xpcall(function() error('x') end, function(e) return 'handled ' .. e end)
  coroutine.wrap(function() error('in a coroutine') end)()
  coroutine.wrap(function() redis.call('nope') end)()
  return {coroutine.resume(coroutine.create(function() redis.call('nope') end))}
  coroutine.yield(1)
  redis.call('fcall', 'f', 0)
  redis.call('eval', 'return 1', 0)
  redis.call('function', 'list')
  redis.call('function', 'flush')
  redis.call('multi')
  loadstring('error("x")', '@elsewhere')()
  loadstring('x = 1')()
  return loadstring('return KEYS')()
  setmetatable(_G, {})
  _G.x = 1
  rawset(_G, 'x', 1)
  redis.x = 1
  redis.call = nil
  keys.x = 1 args[1] = 2 return {keys.x, args[1], #keys}
  return keys[1] .. args[1]
  return __redis__err__handler('x')
  local function f() return 1 + f() end return f()
`

const failing = FAILING.map((body) => calling(body, [['1', 'k', 'a'], ['0']]))

/** The line of an error is the library's. */
const places = [
  "redis.register_function('f', function()\n  error('line 3')\nend)",
  "\n\nlocal function inner()\n  redis.call('nope')\nend\nredis.register_function('f', function()\n  inner()\nend)",
  "local function inner() return redis.call('nope') end\nredis.register_function('f', function()\n  return inner()\nend)",
  "redis.register_function('f', function()\n  local t = nil\n  return t.x\nend)",
].map((body) => functionCase(`place of: ${body}`, [loads(library(body)), ['FCALL', 'f', 0]]))

const SHOWN = [
  ...words`
    type(redis)  redis == server  type(redis.call)  type(redis.register_function)  type(redis.breakpoint)
    type(redis.debug)  type(redis.replicate_commands)  type(redis.set_repl)  redis.REPL_ALL  redis.LOG_NOTICE
    redis.REDIS_VERSION  redis.VALKEY_VERSION  type(redis.acl_check_cmd)  type(_G)  type(rawget(_G, 'KEYS'))
    type(rawget(_G, 'redis'))  type(getmetatable(_G))  type(getmetatable(_G).__index)  next(_G)  _VERSION
    redis.sha1hex('x')  keys  args  #keys  type(loadstring)  type(os.clock())  type(math.random())
    type(__redis__err__handler)  pcall(function() return print end)  pcall(function() return debug end)
    pcall(function() return newproxyx end)  pcall(function() return KEYS end)  pcall(function() x = 1 end)
  `.map((expression) => `return ${expression}`),
  ...lines`
    local t = {} for k in pairs(redis) do t[#t + 1] = k end table.sort(t) return table.concat(t, ' ')
    return redis.pcall('set', 'k', 1), redis.pcall('get', 'k'), redis.pcall('nope'), redis.pcall('hgetall', 'none')
    redis.setresp(3) return redis.pcall('hgetall', 'none'), redis.pcall('get', 'none'), redis.pcall('sismember', 's', 1)
    return pcall(setmetatable, _G, {})
    return pcall(redis.register_function, 'g', function() end)
    for k, v in pairs(_G) do return k end
  `,
].map((body) => showing(body, [['1', 'k', 'a']]))

const FLAGS = [
  '{}',
  "{'no-writes'}",
  "{'allow-oom'}",
  "{'allow-stale'}",
  "{'no-cluster'}",
  "{'allow-cross-slot-keys'}",
  "{'no-writes', 'allow-stale'}",
]

const ACTIONS = [
  "redis.call('get', 'k')",
  "redis.call('set', 'k', 1)",
  "redis.pcall('set', 'k', 1)",
  "redis.call('publish', 'c', 'm')",
  '1',
  "redis.call('echo', 'x')",
]

function flagged(list: string, action: string): string {
  return library(
    `redis.register_function{function_name = 'f', callback = function() return ${action} end, flags = ${list}}`,
  )
}

const flags: Case[] = FLAGS.flatMap((list) =>
  ACTIONS.map((action) =>
    functionCase(`flags ${list}: ${action}`, [
      loads(flagged(list, action)),
      ['FCALL', 'f', 0],
      ['FCALL_RO', 'f', 0],
      ['MULTI'],
      ['FCALL', 'f', 0],
      ['FCALL_RO', 'f', 0],
      ['EXEC'],
      ['GET', 'k'],
    ]),
  ),
)

const conversations: Readonly<Record<string, readonly (readonly Argument[])[]>> = {
  'state that lasts from call to call': [
    loads(library("local n = 0 redis.register_function('f', function() n = n + 1 return n end)")),
    ['FCALL', 'f', 0],
    ['FCALL', 'f', 0],
    [
      'FUNCTION',
      'LOAD',
      'REPLACE',
      library("local n = 10 redis.register_function('f', function() n = n + 1 return n end)"),
    ],
    ['FCALL', 'f', 0],
  ],
  'what two functions of a library share': [
    loads(
      library(
        "local t = {} redis.register_function('put', function(_, a) t[a[1]] = a[2] return #a end) redis.register_function('take', function(_, a) return t[a[1]] end)",
      ),
    ),
    ['FCALL', 'put', 0, 'x', 'y'],
    ['FCALL', 'take', 0, 'x'],
    ['FCALL', 'take', 0, 'z'],
  ],
  'two libraries see nothing of each other': [
    loads(library("local secret = 1 redis.register_function('a', function() return secret end)", 'one')),
    loads(library("redis.register_function('b', function() return secret end)", 'two')),
    loads(
      library(
        "redis.register_function('c', function() return pcall(function() return rawget(_G, 'secret') end) end)",
        'three',
      ),
    ),
    ['FCALL', 'a', 0],
    ['FCALL', 'b', 0],
    ['FCALL', 'c', 0],
  ],
  'scripts and functions see nothing of each other': [
    loads(library("redis.register_function('f', function() return KEYS end)")),
    ['EVAL', 'return KEYS', 1, 'k'],
    ['FCALL', 'f', 1, 'k'],
    ['EVAL', 'return f', 0],
    ['EVAL', 'return redis.register_function', 0],
  ],
  'the session of a function': [
    loads(
      library(
        "redis.register_function('f', function() redis.call('select', 3) redis.setresp(3) return redis.call('set', 'k', 'three') end) redis.register_function('g', function() return {redis.call('get', 'k'), true} end)",
      ),
    ),
    ['FCALL', 'f', 0],
    ['FCALL', 'g', 0],
    ['SELECT', 3],
    ['FCALL', 'g', 0],
  ],
  'many functions': [
    loads(library("for i = 1, 50 do redis.register_function('f' .. i, function() return i * i end) end")),
    ['FCALL', 'f1', 0],
    ['FCALL', 'f25', 0],
    ['FCALL', 'f50', 0],
    ['FCALL', 'f51', 0],
  ],
  'a function that was replaced or deleted': [
    loads(
      library(
        "redis.register_function('f', function() return 1 end) redis.register_function('g', function() return 1 end)",
      ),
    ),
    ['FUNCTION', 'LOAD', 'REPLACE', library("redis.register_function('f', function() return 2 end)")],
    ['FCALL', 'f', 0],
    ['FCALL', 'g', 0],
    ['FUNCTION', 'DELETE', 'lib'],
    ['FCALL', 'f', 0],
  ],
  'counts of errors': [
    loads(
      library(
        "redis.register_function('f', function() return redis.pcall('nope') end) redis.register_function('g', function() error('x') end)",
      ),
    ),
    ['CONFIG', 'RESETSTAT'],
    ['FCALL', 'f', 0],
    ['FCALL', 'g', 0],
    ['FCALL', 'h', 0],
    ['FCALL', 'f', 'x'],
    ['INFO', 'errorstats'],
  ],
}

export const functionCalls = topicOf(
  'calling functions',
  requests,
  arities,
  values,
  failing,
  places,
  SHOWN,
  flags,
  Object.entries(conversations).map(([name, commands]) => functionCase(name, commands)),
)
