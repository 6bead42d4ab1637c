/**
 * All directives by name, and by the older names some of them have.
 */
import { EFFECTIVE_DIRECTIVES } from './effective-directives.ts'
import { INERT_DIRECTIVES } from './inert-directives.ts'
import { type Directive, NO_EFFECT } from './types.ts'

type Table = typeof EFFECTIVE_DIRECTIVES & typeof INERT_DIRECTIVES

export type DirectiveName = keyof Table

type ValueOf<D> = D extends Directive<infer Value, infer _> ? Value : never

/** The configuration as the program sees it: `config.maxclients`, `config['lfu-log-factor']`. */
export type ConfigValues = { readonly [Name in DirectiveName]: ValueOf<Table[Name]> }

export type AnyDirective = Directive<unknown, unknown>

/** A name CONFIG accepts: a directive's own or its alias. */
export interface Entry {
  readonly name: string
  readonly primary: DirectiveName
  readonly directive: AnyDirective
}

export const DIRECTIVES: ReadonlyMap<DirectiveName, AnyDirective> = new Map(
  [
    ...Object.entries(EFFECTIVE_DIRECTIVES),
    ...Object.entries(INERT_DIRECTIVES).map(([name, d]) => [name, { ...d, ...NO_EFFECT }] as const),
  ].map(([name, d]) => [name as DirectiveName, d as AnyDirective]),
)

/** By lower-case name. */
export const ENTRIES: ReadonlyMap<string, Entry> = new Map(
  [...DIRECTIVES].flatMap(([primary, directive]) =>
    [primary, ...(directive.alias === undefined ? [] : [directive.alias])].map(
      (name) => [name, { name, primary, directive }] as const,
    ),
  ),
)

export function findEntry(name: string): Entry | undefined {
  return ENTRIES.get(name.toLowerCase())
}
