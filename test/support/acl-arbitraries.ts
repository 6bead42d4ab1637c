/**
 * Random rules of access control, and random requests.
 */
import fc from 'fast-check'
import { ABSENT_COMMANDS } from '../../src/commands/absent.ts'
import { ACL_CATEGORIES } from '../../src/commands/acl-categories.ts'
import { ALL_COMMANDS } from '../../src/commands/all.ts'
import { type Command, CommandTable } from '../../src/commands/table.ts'
import { OUR_COMMANDS } from './our-commands.ts'

const RULES_MAX = 14
const WORDS_MAX = 7

const commands = new CommandTable(ALL_COMMANDS).all.filter(({ name }) => !OUR_COMMANDS.has(name))
const names = [...commands, ...ABSENT_COMMANDS].map((command) => command.name)

/** Bytes that error replies show as text. */
const NOT_ASCII = Buffer.from('Ä').toString('latin1')

/** Letters in a case of their own now and then, as rules do not care. */
function anyCase(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: text.map((t) => t.toUpperCase()) })
}

const command = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...names) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('get', 'set', 'config', 'config|get', 'acl', 'client|id', 'select'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('nosuch', '', 'config|nosuch', 'get|', '|get', 'config|get|x', NOT_ASCII),
  },
)
const firstArgument = fc
  .tuple(
    fc.constantFrom('select', 'get', 'debug', 'config', 'acl|cat', 'xadd', 'xgroup', 'module|load'),
    fc.constantFrom('0', 'a', 'Object', '"x"', ''),
  )
  .map(([name, word]) => `${name}|${word}`)
const category = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...ACL_CATEGORIES, 'all') },
  { weight: 1, arbitrary: fc.constantFrom('nosuch', '') },
)
const pattern = fc.constantFrom('*', 'a*', 'b', 'key:?', '[ab]', '', '\\*', 'a b', NOT_ASCII, 'x"y')
const sign = fc.constantFrom('+', '-')

const selectorRule = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(sign, anyCase(command)).map(([s, name]) => s + name) },
  { weight: 2, arbitrary: fc.tuple(sign, firstArgument).map(([s, name]) => s + name) },
  { weight: 5, arbitrary: fc.tuple(sign, anyCase(category)).map(([s, name]) => `${s}@${name}`) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom('~', '~', '%R~', '%W~', '%RW~', '%wr~', '%~', '%RR~', '%R', '%X~'), pattern)
      .map(([prefix, text]) => prefix + text),
  },
  { weight: 3, arbitrary: pattern.map((text) => `&${text}`) },
  {
    weight: 5,
    arbitrary: anyCase(
      fc.constantFrom(
        ...['allkeys', 'resetkeys', 'allchannels', 'resetchannels', 'allcommands', 'nocommands', '~*', '&*'],
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('nonsense', '~', '&', '+', '-', '%', '@all', '(', ')', '((', '+@'),
  },
)

const hash = 'a'.repeat(64)
const userRule = fc.oneof(
  { weight: 12, arbitrary: selectorRule },
  {
    weight: 4,
    arbitrary: anyCase(
      fc.constantFrom(
        ...['on', 'off', 'nopass', 'resetpass', 'reset', 'clearselectors'],
        ...['sanitize-payload', 'skip-sanitize-payload'],
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '>one',
      '>two',
      '<one',
      '<two',
      `#${hash}`,
      `!${hash}`,
      '#abc',
      '!abc',
      '>',
      `>${NOT_ASCII} \n`,
    ),
  },
  {
    weight: 3,
    arbitrary: fc.array(selectorRule, { maxLength: 4 }).map((rules) => `(${rules.join(' ')})`),
  },
  { weight: 1, arbitrary: fc.constantFrom('(+get', '~a)', '(~x', '+set)', '') },
)

/** What Valkey crashes of when it is asked for the rules afterwards: a first argument that is no word by itself. */
function isHarmless(rule: string): boolean {
  return !/\|[^|]*[\s"]/.test(rule) || /^\+(config|acl)/i.test(rule)
}

/** Rules of all kinds, some of them wrong. */
export const rules = fc.array(userRule.filter(isHarmless), {
  minLength: 1,
  maxLength: RULES_MAX,
  size: 'max',
})

const word = fc.constantFrom(
  'a',
  'b',
  'abc',
  'key:1',
  '1',
  '2',
  '0',
  'store',
  'get',
  'x',
  '',
  '*',
  '\xff',
  'a b',
)

/** A request that has as many words as its command needs; or, rarely, any. */
function requestOf({ name, arity }: Command): fc.Arbitrary<string[]> {
  const least = Math.abs(arity) - name.split('|').length
  const most = arity < 0 ? Math.max(least, WORDS_MAX) : least
  return fc
    .array(word, { minLength: Math.max(0, least), maxLength: Math.max(0, most), size: 'max' })
    .map((words) => [...name.split('|'), ...words])
}
/** Requests, of any command, whose number of arguments is right. */
export const request = fc.constantFrom(...commands).chain(requestOf)
