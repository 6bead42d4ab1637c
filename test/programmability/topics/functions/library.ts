/** How cases of functions are made: a library's text, and what is asked of it. */
import type { Argument } from '../../../support/resp-client.ts'
import { type Case, SHOW, type Traits } from '../../case.ts'

type Commands = readonly (readonly Argument[])[]

/** A library named `lib` with this body. */
export function library(body: string, name = 'lib'): string {
  return `#!lua name=${name}\n${body}`
}

export function loads(text: string): Argument[] {
  return ['FUNCTION', 'LOAD', text]
}

/** A case that starts without libraries. */
export function functionCase(name: string, commands: Commands, traits: Traits = {}): Case {
  return { name, commands: [['FUNCTION', 'FLUSH'], ...commands], ...traits }
}

/** Loads a library whose function `f` has this body, and calls it as often as there are lists of arguments. */
export function calling(body: string, lists: Commands = [['0']], traits: Traits = {}): Case {
  const text = library(`redis.register_function('f', function(keys, args) ${body} end)`)
  return functionCase(body, [loads(text), ...lists.map((list) => ['FCALL', 'f', ...list])], traits)
}

/** The same for a body whose results are shown in full. */
export function showing(body: string, lists: Commands = [['0']], traits: Traits = {}): Case {
  const text = library(
    `${SHOW} redis.register_function('f', function(keys, args) return show((function() ${body} end)()) end)`,
  )
  return functionCase(
    `shown: ${body}`,
    [loads(text), ...lists.map((list) => ['FCALL', 'f', ...list])],
    traits,
  )
}

/** What a chunk sees while its library is loaded; its results are shown later, as little can be called then. */
export function whileLoading(chunk: string): Case {
  const text = library(
    `${SHOW} local all = {(function(...) ${chunk} end)(1, 2)} redis.register_function('f', function() return show(all) end)`,
  )
  return functionCase(`while loading: ${chunk}`, [loads(text), ['FCALL', 'f', 0]])
}
