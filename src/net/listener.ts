/**
 * The addresses the server listens on: opens them as the configuration says, with Valkey's rules for those that cannot
 * be opened.
 */
import { rmSync } from 'node:fs'
import { systemWords } from '../system-error.ts'
import type { NetworkLog, NetworkSettings } from './ports.ts'
import type { ListeningSocket, ListenOptions, Socket, SocketLayer } from './tcp.ts'

/** The system does not know the kind of address: not worth refusing to start. */
const UNSUPPORTED = new Set([
  'ENOPROTOOPT',
  'EPROTONOSUPPORT',
  'ESOCKTNOSUPPORT',
  'EPFNOSUPPORT',
  'EAFNOSUPPORT',
])

/** What stands for all addresses. */
const WILDCARDS = new Map([
  ['*', '0.0.0.0'],
  ['::*', '::'],
])

/** One of the server's ways in. */
export interface ListenerFigures {
  readonly name: 'tcp' | 'unix'
  /** As they were configured. */
  readonly addresses: readonly string[]
  readonly port: number
}

export class ListenError extends Error {}

export class Listeners {
  private readonly layer: SocketLayer
  private readonly settings: NetworkSettings
  private readonly log: NetworkLog
  private readonly options: ListenOptions
  private tcp: ListeningSocket[] = []
  private unix: ListeningSocket | undefined

  constructor(
    layer: SocketLayer,
    settings: NetworkSettings,
    log: NetworkLog,
    onSocket: (socket: Socket) => void,
  ) {
    this.layer = layer
    this.settings = settings
    this.log = log
    this.options = { backlog: settings['tcp-backlog'], keepAlive: () => settings['tcp-keepalive'], onSocket }
  }

  /**
   * Throws ListenError. The promise is fulfilled when all of them listen; some kinds of sockets say only then that they
   * cannot.
   */
  open(): Promise<void> {
    const { unixsocket } = this.settings
    this.tcp = this.openTcp()
    if (unixsocket !== '') this.unix = this.openUnix(unixsocket)
    if (this.tcp.length === 0 && this.unix === undefined) {
      throw new ListenError('Configured to not listen anywhere, exiting.')
    }
    return this.untilReady()
  }

  /** Listens where `bind` and `port` now say, and nowhere else over TCP. Throws ListenError. */
  rebind(): void {
    for (const socket of this.tcp) socket.close()
    this.tcp = []
    this.tcp = this.openTcp()
    // Who cannot listen has said so in the log.
    this.untilReady().catch(() => {})
  }

  /** Those that are open. */
  get sockets(): readonly ListeningSocket[] {
    return this.unix === undefined ? this.tcp : [...this.tcp, this.unix]
  }

  get figures(): ListenerFigures[] {
    const { bind, port, unixsocket } = this.settings
    const list: ListenerFigures[] = []
    if (this.tcp.length > 0) list.push({ name: 'tcp', addresses: bind, port })
    if (this.unix !== undefined) list.push({ name: 'unix', addresses: [unixsocket], port: 0 })
    return list
  }

  async close(): Promise<void> {
    const { sockets } = this
    this.tcp = []
    this.unix = undefined
    await Promise.all(sockets.map((socket) => socket.close()))
  }

  private openTcp(): ListeningSocket[] {
    const { bind, port } = this.settings
    const opened: ListeningSocket[] = []
    if (port === 0) return opened
    for (const entry of bind) {
      const optional = entry.startsWith('-')
      const address = optional ? entry.slice(1) : entry
      try {
        opened.push(this.layer.listenTcp(WILDCARDS.get(address) ?? address, port, this.options))
      } catch (error) {
        const reason = `${address}:${port}: bind: ${systemWords(error)}`
        this.log.warning(`Warning: Could not create server TCP listening socket ${reason}`)
        const { code = '' } = error as NodeJS.ErrnoException
        if ((code === 'EADDRNOTAVAIL' && optional) || UNSUPPORTED.has(code)) continue
        for (const socket of opened) socket.close()
        throw new ListenError(`Failed listening on port ${port} (tcp), aborting.`)
      }
    }
    return opened
  }

  private openUnix(path: string): ListeningSocket {
    try {
      // A server that was killed leaves its socket behind.
      rmSync(path, { force: true })
      return this.layer.listenUnix(path, this.settings.unixsocketperm, this.options)
    } catch (error) {
      this.log.warning(`Failed opening Unix socket: bind: ${systemWords(error)}`)
      throw new ListenError('Failed listening on port 0 (unix), aborting.')
    }
  }

  private async untilReady(): Promise<void> {
    try {
      await Promise.all(this.sockets.map((socket) => socket.ready))
    } catch (error) {
      this.log.warning(`Warning: Could not create server listening socket: ${systemWords(error)}`)
      throw new ListenError(`Failed listening on port ${this.settings.port}, aborting.`)
    }
  }
}
