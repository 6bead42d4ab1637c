/**
 * Libraries and requests that the tests of functions send to servers.
 */

/** Libraries named `lib` with one function `f`, in every way to write one. */
export const LIBRARIES: readonly string[] = [
  "#!lua name=lib\nredis.register_function('f', function(keys, args) return {keys, args} end)",
  "#!lua name=lib\nserver.register_function('f', function(keys, args) return #keys end)",
  '#!lua name="lib"\nredis.register_function("f", function() end)',
  "#!Lua   NAME='lib'  \nredis.register_function('f', function() return redis.call('set', 'k', 'v') end)",
  "#!lua name=lib\r\nredis.register_function('f', function() return 1 end)",
  "#!lua name=lib\nredis.register_function{function_name='f', callback=function() return 1 end}",
  "#!lua name=lib\nredis.register_function{FUNCTION_NAME='f', Callback=function() return 1 end, DESCRIPTION='d'}",
  "#!lua name=lib\nredis.register_function{function_name='f', callback=function() return 1 end, description=12}",
  "#!lua name=lib\nredis.register_function{function_name='f', callback=function() return 1 end, description=''}",
  "#!lua name=lib\nredis.register_function{function_name='f', callback=function() return 1 end, flags={}}",
  "#!lua name=lib\nredis.register_function{function_name='f', callback=function() return 1 end, flags={'no-writes'}}",
  "#!lua name=lib\nredis.register_function{function_name='f', callback=function() return redis.call('set', 'k', 'v') end, flags={'no-writes'}}",
  "#!lua name=lib\nredis.register_function{function_name='f', callback=function() return redis.pcall('set', 'k', 'v') end, flags={'no-writes'}}",
  "#!lua name=lib\nredis.register_function{function_name='f', callback=function() return 1 end, flags={'allow-stale', 'NO-Writes', 'allow-oom', 'no-cluster', 'allow-cross-slot-keys', 'allow-oom', nil, 'unseen'}}",
  // Comments, and what stands behind a zero byte.
  "#!lua name=lib\n-- a comment\nredis.register_function('f', function() return 'x' end) -- another",
  "#!lua name=lib\nredis.register_function('f', function() return 'x' end)\0 this is not Lua",
  // Locals and upvalues of the library.
  "#!lua name=lib\nlocal n = 0\nlocal function up() n = n + 1 return n end\nredis.register_function('f', function() return {up(), up()} end)",
  // What is seen while loading may be kept, and refuses to work later.
  "#!lua name=lib\nlocal register = redis.register_function\nregister('f', function() return register('g', function() end) end)",
  "#!lua name=lib\nlocal register = redis.register_function\nregister('f', function() return {pcall(register, 'g', function() end)} end)",
  "#!lua name=lib\nlocal api = redis\napi.register_function('f', function() return {api.REDIS_VERSION, api.LOG_NOTICE, api == redis} end)",
  "#!lua name=lib\nlocal api = redis\napi.register_function('f', function() return api.call('ping') end)",
  "#!lua name=lib\nredis.log(redis.LOG_WARNING, 'loading') redis.register_function('f', function() return redis.log(redis.LOG_DEBUG, 'x') end)",
  "#!lua name=lib\nlocal s = ('x'):rep(3)\nredis.register_function('f', function() return s end)",
  "#!lua name=lib\nredis.register_function('f', function() return {redis.REDIS_VERSION_NUM, redis.SERVER_NAME, redis.VALKEY_VERSION_NUM} end)",
]

const NAME = 'name=lib\n'
const REGISTER = "redis.register_function('f', function() return 1 end)"

