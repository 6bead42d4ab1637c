/** FUNCTION LOAD: headers, registrations, and what a library may do while it is loaded. */
import { HOSTILE, lines, topicOf, words } from '../../case.ts'
import { functionCase, library, loads, whileLoading } from './library.ts'

const BODY = "redis.register_function('f', function() return 'fine' end)"

const HEADERS = [
  ...[
    '#!lua name=lib',
    '#!LUA name=lib',
    '#!Lua name=lib',
    '#!lua  name=lib',
    '#!lua\tname=lib',
    '#!lua name=lib ',
    '#!lua name=lib\r',
  ],
  ...[
    '#!lua',
    '#!lua ',
    '#!',
    '#! lua name=lib',
    '',
    ' #!lua name=lib',
    '#lua name=lib',
    '--!lua name=lib',
    '#!js name=lib',
    '#!lua5 name=lib',
    '#!lua name=lib x',
  ],
  ...[
    '#!lua name=',
    '#!lua name',
    '#!lua nam=lib',
    '#!lua NAME=lib',
    '#!lua Name=lib',
    '#!lua name=lib name=lib',
    '#!lua name=a name=b',
    '#!lua flags=no-writes name=lib',
    '#!lua name=lib flags=no-writes',
    '#!lua name=lib,x',
  ],
  ...[
    '#!lua name=l-b',
    '#!lua name=l.b',
    '#!lua name=l b',
    '#!lua name=_',
    '#!lua name=1',
    '#!lua name=LIB_9',
    '#!lua name="lib"',
    "#!lua name='lib'",
    '#!lua "name=lib"',
    '#!lua name="a b"',
    '#!lua "name=lib',
    '#!lua name=l\0b',
  ],
  ...[
    '#!lua name=\xe4',
    '#!lua name=\xfe\xfd',
    '#!lua \xfe',
    '#!\xfe name=lib',
    `#!lua name=${'x'.repeat(300)}`,
    `#!${'x'.repeat(300)} name=lib`,
    '#!lua name=lib\0',
    '#!l\0ua name=lib',
    '#!lua name=@lib',
    '#!lua name=%s%n',
  ],
]

const headers = HEADERS.map((header) =>
  functionCase(JSON.stringify(header), [
    loads(`${header}\n${BODY}`),
    ['FCALL', 'f', 0],
    loads(header),
    ['FUNCTION', 'LIST'],
  ]),
)

const BODIES = lines`
  return 1
  x = 1
  local x = 1
  local x = y
  error('text')
  error({err = 'MY text'})
  error({err = 'text'})
  error()
  error(1)
  error('text', 0)
  return error('text')
  redis.register_function('f')
  redis.register_function()
  redis.register_function('f', function() end, {})
  redis.register_function('f', function() end) redis.register_function('f', function() end)
  redis.register_function('f', function() end) redis.register_function('F', function() end)
  redis.register_function('f', function() end) redis.register_function('g', function() end)
  redis.register_function('f', function() end) error('after registering')
  redis.register_function('f', function() end) x = 1
  redis.register_function('', function() end)
  redis.register_function('a b', function() end)
  redis.register_function('a-b', function() end)
  redis.register_function('a.b', function() end)
  redis.register_function('_', function() end)
  redis.register_function('9', function() end)
  redis.register_function(9, function() end)
  redis.register_function('f\0g', function() end)
  redis.register_function('\228', function() end)
  redis.register_function(('x'):rep(300), function() end)
  redis.register_function('f', string.rep)
  redis.register_function('f', redis.register_function)
  redis.register_function('f', redis.log)
  redis.register_function{function_name = 'f', callback = function() end}
  redis.register_function{function_name = 'f', callback = function() end, flags = {}}
  redis.register_function{function_name = 'f', callback = function() end, flags = {'no-writes'}}
  redis.register_function{function_name = 'f', callback = function() end, flags = {'NO-WRITES'}}
  redis.register_function{function_name = 'f', callback = function() end, flags = {'no-writes', 'allow-oom', 'allow-stale', 'no-cluster', 'allow-cross-slot-keys'}}
  redis.register_function{function_name = 'f', callback = function() end, flags = {'nope'}}
  redis.register_function{function_name = 'f', callback = function() end, flags = {''}}
  redis.register_function{function_name = 'f', callback = function() end, flags = {1}}
  redis.register_function{function_name = 'f', callback = function() end, flags = {{}}}
  redis.register_function{function_name = 'f', callback = function() end, flags = {x = 'no-writes'}}
  redis.register_function{function_name = 'f', callback = function() end, flags = 'no-writes'}
  redis.register_function{function_name = 'f', callback = function() end, flags = {[2] = 'no-writes'}}
  redis.register_function{function_name = 'f', callback = function() end, description = 'what it does'}
  redis.register_function{function_name = 'f', callback = function() end, description = 5}
  redis.register_function{function_name = 'f', callback = function() end, description = ''}
  redis.register_function{function_name = 'f', callback = function() end, description = {}}
  redis.register_function{FUNCTION_NAME = 'f', Callback = function() end}
  redis.register_function{function_name = 'f'}
  redis.register_function{callback = function() end}
  redis.register_function{}
  redis.register_function{function_name = 'f', callback = function() end, extra = 1}
  redis.register_function{'f', function() end}
  redis.register_function{[1] = 'f', callback = function() end}
  redis.register_function{[{}] = 1}
  redis.register_function('f', function() end) redis.register_function{function_name = 'f', callback = function() end}
  local ok, e = pcall(redis.register_function, 'f') error(type(e) == 'table' and e.err or e)
  pcall(redis.register_function, 'f') redis.register_function('g', function() end)
  pcall(function() redis.register_function('f', function() end) end)
  for i = 1, 3 do redis.register_function('f' .. i, function() return i end) end
  return (
  function f()
  local f = function() return redis.register_function end
  server.register_function('f', function() end)
  server.register_function('f')
  redis.call('ping')
  redis.pcall('ping')
  redis.nosuch()
  redis.log(redis.LOG_DEBUG, 'loading')
  redis.log()
  redis.log(9, 'x')
  redis.setresp(3)
  redis.sha1hex('x')
  redis.error_reply('x')
  redis.register_function = nil
  redis.x = 1
  redis = nil
  string.x = 1
  local r = redis redis.register_function('f', function() return r.call('ping') end)
  local log = redis.log redis.register_function('f', function() return log(1, 'x') end)
  local reg = redis.register_function redis.register_function('f', function() reg('g', function() end) end)
  redis.register_function('f', function() redis.register_function('g', function() end) end)
`

