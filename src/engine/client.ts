/**
 * One client's session: what the server remembers of a connection between its commands. It knows nothing of sockets: the
 * network layer gives it a Transport. A script's commands run on behalf of the client that called the script.
 */
import type { ClientTransport, Client as ContextClient, ReplyMode } from '../commands/session.ts'
import type { Command } from '../commands/table.ts'
import type { Args } from '../memory/args.ts'
import type { WatchedKey } from './transactions.ts'

/** What MULTI has gathered. */
export interface QueuedCommand {
  readonly command: Command
  readonly args: Args
}

export class Client implements ContextClient {
  readonly id: number
  readonly transport: ClientTransport | null
  readonly createdAt: number
  name = ''
  libName = ''
  libVersion = ''
  /** RESP version. */
  protocol = 2
  dbIndex = 0
  authenticated = true
  user = 'default'
  lastActive: number
  /** Full name of the last command, for CLIENT LIST. */
  lastCommand = 'NULL'
  commandsProcessed = 0
  bytesIn = 0
  bytesOut = 0

  /** The connection ends once the replies written so far are out (QUIT, CLIENT KILL of oneself, protocol errors). */
  closeAfterReply = false
  /** The connection stops executing its pipeline until `transport.resume()`. */
  suspended = false
  /** A command that CLIENT PAUSE held back; it runs when the client is resumed. */
  postponed: Args | null = null
  isMonitor = false
  canRedirect = false
  noEvict = false
  noTouch = false
  /** CLIENT REPLY: 'skip-next' turns into 'skip' for the next command. */
  replyMode: ReplyMode = 'on'

  /** Non-null between MULTI and EXEC. */
  queue: QueuedCommand[] | null = null
  /** Bytes of their arguments: they count as input of the client. */
  queuedBytes = 0
  /** A queued command was refused: EXEC will abort. */
  queueBroken = false
  watched: Set<WatchedKey> | null = null
  /** A watched key changed. */
  watchBroken = false

  channels: Set<string> | null = null
  patterns: Set<string> | null = null
  shardChannels: Set<string> | null = null

  constructor(id: number, transport: ClientTransport | null, now: number) {
    this.id = id
    this.transport = transport
    this.createdAt = now
    this.lastActive = now
  }

  get subscriptions(): number {
    return (this.channels?.size ?? 0) + (this.patterns?.size ?? 0)
  }

  get shardSubscriptions(): number {
    return this.shardChannels?.size ?? 0
  }

  /** RESP2 clients with subscriptions may only send a few commands. */
  get inSubscribedMode(): boolean {
    return this.protocol === 2 && this.subscriptions + this.shardSubscriptions > 0
  }
}