/** Texts that do not make a library. */
export const HOSTILE_LIBRARIES: readonly string[] = [
  // The first line.
  ...[
    '',
    'lua',
    '#',
    '#!',
    '#!lua',
    '#!lua name=lib',
    '#!\n',
    '#!lua\n',
    '#!lua\0name=lib\n',
    '#! name=lib\n',
  ],
  ...['#!lua name\n', '#!lua name=\n', '#!lua name=a name=b\n', '#!lua flags=no-writes name=lib\n'],
  ...['#!lua name=lib engine=lua\n', '#!lua name=a-b\n', '#!lua name="a b"\n', '#!lua name=\xe9\n'],
  ...[
    '#!lua name="lib\n',
    "#!lua 'name=lib\n",
    '#!python name=lib\n',
    '#!LUAX name=lib\n',
    '#!"lua" name=lib\n',
  ],
  ...[' #!lua name=lib\n', '\n#!lua name=lib\n', '#!lua\tname=lib\tx\n', '#!lua name=lib\x01\n'],
  // Nothing registered, no Lua.
  `#!lua ${NAME}`,
  `#!lua ${NAME}return 1`,
  `#!lua ${NAME}return ${REGISTER}`,
  `#!lua ${NAME}this is no Lua`,
  `#!lua ${NAME}\nlocal x = = 1`,
  `#!lua ${NAME}local s = 'never ended`,
  `#!lua ${NAME}local s = [==[ never ended`,
  `#!lua ${NAME}${'('.repeat(300)}`,
  // What is not there while loading.
  ...[
    ...[
      'pairs',
      'string',
      'math',
      'cjson',
      'pcall',
      'error',
      'tostring',
      '_G',
      'KEYS',
      'ARGV',
      'setmetatable',
    ],
    ...['redis.call', 'redis.pcall', 'redis.setresp', 'redis.sha1hex', 'redis.error_reply', 'redis.nothing'],
    ...[
      'redis.REPL_ALL',
      'redis.set_repl',
      'redis.acl_check_cmd',
      'redis.breakpoint',
      'server.debug',
      'redis[1]',
    ],
    ...['redis[{}]', 'redis[true]'],
  ].map((name) => `#!lua ${NAME}local x = ${name} ${REGISTER}`),
  // What cannot be changed.
  ...[
    'x = 1',
    'redis = nil',
    'redis.call = 1',
    'server.register_function = nil',
    'function f() end',
    "(''):gsub('', function() x = 1 end)",
  ].map((code) => `#!lua ${NAME}${code}\n${REGISTER}`),
  // Errors of its own.
  `#!lua ${NAME}local t = nil; t.x = 1`,
  `#!lua ${NAME}('x'):nothing()`,
  `#!lua ${NAME}('x'):rep()`,
  `#!lua ${NAME}local function f() return f() + 1 end f()`,
  `#!lua ${NAME}redis.log() ${REGISTER}`,
  `#!lua ${NAME}redis.log('x', 'y') ${REGISTER}`,
  `#!lua ${NAME}redis.log(10, 'y') ${REGISTER}`,
  // Registered wrongly.
  ...[
    ...['', '1', "'f'", 'nil', 'function() end', '{}', "{function_name='f'}", '{callback=function() end}'],
    ...["'f', 1", "'f', nil", 'nil, function() end', '{}, function() end', "'f', function() end, {}"],
    ...['{function_name={}, callback=function() end}', '{function_name=function() end}', '{callback=1}'],
    ...["{function_name='f', callback=function() end, x=1}", '{description={}}', "{flags='no-writes'}"],
    ...[
      "{flags={'nope'}}",
      '{flags={1}}',
      '{flags={{}}}',
      '{flags={true}}',
      '{[1]=1}',
      '{[true]=1}',
      '{[{}]=1}',
    ],
    ...["'', function() end", "'f-g', function() end", "'f g', function() end", "'\\0', function() end"],
    ...[
      "'f\\0', function() end",
      "'\\195\\169', function() end",
      "{function_name='a.b', callback=function() end}",
    ],
    ...['1.5, function() end', '{function_name=1.5, callback=function() end}', '-1, function() end'],
  ].map((args) => `#!lua ${NAME}redis.register_function(${args})`),
  `#!lua ${NAME}${REGISTER} ${REGISTER}`,
  `#!lua ${NAME}${REGISTER} redis.register_function('g', 1)`,
  // A function that another library has.
  "#!lua name=other\nredis.register_function('KEPT', function() return 'other' end)",
]

