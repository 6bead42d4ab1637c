/**
 * One client's session: what the server remembers of a connection between its commands. It knows nothing of sockets: the
 * network layer gives it a Transport. A script's commands run on behalf of the client that called the script.
 */
import type { Session } from '../acl/access-control.ts'
import type { User } from '../acl/user.ts'
import type { ClientTransport, Client as ContextClient, DebugMode, ReplyMode } from '../commands/session.ts'
import type { Command } from '../commands/table.ts'
import type { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import { IN_TRANSACTION, MONITORING, REPLIES_HELD, RESTRICTED, UNAUTHENTICATED } from './constraints.ts'

/** What MULTI has gathered. */
export interface QueuedCommand {
  readonly command: Command
  readonly args: Args
  /** As of the moment it was queued: a script may be another one when it runs. */
  readonly flags: number
}

/** A key that somebody watches. */
export interface WatchedKey {
  readonly name: string
  readonly dbIndex: number
  readonly key: Bytes
  readonly clients: Set<Client>
  /** Those who watched it when it had expired but was not removed yet: its removal is no change to them. */
  readonly sawExpired: Set<Client>
}

/** The slot of what names no key. */
export const NO_SLOT = -1

export class Client implements ContextClient, Session {
  readonly id: number
  readonly transport: ClientTransport | null
  readonly createdAt: number
  name = ''
  libName = ''
  libVersion = ''
  /** RESP version. */
  protocol = 2
  dbIndex = 0
  user: User
  /** It has said who it is, or needed not when it came. */
  hasLoggedIn = true
  lastActive: number
  /** For CLIENT LIST. */
  lastCommand: Command | null = null
  /** See constraints.ts. */
  constraints = 0
  commandsProcessed = 0
  bytesIn = 0
  bytesOut = 0

  /** The connection ends once the replies written so far are out (QUIT, CLIENT KILL of oneself, protocol errors). */
  closeAfterReply = false
  /** The connection stops executing its pipeline until `transport.resume()`. */
  suspended = false
  /** A command that CLIENT PAUSE held back; it runs when the client is resumed. */
  postponed: Args | null = null
  debugMode: DebugMode = 'no'
  canRedirect = false
  noEvict = false
  noTouch = false
  asking = false
  readOnly = false
  /** In a cluster: of the keys of its request; of its script's last command, once there was one. */
  slot = NO_SLOT
  /** Bytes of their arguments: they count as input of the client. */
  queuedBytes = 0
  watchedBytes = 0
  subscribedBytes = 0
  /** Kept by ClientMemory: what this client was found to take, and the bucket it is in. */
  memory = 0
  memoryBucket = -1
  /** It has sent MULTI or WATCH. */
  hasTransacted = false
  /** A queued command was refused: EXEC will abort. */
  queueBroken = false
  watched: Set<WatchedKey> | null = null
  /** A watched key changed. */
  watchBroken = false

  channels: Set<string> | null = null
  patterns: Set<string> | null = null
  shardChannels: Set<string> | null = null

  private gathered: QueuedCommand[] | null = null
  private replies: ReplyMode = 'on'

  constructor(id: number, transport: ClientTransport | null, now: number, user: User) {
    this.id = id
    this.user = user
    this.transport = transport
    this.createdAt = now
    this.lastActive = now
  }

  get lastCommandName(): string {
    return this.lastCommand?.name ?? 'NULL'
  }

  /** It may do more than log in. */
  get authenticated(): boolean {
    return (this.constraints & UNAUTHENTICATED) === 0
  }

  become(user: User, hasLoggedIn: boolean, mustLogIn: boolean): void {
    this.user = user
    this.hasLoggedIn = hasLoggedIn
    this.updateAccess(mustLogIn)
  }

  updateAccess(mustLogIn: boolean): void {
    this.constrain(UNAUTHENTICATED, mustLogIn && !this.hasLoggedIn)
    this.constrain(RESTRICTED, !this.user.isUnrestricted)
  }

  /** Non-null between MULTI and EXEC. */
  get queue(): QueuedCommand[] | null {
    return this.gathered
  }

  set queue(queue: QueuedCommand[] | null) {
    this.gathered = queue
    this.constrain(IN_TRANSACTION, queue !== null)
  }

  get isMonitor(): boolean {
    return (this.constraints & MONITORING) !== 0
  }

  set isMonitor(is: boolean) {
    this.constrain(MONITORING, is)
  }

  /** CLIENT REPLY: 'skip-next' turns into 'skip' for the next command. */
  get replyMode(): ReplyMode {
    return this.replies
  }

  set replyMode(mode: ReplyMode) {
    this.replies = mode
    this.constrain(REPLIES_HELD, mode !== 'on')
  }

  constrain(constraint: number, holds: boolean): void {
    this.constraints = holds ? this.constraints | constraint : this.constraints & ~constraint
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
