/**
 * A server with a handful of commands of its own beneath the real network layer, and raw clients for it.
 */
import net from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { User } from '../../../src/acl/user.ts'
import { Client } from '../../../src/engine/client.ts'
import type { Args } from '../../../src/memory/args.ts'
import type { Bytes } from '../../../src/memory/bytes.ts'
import type { NetworkParts, NetworkSettings } from '../../../src/net/ports.ts'
import { socketLayer } from '../../../src/net/socket-layer.ts'
import { Switchboard } from '../../../src/net/switchboard.ts'
import type { SocketLayer } from '../../../src/net/tcp.ts'
import type { RespWriter } from '../../../src/protocol/resp-writer.ts'

export const LAYERS: readonly SocketLayer[] = [socketLayer(''), socketLayer('public')]

const MB = 1024 * 1024
const UNLIMITED = { hard: 0, soft: 0, softSeconds: 0 }

type Settings = { -readonly [K in keyof NetworkSettings]: NetworkSettings[K] }

function settings(): Settings {
  return {
    bind: ['127.0.0.1'],
    port: 0,
    unixsocket: '',
    unixsocketperm: 0,
    'tcp-backlog': 511,
    'tcp-keepalive': 300,
    'tls-port': 0,
    'tls-auth-clients': 'yes',
    'tls-cert-file': '',
    'tls-key-file': '',
    'tls-key-file-pass': '',
    'tls-ca-cert-file': '',
    'tls-ca-cert-dir': '',
    'tls-protocols': '',
    'tls-ciphers': '',
    'tls-ciphersuites': '',
    'tls-prefer-server-ciphers': false,
    'tls-session-caching': true,
    'tls-session-cache-timeout': 300,
    'tls-dh-params-file': '',
    timeout: 0,
    maxclients: 1000,
    'protected-mode': true,
    'proto-max-bulk-len': 512 * MB,
    'client-query-buffer-limit': 1024 * MB,
    'client-output-buffer-limit': { normal: UNLIMITED, replica: UNLIMITED, pubsub: UNLIMITED },
    loglevel: 'notice',
  }
}

type ToyCommand = (client: Client, args: Args, writer: RespWriter) => void

/** What the network layer is given: an engine of a few commands, and counters. */
export class ToyEngine implements NetworkParts {
  readonly settings = settings()
  private readonly user = User.unrestricted('default')
  readonly clock = { now: 1_000_000 }
  readonly stats = {
    connectionsReceived: 0,
    connectionsRejected: 0,
    bytesIn: 0,
    bytesOut: 0,
    readsProcessed: 0,
    writesProcessed: 0,
    clientsClosedForQueryBuffer: 0,
    clientsClosedForOutputBuffer: 0,
    errors: [] as string[],
    error(text: string) {
      this.errors.push(text)
    },
  }
  readonly debug = { cronPaused: false, keepsBuffers: false }
  readonly logged: string[] = []
  readonly log = {
    verbose: (text: string) => void this.logged.push(text),
    notice: (text: string) => void this.logged.push(text),
    warning: (text: string) => void this.logged.push(text),
  }
  readonly connected = new Map<number, Client>()
  readonly disconnected: number[] = []
  /** Commands that ran. */
  executed = 0
  /** Sizes of the windows that were offered to `prefetch`. */
  readonly windows: number[] = []
  private readonly values = new Map<string, Bytes>()
  private lastId = 0

  readonly clients = {
    isPasswordless: true,
    memory: { isTracked: false, measure() {} },
    connect: (transport: Client['transport']): Client => {
      const client = new Client(++this.lastId, transport, this.clock.now, this.user)
      client.become(this.user, this.clients.isPasswordless, true)
      this.connected.set(client.id, client)
      return client
    },
    disconnect: (client: Client): void => {
      if (this.connected.delete(client.id)) this.disconnected.push(client.id)
    },
  }

  readonly executor: NetworkParts['executor'] = {
    beginBatch() {},
    prefetch: (_client, window) => void this.windows.push(window.count),
    execute: (client, args, writer) => {
      this.executed++
      writer.protocol = client.protocol
      const name = args.at(0).latin1().toLowerCase()
      const run = this.commands[name]
      if (run === undefined) writer.error(`ERR unknown command '${name}'`)
      else run(client, args, writer)
    },
  }

  describe(client: Client): string {
    return `id=${client.id}`
  }

