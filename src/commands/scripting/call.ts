/**
 * What the commands that run scripts and functions have in common: `COMMAND script numkeys key ... arg ...`.
 */
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { MAY_REPLICATE, MOVABLE_KEYS, NO_MANDATORY_KEYS, NOSCRIPT, SKIP_MONITOR, STALE } from '../flags.ts'
import { type KeySpec, numkeysAt } from '../key-spec.ts'
import type { ScriptCall } from '../services/scripts.ts'

export const READ_FLAGS = NOSCRIPT | STALE | SKIP_MONITOR | NO_MANDATORY_KEYS | MOVABLE_KEYS
export const CALL_FLAGS = READ_FLAGS | MAY_REPLICATE

export const RW_KEYS: KeySpec = {
  ...numkeysAt(2, 'RW', 'access', 'update'),
  notes: 'We cannot tell how the keys will be used so we assume the worst, RW and UPDATE',
}
export const RO_KEYS: KeySpec = {
  ...numkeysAt(2, 'RO', 'access'),
  notes: 'We cannot tell how the keys will be used so we assume the worst, RO and ACCESS',
}

/** Shows the request to those who watch; before it runs, so that the script's commands come behind it. */
export function feedMonitor(ctx: Context, args: Args): void {
  if (ctx.server.monitor.active) ctx.server.monitor.feed(ctx.client, ctx.db.index, args, false)
}

/** Reads the keys of a request; `badCount` is the error for a count that is none. */
export function readCall(args: Args, readOnly: boolean, badCount?: string): ScriptCall {
  const keys = integerArg(args.at(2), badCount)
  if (keys > args.count - 3) failWith("ERR Number of keys can't be greater than number of args")
  if (keys < 0) failWith("ERR Number of keys can't be negative")
  return { args, firstKey: 3, keys, readOnly }
}
