/** What the server counts and shows of scripts and their errors: errorstats, commandstats, the slow log, MONITOR. */
import type { Argument } from '../../support/resp-client.ts'
import { type Case, lines, sha1, topicOf } from '../case.ts'

const SCRIPTS = lines`
  return 1
  return redis.call("set", "k", "v")
  return redis.call("get", "k")
  return redis.call("nope")
  return redis.pcall("nope")
  redis.pcall("nope") return 1
  return redis.call("get")
  return redis.pcall("get")
  return pcall(redis.call, "get")
  return redis.call("lpush", "s", 1)
  return redis.pcall("lpush", "s", 1)
  redis.pcall("lpush", "s", 1) return "caught"
  local e = redis.pcall("lpush", "s", 1) return e.err
  local e = redis.pcall("lpush", "s", 1) return {e, e}
  local e = redis.pcall("lpush", "s", 1) error(e)
  local e = redis.pcall("lpush", "s", 1) return redis.error_reply(e.err)
  local ok, e = pcall(redis.call, "lpush", "s", 1) return e
  local ok, e = pcall(redis.call, "lpush", "s", 1) error(e)
  return {pcall(redis.call, "lpush", "s", 1)}
  redis.pcall("lpush", "s", 1) redis.pcall("incr", "s") return redis.call("incr", "s")
  error("text")
  error({err = "MY x"})
  error({err = "noprefix"})
  error({err = "MY x", ignore_error_stats_update = true})
  return {err = "MY x"}
  return {err = "MY x", ignore_error_stats_update = true}
  return {err = "x"}
  return {err = ""}
  return {err = "-MY x"}
  return {err = "AVERYLONGERRORCODEOFMORETHANTHIRTYTWOCHARACTERS x"}
  return {err = "THIRTYONECHARACTERSINTHISCODE12 x"}
  return {err = "MY:CODE= x"}
  return {err = "M\255Y x"}
  return {{err = "MY x"}}
  return {1, {err = "MY x"}, {{err = "MY y"}}, {map = {a = {err = "OTHER z"}}}}
  return redis.error_reply("MY x")
  return redis.error_reply("x")
  return redis.error_reply()
  redis.error_reply("MY x") return 1
  return redis.status_reply("MY x")
  return nosuch
  nosuch = 1
  local x = nil; return x.y
  redis.call("set", "k", "v") error("after a write")
  return redis.pcall()
  return redis.call()
  return redis.call({})
  return redis.pcall("set", {})
  return redis.call("multi")
  return redis.pcall("multi")
  return redis.pcall("eval", "return 1", 0)
  return redis.pcall("config", "nope")
  return redis.pcall("config")
  return redis.pcall("config", "set", "nope", 1)
  return redis.pcall("object", "encoding", "k")
  for i = 1, 3 do redis.call("incr", "n") end return redis.call("get", "n")
  for i = 1, 5 do redis.pcall("lpush", "s", 1) end
  return redis.pcall("select", 99)
  redis.setresp(3) return redis.pcall("lpush", "s", 1)
  return coroutine.wrap(function() return redis.pcall("lpush", "s", 1) end)()
  return coroutine.wrap(function() return redis.call("lpush", "s", 1) end)()
  return {coroutine.resume(coroutine.create(function() return redis.call("lpush", "s", 1) end))}
  return redis.call("echo", "x")
  return redis.acl_check_cmd("nope")
  return redis.setresp(7)
  return redis.log()
  return (
`

const PREPARED: Argument[] = ['SET', 's', 'x']

