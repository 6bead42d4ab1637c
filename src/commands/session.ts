/**
 * A client's session as commands see it, and the connection under it.
 */
import type { ClientView } from '../cluster/node.ts'
import type { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { Conversation } from '../protocol/conversation.ts'

/** The connection under a client. */
export interface ClientTransport {
  /** `ip:port`, `path:0` for a unix socket. */
  readonly address: string
  readonly localAddress: string
  readonly fd: number
  readonly isUnix: boolean
  /** It speaks TLS. */
  readonly isSecure: boolean
  /** The peer is on this machine: a loopback address or a unix socket. */
  readonly isLocal: boolean
  /** Unparsed input held, and room left in its buffer. */
  readonly inputBytes: number
  readonly inputFree: number
  /** Output not yet taken by the kernel. */
  readonly outputBytes: number
  /**
   * Appends to the output, copying. What is appended to the client whose command runs comes behind that command's
   * reply.
   */
  enqueue(message: Bytes): void
  /** Closes, `afterReply`: when all output is written. */
  close(afterReply: boolean): void
  /** Goes on with a client that was suspended: first its `postponed` command, then its pipeline. */
  resume(): void
  /** Replies to the commands before the one that runs are still to be sent. */
  readonly owesReplies: boolean
  /** Talks to the client while its command runs, blocking this thread; undefined where that cannot be. */
  converse(): Conversation | undefined
  /**
   * From within a command: what the client sends, now and from now on, is another's who also answers, by `enqueue`; null
   * when it is gone. The client must be suspended. Answers what is written already of the command's reply, which nobody
   * gets.
   */
  divert(take: (input: Buffer | null) => void): Buffer
}

/** What of a client decides which addresses it is told. */
export function viewOf({ transport }: { readonly transport: ClientTransport | null }): ClientView {
  return { overIpv6: transport?.address.startsWith('[') ?? false, overTls: transport?.isSecure ?? false }
}

/** How a client's scripts run: not debugged, debugged on a copy of the keys, debugged while everybody else waits. */
export type DebugMode = 'no' | 'yes' | 'sync'

export type ReplyMode = 'on' | 'off' | 'skip-next' | 'skip'

export interface Client {
  readonly id: number
  /** Null where there is no connection, such as in tests. */
  readonly transport: ClientTransport | null
  readonly createdAt: number
  readonly lastActive: number
  /** Full name of the last command (`client|list`), `NULL` before the first. */
  readonly lastCommandName: string
  readonly commandsProcessed: number
  readonly bytesIn: number
  readonly bytesOut: number
  name: string
  libName: string
  libVersion: string
  /** RESP version this client speaks. */
  protocol: number
  /** Selected database. */
  dbIndex: number
  /** It has said who it is, or need not. */
  readonly hasLoggedIn: boolean
  readonly user: { readonly name: string }
  /** The connection ends once the replies written so far are out. */
  closeAfterReply: boolean
  /** Its pipeline waits until `transport.resume()`. */
  suspended: boolean
  /** A command that CLIENT PAUSE held back; it runs when the client is resumed. */
  postponed: Args | null
  isMonitor: boolean
  noEvict: boolean
  noTouch: boolean
  /** CLIENT CAPA REDIRECT was sent. */
  canRedirect: boolean
  replyMode: ReplyMode
  /** ASKING: the next command, or transaction, may use slots that are on their way here. */
  asking: boolean
  /** READONLY was sent. */
  readOnly: boolean
  debugMode: DebugMode
  /** It has sent MULTI or WATCH. */
  readonly hasTransacted: boolean
  /** Commands between MULTI and the end of EXEC. */
  readonly queue: readonly { readonly args: Args }[] | null
  /** Bytes of their arguments. */
  readonly queuedBytes: number
  readonly watched: ReadonlySet<unknown> | null
  /** Bytes that watched keys and subscriptions take. */
  readonly watchedBytes: number
  readonly subscribedBytes: number
  /** A watched key has changed. */
  readonly watchBroken: boolean
  /** Names as latin1 strings; kept by PubSub. */
  channels: Set<string> | null
  patterns: Set<string> | null
  shardChannels: Set<string> | null
  /** Channels and patterns together. */
  readonly subscriptions: number
  readonly shardSubscriptions: number
  /** RESP2 with subscriptions: only a few commands are allowed. */
  readonly inSubscribedMode: boolean
}
