/**
 * Where a command's keys are: key specifications, as Valkey has them.
 */

export type KeyFlag =
  | 'RO'
  | 'RW'
  | 'OW'
  | 'RM'
  | 'access'
  | 'update'
  | 'insert'
  | 'delete'
  | 'not_key'
  | 'incomplete'
  | 'variable_flags'

export interface KeySpec {
  /** A remark that COMMAND INFO prints. */
  readonly notes?: string
  readonly flags: readonly KeyFlag[]
  readonly begin:
    | { readonly index: number }
    | { readonly keyword: string; readonly startFrom: number }
    | 'unknown'
  /** `last` counts from the first key (negative: from the end of the arguments), as in COMMAND INFO. */
  readonly find:
    | { readonly last: number; readonly step: number; readonly limit: number }
    | { readonly numkeysAt: number; readonly first: number; readonly step: number }
    | 'unknown'
}

/** One key at `index`. */
export function keyAt(index: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { last: 0, step: 1, limit: 0 } }
}

/** All arguments from `index` on are keys, or every `step`-th. */
export function keysFrom(index: number, step: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { last: -1, step, limit: 0 } }
}

/** A count of keys at `index`, the keys behind it. */
export function numkeysAt(index: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { numkeysAt: 0, first: 1, step: 1 } }
}
