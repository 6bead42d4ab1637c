/**
 * What a command is: one record from which dispatch, COMMAND and its subcommands, ACL categories, the rules for scripts
 * and the statistics all derive. Names, flags and key specifications are Valkey's.
 */
import type { Args } from '../memory/args.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import type { Context } from './context.ts'
import type { Server } from './services/server.ts'

/** Command flags, as COMMAND INFO names them. */
export const WRITE = 1 << 0
export const READONLY = 1 << 1
export const DENYOOM = 1 << 2
export const ADMIN = 1 << 3
export const PUBSUB = 1 << 4
export const NOSCRIPT = 1 << 5
export const BLOCKING = 1 << 6
export const LOADING = 1 << 7
export const STALE = 1 << 8
export const SKIP_MONITOR = 1 << 9
export const SKIP_SLOWLOG = 1 << 10
export const ASKING = 1 << 11
export const FAST = 1 << 12
export const NO_AUTH = 1 << 13
export const MAY_REPLICATE = 1 << 14
export const NO_ASYNC_LOADING = 1 << 15
export const NO_MULTI = 1 << 16
export const MOVABLE_KEYS = 1 << 17
export const ALLOW_BUSY = 1 << 18
/** It may be called without any of the keys its specifications describe. */
export const NO_MANDATORY_KEYS = 1 << 19
/** Every command has it: to deny it is to look at all of them. */
export const ANY_COMMAND = 1 << 20

/** Flags that COMMAND INFO shows, by bit, in the order it prints them; the others are hidden. */
export const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [WRITE, 'write'],
  [READONLY, 'readonly'],
  [DENYOOM, 'denyoom'],
  [ADMIN, 'admin'],
  [PUBSUB, 'pubsub'],
  [NOSCRIPT, 'noscript'],
  [BLOCKING, 'blocking'],
  [LOADING, 'loading'],
  [STALE, 'stale'],
  [SKIP_MONITOR, 'skip_monitor'],
  [SKIP_SLOWLOG, 'skip_commandlog'],
  [ASKING, 'asking'],
  [FAST, 'fast'],
  [NO_AUTH, 'no_auth'],
  [NO_MANDATORY_KEYS, 'no_mandatory_keys'],
  [NO_ASYNC_LOADING, 'no_async_loading'],
  [NO_MULTI, 'no_multi'],
  [MOVABLE_KEYS, 'movablekeys'],
  [ALLOW_BUSY, 'allow_busy'],
]

/** In the order ACL CAT lists them. */
export const ACL_CATEGORIES = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
] as const

export type AclCategory = (typeof ACL_CATEGORIES)[number]

export type CommandGroup =
  | 'string'
  | 'bitmap'
  | 'generic'
  | 'hash'
  | 'list'
  | 'set'
  | 'sorted-set'
  | 'pubsub'
  | 'transactions'
  | 'connection'
  | 'server'
  | 'scripting'
  | 'cluster'

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

/** Where a command's keys are, Valkey's key specification. */
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

/**
 * Which arguments are channels that access control looks at: the first, all, or all of them patterns. Who unsubscribes may
 * do so.
 */
export type ChannelUse = 'publish' | 'subscribe' | 'psubscribe'

export type Handler = (ctx: Context, args: Args, reply: ReplySink) => void

export interface CommandSpec {
  /** Lower case; of a subcommand, its own word only (`get` of CONFIG GET). */
  readonly name: string
  readonly summary: string
  readonly since: string
  readonly complexity: string
  readonly group: CommandGroup
  /** Number of arguments with the command's name (and its subcommand's); negative: at least that many. */
  readonly arity: number
  /** The flags above, or-ed. */
  readonly flags: number
  /** The flags of this request, given those of the command, where what it runs declares its own. */
  readonly flagsOf?: (server: Server, args: Args, own: number) => number
  /** Categories beside those that follow from the flags (read, write, fast, slow, admin, dangerous, pubsub, blocking). */
  readonly acl: readonly AclCategory[]
  readonly tips?: readonly string[]
  readonly keys: readonly KeySpec[]
  /** Argument positions of the keys, where the specs cannot tell (flag MOVABLE_KEYS). */
  readonly findKeys?: (args: Args) => number[]
  /** How each of the keys is used, where that depends on the options: key flag `variable_flags`, or `findKeys`. */
  readonly keyFlags?: (args: Args) => (readonly KeyFlag[])[]
  readonly channels?: ChannelUse
  readonly subcommands?: readonly CommandSpec[]
  /** Absent where the command is only the parent of its subcommands. */
  readonly run?: Handler
}