/** Requests, some of them wrong. */
export const SUBCOMMANDS: readonly string[] = [
  ...[
    'function',
    'function help',
    'function help x',
    'function nothing',
    'function list x',
    'function list libraryname',
  ],
  ...[
    'function list',
    'function list withcode',
    'function list withcode withcode',
    'function list libraryname a b',
  ],
  ...['function list libraryname a libraryname b', 'function list libraryname * withcode'],
  ...[
    'function stats',
    'function stats x',
    'function kill',
    'function kill x',
    'function dump',
    'function dump x',
  ],
  ...['function delete', 'function delete x', 'function delete x y', 'function load', 'function load x y'],
  ...[
    'function load replace',
    'function load replace replace',
    'function load replace x y',
    'function flush',
  ],
  ...['function flush sync', 'function flush ASYNC', 'function flush x', 'function flush sync sync'],
  ...['function restore', 'function restore x', 'function restore x append', 'function restore x y'],
  ...[
    'function restore x flush y',
    'function restore 0123456789',
    'fcall',
    'fcall f',
    'fcall f x',
    'fcall f 0',
  ],
  ...['fcall_ro f 0', 'fcall f 1', 'fcall f -1', 'fcall f 9999999999999999999', 'fcall_ro f x'],
]

/** Bodies of functions of (keys, args). */
export const CALLS: readonly string[] = [
  ...['', 'return', 'return nil', 'return 1', 'return 1.9', "return 'x'", 'return true', 'return false'],
  ...['return {}', 'return {1, {2, {3}}, nil, 4}', 'return keys', 'return args', 'return {keys, args}'],
  ...[
    "return {ok='fine'}",
    "return {err='MINE own'}",
    'return {err=1}',
    'return {double=1.5}',
    'return {map={a=1}}',
  ],
  ...[
    'return {set={a=true}}',
    "return {big_number='123'}",
    "return {verbatim_string={format='txt', string='x'}}",
  ],
  ...[
    'return function() end',
    'return redis',
    'return KEYS',
    'return ARGV',
    'return x',
    'x = 1',
    'local y = x',
  ],
  ...['redis.x = 1', 'redis.call = nil', 'string.x = 1', '_G.x = 1', "rawset(_G, 'x', 1)", 'return type(_G)'],
  ...[
    'return redis.register_function',
    "redis.register_function('g', function() end)",
    'return redis.breakpoint',
  ],
  ...[
    'return redis.debug',
    'return redis.replicate_commands',
    'return __redis__err__handler',
    'return debug',
  ],
  ...[
    "return redis.call('set', keys[1], args[1])",
    "return redis.call('get', keys[1])",
    'return redis.call()',
  ],
  ...[
    "return redis.pcall('nothing')",
    "return redis.call('nothing')",
    "return redis.call('get')",
    'return redis.call({})',
  ],
  ...[
    "redis.call('set', 'k', 'v') return redis.call('lpush', 'k', 1)",
    "return redis.pcall('lpush', 'k', 1)",
  ],
  ...["error('mine')", "error({err='MINE own'})", 'error(1)', 'error()', 'error(true)', "error('x', 0)"],
  ...[
    "local ok, e = pcall(error, 'x') return e",
    "local ok, e = pcall(error, {err='X y'}) return e",
    'return {pcall(x)}',
  ],
  ...["return redis.error_reply('x')", "return redis.error_reply('-X y')", "return redis.status_reply('x')"],
  ...[
    "redis.setresp(3) return redis.call('hgetall', 'h')",
    "redis.setresp(3) return redis.call('get', 'none')",
  ],
  ...[
    "return redis.call('fcall', 'f', 0)",
    "return redis.call('function', 'list')",
    "return redis.call('eval', '', 0)",
  ],
  ...[
    "return redis.sha1hex('')",
    "return redis.acl_check_cmd('get', 'x')",
    'return redis.set_repl(redis.REPL_ALL)',
  ],
  ...[
    "redis.log(redis.LOG_DEBUG, 'x') return 1",
    'return #tostring(_G) > 0',
    "return {tostring(nil), tonumber('0x10')}",
  ],
  ...[
    "return string.format('%5.2f', 1.5)",
    'return cjson.encode({1})',
    'return cmsgpack.unpack(cmsgpack.pack(5))',
  ],
  ...[
    'return bit.band(7, 3)',
    "return struct.pack('I', 1)",
    "return table.concat({1, 2}, ',')",
    'return math.floor(2.5)',
  ],
  ...['return select("#", unpack(keys))', 'keys[3] = "x" return keys', 'setmetatable(keys, {}) return 1'],
  ...["return getmetatable('').__index == string", 'return coroutine.wrap(function() return 1 end)()'],
  ...[
    "return coroutine.wrap(function() error('x') end)()",
    "return loadstring('return 1')()",
    "return loadstring('x = 1')()",
  ],
]
