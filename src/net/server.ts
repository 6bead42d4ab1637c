/**
 * The server on the network: its listeners and its connections.
 */
import { Guardian } from './guardian/guardian.ts'
import { type IpListener, type ListenerFigures, Listeners } from './listener.ts'
import type { NetworkParts } from './ports.ts'
import { socketLayer } from './socket-layer.ts'
import { Switchboard } from './switchboard.ts'
import type { SocketLayer } from './tcp.ts'
import { TlsFront } from './tls/front.ts'

/** How often limits that depend on time are looked at. */
const SWEEP_INTERVAL_MS = 1000

const NO_GUARDIAN =
  'WARNING: This Node.js does not tell the descriptors of its sockets: nobody is served while a script runs for long, and it cannot be stopped.'

export class NetworkServer {
  /** How it does its sockets. */
  readonly layer: SocketLayer
  /** Serves the clients while a script keeps this thread; only where sockets can be lent to another thread. */
  readonly guardian: Guardian | undefined
  readonly tls: TlsFront
  private readonly board: Switchboard
  private readonly listening: Listeners
  private timer: ReturnType<typeof setInterval> | undefined

  constructor(parts: NetworkParts, layer: SocketLayer = socketLayer()) {
    this.layer = layer
    this.board = new Switchboard(parts)
    this.tls = new TlsFront(layer, this.board, parts.tlsEntry)
    this.listening = new Listeners(layer, parts, this.tls, (socket) => this.board.accept(socket))
    if (parts.control === undefined) return
    if (layer.name !== 'handles') {
      parts.log.warning(NO_GUARDIAN)
      return
    }
    this.guardian = new Guardian({
      board: this.board,
      control: parts.control,
      backlog: () => parts.settings['tcp-backlog'],
      listeners: () => [...this.listening.sockets, ...this.tls.sockets],
    })
  }

  /** Begins to accept connections. Throws ListenError; where that comes late, the promise is rejected with it. */
  open(): Promise<void> {
    this.timer = setInterval(() => this.sweep(), SWEEP_INTERVAL_MS)
    this.timer.unref()
    try {
      return this.listening.open()
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Follows a change of `bind` or of a port. Throws ListenError, listening at none of these then. */
  rebind(...kinds: IpListener[]): void {
    this.listening.rebind(kinds)
  }

  get listeners(): ListenerFigures[] {
    return this.listening.figures
  }

  /** Stops listening and ends all connections. */
  async close(): Promise<void> {
    clearInterval(this.timer)
    this.board.closeAll()
    await Promise.all([this.listening.close(), this.tls.close()])
    await this.guardian?.stop()
  }

  private sweep(): void {
    this.board.sweep()
    this.tls.sweep()
    this.guardian?.prepare()
  }
}
