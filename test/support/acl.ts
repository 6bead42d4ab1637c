/**
 * Clients of users with rules, and the errors they get.
 */
import assert from 'node:assert/strict'
import { type Argument, type Connection, connect, type Reply, type RunningServer } from './server.ts'

export const NO_KEY: Reply = { error: 'NOPERM No permissions to access a key' }
export const NO_CHANNEL: Reply = { error: 'NOPERM No permissions to access a channel' }
export const WRONG_PASSWORD: Reply = {
  error: 'WRONGPASS invalid username-password pair or user is disabled.',
}
export const NOT_AUTHENTICATED: Reply = { error: 'NOAUTH Authentication required.' }

export function noCommand(command: string, user = 'u'): Reply {
  return { error: `NOPERM User ${user} has no permissions to run the '${command}' command` }
}

export type Send = (...args: Argument[]) => Promise<Reply>

/** Runs `body` with a connection that has logged in as a user of these rules, who is gone afterwards. */
export async function as(
  server: RunningServer,
  admin: Send,
  rules: string,
  body: (send: Send, connection: Connection) => Promise<void>,
): Promise<void> {
  await admin('ACL', 'SETUSER', 'u', 'reset', 'on', 'nopass', ...rules.split(' '))
  const connection = await connect(server.port)
  try {
    assert.equal(await connection.send('AUTH', 'u', 'x'), 'OK')
    await body((...args) => connection.send(...args), connection)
  } finally {
    await connection.close()
    await admin('ACL', 'DELUSER', 'u')
  }
}

/** The server ends, or has ended, the connection. */
export async function closes(connection: Connection): Promise<void> {
  await assert.rejects(connection.send('PING'), /connection closed/)
}

export function errorOf(reply: Reply): string {
  return (reply as { error: string }).error
}
