/** The table `redis` (and `server`): every function with normal and hostile arguments, every constant. */
import {
  around,
  type Case,
  calls,
  each,
  expressions,
  inBothProtocols,
  lines,
  programs,
  scripts,
  topicOf,
  words,
} from '../case.ts'

const ERROR_TEXTS = lines`
  'MY text'
  '-MY text'
  'text'
  '-text'
  ''
  '-'
  ' '
  '- '
  '--x y'
  'MY  two'
  ' MY x'
  'MY '
  'MY te\0xt'
  'M\0Y text'
  '\0'
  'MY t\228\255'
  '\228\255 x'
  'ERR -x'
  '-ERR'
  'ERR'
  ('x'):rep(300)
  ('x '):rep(300)
  'a\tb c'
  'MY\ttext'
`

/** Line ends would end the reply; an error that is raised with one is among the intended differences. */
const BROKEN_TEXTS = [
  "'MY text\\r\\n'",
  "'MY a\\r\\nb'",
  "'\\r\\nMY x'",
  "'MY \\r\\n'",
  "'MY\\r\\ntext more'",
]

const replies: Case[] = [
  ...calls('redis.error_reply', [...around(["'MY text'"]), ...each([...ERROR_TEXTS, ...BROKEN_TEXTS])]),
  ...calls('redis.status_reply', [...around(["'FINE'"]), ...each([...ERROR_TEXTS, ...BROKEN_TEXTS])]),
  ...[...ERROR_TEXTS, ...BROKEN_TEXTS].flatMap((text) => [
    ...inBothProtocols(scripts([`return redis.error_reply(${text})`, `return redis.status_reply(${text})`])),
    ...scripts([
      `return {err = ${text}}`,
      `return {ok = ${text}}`,
      `return {{err = ${text}}, {ok = ${text}}}`,
    ]),
  ]),
  ...ERROR_TEXTS.flatMap((text) =>
    scripts([`error({err = ${text}})`, `error(redis.error_reply(${text}))`, `error(${text})`]),
  ),
]

const digests: Case[] = [
  ...calls('redis.sha1hex', [
    ...around(["'text'"]),
    ["('a'):rep(55)"],
    ["('a'):rep(56)"],
    ["('a'):rep(64)"],
    ["('a'):rep(1e6)"],
    ["'\\0'"],
    ['1.5'],
    ['1e20'],
  ]),
]

const settings: Case[] = [
  ...calls('redis.setresp', [
    ...around(['3']),
    ['2'],
    ['3.9'],
    ["'3'"],
    ["' 3 '"],
    ['1'],
    ['4'],
    ['2^32 + 3'],
    ['-2^32 + 2'],
  ]),
  ...calls('redis.set_repl', [
    ...around(['redis.REPL_ALL']),
    ['0'],
    ['1'],
    ['2'],
    ['3'],
    ['4'],
    ['-1'],
    ["'3'"],
    ['2.9'],
    ['2^32 + 1'],
  ]),
  ...calls('redis.replicate_commands', [[], ['1'], ['nil', 'nil']]),
  ...calls('redis.breakpoint', [[], ['1']]),
  ...calls('redis.debug', [[], ['1'], ["'a'", '{}']]),
  ...calls('redis.log', [
    ...around(['redis.LOG_WARNING', "'text'"]),
    ['0', "'a'", "'b'", '1'],
    ['4', "'x'"],
    ['-1', "'x'"],
    ['2.9', "'x'"],
    ["'2'", "'x'"],
    ['3', '{}', "'x'"],
    ['3', 'nil'],
  ]),
]

const COMMANDS = words`
  'get'  'GET'  'GeT'  'set'  'nope'  ''  'config'  'acl'  'get\0'  ' get'  'eval'  'multi'  1  1.5
`

const access: Case[] = [
  ...calls('redis.acl_check_cmd', [
    ...around(["'get'", "'key'"]),
    ...each(COMMANDS),
    ["'config'", "'get'"],
    ["'config'", "'nope'"],
    ["'config|get'"],
    ["'set'", "'k'", "'v'"],
    ["'get'", '1', '2', '3'],
  ]),
]

