/**
 * The addresses the server listens on: opens them as the configuration says, with Valkey's rules for those that cannot
 * be opened.
 */
import { accessSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemWords } from '../system-error.ts'
import { addressOf } from './host-names.ts'
import type { NetworkLog, NetworkSettings } from './ports.ts'
import type { ListeningSocket, ListenOptions, Socket, SocketLayer } from './tcp.ts'
import type { TlsFront } from './tls/front.ts'

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
  readonly name: 'tcp' | 'unix' | 'tls'
  /** As they were configured. */
  readonly addresses: readonly string[]
  readonly port: number
}

export class ListenError extends Error {}

/** What is listened to at the addresses of `bind`. */
export type IpListener = 'tcp' | 'tls'

export interface ListenerParts {
  readonly settings: NetworkSettings
  readonly log: NetworkLog
}

export class Listeners {
  private readonly layer: SocketLayer
  private readonly settings: NetworkSettings
  private readonly log: NetworkLog
  private readonly options: ListenOptions
  private readonly tls: TlsFront
  private readonly ip: Record<IpListener, ListeningSocket[]> = { tcp: [], tls: [] }
  private unix: ListeningSocket | undefined

  constructor(
    layer: SocketLayer,
    { settings, log }: ListenerParts,
    tls: TlsFront,
    onSocket: (socket: Socket) => void,
  ) {
    this.layer = layer
    this.settings = settings
    this.log = log
    this.tls = tls
    this.options = { backlog: settings['tcp-backlog'], keepAlive: () => settings['tcp-keepalive'], onSocket }
  }

  /**
   * Throws ListenError. The promise is fulfilled when all of them listen; some kinds of sockets say only then that they
   * cannot.
   */
  open(): Promise<void> {
    const { unixsocket } = this.settings
    if (this.settings['tls-port'] !== 0) this.configureTls()
    this.openIp('tcp')
    if (unixsocket !== '') this.unix = this.openUnix(unixsocket)
    this.openIp('tls')
    if (this.sockets.length === 0) throw new ListenError('Configured to not listen anywhere, exiting.')
    return this.untilReady()
  }

  /** Listens where `bind` and the ports now say, and nowhere else with these. Throws ListenError. */
  rebind(kinds: readonly IpListener[]): void {
    for (const kind of kinds) this.closeIp(kind)
    try {
      for (const kind of kinds) this.openIp(kind)
    } catch (error) {
      for (const kind of kinds) this.closeIp(kind)
      throw error
    }
    // Who cannot listen has said so in the log.
    this.untilReady().catch(() => {})
  }

  /** Those that are open. */
  get sockets(): readonly ListeningSocket[] {
    return [...this.ip.tcp, ...this.ip.tls, ...(this.unix === undefined ? [] : [this.unix])]
  }

  get figures(): ListenerFigures[] {
    const { bind: addresses, unixsocket } = this.settings
    const list: ListenerFigures[] = []
    if (this.ip.tcp.length > 0) list.push({ name: 'tcp', addresses, port: this.portOf('tcp') })
    if (this.unix !== undefined) list.push({ name: 'unix', addresses: [unixsocket], port: 0 })
    if (this.ip.tls.length > 0) list.push({ name: 'tls', addresses, port: this.portOf('tls') })
    return list
  }

  async close(): Promise<void> {
    const { sockets } = this
    this.ip.tcp = []
    this.ip.tls = []
    this.unix = undefined
    await Promise.all(sockets.map((socket) => socket.close()))
  }

  private configureTls(): void {
    try {
      this.tls.configure()
    } catch {
      throw new ListenError('Failed to configure TLS. Check logs for more info.')
    }
  }

  private portOf(kind: IpListener): number {
    return this.settings[kind === 'tcp' ? 'port' : 'tls-port']
  }

  private openIp(kind: IpListener): void {
    const port = this.portOf(kind)
    if (port === 0) return
    for (const entry of this.settings.bind) {
      const optional = entry.startsWith('-')
      const address = optional ? entry.slice(1) : entry
      try {
        this.ip[kind].push(this.listenIp(kind, WILDCARDS.get(address) ?? addressOf(address), port))
      } catch (error) {
        const { code = '' } = error as NodeJS.ErrnoException
        const reason = `${code === 'ENOTFOUND' ? '' : 'bind: '}${systemWords(error)}`
        this.log.warning(
          `Warning: Could not create server TCP listening socket ${address}:${port}: ${reason}`,
        )
        if ((code === 'EADDRNOTAVAIL' && optional) || UNSUPPORTED.has(code)) continue
        this.closeIp(kind)
        throw new ListenError(`Failed listening on port ${port} (${kind}), aborting.`)
      }
    }
  }

  private listenIp(kind: IpListener, address: string, port: number): ListeningSocket {
    return kind === 'tls' ? this.tls.listen(address, port) : this.layer.listenTcp(address, port, this.options)
  }

  private closeIp(kind: IpListener): void {
    for (const socket of this.ip[kind]) socket.close()
    this.ip[kind] = []
  }

  private openUnix(path: string): ListeningSocket {
    try {
      // Asked before, as binding calls a missing folder forbidden.
      accessSync(dirname(path))
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
