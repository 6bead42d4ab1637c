/**
 * Conversations with a server, written as a list of commands and the replies expected.
 */
import assert from 'node:assert/strict'
import type { Argument, Reply } from './resp-client.ts'
import type { Call } from './server.ts'

/** A command as words between spaces, or as its arguments where one holds a space; then the reply. */
export type Exchange = readonly [command: string | readonly Argument[], reply: Reply]

export const WRONG_TYPE: Reply = {
  error: 'WRONGTYPE Operation against a key holding the wrong kind of value',
}
export const SYNTAX_ERROR: Reply = { error: 'ERR syntax error' }
export const NOT_INTEGER: Reply = { error: 'ERR value is not an integer or out of range' }
export const NOT_FLOAT: Reply = { error: 'ERR value is not a valid float' }

export function wrongArity(command: string): Reply {
  return { error: `ERR wrong number of arguments for '${command}' command` }
}

export function words(command: string | readonly Argument[]): readonly Argument[] {
  return typeof command === 'string' ? command.split(' ') : command
}

export async function converse(call: Call, exchanges: readonly Exchange[]): Promise<void> {
  for (const [command, expected] of exchanges) {
    const args = words(command)
    assert.deepEqual(await call(...args), expected, args.map((arg) => JSON.stringify(String(arg))).join(' '))
  }
}
