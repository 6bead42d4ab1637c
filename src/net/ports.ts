/**
 * What the network layer needs of the rest of the server.
 */
import type { ClientTransport } from '../commands/session.ts'
import type { OutputLimits } from '../config/special.ts'
import type { Client } from '../engine/client.ts'
import type { Args } from '../memory/args.ts'
import type { CommandWindow } from '../protocol/command-window.ts'
import type { RespWriter } from '../protocol/resp-writer.ts'
import type { TlsSettings } from './tls/settings.ts'

/** Runs commands. */
export interface CommandExecutor {
  /** Commands of one client follow. */
  beginBatch(): void
  /** Runs a command; its reply is in the writer when it returns. */
  execute(client: Client, args: Args, writer: RespWriter): void
  /** The commands of the window will run next, unless the connection ends: a chance to have their keys at hand. */
  prefetch?(client: Client, window: CommandWindow): void
}

/** The memory of clients, which depends on their buffers. */
export interface ClientMeter {
  /** Somebody has to know at once when it changes. */
  readonly isTracked: boolean
  /** Something of the client changed. */
  measure(client: Client): void
}

export interface ClientDirectory {
  /** Clients need no password. */
  readonly isPasswordless: boolean
  readonly memory: ClientMeter
  /** A connection was accepted. */
  connect(transport: ClientTransport): Client
  /** A connection has ended, whoever ended it. */
  disconnect(client: Client): void
}

/** Counters that the network layer moves. */
export interface NetworkStats {
  connectionsReceived: number
  connectionsRejected: number
  bytesIn: number
  bytesOut: number
  readsProcessed: number
  writesProcessed: number
  clientsClosedForQueryBuffer: number
  clientsClosedForOutputBuffer: number
  /** An error reply that no command wrote. */
  error(text: string): void
}

/** Live configuration values. */
export interface NetworkSettings extends TlsSettings {
  readonly bind: readonly string[]
  readonly port: number
  readonly unixsocket: string
  readonly unixsocketperm: number
  readonly 'tcp-backlog': number
  readonly timeout: number
  readonly 'protected-mode': boolean
  readonly 'proto-max-bulk-len': number
  readonly 'client-query-buffer-limit': number
  readonly 'client-output-buffer-limit': OutputLimits
  readonly loglevel: string
}

export interface NetworkLog {
  verbose(text: string): void
  notice(text: string): void
  warning(text: string): void
}

/** What DEBUG switches, for tests. */
export interface NetworkDebug {
  /** Nothing is done periodically. */
  readonly cronPaused: boolean
  /** Idle connections do not give their buffers back. */
  readonly keepsBuffers: boolean
}

export interface NetworkParts {
  readonly executor: CommandExecutor
  readonly clients: ClientDirectory
  readonly stats: NetworkStats
  readonly settings: NetworkSettings
  readonly clock: { readonly now: number }
  readonly log: NetworkLog
  readonly debug: NetworkDebug
  /** Where replies are gathered; one of its own where it is not given. */
  readonly writer?: RespWriter
  /** What the engine tells the guardian of the scripts it runs (see control-block.ts); none without. */
  readonly control?: Int32Array
  /** The program of the TLS thread, where it is not beside this one. */
  readonly tlsEntry?: URL
  /** One line about a client, as CLIENT LIST prints it. */
  describe(client: Client): string
}
