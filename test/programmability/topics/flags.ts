/** Shebang lines, script flags, and the commands that run scripts read-only. */
import { type Case, topicOf } from '../case.ts'

const LINES = [
  ...[
    '#!lua',
    '#!lua ',
    '#!lua  flags=',
    '#!lua flags=no-writes',
    '#!lua flags=allow-oom',
    '#!lua flags=allow-stale',
    '#!lua flags=no-cluster',
  ],
  ...[
    '#!lua flags=allow-cross-slot-keys',
    '#!lua flags=no-writes,allow-oom',
    '#!lua flags=no-writes flags=allow-stale',
    '#!lua flags=no-writes,no-writes',
  ],
  ...[
    '#!lua flags=nope',
    '#!lua flags=NO-WRITES',
    '#!lua flags=no-writes,',
    '#!lua flags=,no-writes',
    '#!lua flags=,',
    '#!lua flags',
    '#!lua Flags=no-writes',
    '#!lua flags= no-writes',
  ],
  ...[
    '#!lua nope',
    '#!lua names=x',
    '#!lua nope=1 flags=no-writes',
    '#!lua flags=no-writes nope',
    '#!LUA',
    '#!Lua',
    '#!js',
    '#!',
    '#! lua',
    '#!lua5.1',
    '#!/usr/bin/lua',
    '#!lua\tflags=no-writes',
  ],
  ...[
    '#!"lua"',
    "#!'lua'",
    '#!lua "flags=no-writes"',
    "#!lua 'flags=no-writes'",
    '#!lua "flags=no-writes',
    "#!lua 'x",
    '#!"',
    '#!lua "a"b',
    '#!lua\r',
    '#!lua flags=no-writes\r',
    ' #!lua',
    '#lua',
    '#',
  ],
  ...[
    '#!lua \\x41',
    '#!lua "flags=\\x6eo-writes"',
    '#!\xfe\xfd',
    '#!lua \xfe',
    '#!lua flags=\xfe',
    '#!lua flags=a\0b',
    '#!l\0ua',
    '#!lua\0',
    `#!${'x'.repeat(300)}`,
    `#!lua flags=${'x'.repeat(300)}`,
  ],
]

const BODIES: Readonly<Record<string, string>> = {
  reads: "return redis.call('get', KEYS[1])",
  writes: "return redis.call('set', KEYS[1], 'x')",
}

/** The same script in every way there is. */
const shebangs: Case[] = LINES.flatMap((line) =>
  Object.entries(BODIES).map(([kind, body]) => ({
    name: `${JSON.stringify(line)} ${kind}`,
    malformed: true as const,
    commands: ['EVAL', 'EVAL_RO'].map((name) => [name, `${line}\n${body}`, 1, 'key']),
  })),
)

const unusual: Case[] = [
  '#!lua',
  '#!lua return 1',
  '#!lua\n',
  '#!lua\n\n\nreturn 1',
  '#!lua\n\n\nerror("line 4")',
  '#!lua flags=no-writes\n#!lua\nreturn 1',
  '\n#!lua\nreturn 1',
  '#!lua\nreturn redis.call("nope")',
  '#!lua\nreturn (',
  '#',
  '#!',
  '#!\n',
  '# comment\nreturn 1',
].map((text) => ({
  name: JSON.stringify(text),
  malformed: true,
  commands: [
    ['EVAL', text, 0],
    ['SCRIPT', 'LOAD', text],
    ['EVAL', text, 0],
  ],
}))

const COMMANDS = [
  ...[
    "'get', 'k'",
    "'set', 'k', 1",
    "'del', 'k'",
    "'incr', 'n'",
    "'publish', 'c', 'm'",
    "'spublish', 'c', 'm'",
    "'pfcount', 'k'",
    "'lrange', 'l', 0, -1",
    "'lpop', 'l'",
    "'expire', 'k', 1",
  ],
  ...[
    "'getex', 'k'",
    "'getdel', 'k'",
    "'object', 'freq', 'k'",
    "'touch', 'k'",
    "'flushall'",
    "'select', 1",
    "'config', 'get', 'x'",
    "'sort', 'l'",
    "'sort_ro', 'l'",
    "'bitfield', 'k', 'get', 'u8', 0",
  ],
  ...[
    "'echo', 'x'",
    "'ping'",
    "'time', 'x'",
    "'script', 'load', 'x'",
    "'eval', 'return 1', 0",
    "'eval_ro', 'return 1', 0",
    "'zinterstore', 'd', 1, 'k'",
    "'copy', 'a', 'b'",
    "'dbsize'",
    "'scan', 0",
    "'nope'",
    "'set'",
  ],
]

const readOnly: Case[] = COMMANDS.map((call) => {
  const body = `return redis.pcall(${call})`
  return {
    name: `redis.pcall(${call})`,
    commands: [
      ['EVAL', body, 0],
      ['EVAL_RO', body, 0],
      ['EVAL', `#!lua flags=no-writes\n${body}`, 0],
      ['EVAL_RO', `#!lua flags=no-writes\n${body}`, 0],
      ['EVAL', `#!lua\n${body}`, 0],
      ['EVAL_RO', `#!lua\n${body}`, 0],
      ['EVAL', `#!lua flags=no-writes\nreturn redis.call(${call})`, 0],
    ],
  }
})

const memory: Case[] = [
  ['#!lua\nreturn 1', 'no flags'],
  ['#!lua flags=allow-oom\nreturn redis.call("set", "k", "v")', 'allow-oom'],
  ['#!lua flags=no-writes\nreturn redis.call("get", "k")', 'no-writes'],
  ['#!lua flags=no-writes\nreturn redis.call("set", "k", "v")', 'no-writes that writes'],
  ['return redis.call("set", "k", "v")', 'no shebang, a write'],
  ['return redis.pcall("set", "k", "v")', 'no shebang, a caught write'],
  ['return redis.call("get", "k")', 'no shebang, a read'],
  ['redis.call("del", "k") return redis.call("set", "k", "v")', 'no shebang, a write after one that frees'],
  ['redis.pcall("set", "k", "v") return redis.call("get", "k")', 'no shebang, on after a refused write'],
].map(([text, name]) => ({
  name: `beyond maxmemory: ${name}`,
  settings: [['maxmemory', '1', '0']],
  commands: [
    ['EVAL', text!, 0],
    ['EVAL_RO', text!, 0],
    ['SCRIPT', 'LOAD', text!],
    ['MULTI'],
    ['EVAL', text!, 0],
    ['EXEC'],
  ],
}))

export const flags = topicOf('shebangs and flags', shebangs, unusual, readOnly, memory)
