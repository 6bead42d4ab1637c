/**
 * Addresses as people and CLIENT LIST read them.
 */
import type { Endpoint, Socket } from './tcp.ts'

/** `127.0.0.1:6379`, `[::1]:6379`; `path:0` for a Unix socket. */
export function endpointText(endpoint: Endpoint | undefined, unixPath: string | undefined): string {
  if (unixPath !== undefined) return `${unixPath}:0`
  if (endpoint === undefined) return '?:0'
  const { address, port } = endpoint
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** Both ends of a connection as text, which is made when it is first asked for and stays when the socket is gone. */
export class EndTexts {
  private readonly socket: Socket
  private readonly settings: { readonly unixsocket: string }
  private remoteText: string | null = null
  private localText: string | null = null

  constructor(socket: Socket, settings: { readonly unixsocket: string }) {
    this.socket = socket
    this.settings = settings
  }

  get remote(): string {
    this.remoteText ??= endpointText(this.socket.remote, this.unixPath)
    return this.remoteText
  }

  get local(): string {
    this.localText ??= endpointText(this.socket.local, this.unixPath)
    return this.localText
  }

  private get unixPath(): string | undefined {
    return isUnixPeer(this.socket) ? this.settings.unixsocket : undefined
  }
}

/** An end of a connection as Node tells it; undefined where it is no internet address, or the client has gone. */
export function endpointOf(address: string | undefined, port: number | undefined): Endpoint | undefined {
  return address === undefined || port === undefined ? undefined : { address, port }
}

/** Whether the client came by a Unix socket. */
export function isUnixPeer(socket: Socket): boolean {
  return socket.isUnix && socket.proxied === null
}

/** Whether the client is on this machine. */
export function isLocalPeer(socket: Socket): boolean {
  if (isUnixPeer(socket)) return true
  const address = socket.remote?.address ?? ''
  return address.startsWith('127.') || address === '::1'
}