  private readonly commands: Readonly<Record<string, ToyCommand>> = {
    ping: (_client, _args, writer) => writer.status('PONG'),
    echo: (_client, args, writer) => writer.bulk(args.at(1)),
    argc: (_client, args, writer) => writer.integer(args.count),
    id: (client, _args, writer) => writer.integer(client.id),
    address: (client, _args, writer) => writer.text(client.transport!.address),
    input: (client, _args, writer) => writer.integer(client.transport!.inputBytes),
    set: (_client, args, writer) => {
      this.values.set(args.at(1).latin1(), args.at(2).detach())
      writer.ok()
    },
    get: (_client, args, writer) => {
      const value = this.values.get(args.at(1).latin1())
      if (value === undefined) writer.null()
      else writer.bulk(value)
    },
    quit: (client, _args, writer) => {
      client.closeAfterReply = true
      writer.ok()
    },
    /** Breaks down in the middle of a reply. */
    throw: (_client, _args, writer) => {
      writer.array(2)
      throw new Error('broken')
    },
    auth: (client, _args, writer) => {
      client.become(this.user, true, true)
      writer.ok()
    },
    /** Waits until somebody resumes the client. */
    wait: (client, _args, writer) => {
      client.suspended = true
      writer.status('WAITED')
    },
    /** The first time it is held back, without a reply. */
    later: (client, args, writer) => {
      if (!client.suspended && client.name !== 'tried') {
        client.name = 'tried'
        client.suspended = true
        client.postponed = args.detach()
      } else writer.status('LATER')
    },
    subscribe: (client, _args, writer) => {
      client.channels = new Set(['channel'])
      writer.status('SUBSCRIBED')
    },
    publish: (_client, args, writer) => writer.integer(this.publish(args.at(1))),
    kill: (client, args, writer) => {
      const other = this.connected.get(Number(args.at(1).latin1()))
      if (other === client) client.closeAfterReply = true
      else other?.transport?.close(false)
      writer.integer(other === undefined ? 0 : 1)
    },
  }

  publish(message: Bytes): number {
    let receivers = 0
    for (const client of this.connected.values()) {
      if (client.channels === null) continue
      client.transport!.enqueue(message)
      receivers++
    }
    return receivers
  }
}

export interface ToyServer {
  readonly engine: ToyEngine
  readonly board: Switchboard
  readonly port: number
  connect(): Promise<RawClient>
  resume(id: number): void
}

/** Runs `body` with a server and ends both. */
export async function withServer(
  layer: SocketLayer,
  body: (server: ToyServer) => Promise<void>,
): Promise<void> {
  const engine = new ToyEngine()
  const board = new Switchboard(engine)
  const listening = layer.listenTcp('127.0.0.1', 0, {
    backlog: 511,
    keepAlive: () => 300,
    onSocket: (socket) => board.accept(socket),
  })
  await listening.ready
  const clients: RawClient[] = []
  try {
    await body({
      engine,
      board,
      port: listening.port,
      async connect() {
        const client = await RawClient.connect({ port: listening.port, host: '127.0.0.1' })
        clients.push(client)
        return client
      },
      resume(id) {
        const client = engine.connected.get(id)!
        client.suspended = false
        client.transport!.resume()
      },
    })
  } finally {
    for (const client of clients) client.destroy()
    board.closeAll()
    await listening.close()
  }
}

/** A socket that sends what it is told and keeps what it gets. */
export class RawClient {
  /** The server has ended the connection. */
  ended = false
  private readonly socket: net.Socket
  private received: Buffer[] = []
  private bytes = 0
  private changed: () => void = () => {}

  private constructor(socket: net.Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      this.received.push(chunk)
      this.bytes += chunk.length
      this.changed()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.ended = true
      this.changed()
    })
  }

  /** On a socket that is connected, or is going to be. */
  static over(socket: net.Socket): RawClient {
    return new RawClient(socket)
  }

  get localPort(): number | undefined {
    return this.socket.localPort
  }

  static connect(where: net.NetConnectOpts): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(where, () => resolve(new RawClient(socket)))
      socket.once('error', reject)
    })
  }

  send(...pieces: (string | Buffer)[]): void {
    for (const piece of pieces)
      this.socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
  }

  /** Sends each piece by itself. */
  async sendSlowly(pieces: readonly Buffer[]): Promise<void> {
    for (const piece of pieces) {
      await new Promise<void>((resolve) => this.socket.write(piece, () => resolve()))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Sends the rest, and that nothing follows. */
  end(): void {
    this.socket.end()
  }

  /** Stops reading. */
  pause(): void {
    this.socket.pause()
  }

  read(): void {
    this.socket.resume()
  }

  /** Ends the connection with a reset. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  destroy(): void {
    this.socket.destroy()
  }

  get receivedBytes(): number {
    return this.bytes
  }

  /** The next n bytes. */
  async take(n: number): Promise<Buffer> {
    await this.until(() => this.bytes >= n || this.ended)
    const all = Buffer.concat(this.received)
    this.received = [all.subarray(n)]
    this.bytes = Math.max(0, all.length - n)
    return all.subarray(0, n)
  }

  /** What comes until the server ends the connection. */
  async rest(): Promise<string> {
    await this.until(() => this.ended)
    return Buffer.concat(this.received).toString('latin1')
  }

  /** Takes as many bytes as `text` has; throws when they are others. */
  async expect(text: string): Promise<void> {
    const got = (await this.take(text.length)).toString('latin1')
    if (got !== text) throw new Error(`expected ${JSON.stringify(text)}, got ${JSON.stringify(got)}`)
  }

  private until(done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.changed = () => {
        if (!done()) return
        this.changed = () => {}
        resolve()
      }
      this.changed()
    })
  }
}

/** Lets the servers and clients of this process do what they can. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await pause(2)
}

export { until } from '../../support/until.ts'