const ARGUMENT_LISTS = [
  [],
  ...each(lines`
  'ping'
  'PING'
  'pInG'
  'ping', 'text'
  'nope'
  ''
  'get'
  'get', 'a', 'b'
  'ping\0'
  ' ping'
  1
  1.5
  nil
  {}
  true
  'set', 'k', 1
  'set', 'k', 1.5
  'set', 'k', 2^53
  'set', 'k', 1e100
  'set', 'k', -0
  'set', 'k', 1/0
  'set', 'k', true
  'set', 'k', nil
  'set', 'k', {}
  'set', 'k', function() end
  'echo', '\0\255\r\n'
  'echo', ('x'):rep(500)
  'config'
  'config', 'nope'
  'config', 'get', 'maxmemory'
  'config|get', 'x'
  'object', 'nope', 'k'
  'client', 'id'
  'client', 'nope'
  'multi'
  'exec'
  'watch', 'k'
  'subscribe', 'c'
  'eval', 'return 1', 0
  'script', 'load', 'return 1'
  'debug', 'sleep', 0
  'shutdown'
  'wait', 0, 0
  'monitor'
  'auth', 'x'
  'hello', 3
  'select', 1
  'select', 99
  'function', 'list'
  'acl', 'whoami'
  'info', 'nope'
`),
]

const commandsCalled: Case[] = [
  ...calls('redis.call', ARGUMENT_LISTS),
  ...calls('redis.pcall', ARGUMENT_LISTS),
  ...programs(lines`
  return redis.call("echo", unpack({}))
  local t = {} for i = 1, 7000 do t[i] = "x" end return redis.call("del", unpack(t))
  local t = {} for i = 1, 7990 do t[i] = "x" end return pcall(redis.call, "rpush", "l", unpack(t))
  return redis.call("set", "k", ("x"):rep(100000)), redis.call("strlen", "k")
  local c = redis.call c("set", "a", 1) return c("get", "a")
  local get = "GE" .. "T" redis.call("set", "a", 1) return redis.call(get, "a"), redis.call("get", "a")
  for i = 1, 300 do redis.pcall("nope" .. i) end return redis.call("echo", "alive")
  return redis.call(setmetatable({}, {__tostring = function() return "ping" end}))
  return redis.call("set", "k", setmetatable({}, {__tostring = function() return "v" end}))
  local ok, e = pcall(redis.call) return ok, e
  local ok, e = pcall(redis.call, "nope") return ok, e, type(e)
  local e = redis.pcall("nope") return type(e), e.err, e.ok, e.ignore_error_stats_update, next(e)
  local e = redis.pcall() return type(e), e.err, e.ignore_error_stats_update
  local e = redis.pcall("get", {}) return e
  local e = redis.pcall("incr", "a", "b") return e
  redis.call("set", "s", "x") local e = redis.pcall("incr", "s") return e
  redis.call("set", "s", "x") return redis.pcall("lpush", "s", 1)
`),
]

const constants = expressions([
  ...words`
  LOG_DEBUG  LOG_VERBOSE  LOG_NOTICE  LOG_WARNING  REPL_NONE  REPL_AOF  REPL_SLAVE  REPL_REPLICA  REPL_ALL
`.map((name) => `redis.${name}`),
  ...words`
  REDIS_VERSION  REDIS_VERSION_NUM  VALKEY_VERSION  VALKEY_VERSION_NUM  SERVER_NAME  SERVER_VERSION
  SERVER_VERSION_NUM  register_function  nope
`.map((name) => `server.${name}`),
  'redis == server',
  'redis.call == server.call',
  'type(redis)',
  'getmetatable(redis)',
  'redis[1]',
  'rawget(redis, "x")',
])

export const api = topicOf('server API', replies, digests, settings, access, commandsCalled, constants)
