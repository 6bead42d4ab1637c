/**
 * From a connection to one that speaks TLS: who may connect, with what certificates, and what is said of those that fail.
 */
import type { Socket } from 'node:net'
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls'
import { systemWords } from '../../system-error.ts'
import { endpointOf, endpointText } from '../addresses.ts'
import type { Ends } from '../tcp.ts'
import { readContext } from './context.ts'
import { REJECTED } from './protocol.ts'
import type { AdmissionSettings, ContextSettings } from './settings.ts'

/** A handshake takes no longer. */
const HANDSHAKE_TIMEOUT_MS = 60_000

const VERIFY_FAILED = 'error:0A000086:SSL routines::certificate verify failed'
const UNEXPECTED_EOF = 'error:0A000126:SSL routines::unexpected eof while reading'

export interface HandshakeParts {
  readonly control: Int32Array
  readonly admission: AdmissionSettings
  readonly timeoutMs?: number
  warning(text: string): void
  onSecure(socket: TLSSocket, ends: Ends): void
}

export class Handshakes {
  private readonly parts: HandshakeParts
  private admission: AdmissionSettings
  private context: SecureContextOptions = {}
  private server: Server | undefined
  private connections = 0
  /** Of all connections, as they cannot be asked any more when they have failed. */
  private readonly ends = new WeakMap<Socket, Ends>()

  constructor(parts: HandshakeParts) {
    this.parts = parts
    this.admission = parts.admission
  }

  /** For connections from now on. Throws TlsRefusal, and goes on as before. */
  configure(settings: ContextSettings): void {
    this.context = readContext(settings)
    this.renew()
  }

  setAdmission(admission: AdmissionSettings): void {
    const before = this.admission
    this.admission = admission
    if (admission['tls-auth-clients'] !== before['tls-auth-clients']) this.renew()
  }

  accept(socket: Socket): void {
    // As many as there may be clients: those that have not shown yet what they are count as well.
    if (this.connections >= this.admission.maxclients || this.server === undefined) {
      Atomics.add(this.parts.control, REJECTED, 1)
      socket.destroy()
      return
    }
    const ends = endsOf(socket)
    if (ends !== undefined) this.ends.set(socket, ends)
    this.connections++
    socket.once('close', () => this.connections--)
    const seconds = this.admission['tcp-keepalive']
    if (seconds > 0) socket.setKeepAlive(true, seconds * 1000)
    this.server.emit('connection', socket)
  }

  /**
   * A server that never listens: it does the handshakes. A new one does not know the session tickets of the one before,
   * so nobody gets in with a certificate that does not count any more.
   */
  private renew(): void {
    const wanted = this.admission['tls-auth-clients']
    this.server = createServer({
      ...this.context,
      requestCert: wanted !== 'no',
      rejectUnauthorized: wanted === 'yes',
      handshakeTimeout: this.parts.timeoutMs ?? HANDSHAKE_TIMEOUT_MS,
      sessionIdContext: 'perilune',
    })
    this.server.on('secureConnection', (socket) => this.secured(socket, wanted === 'optional'))
    this.server.on('tlsClientError', (error, socket) => {
      this.refuse(socket, socket.authorizationError ? VERIFY_FAILED : opensslWords(error))
    })
  }

  private secured(socket: TLSSocket, isOptional: boolean): void {
    // Node leaves it to us to refuse a certificate that nobody has to show.
    if (isOptional && !socket.authorized && socket.getPeerX509Certificate() !== undefined) {
      this.refuse(socket, VERIFY_FAILED)
      return
    }
    const ends = this.endsBeneath(socket)
    if (ends === undefined) socket.destroy()
    else this.parts.onSecure(socket, ends)
  }

  private refuse(socket: TLSSocket, reason: string): void {
    const ends = this.endsBeneath(socket)
    const [addr, laddr] = [ends?.remote, ends?.local].map((end) => (end ? endpointText(end, undefined) : ''))
    this.parts.warning(`Error accepting a client connection: ${reason} (addr=${addr} laddr=${laddr})`)
    // What becomes of it is of no interest.
    socket.on('error', () => {})
    socket.destroy()
  }

  private endsBeneath(socket: TLSSocket): Ends | undefined {
    // Node has no public name for the connection that a TLS socket was made of.
    const { _parent: beneath } = socket as { _parent?: Socket }
    return (beneath && this.ends.get(beneath)) ?? endsOf(socket)
  }
}

/** Undefined when the client has gone. */
function endsOf(socket: Socket): Ends | undefined {
  const remote = endpointOf(socket.remoteAddress, socket.remotePort)
  const local = endpointOf(socket.localAddress, socket.localPort)
  return remote && local && { remote, local }
}

/** What OpenSSL says by itself of an error that Node's TLS reports with thread, file and line. */
export function opensslWords(error: Error): string {
  const match = /error:([0-9A-F]{8}):([^:]*):[^:]*:([^:\n]*)/.exec(error.message)
  if (match !== null) return `error:${match[1]}:${match[2]}::${match[3]}`
  return error.message.includes('socket hang up') ? UNEXPECTED_EOF : systemWords(error)
}
