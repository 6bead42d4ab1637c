/**
 * Logging in, for AUTH and HELLO.
 */
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { Context } from '../context.ts'

/** Logs the client in, or throws WRONGPASS. */
export function logIn(ctx: Context, args: Args, user: Bytes, password: Bytes): void {
  const context = ctx.inTransaction ? 'multi' : 'toplevel'
  if (!ctx.server.access.logIn(ctx.client, user, password, args.at(0), context)) {
    failWith('WRONGPASS invalid username-password pair or user is disabled.')
  }
}
