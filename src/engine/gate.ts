/**
 * Between finding a command and calling it: whether it may run now, in Valkey's order of asking. What may not is refused,
 * postponed or queued here. Only clients and servers with constraints (constraints.ts) and commands that are wrong come
 * this way.
 */
import type { AccessControl } from '../acl/access-control.ts'
import { briefDenialText, changedText } from '../acl/denial-text.ts'
import { ALLOW_BUSY, MAY_REPLICATE, NO_AUTH, NO_MULTI, READONLY, WRITE } from '../commands/flags.ts'
import type { Server } from '../commands/services/server.ts'
import type { Command, CommandTable } from '../commands/table.ts'
import { ECHOED_BYTES, ERRORS } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Args } from '../memory/args.ts'
import type { RespWriter } from '../protocol/resp-writer.ts'
import type { Client } from './client.ts'
import type { ClientPause } from './client-pause.ts'
import { RESTRICTED } from './constraints.ts'
import type { LateScript } from './late-script.ts'
import type { MemoryLimit } from './memory-limit.ts'
import { isRedirection, type Redirection } from './redirection.ts'
import type { Stats } from './stats.ts'
import type { Transactions } from './transactions.ts'

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

/** Flags of commands that a client that watches with MONITOR may not send: to Valkey it is a replica. */
const OF_THE_KEYSPACE = WRITE | READONLY | MAY_REPLICATE

/** Commands that a transaction runs at once instead of queueing them. */
const NOT_QUEUED = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset'])

export interface GateParts {
  readonly server: Server
  readonly commands: CommandTable
  readonly stats: Stats
  readonly access: AccessControl
  readonly memory: MemoryLimit
  readonly pause: ClientPause
  readonly transactions: Transactions
  /** Null without a cluster. */
  readonly redirection: Redirection | null
  readonly late: LateScript
  readonly log: Log
}

export class Gate {
  private readonly parts: GateParts

  constructor(parts: GateParts) {
    this.parts = parts
  }

  /** The command to call now; undefined where there is none: the reply, if there is to be one, has been written. */
  pass(client: Client, args: Args, writer: RespWriter): Command | undefined {
    const command = this.find(args)
    if (typeof command === 'string') {
      if (isWebRequest(args)) this.turnAway(client)
      else this.refuse(client, writer, command, undefined)
      return undefined
    }
    client.lastCommand = command
    if (!command.acceptsCount(args.count)) {
      this.refuse(client, writer, arityText(command), command)
      return undefined
    }
    const flags = command.spec.flagsOf?.(this.parts.server, args, command.flags) ?? command.flags
    const refusal = this.admit(command, flags, client, args)
    if (refusal !== undefined) {
      this.refuse(client, writer, refusal, command)
      return undefined
    }
    // It was closed a moment ago, for the memory it takes.
    if (client.closeAfterReply) return undefined
    if (this.parts.pause.holds(command, flags, client)) {
      this.parts.pause.postpone(client, args)
      return undefined
    }
    if (client.queue !== null && !NOT_QUEUED.has(command.name)) {
      // One that will not be run need not grow.
      if (!client.queueBroken && !client.watchBroken) {
        client.queue.push({ command, args: args.detach(), flags })
        client.queuedBytes += args.bytes
      }
      writer.status('QUEUED')
      return undefined
    }
    return command
  }

  /** The command the arguments name, or the text of the error. */
  private find(args: Args): Command | string {
    const { commands } = this.parts
    const command = commands.lookup(args.at(0))
    if (command === undefined) return unknownCommandText(args)
    if (command.subcommands === null || args.count < 2) return command
    return commands.subcommand(command, args.at(1)) ?? unknownSubcommandText(command, args)
  }

  /**
   * Lets a command with a right number of arguments pass, or says why it may not run. Asking leaves traces: in the ACL log,
   * in the slot that the client is bound to, in the keys that are evicted for it.
   */
  private admit(command: Command, flags: number, client: Client, args: Args): string | undefined {
    if (!client.authenticated && (command.flags & NO_AUTH) === 0) return ERRORS.noAuth
    if (client.queue !== null && (command.flags & NO_MULTI) !== 0) {
      return 'ERR Command not allowed inside a transaction'
    }
    if ((client.constraints & RESTRICTED) !== 0) {
      const context = client.queue === null ? 'toplevel' : 'multi'
      const denial = this.parts.access.deny(client, command, args, context)
      if (denial !== undefined) return `NOPERM ${briefDenialText(denial, client.user, command)}`
    }
    const { redirection, late, memory } = this.parts
    const elsewhere = redirection?.admit(command, flags, args, client)
    if (elsewhere !== undefined) return elsewhere
    if (!late.isBusy && memory.refuses(command, flags, client)) return ERRORS.oom
    if (client.inSubscribedMode && !ALLOWED_WHILE_SUBSCRIBED.has(command.name)) {
      return `ERR Can't execute '${command.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`
    }
    if (late.isBusy && (command.flags & ALLOW_BUSY) === 0) return late.refusal
    return client.isMonitor && (flags & OF_THE_KEYSPACE) !== 0
      ? "ERR Replica can't interact with the keyspace"
      : undefined
  }

  /** Why a queued command may not run: what its client may do can have changed since. */
  refusalAtExec(client: Client, command: Command, args: Args): string | undefined {
    if ((client.constraints & RESTRICTED) === 0) return undefined
    const denial = this.parts.access.deny(client, command, args, 'multi')
    return denial && changedText(denial)
  }

  /**
   * A browser was made to send a web request here, whose body may be commands: nothing of it is run, nor answered.
   */
  private turnAway(client: Client): void {
    this.parts.log.warning(
      'Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to the server. ' +
        `Connection from ${client.transport?.address ?? '?'} aborted.`,
    )
    client.transport?.close(false)
  }

  /** An error before the command ran: a transaction being queued is broken by it. */
  private refuse(client: Client, writer: RespWriter, text: string, command: Command | undefined): void {
    const { stats, transactions } = this.parts
    transactions.break(client)
    if (command !== undefined) stats.rejected[command.id]!++
    let reply = text
    if (command?.name === 'exec') {
      transactions.discard(client)
      // A cluster's client must be able to read where to go.
      if (!isRedirection(text)) {
        reply = `EXECABORT Transaction discarded because of: ${text.replace(/^ERR /, '')}`
      }
    }
    stats.error(reply)
    writer.error(reply)
  }
}

function arityText(command: Command): string {
  return `ERR wrong number of arguments for '${command.name}' command`
}

function unknownCommandText(args: Args): string {
  let shown = ''
  for (let i = 1; i < args.count && shown.length < ECHOED_BYTES; i++) {
    shown += `'${args.at(i).printed(ECHOED_BYTES - shown.length)}' `
  }
  const name = args.at(0).printed(ECHOED_BYTES)
  return `ERR unknown command '${name}', with args beginning with: ${shown}`
}

function unknownSubcommandText(parent: Command, args: Args): string {
  const word = args.at(1).printed(ECHOED_BYTES)
  return `ERR unknown subcommand '${word}'. Try ${parent.name.toUpperCase()} HELP.`
}

/** The first word of a web request or of its header. */
function isWebRequest(args: Args): boolean {
  return args.at(0).is('POST') || args.at(0).is('HOST:')
}