const registrations = BODIES.map((body) =>
  functionCase(
    body,
    [loads(library(body)), ['FCALL', 'f', 0], ['FCALL', 'F', 0], ['FCALL', 'g', 0], ['FUNCTION', 'STATS']],
    { malformed: true },
  ),
)

const hostileRegistrations = HOSTILE.flatMap((value) =>
  [
    `redis.register_function(${value}, function() end)`,
    `redis.register_function('f', ${value})`,
    `redis.register_function(${value})`,
  ].map((body) => functionCase(`hostile: ${body}`, [loads(library(body)), ['FCALL', 'f', 0]])),
)

const SEEN = words`
  redis  server  redis == server  KEYS  ARGV  keys  _G  cjson  redis.call  redis.pcall  redis.log  redis.setresp
  redis.REDIS_VERSION  redis.VALKEY_VERSION  redis.SERVER_NAME  redis.LOG_WARNING  redis.REPL_ALL  redis.sha1hex
  redis.register_function  redis.acl_check_cmd  redis.error_reply  redis.breakpoint  redis.debug  math  string
  table  os  bit  struct  cmsgpack  coroutine  print  loadstring  dofile  debug  require  pcall  type  error  next
  rawget  getmetatable  nosuch  __redis__err__handler  __server__err__handler  _VERSION  1 + 1  'a' .. 1  #'abc'
  ('x').rep  ('x'):rep(3)  ...  redis[1]  redis['log']  redis.nosuch  -{}  {} .. ''  (function() return 1 end)()
`

const seen = [
  ...SEEN.map((expression) => `return ${expression}`),
  ...lines`
    x = 1
    rawset(_G, 'x', 1)
    _G.x = 1
    redis.x = 1
    rawset(redis, 'x', 1)
    setmetatable(_G, {})
    setmetatable(redis, {})
    getmetatable(_G).__index = nil
    getmetatable(redis).__index = nil
    string.rep = nil
    table.insert(_G, 1)
    local t = {} for k in pairs(redis) do t[#t + 1] = k end table.sort(t) return table.concat(t, ' ')
    local t = {} for k in pairs(_G) do t[#t + 1] = tostring(k) end return #t
    return pcall(error, 'x')
    return pcall(redis.log, 5, 'x')
    return pcall(function() return redis.call end)
    return pcall(function() return nosuch end)
    return pcall(loadstring, 'x = 1')
    return pcall(loadstring('x = 1'))
    return pcall(loadstring('return redis.call'))
    return coroutine.wrap(function() return 'in a coroutine' end)()
    return pcall(redis.register_function, 'f')
    return pcall(redis.register_function, 'f', 1)
    return cjson.encode({1, 2})
    return redis.REDIS_VERSION_NUM, redis.LOG_DEBUG, redis.LOG_VERBOSE, redis.LOG_NOTICE
  `,
].map(whileLoading)

export const loading = topicOf('loading libraries', headers, registrations, hostileRegistrations, seen)
