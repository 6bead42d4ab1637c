/** FUNCTION and its subcommands: LOAD with REPLACE, LIST, DELETE, FLUSH, STATS, KILL, DUMP and RESTORE. */
import type { Argument } from '../../../support/resp-client.ts'
import { topicOf } from '../../case.ts'
import { functionCase, library, loads } from './library.ts'

const F = library("redis.register_function('f', function() return 'f' end)")
const DESCRIBED = library(
  "redis.register_function{function_name = 'f', callback = function() end, description = 'what it does', flags = {'no-writes', 'allow-oom'}}",
)
const OTHER = library("redis.register_function('g', function() return 'g' end)", 'other')
const CLASH = library("redis.register_function('f', function() return 'clash' end)", 'clash')
const BROKEN = library("redis.register_function('f', function() return 'new' end) error('broken')")

type Commands = readonly (readonly Argument[])[]

const SUBCOMMANDS: Commands = [
  ...[
    'LOAD',
    'DELETE',
    'FLUSH',
    'LIST',
    'STATS',
    'KILL',
    'DUMP',
    'RESTORE',
    'NOPE',
    '',
    'lo\0ad',
    'N\xfe',
  ].flatMap((name) => [[name], [name, 'x'], [name, 'x', 'y'], [name, 'x', 'y', 'z']]),
  ...['SYNC', 'ASYNC', 'sync', 'nope', ''].map((mode) => ['FLUSH', mode]),
  ['LOAD', 'REPLACE'],
  ['LOAD', 'replace', F],
  ['LOAD', 'REPLACE', 'REPLACE', F],
  ['LOAD', F, 'REPLACE'],
  ['LOAD', 'NOPE', F],
  ['LIST', 'WITHCODE'],
  ['LIST', 'withcode', 'WITHCODE'],
  ['LIST', 'LIBRARYNAME'],
  ['LIST', 'LIBRARYNAME', 'l*'],
  ['LIST', 'LIBRARYNAME', 'L*'],
  ['LIST', 'LIBRARYNAME', 'x*'],
  ['LIST', 'LIBRARYNAME', 'lib', 'WITHCODE'],
  ['LIST', 'WITHCODE', 'LIBRARYNAME', 'lib'],
  ['LIST', 'LIBRARYNAME', 'lib', 'LIBRARYNAME', 'lib'],
  ['DELETE', 'lib'],
  ['DELETE', 'LIB'],
  ['DELETE', 'li*'],
  ['DELETE', ''],
  ['RESTORE', ''],
  ['RESTORE', 'x', 'FLUSH'],
  ['RESTORE', 'x', 'NOPE'],
  ['RESTORE', '\0\x0b\0\0\0\0\0\0\0\0'],
]

const subcommands = SUBCOMMANDS.flatMap((words) =>
  ([2, 3] as const).map((protocol) =>
    functionCase(
      `FUNCTION ${words.map((word) => JSON.stringify(String(word).slice(0, 24))).join(' ')} (RESP${protocol})`,
      [
        loads(F),
        ['FUNCTION', ...words],
        ['FCALL', 'f', 0],
        ['EVAL', 'return redis.pcall("function", unpack(ARGV))', 0, ...words],
      ],
      { malformed: true, protocol },
    ),
  ),
)

const conversations: Readonly<Record<string, Commands>> = {
  'a library twice': [
    loads(F),
    loads(F),
    ['FUNCTION', 'LOAD', 'REPLACE', F],
    ['FUNCTION', 'LIST', 'WITHCODE'],
  ],
  'a described function': [loads(DESCRIBED), ['FUNCTION', 'LIST'], ['FUNCTION', 'LIST', 'WITHCODE']],
  'two libraries': [
    loads(F),
    loads(OTHER),
    ['FUNCTION', 'STATS'],
    ['FUNCTION', 'DELETE', 'lib'],
    ['FUNCTION', 'LIST'],
    ['FUNCTION', 'STATS'],
  ],
  'a name that another library has': [
    loads(F),
    loads(CLASH),
    ['FUNCTION', 'LOAD', 'REPLACE', CLASH],
    ['FUNCTION', 'LIST'],
    ['FCALL', 'f', 0],
  ],
  'a replacement that fails changes nothing': [
    loads(F),
    ['FUNCTION', 'LOAD', 'REPLACE', BROKEN],
    ['FCALL', 'f', 0],
    ['FUNCTION', 'LIST', 'WITHCODE'],
  ],
  'a replacement that does not compile changes nothing': [
    loads(F),
    ['FUNCTION', 'LOAD', 'REPLACE', library('return (')],
    ['FCALL', 'f', 0],
    ['FUNCTION', 'STATS'],
  ],
  'a replacement that clashes changes nothing': [
    loads(F),
    loads(OTHER),
    ['FUNCTION', 'LOAD', 'REPLACE', library("redis.register_function('g', function() end)")],
    ['FCALL', 'f', 0],
    ['FCALL', 'g', 0],
  ],
  'a dump of nothing': [
    ['FUNCTION', 'DUMP'],
    ['FUNCTION', 'FLUSH'],
    ['FUNCTION', 'LIST'],
  ],
  'a dump of a library': [loads(F), ['FUNCTION', 'DUMP']],
  'statistics of nothing': [
    ['FUNCTION', 'STATS'],
    ['FUNCTION', 'KILL'],
  ],
  'in a transaction': [
    ['MULTI'],
    loads(F),
    ['FCALL', 'f', 0],
    ['FUNCTION', 'LIST'],
    ['FUNCTION', 'DELETE', 'lib'],
    ['FCALL', 'f', 0],
    ['EXEC'],
  ],
  'FLUSHALL leaves functions': [loads(F), ['FLUSHALL'], ['FCALL', 'f', 0]],
  'SCRIPT FLUSH leaves functions': [loads(F), ['SCRIPT', 'FLUSH'], ['FCALL', 'f', 0]],
  'FUNCTION FLUSH leaves scripts': [
    ['SCRIPT', 'LOAD', 'return 1'],
    ['FUNCTION', 'FLUSH'],
    ['EVALSHA', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db', 0],
  ],
  'libraries of many bytes': [
    loads(library(`-- ${'x'.repeat(100_000)}\nredis.register_function('f', function() return 'large' end)`)),
    ['FCALL', 'f', 0],
  ],
  'bytes that are no text in a library': [
    loads(
      library(
        "redis.register_function{function_name = 'f', callback = function() return '\xff\xfe' end, description = '\xfe\x80'}",
      ),
    ),
    ['FCALL', 'f', 0],
    ['FUNCTION', 'LIST', 'WITHCODE'],
    loads(library("redis.register_function('\xfe', function() end)", 'two')),
    loads(library('x = \xfe', 'three')),
    loads(library("error('\xfe\xfd')", 'four')),
  ],
  'a zero byte in a library': [
    loads(library("redis.register_function('f', function() return 1 end) \0 return (")),
    ['FCALL', 'f', 0],
    ['FUNCTION', 'LIST', 'WITHCODE'],
  ],
  counts: [
    loads(F),
    loads(F),
    ['CONFIG', 'RESETSTAT'],
    loads(F),
    ['FCALL', 'f', 0],
    ['FCALL', 'nope', 0],
    ['FUNCTION', 'NOPE'],
    ['FUNCTION', 'DELETE', 'x'],
    ['INFO', 'errorstats'],
  ],
}

export const functionManagement = topicOf(
  'managing functions',
  subcommands,
  Object.entries(conversations).map(([name, commands]) => functionCase(name, commands, { malformed: true })),
)
