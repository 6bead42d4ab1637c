/**
 * The debugging sessions that run in threads of their own: starts them with a copy of the keys, carries what they and their
 * clients say to each other, and ends them when the client goes. Nothing a session does is seen outside of it.
 */
import { freemem } from 'node:os'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { Cluster } from '../../cluster/cluster.ts'
import { writeNodesFile } from '../../cluster/nodes-file.ts'
import type { ClientTransport } from '../../commands/session.ts'
import type { Config } from '../../config.ts'
import type { Client } from '../../engine/client.ts'
import type { Keyspace } from '../../keyspace/keyspace.ts'
import type { Log } from '../../log.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import type { WasmModule } from '../../scripting/webassembly.ts'
import { takeSnapshot } from '../../serialization/snapshot.ts'
import {
  CONTROL_WORDS,
  type FromSession,
  READ,
  type SessionData,
  SIGNAL,
  type ToSession,
} from './protocol.ts'

/** Sessions at the same time. */
export const SESSIONS_MAX = 8
/** Old space of a session's JavaScript heap, MB; keys and the interpreter lie elsewhere. */
const HEAP_MB = 512
/** Bytes a client may send ahead of what its session reads, and leave unread of what it is told: more ends the connection. */
const INPUT_AHEAD_MAX = 1024 * 1024
const OUTPUT_UNREAD_MAX = 512 * 1024 * 1024
/** What the copy takes of memory, in multiples of what is in use: for a moment it is there twice. */
const COPIES = 2

// The words of the system calls that would fail in Valkey.
const TOO_MANY = 'Resource temporarily unavailable'
const NO_MEMORY = 'Cannot allocate memory'

export interface DebugSessionsParts {
  readonly config: Config
  readonly keyspace: Keyspace
  readonly module: WasmModule
  readonly log: Log
  readonly cluster: Cluster | null
  usedMemory(): number
  readonly info: (sections: readonly string[]) => string
  /** All users, as an ACL file. */
  users(): string
}

interface Session {
  readonly worker: Worker
  readonly port: MessagePort
  readonly control: Int32Array
  /** Bytes of input it was sent, modulo 2^32. */
  sent: number
}

export class DebugSessions {
  private readonly parts: DebugSessionsParts
  private readonly sessions = new Set<Session>()

  constructor(parts: DebugSessionsParts) {
    this.parts = parts
  }

  /** Runs a script of a client in a session, which gets all the client says from now on; the reason where it cannot. */
  start(client: Client, args: Args): string | undefined {
    const { transport } = client
    if (transport === null || this.sessions.size >= SESSIONS_MAX) return TOO_MANY
    if (COPIES * this.parts.usedMemory() > availableMemory()) return NO_MEMORY
    const session = this.begin(client, args)
    client.suspended = true
    this.join(session, transport)
    return undefined
  }

  /** Carries what client and session say to each other. */
  private join(session: Session, transport: ClientTransport): void {
    const { log, info } = this.parts
    const { port, worker } = session
    const before = transport.divert((input) => {
      if (input === null) this.end(session)
      else this.pass(session, transport, input)
    })
    port.on('message', (message: FromSession) => {
      if ('log' in message) log.passOn(message.log)
      else if ('info' in message) tell(session, { info: info(message.info) })
      else if ('output' in message) transport.enqueue(bytesOf(message.output))
      else {
        if (before.length > 0) transport.enqueue(new Bytes(before))
        transport.enqueue(bytesOf(message.reply))
        transport.close(true)
      }
    })
    // Behind all messages, however the thread has ended.
    port.on('close', () => transport.close(true))
    port.unref()
    worker.on('error', (error) => log.warning(`A debugging session failed: ${error.stack}`))
    worker.on('exit', () => this.sessions.delete(session))
  }

  private pass(session: Session, transport: ClientTransport, input: Buffer): void {
    session.sent = (session.sent + input.length) | 0
    const ahead = (session.sent - Atomics.load(session.control, READ)) | 0
    const isTooMuch = ahead > INPUT_AHEAD_MAX || transport.outputBytes > OUTPUT_UNREAD_MAX
    if (isTooMuch) setImmediate(() => transport.close(false))
    else tell(session, { input: new Uint8Array(input) })
  }

  private begin(client: Client, args: Args): Session {
    const { config, keyspace, module, cluster, users, usedMemory } = this.parts
    const { port1, port2 } = new MessageChannel()
    const control = new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * Int32Array.BYTES_PER_ELEMENT))
    const keys = takeSnapshot(keyspace)
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: {
        port: port2,
        control,
        module,
        config: config.values,
        renamedCommands: config.renamedCommands,
        users: users(),
        usedMemory: usedMemory(),
        cluster: cluster && { nodes: writeNodesFile(cluster.topology), isUp: cluster.state.isUp },
        keys,
        args: Array.from({ length: args.count }, (_, i) => args.at(i).copy()),
        client: describe(client),
      } satisfies SessionData,
      transferList: [port2, ...keys.map(({ buffer }) => buffer as ArrayBuffer)],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      name: 'debugging session',
    })
    worker.unref()
    const session = { worker, port: port1, control, sent: 0 }
    this.sessions.add(session)
    return session
  }

  private end({ worker, port }: Session): void {
    port.close()
    void worker.terminate()
  }
}

function tell({ port, control }: Session, message: ToSession): void {
  port.postMessage(message)
  Atomics.add(control, SIGNAL, 1)
  Atomics.notify(control, SIGNAL)
}

function describe(client: Client): SessionData['client'] {
  const { id, user, transport, name, protocol, dbIndex, noTouch, asking, readOnly, replyMode } = client
  const { address = '', isSecure = false } = transport ?? {}
  const state = { name, protocol, dbIndex, noTouch, asking, readOnly, replyMode }
  return { id, user: user.name, address, isSecure, state }
}

function bytesOf(bytes: Uint8Array): Bytes {
  return new Bytes(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
}

/** What the system, or the container, has left. */
function availableMemory(): number {
  return process.availableMemory?.() ?? freemem()
}
