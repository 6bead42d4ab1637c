/**
 * What the server needs of stream sockets, TCP and Unix. There are two implementations: on the handles beneath Node's
 * net module (fast), and on the net module's public interface (always there).
 */
import type { TLSSocket } from 'node:tls'

/** Bytes read at once. */
export const READ_BYTES = 64 * 1024

/** What `Socket.write` answers. */
export const WRITTEN = 0
export const PENDING = 1
export const FAILED = 2
export type WriteResult = typeof WRITTEN | typeof PENDING | typeof FAILED

/** The owner of a socket that nobody wants to hear of any more. */
export const NO_OWNER: SocketOwner = { onData() {}, onDrain() {}, onEnd() {} }

export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** The two ends of a connection. */
export interface Ends {
  readonly remote: Endpoint
  readonly local: Endpoint
}

/** Who uses a socket. */
export interface SocketOwner {
  /** Input: the first `length` bytes of a buffer that all sockets share and that is valid during the call. */
  onData(buffer: Buffer, length: number): void
  /** A write that was pending is done. */
  onDrain(): void
  /** The peer has ended the stream (no error), or the connection broke. Nothing else comes; close it. */
  onEnd(error: string | null): void
}

/** A socket by its file descriptor, which all threads of the process share. */
export interface Descriptor {
  readonly fd: number
  readonly isUnix: boolean
}

/** A descriptor is used again when its socket is closed; the serial number, above 0, is this socket's alone. */
export interface NumberedDescriptor extends Descriptor {
  readonly serial: number
}

/** Who reads sockets for this thread while it is blocked (see guardian/). */
export interface Borrower {
  read(socket: NumberedDescriptor): void
  pause(fd: number): void
  /** Nobody may read a descriptor any more when it is closed: `close` is called when that is so. */
  release(fd: number, close: () => void): void
}

/** What can be lent: a connection, or what is going to be one. */
export interface Lendable extends SocketOwner {
  readonly fd: number
  /** Has somebody else read, null: this thread again. Asks for another piece of input each time. */
  lend(borrower: Borrower | null): void
  /** Input that is not to be dealt with in this turn. */
  defer(buffer: Buffer): void
}

/** An accepted connection, or one that was made. Nothing is read before `startReading`. */
export interface Socket {
  owner: SocketOwner
  readonly fd: number
  readonly isUnix: boolean
  /** The ends of the client's connection, where this one comes from a proxy in this process (see tls/). */
  proxied: Ends | null
  /** Undefined for Unix sockets. */
  readonly remote: Endpoint | undefined
  readonly local: Endpoint | undefined
  startReading(): void
  stopReading(): void
  /**
   * Writes the first `length` bytes of a buffer. WRITTEN: the kernel took all of them, the buffer is the caller's again.
   * PENDING: the socket keeps the buffer until it calls `onDrain`; before that nothing else may be written. FAILED: the
   * connection is broken, close it.
   */
  write(buffer: Buffer, length: number): WriteResult
  /** Bytes of a pending write that the kernel has not taken yet. */
  readonly unwritten: number
  /** Tells the peer, once everything is written, that nothing follows. It may go on. */
  end(): void
  /** Ends the connection at once; unwritten bytes are lost. */
  close(): void
  /** Has somebody else read, who calls the owner's `onData` and `onEnd`; null: this thread reads again. */
  lend(borrower: Borrower | null): void
}

export interface ListenOptions {
  readonly backlog: number
  /** Seconds until a silent peer is probed, 0: never. Asked at each connection. */
  keepAlive(): number
  onSocket(socket: Socket): void
}

export interface ListeningSocket {
  /** The port that was bound, 0 for a Unix socket. */
  readonly port: number
  /** Fulfilled when connections are accepted; rejected where listening turns out to be impossible only later. */
  readonly ready: Promise<void>
  /** Where another thread can accept for this one; undefined where sockets cannot be lent. */
  readonly descriptor: Descriptor | undefined
  /** Takes a connection that another thread accepted. */
  adopt(fd: number): void
  close(): Promise<void>
}

export interface SocketLayer {
  readonly name: 'handles' | 'public'
  /** Listens on an IP address. Throws a system error where that is impossible and known at once. */
  listenTcp(address: string, port: number, options: ListenOptions): ListeningSocket
  /** `mode`: permissions of the socket, 0 for what the process creates files with. */
  listenUnix(path: string, mode: number, options: ListenOptions): ListeningSocket
  /** Rejects with a system error. */
  connectUnix(path: string): Promise<Socket>
  /** The connection of a TLS socket after its handshake. Nobody may read or write the TLS socket itself any more. */
  overTls(socket: TLSSocket): Socket
}
