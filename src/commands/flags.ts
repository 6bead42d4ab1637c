/**
 * The flags of commands, those of Valkey and two of our own.
 */

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
export const SKIP_COMMAND_LOG = 1 << 10
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
  [SKIP_COMMAND_LOG, 'skip_commandlog'],
  [ASKING, 'asking'],
  [FAST, 'fast'],
  [NO_AUTH, 'no_auth'],
  [NO_MANDATORY_KEYS, 'no_mandatory_keys'],
  [NO_ASYNC_LOADING, 'no_async_loading'],
  [NO_MULTI, 'no_multi'],
  [MOVABLE_KEYS, 'movablekeys'],
  [ALLOW_BUSY, 'allow_busy'],
]
