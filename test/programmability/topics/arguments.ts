/** KEYS and ARGV, and what EVAL and its relatives say of wrong arguments. */
import type { Argument } from '../../support/resp-client.ts'
import { type Case, evaluation, SHOW, topicOf, words } from '../case.ts'

const SHOWN = `${SHOW} return show(KEYS, ARGV, #KEYS, #ARGV)`

const LISTS: Readonly<Record<string, readonly [keys: readonly Argument[], args: readonly Argument[]]>> = {
  none: [[], []],
  'one key': [['k'], []],
  'one argument': [[], ['a']],
  'keys and arguments': [
    ['k1', 'k2'],
    ['a1', 'a2', 'a3'],
  ],
  'empty strings': [
    ['', ''],
    ['', ''],
  ],
  'bytes of all values': [[], [Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))]],
  'a zero byte': [['a\0b'], ['\0']],
  'line ends': [['a\r\nb'], ['$5\r\nhello\r\n']],
  'numbers stay strings': [
    [1, 2],
    [3, 1.5],
  ],
  'the same key twice': [['k', 'k'], ['k']],
  'long strings': [['k'.repeat(5000)], ['a'.repeat(100_000)]],
  'many keys': [Array.from({ length: 1000 }, (_, i) => `k${i}`), []],
  'many arguments': [[], Array.from({ length: 5000 }, (_, i) => `a${i}`)],
  'UTF-8': [[Buffer.from('schlüssel')], [Buffer.from('€')]],
}

const shapes: Case[] = Object.entries(LISTS).map(([name, [keys, args]]) => ({
  name,
  commands: [
    evaluation(SHOWN, keys, args),
    evaluation('return {KEYS, ARGV}', keys, args),
    evaluation('return {#KEYS, #ARGV}', keys, args),
  ],
}))

const USES = words`
  return KEYS[0]  return KEYS[3]  return KEYS[-1]  return KEYS.x  return KEYS["1"]
  KEYS[1] = "changed" return KEYS  KEYS[5] = "more" return #KEYS  KEYS = {1}  ARGV = nil
  ARGV[#ARGV + 1] = "x" return ARGV  table.insert(KEYS, "x") return KEYS  table.remove(ARGV) return ARGV
  table.sort(ARGV) return ARGV  rawset(KEYS, 1, "x") return KEYS[1]
  setmetatable(KEYS, {__index = function() return "none" end}) return KEYS[9]  return getmetatable(KEYS)
  return ARGV[1] + ARGV[2]  return ARGV[1] .. KEYS[1]  return unpack(ARGV)  return {unpack(KEYS)}
  return rawget(_G, "KEYS") == KEYS
  local function f(...) return select("#", ...) end return f(unpack(KEYS))  return select("#", ...)
  return ...  return tonumber(ARGV[1])
  for i, k in ipairs(KEYS) do redis.call("set", k, ARGV[i]) end return redis.call("mget", unpack(KEYS))
`

const uses: Case[] = USES.map((text) => ({
  name: text,
  commands: [evaluation(text, ['k1', 'k2'], ['10', '2'])],
}))

/** One script must not see what another got. */
const neighbours: Case = {
  name: 'a script sees its own arguments only',
  commands: [
    evaluation('KEYS.x = 1 KEYS[3] = 5 return #KEYS', ['a', 'b'], ['c']),
    evaluation('return {KEYS.x or "none", #KEYS, KEYS[3] or "none"}'),
    evaluation('setmetatable(ARGV, {__index = _G}) return 1'),
    evaluation('return {getmetatable(ARGV) == nil, #ARGV}'),
  ],
}

const COUNTS: readonly Argument[] = [
  ...[
    '0',
    '1',
    '2',
    '3',
    '4',
    '-1',
    '-0',
    '+1',
    '01',
    ' 1',
    '1 ',
    '1.0',
    '1e0',
    '',
    'x',
    '0x1',
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
    '18446744073709551617',
  ],
  ...['\0', '1\0', '4294967296', '4294967297'],
]

const counts: Case[] = COUNTS.map((count) => ({
  name: `number of keys ${JSON.stringify(count)}`,
  commands: [
    ['EVAL', 'return {KEYS, ARGV}', count, 'a', 'b', 'c'],
    ['EVALSHA', '0000000000000000000000000000000000000000', count, 'a', 'b', 'c'],
    ['EVAL_RO', 'return {KEYS, ARGV}', count, 'a', 'b', 'c'],
  ],
}))

const ARITIES: readonly (readonly Argument[])[] = [
  'EVAL',
  'EVALSHA',
  'EVAL_RO',
  'EVALSHA_RO',
  'SCRIPT',
  'FUNCTION',
].flatMap((name) => [[name], [name, 'return 1']])

const arities: Case[] = ARITIES.map((command) => ({ name: command.join(' '), commands: [command] }))

export const argumentsTopic = topicOf('keys and arguments', shapes, uses, [neighbours], counts, arities)
