/**
 * What a debugging session's thread is given, and what it and the server's thread tell each other. A message to the session
 * is announced in shared memory, as the session's event loop stands still.
 */
import type { MessagePort } from 'node:worker_threads'
import type { ConfigValues, RenamedCommand } from '../../config.ts'
import type { Client } from '../../engine/client.ts'
import type { WasmModule } from '../../scripting/webassembly.ts'

/** Words of shared memory: changes with each message to the session; bytes of input that it has read, which may wrap. */
export const SIGNAL = 0
export const READ = 1
export const CONTROL_WORDS = 2

/** All there is to know of the server for one script of one client. */
export interface SessionData {
  readonly port: MessagePort
  /** See SIGNAL and READ. */
  readonly control: Int32Array
  readonly module: WasmModule
  readonly config: ConfigValues
  readonly renamedCommands: readonly RenamedCommand[]
  /** As an ACL file. */
  readonly users: string
  /** Bytes in use when the session began. */
  readonly usedMemory: number
  /** Null where the server is not a cluster's node. */
  readonly cluster: SessionCluster | null
  /** See serialization/snapshot.ts. */
  readonly keys: readonly Uint8Array[]
  /** The command that runs the script. */
  readonly args: readonly Uint8Array[]
  readonly client: SessionClient
}

export interface SessionCluster {
  /** As the file of nodes. */
  readonly nodes: string
  readonly isUp: boolean
}

export interface SessionClient {
  readonly id: number
  /** Its name. */
  readonly user: string
  readonly address: string
  readonly isSecure: boolean
  readonly state: Pick<
    Client,
    'name' | 'protocol' | 'dbIndex' | 'noTouch' | 'asking' | 'readOnly' | 'replyMode'
  >
}

export type ToSession =
  /** What the client has sent. */
  | { readonly input: Uint8Array }
  /** The text of INFO that was asked for. */
  | { readonly info: string }

export type FromSession =
  /** For the client. */
  | { readonly output: Uint8Array }
  /** The script is over: its reply. */
  | { readonly reply: Uint8Array }
  /** A line of the log. */
  | { readonly log: string }
  /** Asks for INFO: the sections. */
  | { readonly info: readonly string[] }
