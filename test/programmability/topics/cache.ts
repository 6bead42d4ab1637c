/** The script cache: EVALSHA and SCRIPT with everything they can be given, and scripts in transactions. */
import type { Argument } from '../../support/resp-client.ts'
import { type Case, sha1, topicOf } from '../case.ts'

const KNOWN = 'return {KEYS[1] or "none", ARGV[1] or "none"}'
const SHA = sha1(KNOWN)
const FAILING = 'return redis.call("nope")'

const shas: Case[] = [
  SHA,
  SHA.toUpperCase(),
  SHA.slice(1),
  `${SHA}0`,
  '',
  'x',
  'z'.repeat(40),
  `${SHA.slice(0, 39)}\0`,
  `0${SHA.slice(1)}`,
].map((sha) => ({
  name: `sha ${JSON.stringify(sha)}`,
  commands: [
    ['SCRIPT', 'LOAD', KNOWN],
    ...['EVALSHA', 'EVALSHA_RO'].flatMap((name): Argument[][] => [
      [name, sha, 0],
      [name, sha, 1, 'k', 'a'],
      [name, sha, 'x'],
      [name, sha, 5, 'k'],
      [name, sha, -1],
    ]),
    ['SCRIPT', 'EXISTS', sha],
    ['SCRIPT', 'SHOW', sha],
  ],
}))

const SUBCOMMANDS: readonly (readonly Argument[])[] = [
  ...[
    'LOAD',
    'EXISTS',
    'FLUSH',
    'KILL',
    'SHOW',
    'HELP',
    'NOPE',
    '',
    'LO\0AD',
    'N\xff\xfePE',
    'x'.repeat(300),
  ].flatMap((name) => [[name], [name, 'a'], [name, 'a', 'b']]),
  ...['SYNC', 'ASYNC', 'sync', 'NOPE', ''].map((mode) => ['FLUSH', mode]),
  ['EXISTS', SHA, 'x', SHA],
  ['EXISTS', SHA.toUpperCase()],
]

/** HELP has what is not there yet. */
const subcommands: Case[] = SUBCOMMANDS.filter(([name]) => name !== 'HELP').map((words) => ({
  name: `SCRIPT ${words.map((word) => JSON.stringify(String(word).slice(0, 20))).join(' ')}`,
  malformed: true,
  commands: [
    ['SCRIPT', ...words],
    ['EVAL', 'return redis.pcall("script", unpack(ARGV))', 0, ...words],
  ],
}))

const conversations: Readonly<Record<string, readonly (readonly Argument[])[]>> = {
  'EVAL caches': [
    ['SCRIPT', 'FLUSH'],
    ['EVALSHA', SHA, 0],
    ['EVAL', KNOWN, 1, 'k', 'a'],
    ['EVALSHA', SHA, 1, 'k', 'a'],
    ['EVALSHA_RO', SHA, 1, 'k', 'a'],
    ['SCRIPT', 'EXISTS', SHA],
    ['SCRIPT', 'SHOW', SHA],
    ['SCRIPT', 'LOAD', KNOWN],
    ['SCRIPT', 'FLUSH', 'SYNC'],
    ['EVALSHA', SHA, 0],
  ],
  'a script that does not compile is not cached': [
    ['EVAL', 'return (', 0],
    ['SCRIPT', 'LOAD', 'return ('],
    ['SCRIPT', 'EXISTS', sha1('return (')],
    ['EVALSHA', sha1('return ('), 0],
  ],
  'a script that fails is cached': [
    ['SCRIPT', 'FLUSH'],
    ['EVAL', FAILING, 0],
    ['SCRIPT', 'EXISTS', sha1(FAILING)],
    ['EVALSHA', sha1(FAILING), 0],
  ],
  'wrong numbers of keys do not cache': [
    ['SCRIPT', 'FLUSH'],
    ['EVAL', KNOWN, 3],
    ['EVAL', KNOWN, 'x'],
    ['SCRIPT', 'EXISTS', SHA],
  ],
  'a read-only refusal caches': [
    ['SCRIPT', 'FLUSH'],
    ['EVAL_RO', '#!lua\nreturn 1', 0],
    ['SCRIPT', 'EXISTS', sha1('#!lua\nreturn 1')],
  ],
  'bytes of all kinds in a script': [
    ['EVAL', 'return "\xff\xfe\x80"', 0],
    ['SCRIPT', 'LOAD', 'return "\xff\xfe\x80"'],
    ['SCRIPT', 'SHOW', sha1('return "\xff\xfe\x80"')],
    ['EVAL', 'return "a\0b"', 0],
    ['EVAL', 'return 1 -- \0', 0],
    ['EVAL', '', 0],
    ['SCRIPT', 'LOAD', ''],
    ['EVAL', ' ', 0],
    ['EVAL', '-- only a comment', 0],
  ],
  'in a transaction': [
    ['MULTI'],
    ['EVAL', 'return redis.call("set", "k", "v")', 0],
    ['EVALSHA', SHA, 0],
    ['EVALSHA', 'x', 0],
    ['EVAL', 'error("x")', 0],
    ['EVAL', 'return redis.error_reply("MY x")', 0],
    ['SCRIPT', 'LOAD', KNOWN],
    ['EVAL_RO', 'return redis.call("get", "k")', 0],
    ['EVAL', 'return (', 0],
    ['EXEC'],
    ['GET', 'k'],
  ],
  'errors before a transaction runs': [
    ['MULTI'],
    ['EVAL'],
    ['EVAL', 'return 1'],
    ['SCRIPT', 'NOPE'],
    ['EXEC'],
  ],
  'a watched key that a script changes': [
    ['WATCH', 'k'],
    ['EVAL', 'return redis.call("set", "k", 1)', 0],
    ['MULTI'],
    ['PING'],
    ['EXEC'],
  ],
  'commands in scripts that change the session': [
    ['EVAL', 'return redis.pcall("multi")', 0],
    ['EVAL', 'return redis.pcall("watch", "k")', 0],
    ['EVAL', 'return redis.pcall("unwatch")', 0],
    ['EVAL', 'return redis.pcall("subscribe", "c")', 0],
    ['EVAL', 'return redis.pcall("client", "setname", "x")', 0],
    ['EVAL', 'return redis.pcall("client", "reply", "off")', 0],
    ['EVAL', 'return redis.pcall("hello", 3)', 0],
    ['EVAL', 'return redis.pcall("reset")', 0],
    ['EVAL', 'return redis.pcall("quit")', 0],
    ['EVAL', 'return redis.pcall("auth", "x")', 0],
    ['CLIENT', 'GETNAME'],
  ],
}

export const cache = topicOf(
  'script cache',
  shas,
  subcommands,
  Object.entries(conversations).map(([name, commands]): Case => ({ name, commands, malformed: true })),
)
