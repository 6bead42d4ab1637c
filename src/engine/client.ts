/**
 * One client's session: what the server remembers of a connection between its commands. It knows nothing of sockets: the
 * network layer gives it a Transport. A script's commands run on behalf of the client that called the script.
 */
import type { Command } from '../commands/table.ts'
import type { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { WatchedKey } from './transactions.ts'

/** The connection as the engine sees it; implemented by the network layer. */
export interface Transport {
  /** `ip:port`, `path:0` for a unix socket: as CLIENT LIST prints it. */
  readonly address: string
  readonly localAddress: string
  readonly fd: number
  readonly isUnix: boolean
  /** Unparsed input held, and room left in its buffer: `qbuf` and `qbuf-free` of CLIENT LIST. */
  readonly inputBytes: number
  readonly inputFree: number
  /** Output not yet taken by the kernel. */
  readonly outputBytes: number
  /** Appends to the output; written at the end of this turn of the event loop. Copies. */
  enqueue(message: Bytes): void
  /** Closes, `afterReply`: when all output is written. */
  close(afterReply: boolean): void
  /** Goes on with the pipeline of a client that was suspended. */
  resume(): void
}

/** What MULTI has gathered. */
export interface QueuedCommand {
  readonly command: Command
  readonly args: Args
}

export class Client {
  readonly id: number
  readonly transport: Transport | null
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
  isMonitor = false
  noEvict = false
  noTouch = false
  /** CLIENT REPLY: 'skip-next' turns into 'skip' for the next command. */
  replyMode: 'on' | 'off' | 'skip-next' | 'skip' = 'on'

  /** Non-null between MULTI and EXEC. */
  queue: QueuedCommand[] | null = null
  /** A queued command was refused: EXEC will abort. */
  queueBroken = false
  watched: Set<WatchedKey> | null = null
  /** A watched key changed. */
  watchBroken = false

  channels: Set<string> | null = null
  patterns: Set<string> | null = null
  shardChannels: Set<string> | null = null

  constructor(id: number, transport: Transport | null, now: number) {
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
