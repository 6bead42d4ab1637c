/**
 * Whether a command may run now: the checks between finding a command and calling it, in Valkey's order. Each answers
 * the text of the refusal.
 */
import { NO_AUTH, NO_MULTI } from '../commands/spec.ts'
import type { Command } from '../commands/table.ts'
import { ERRORS } from '../errors.ts'
import type { Args } from '../memory/args.ts'
import type { Client } from './client.ts'

/** Bytes of a request that the "unknown command" error repeats, arguments included. */
const SHOWN_REQUEST_BYTES = 128

/** Commands a RESP2 client with subscriptions may send. */
const ALLOWED_WHILE_SUBSCRIBED = new Set([
  'ping',
  'subscribe',
  'ssubscribe',
  'psubscribe',
  'unsubscribe',
  'sunsubscribe',
  'punsubscribe',
  'quit',
  'reset',
])

/** Commands that a transaction runs at once instead of queueing them. */
const NOT_QUEUED = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset'])

export function arityText(command: Command): string {
  return `ERR wrong number of arguments for '${command.name}' command`
}

export function unknownCommandText(args: Args): string {
  const name = args.at(0)
  let shown = ''
  for (let i = 1; i < args.count && shown.length < SHOWN_REQUEST_BYTES; i++) {
    const arg = args.at(i)
    const room = SHOWN_REQUEST_BYTES - shown.length
    shown += `'${arg.slice(0, Math.min(arg.len, room)).utf8()}' `
  }
  const cut = name.slice(0, Math.min(name.len, SHOWN_REQUEST_BYTES)).utf8()
  return `ERR unknown command '${cut}', with args beginning with: ${shown}`
}

export function unknownSubcommandText(parent: Command, args: Args): string {
  const word = args.at(1)
  const cut = word.slice(0, Math.min(word.len, SHOWN_REQUEST_BYTES)).utf8()
  return `ERR unknown subcommand '${cut}'. Try ${parent.name.toUpperCase()} HELP.`
}

/** The refusal of a known command with a right number of arguments, undefined when it may run. */
export function refusal(command: Command, client: Client): string | undefined {
  if (!client.authenticated && (command.flags & NO_AUTH) === 0) return ERRORS.noAuth
  if (client.queue !== null && (command.flags & NO_MULTI) !== 0) {
    return 'ERR Command not allowed inside a transaction'
  }
  if (client.inSubscribedMode && !ALLOWED_WHILE_SUBSCRIBED.has(command.name)) {
    return `ERR Can't execute '${command.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`
  }
  return undefined
}

/** Whether a client inside MULTI has this command queued. */
export function isQueued(command: Command): boolean {
  return !NOT_QUEUED.has(command.name)
}

/** The first word of a web request or of its header. */
export function isWebRequest(args: Args): boolean {
  return args.at(0).is('POST') || args.at(0).is('HOST:')
}