/** Counts without times, by name: Valkey's order is that of a table that is seeded at its start. */
function withoutTimes(transcript: string): string {
  return transcript
    .replace(/\$\d+\r\n# /g, '# ')
    .replace(/usec=\d+,usec_per_call=[\d.]+/g, 'usec=...')
    .replace(/cmdstat_(config\|resetstat|info):[^\r]*\r\n/g, '')
    .replace(/(?:cmdstat_[^\r]*\r\n)+/g, (stats) => stats.split('\r\n').sort().join('\r\n'))
}

const counted: Case[] = SCRIPTS.map((text) => ({
  name: `counts of: ${text}`,
  malformed: true,
  normalise: withoutTimes,
  commands: [
    PREPARED,
    ['CONFIG', 'RESETSTAT'],
    ['EVAL', text, 0],
    ['INFO', 'errorstats'],
    ['INFO', 'commandstats'],
  ],
}))

const OTHER_COUNTS: Readonly<Record<string, readonly (readonly Argument[])[]>> = {
  EVALSHA: [['EVALSHA', 'x', 0]],
  'more error codes than are told apart': [
    ...Array.from({ length: 140 }, (_, i) => ['EVAL', 'return redis.error_reply(ARGV[1])', 0, `CODE${i} x`]),
    ['LPUSH', 's', 'x'],
    ['GET'],
    ['EVAL', 'return redis.error_reply(ARGV[1])', 0, 'CODE3 y'],
    ['EVAL', 'return redis.error_reply(ARGV[1])', 0, 'CODE139 y'],
  ],
  'EVALSHA of 40 digits': [['EVALSHA', '0'.repeat(40), 0]],
  'wrong numbers of keys': [
    ['EVAL', 'return 1', 2],
    ['EVAL', 'return 1', -1],
    ['EVAL', 'return 1', 'x'],
  ],
  arities: [['EVAL'], ['EVALSHA', 'x'], ['SCRIPT'], ['SCRIPT', 'LOAD']],
  EVAL_RO: [
    ['EVAL_RO', 'return redis.call("set", "k", 1)', 0],
    ['EVAL_RO', '#!lua\nreturn 1', 0],
  ],
  shebangs: [
    ['EVAL', '#!lua nope\nreturn 1', 0],
    ['EVAL', '#!js\nreturn 1', 0],
  ],
  SCRIPT: [
    ['SCRIPT', 'LOAD', 'return 1'],
    ['SCRIPT', 'LOAD', '('],
    ['SCRIPT', 'KILL'],
    ['SCRIPT', 'NOPE'],
    ['SCRIPT', 'FLUSH', 'x'],
    ['SCRIPT', 'EXISTS', 'x'],
  ],
  transaction: [
    ['MULTI'],
    ['EVAL', 'return redis.call("lpush", "s", 1)', 0],
    ['EVAL', 'return {err = "MY x"}', 0],
    ['EVAL', 'return redis.pcall("lpush", "s", 1)', 0],
    ['EXEC'],
  ],
  'many codes': [
    [
      'EVAL',
      'for i = 1, 150 do redis.pcall("nope") end for i = 1, 3 do redis.pcall("lpush", "s", 1) end return 1',
      0,
    ],
  ],
  'one script twice': [
    ['EVAL', 'return redis.pcall("lpush", "s", 1)', 0],
    ['EVAL', 'return redis.pcall("lpush", "s", 1)', 0],
    ['EVAL', 'return redis.call("lpush", "s", 1)', 0],
  ],
  'many error codes': Array.from({ length: 140 }, (_, i) => [
    'EVAL',
    'return {err = ARGV[1]}',
    0,
    `CODE${i} x`,
  ]),
  'plain errors': [['NOPE'], ['GET'], ['LPUSH', 's', 1], ['CONFIG', 'NOPE'], ['SET', 'k', 'v', 'nope']],
}

const otherCounts: Case[] = Object.entries(OTHER_COUNTS).map(([name, commands]) => ({
  name: `counts of: ${name}`,
  malformed: true,
  normalise: withoutTimes,
  commands: [
    PREPARED,
    ['CONFIG', 'RESETSTAT'],
    ...commands,
    ['INFO', 'errorstats'],
    ['INFO', 'commandstats'],
  ],
}))

/** Entries without their ids, times and the client's port. */
function entries(transcript: string): string {
  return transcript
    .replace(/\*6\r\n:\d+\r\n:\d+\r\n:\d+\r\n/g, '*6 entry\r\n')
    .replace(/\$\d+\r\n127\.0\.0\.1:\d+/g, 'address')
}

const SLOW: readonly (readonly [name: string, commands: readonly (readonly Argument[])[]])[] = [
  [
    'a script and its commands',
    [['EVAL', "redis.call('set', KEYS[1], ARGV[1]) return redis.call('get', KEYS[1])", 1, 'k', 'v']],
  ],
  ['a script that calls nothing', [['EVAL', 'return 1', 0]]],
  ['errors', [['EVAL', "redis.pcall('nope') redis.pcall('get') redis.pcall('lpush', 's', 1) error('x')", 0]]],
  [
    'a named client',
    [
      ['CLIENT', 'SETNAME', 'me'],
      ['EVAL', "return redis.call('ping')", 0],
    ],
  ],
  ['a loop', [['EVAL', "for i = 1, 40 do redis.call('incr', 'n') end", 0]]],
  [
    'long and many arguments',
    [
      ['EVAL', "return redis.call('del', unpack(ARGV))", 0, ...Array.from({ length: 40 }, (_, i) => `a${i}`)],
      ['EVAL', `return redis.call('set', 'k', ('x'):rep(300)) -- ${'long '.repeat(40)}`, 0],
    ],
  ],
  ['bytes', [['EVAL', "return redis.call('set', 'k\\0\\255', '\\r\\n')", 0]]],
  [
    'EVALSHA',
    [
      ['SCRIPT', 'LOAD', "return redis.call('get', 'k')"],
      ['EVALSHA', sha1("return redis.call('get', 'k')"), 0],
      ['EVALSHA', '0'.repeat(40), 0],
    ],
  ],
  ['a transaction', [['MULTI'], ['EVAL', "return redis.call('get', 'k')", 0], ['EXEC']]],
  [
    'read-only',
    [
      ['EVAL_RO', "return redis.call('get', 'k')", 0],
      ['EVAL_RO', "return redis.pcall('set', 'k', 1)", 0],
    ],
  ],
  [
    'secrets',
    [
      ['EVAL', "return redis.pcall('config', 'set', 'nope', 'secret')", 0],
      ['EVAL', "return redis.pcall('auth', 'secret')", 0],
      ['EVAL', "return redis.pcall('client', 'setname', 'y')", 0],
    ],
  ],
  ['another database', [['EVAL', "redis.call('select', 5) return redis.call('get', 'k')", 0]]],
  ['quotes', [['EVAL', 'return redis.call("get", "k")', 0]]],
  ['numbers', [['EVAL', "return redis.call('set', 'n', 1.5), redis.call('incrby', 'm', 10)", 0]]],
]

const slow: Case[] = SLOW.map(([name, commands]) => ({
  name: `slow log: ${name}`,
  malformed: true,
  settings: [['slowlog-log-slower-than', '0', '10000']],
  normalise: entries,
  commands: [PREPARED, ['SLOWLOG', 'RESET'], ...commands, ['SLOWLOG', 'GET', -1], ['SLOWLOG', 'LEN']],
}))

/** Lines without times and addresses. */
function seen(transcript: string): string {
  return transcript.replace(/\+\d+\.\d{6} \[(\d+) (?:127\.0\.0\.1:\d+|(lua))\]/g, '+time [$1 $2]')
}

const monitored: Case[] = SLOW.map(([name, commands]) => ({
  name: `MONITOR: ${name}`,
  malformed: true,
  monitored: true,
  normalise: seen,
  commands: [PREPARED, ...commands],
}))

export const statistics = topicOf('statistics and logs', counted, otherCounts, slow, monitored)
