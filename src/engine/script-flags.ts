/**
 * What the flags of scripts and functions mean to the server: whether one may start now, and as which kind of command the
 * gate sees the command that runs it.
 */
import { DENYOOM, MAY_REPLICATE, STALE, WRITE } from '../commands/flags.ts'
import { ALLOW_OOM, ALLOW_STALE, COMPAT_MODE, NO_CLUSTER, NO_WRITES } from '../scripting/shebang.ts'

/** What of the server's state a script is asked about when it starts. */
export interface StartState {
  /** More memory is used than `maxmemory` allows. */
  readonly isMemoryExceeded: boolean
  /** It is a cluster's node. */
  readonly isClustered: boolean
}

const ON_CLUSTER = "ERR Can not run script on cluster, 'no-cluster' flag is set."
const READ_ONLY_COMMAND = 'ERR Can not execute a script with write flag using *_ro command.'
const OUT_OF_MEMORY =
  "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'"

/**
 * Why a script with these flags may not start, in Valkey's order of asking; undefined: it may. What its commands may do is
 * asked of each (script-commands.ts), and that is all for scripts without a shebang. `readOnly`: by a command ending in _RO.
 *
 * Behind `no-cluster` is the place for `allow-stale` on a replica that lost its primary, for read-only replicas and for
 * disks that fail.
 */
export function refusalAtStart(flags: number, readOnly: boolean, state: StartState): string | undefined {
  if ((flags & COMPAT_MODE) !== 0) return undefined
  if (state.isClustered && (flags & NO_CLUSTER) !== 0) return ON_CLUSTER
  if (readOnly && (flags & NO_WRITES) === 0) return READ_ONLY_COMMAND
  if (state.isMemoryExceeded && (flags & (ALLOW_OOM | NO_WRITES)) === 0) return OUT_OF_MEMORY
  return undefined
}

/** Whether a script may call commands that write. */
export function isReadOnly(flags: number, readOnly: boolean): boolean {
  return readOnly || (flags & (COMPAT_MODE | NO_WRITES)) === NO_WRITES
}

/** The flags of a command that runs a script: its own, but for what the script declares. */
export function commandFlags(own: number, flags: number): number {
  if ((flags & COMPAT_MODE) !== 0) return own
  let declared = own & ~(STALE | DENYOOM | WRITE | MAY_REPLICATE)
  if ((flags & (ALLOW_OOM | NO_WRITES)) === 0) declared |= DENYOOM
  if ((flags & NO_WRITES) === 0) declared |= WRITE
  if ((flags & ALLOW_STALE) !== 0) declared |= STALE
  return declared
}
