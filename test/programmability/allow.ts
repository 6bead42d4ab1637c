/**
 * Where Perilune differs from Valkey 8.1.1 on purpose, or does not yet have what Valkey has. A case that is listed here and
 * does not differ fails the test, as does one that does not exist.
 */
export interface AllowedDifference {
  readonly topic: string
  readonly names: readonly string[]
  readonly reason: string
}

const LINE_ENDS =
  'Valkey 8.1.1 sends line ends of raised errors as they are, which forges replies; here they are spaces'
const HARDENED = 'closed as in later, hardened releases of Valkey'

export const ALLOWED: readonly AllowedDifference[] = [
  {
    topic: 'base library',
    names: ['return pcall(string.dump, function() return 1 end)'],
    reason: 'bytecode says how wide addresses are: 32 bits in WebAssembly; neither server loads it',
  },
  {
    topic: 'base library',
    names: ['getmetatable("").__index = nil return 1'],
    reason: `the metatable of strings is ${HARDENED}`,
  },
  {
    topic: 'sandbox',
    names: [
      'getmetatable("").x = 1',
      'getmetatable("").__add = function() return "added" end return "a" + "b"',
      'getmetatable("").x = 1 return ("a").x',
      'getmetatable("").__index = function() return "all" end return ("a").nosuch',
    ],
    reason: `the metatable of strings is ${HARDENED}`,
  },
  {
    topic: 'sandbox',
    names: [
      ...['newproxy', 'getfenv', 'setfenv'].flatMap((name) => [
        `pcall(function() return type(${name}) end)`,
        `type(rawget(_G, '${name}'))`,
        `return ${name} and 1`,
      ]),
      'local t = {} for k in pairs(_G) do t[#t + 1] = tostring(k) end table.sort(t) return table.concat(t, " ")',
      'local u = newproxy(true) getmetatable(u).__index = function() return 1 end return u.x',
      'return getfenv(1) == _G, getfenv(0) == _G',
      'local function f() return y end setfenv(f, {y = 5}) return f()',
      'setfenv(1, {}) return 1',
    ],
    reason: `newproxy, getfenv and setfenv are ${HARDENED}`,
  },
  {
    topic: 'math and os libraries',
    names: ['math.sin(2.5)', 'math.atan2(1, 10)'],
    reason: 'the last of 17 digits is the choice of the C library: musl here, glibc there',
  },
  {
    topic: 'cjson library',
    names: ['cjson.encode_max_depth(1e9) local t = {} t.t = t return pcall(cjson.encode, t)'],
    reason: "nesting ends at 1000 whatever a script sets, before the stack of WebAssembly's host does",
  },
  {
    topic: 'cmsgpack library',
    names: [
      'return cmsgpack._NAME, cmsgpack._VERSION, cmsgpack._COPYRIGHT, cmsgpack._DESCRIPTION, cmsgpack.safe, cmsgpack.use_double',
    ],
    reason: 'the copyright notice is that of the source the interpreter is built from',
  },
  {
    topic: 'errors',
    names: [
      'return __redis__err__handler("x")',
      'return __redis__err__handler({err = "MY x"})',
      'return __server__err__handler(nil)',
    ],
    reason: "the handler is no Lua function here, so a tail call does not take its caller's place away",
  },
  {
    topic: 'errors',
    names: [
      "error('a\\r\\nb')",
      "error({err = 'MY a\\r\\nb'})",
      "error({err = 'MY x\\r\\n'})",
      "error(redis.error_reply('MY\\r\\nx'))",
    ],
    reason: LINE_ENDS,
  },
  {
    topic: 'errors',
    names: ['error of: bitop not d a b'],
    reason: 'these commands are not there yet',
  },
  {
    topic: 'shebangs and flags',
    names: ["redis.pcall('pfcount', 'k')", "redis.pcall('bitfield', 'k', 'get', 'u8', 0)"],
    reason: 'these commands are not there yet',
  },
  {
    topic: 'statistics and logs',
    names: ['MONITOR: bytes', 'MONITOR: quotes'],
    reason:
      'Valkey 8.1.1 leaves quotes and backslashes as they are, so that its lines can be read in two ways',
  },
  {
    topic: 'statistics and logs',
    names: ['counts of: local e = redis.pcall("lpush", "s", 1) return {e, e}'],
    reason: 'a call that answers an error twice failed once',
  },
  {
    topic: 'statistics and logs',
    names: ['slow log: long and many arguments'],
    reason: 'the slow log names the script whose text it cuts',
  },
  {
    topic: 'loading libraries',
    names: ["redis.register_function('f', function() end) redis.register_function('F', function() end)"],
    reason: 'Valkey 8.1.1 takes two names that differ in case, and dies when the library is deleted',
  },
  {
    topic: 'echoed bytes',
    names: [
      'function list %',
      'eval error(ARGV[1]) 0 %',
      'eval error({err = ARGV[1]}) 0 %',
      'eval return _G[ARGV[1]] 0 %',
      'eval return loadstring("error(1)", ARGV[1])() 0 %',
      'eval return collectgarbage(ARGV[1]) 0 %',
    ].map((request) => `${request}: line ends`),
    reason: LINE_ENDS,
  },
]
