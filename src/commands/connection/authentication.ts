/**
 * Who may log in: the user `default`, with the password of `requirepass` if there is one.
 */
import { failWith } from '../../errors.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { Context } from '../context.ts'
import type { Client } from '../session.ts'

export const DEFAULT_USER = 'default'

const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.'

/** Whether new connections need no password. */
export function needsNoPassword(ctx: Context): boolean {
  return ctx.config.requirepass === ''
}

/** Logs the client in, or throws WRONGPASS. */
export function logIn(ctx: Context, user: Bytes, password: Bytes): void {
  const known = user.latin1() === DEFAULT_USER
  if (!known || !(needsNoPassword(ctx) || samePassword(password, ctx.config.requirepass))) {
    failWith(WRONG_PASSWORD)
  }
  ctx.client.authenticated = true
  ctx.client.user = DEFAULT_USER
}

/** What a connection is before it says who it is. */
export function logOut(ctx: Context, client: Client): void {
  client.authenticated = needsNoPassword(ctx)
  client.user = DEFAULT_USER
}

/** Takes the same time wherever the two differ, so that the time tells nothing of the password. */
function samePassword(given: Bytes, password: string): boolean {
  let difference = given.len ^ password.length
  for (let i = 0; i < given.len; i++) difference |= given.byteAt(i) ^ password.charCodeAt(i % password.length)
  return difference === 0
}
