/**
 * What a case of the differential test is: commands that are played on a connection of their own to Perilune and to a real
 * Valkey, and whose replies must be the same bytes. And the builders that make cases out of tables of functions and
 * arguments; a case's name says what it runs, so that it is found again.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Argument } from '../support/resp-client.ts'

export interface Case {
  /** Unique in its topic. */
  readonly name: string
  readonly commands: readonly (readonly Argument[])[]
  /** The connection's protocol, 2 if not given. */
  readonly protocol?: 2 | 3
  /** Directives set for the case: name, value, value afterwards. */
  readonly settings?: readonly (readonly [name: string, value: string, after: string])[]
  /** The scripts are meant not to compile: without this, one that does not is an error of the case. */
  readonly malformed?: true
  /** What the case leaves in the interpreter: SCRIPT FLUSH takes it away. */
  readonly stains?: true
  /** What a MONITOR sees of the case belongs to its transcript. */
  readonly monitored?: true
  /** Takes out what differs by nature: times, addresses. */
  readonly normalise?: (transcript: string) => string
}

export interface Topic {
  readonly name: string
  readonly cases: readonly Case[]
}

/** The name of a script in the cache. */
export function sha1(text: string): string {
  return createHash('sha1').update(text, 'latin1').digest('hex')
}

/** Tables of calls overlap; a case that is made twice is kept once. */
export function topicOf(name: string, ...cases: readonly (readonly Case[])[]): Topic {
  const byName = new Map<string, Case>()
  for (const one of cases.flat()) {
    const known = byName.get(one.name)
    if (known === undefined) byName.set(one.name, one)
    else assert.ok(isDeepStrictEqual(one, known), `${name}: two cases are named ${one.name}`)
  }
  return { name, cases: [...byName.values()] }
}

export type Traits = Omit<Case, 'name' | 'commands'>

/** The rows of a table of Lua programs: one a line, written as they are, without escapes of TypeScript's. */
export function lines({ raw }: TemplateStringsArray): string[] {
  return raw[0]!
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** The same for short expressions: they end with the line or at two spaces. */
export function words(text: TemplateStringsArray): string[] {
  return lines(text).flatMap((line) => line.split(/ {2,}/))
}

/** See show.lua. */
export const SHOW = readFileSync(join(import.meta.dirname, 'show.lua'), 'utf8')
  .split('\n')
  .filter((line) => !line.startsWith('--'))
  .map((line) => line.trim())
  .join(' ')

/** `EVAL script keys args`. */
export function evaluation(script: string, keys: readonly Argument[] = [], args: readonly Argument[] = []) {
  return ['EVAL', script, keys.length, ...keys, ...args]
}

/** One script whose value is the reply. */
export function script(name: string, text: string, traits: Traits = {}): Case {
  return { name, commands: [evaluation(text)], ...traits }
}

/** Scripts whose values are the replies. Their text is their name. */
export function scripts(texts: readonly string[], traits: Traits = {}): Case[] {
  return unique(texts).map((text) => script(text, text, traits))
}

/** The same cases with clients of both protocols. */
export function inBothProtocols(cases: readonly Case[]): Case[] {
  return cases.flatMap((one) => [
    { ...one, name: `${one.name} (RESP2)`, protocol: 2 as const },
    { ...one, name: `${one.name} (RESP3)`, protocol: 3 as const },
  ])
}

/** Expressions, each shown in full: `return show(expression)`. Their text is their name. */
export function expressions(texts: readonly string[], traits: Traits = {}): Case[] {
  return unique(texts).map((text) => script(text, `${SHOW} return show(${text})`, traits))
}

/** Statements that return what is to be shown. Their text is their name. */
export function programs(texts: readonly string[], traits: Traits = {}): Case[] {
  return unique(texts).map((text) =>
    script(text, `${SHOW} return show((function(...) ${text} end)(unpack(ARGV)))`, traits),
  )
}

/**
 * Calls of a function with lists of arguments: a script each, which an error ends; and all of them by pcall, which answers
 * the error.
 */
export function calls(name: string, lists: readonly (readonly string[])[], traits: Traits = {}): Case[] {
  const texts = argumentTexts(lists)
  const direct = texts.map((args) =>
    script(`${name}(${args})`, `${SHOW} return show(${name}(${args}))`, traits),
  )
  const caught = texts.map((args) => `pcall(${args === '' ? name : `${name}, ${args}`})`)
  return [...direct, listing(`pcall(${name}, ${texts[0]}) and ${texts.length - 1} others`, caught, traits)]
}

/** Many calls of a function in one script, for tables of arguments too large for a case each; errors are among the results. */
export function sweep(
  name: string,
  lists: readonly (readonly string[])[],
  title = name,
  traits: Traits = {},
): Case {
  const texts = argumentTexts(lists).map((args) => `${name}(${args})`)
  return listing(`${title} of many arguments`, texts, traits)
}

function argumentTexts(lists: readonly (readonly string[])[]): string[] {
  return unique(lists.map((list) => list.join(', ')))
}

/** The results of expressions, and their errors, as one text. */
function listing(name: string, texts: readonly string[], traits: Traits = {}): Case {
  const head = `${SHOW} local all = {} local at = function(f) all[#all + 1] = show(pcall(f)) end`
  const steps = texts.map((text) => `at(function() return ${text} end)`)
  return script(name, `${head} ${steps.join(' ')} return table.concat(all, ' | ')`, traits)
}

/** Values no function expects everywhere. None makes a large result by being a large count. */
export const HOSTILE: readonly string[] = words`
  nil  true  false  0  -0  1  -1  2.5  -2.5  255  2^31  -2^31  2^32  2^53  2^63  -2^63  1/0  -1/0  0/0  ''
  'a'  '12'  '0x1F'  ' 5 '  '1e1'  '%'  '\0\255'  ('x'):rep(500)  {}  {1, 2, 3}  {a = 1, ['b'] = {c = 2}}
  {nil, 2}  print  tostring  function() end  coroutine.create(function() end)
  setmetatable({}, {__index = table})  KEYS  string
`

/** The list itself, every one shorter, one longer, and the list with each place taken by each of `values`. */
export function around(list: readonly string[], values: readonly string[] = HOSTILE): string[][] {
  const shorter = list.map((_, length) => list.slice(0, length))
  const replaced = list.flatMap((_, place) => values.map((value) => list.toSpliced(place, 1, value)))
  return [[...list], ...shorter, [...list, 'nil'], [...list, "'more'"], ...replaced]
}

/** All pairs of two lists of arguments. */
export function pairs(first: readonly string[], second: readonly string[]): string[][] {
  return first.flatMap((a) => second.map((b) => [a, b]))
}

/** Each value as the only argument. */
export function each(values: readonly string[]): string[][] {
  return values.map((value) => [value])
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
