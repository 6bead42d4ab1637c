/**
 * The ways to reach a server under test: plain TCP, and TLS with certificates that are made here.
 */
import { writeFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { Authority, type Identity } from './certificates.ts'

export interface Access {
  readonly name: string
  /** The options with which a server listens there; it may look for files in `dir`. */
  options(port: number, dir: string): readonly string[]
  /** A connection that is on its way. */
  open(port: number): Socket
}

export const PLAIN: Access = {
  name: 'TCP',
  options: (port) => ['--port', String(port)],
  open: (port) => connectTcp({ port, host: '127.0.0.1', noDelay: true }),
}

export const TLS: Access = {
  name: 'TLS',
  options: (port, dir) => {
    writeTlsFiles(dir)
    return ['--port', '0', '--tls-port', String(port), ...TLS_FILES]
  },
  open: (port) => openTls(port, tlsClient()),
}

/** What `writeTlsFiles` writes, as options. */
export const TLS_FILES = [
  ...['--tls-cert-file', 'server.crt'],
  ...['--tls-key-file', 'server.key'],
  ...['--tls-ca-cert-file', 'ca.crt'],
]

interface TlsParties {
  readonly authority: Authority
  readonly server: Identity
  readonly client: Identity
}

let made: TlsParties | undefined

/** Who takes part in the tests of this process. */
export function tlsParties(): TlsParties {
  if (made === undefined) {
    const authority = new Authority('Perilune Tests')
    made = { authority, server: authority.issue('localhost'), client: authority.issue('client') }
  }
  return made
}

/** The server's certificate and key, a client's, and that of the authority for both. */
export function writeTlsFiles(dir: string): void {
  const { authority, server, client } = tlsParties()
  writeFileSync(join(dir, 'ca.crt'), authority.cert)
  writeIdentity(dir, 'server', server)
  writeIdentity(dir, 'client', client)
}

export function writeIdentity(dir: string, name: string, { cert, key }: Identity): void {
  writeFileSync(join(dir, `${name}.crt`), cert)
  writeFileSync(join(dir, `${name}.key`), key)
}

/** What a client needs that is let in and checks the server. */
export function tlsClient(): ConnectionOptions {
  const { authority, client } = tlsParties()
  return { ...client, ca: authority.cert, servername: 'localhost' }
}

/** TLS over a socket of ours, as Node's TLS cannot end a connection with a reset. */
export function openTls(port: number, options: ConnectionOptions): Socket {
  const plain = PLAIN.open(port)
  const socket = connectTls({ ...options, socket: plain })
  plain.on('error', (error) => socket.destroy(error))
  // It says so twice.
  socket.on('error', () => {})
  socket.resetAndDestroy = () => {
    plain.resetAndDestroy()
    return socket.destroy()
  }
  return socket
}
