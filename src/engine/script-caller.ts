/**
 * Who runs a script, and how: for those who watch.
 */
import type { Caller } from '../counting/scripts/feed.ts'
import type { Client } from './client.ts'
import { shownArgs } from './command-log.ts'
import type { RunningScript } from './running-script.ts'

export function callerOf(client: Client, { args, name, isFunction }: RunningScript): Caller {
  return {
    client: client.transport?.address ?? '',
    clientName: client.name,
    user: client.user.name,
    args: shownArgs(args, isFunction ? '' : name).map((arg) => arg.latin1()),
  }
}
