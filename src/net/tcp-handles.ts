/**
 * Sockets on the handles beneath Node's net module.
 *
 * net.Socket costs a third of the throughput of small requests: a stream's bookkeeping, a buffer and a callback with
 * closures for each read and write. The handles themselves read into one buffer that all connections share and write
 * synchronously as long as the kernel takes the bytes, without making an object. They are internals of Node (see
 * node-bindings.ts); nothing outside this file knows them, and where one of them is missing, `layer` says so and the
 * server works without.
 */
import { chmodSync } from 'node:fs'
import type { TLSSocket } from 'node:tls'
import { getSystemErrorName } from 'node:util'
import {
  type AddressResult,
  type Bindings,
  loadBindings,
  type StreamHandle,
  type TcpHandle,
  type WriteRequest,
} from './node-bindings.ts'
import {
  type Borrower,
  type Descriptor,
  type Endpoint,
  type Ends,
  FAILED,
  type ListeningSocket,
  type ListenOptions,
  NO_OWNER,
  type NumberedDescriptor,
  PENDING,
  READ_BYTES,
  type Socket,
  type SocketLayer,
  type SocketOwner,
  WRITTEN,
  type WriteResult,
} from './tcp.ts'

/** libuv's code for the end of a stream. */
const END_OF_STREAM = -4095

let bindings: Bindings
/** The request of writes that are done at once, used over and over. */
let spareRequest: WriteRequest
let readBuffer: Buffer
/** Of the newest socket. */
let lastSerial = 0

/** Undefined where this Node lacks what it takes. */
export function layer(): SocketLayer | undefined {
  try {
    bindings ??= loadBindings()
  } catch {
    return undefined
  }
  spareRequest ??= new bindings.WriteWrap()
  readBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES)
  return { name: 'handles', listenTcp, listenUnix, connectUnix, overTls }
}

export class HandleSocket implements Socket, NumberedDescriptor {
  owner: SocketOwner = NO_OWNER
  proxied: Ends | null = null
  readonly isUnix: boolean
  readonly serial = ++lastSerial
  protected readonly handle: StreamHandle
  protected closed = false
  private reading = false
  private borrower: Borrower | null = null
  /** Kept, as asking the handle takes longer than most of what is done with it; -1: not asked yet. */
  private descriptor = -1

  constructor(handle: StreamHandle, isUnix: boolean) {
    this.handle = handle
    this.isUnix = isUnix
    handle.socket = this
    handle.onread = onRead
    handle.useUserBuffer(readBuffer)
  }

  get fd(): number {
    if (this.closed) return -1
    if (this.descriptor < 0) this.descriptor = this.handle.fd
    return this.descriptor
  }

  get remote(): Endpoint | undefined {
    if (this.isUnix) return this.proxied?.remote
    return endpoint((out) => (this.handle as TcpHandle).getpeername(out))
  }

  get local(): Endpoint | undefined {
    if (this.isUnix) return this.proxied?.local
    return endpoint((out) => (this.handle as TcpHandle).getsockname(out))
  }

  startReading(): void {
    if (this.closed) return
    this.reading = true
    this.handle.readStart()
    this.borrower?.read(this)
  }

  stopReading(): void {
    if (this.closed) return
    this.reading = false
    this.handle.readStop()
    this.borrower?.pause(this.fd)
  }

  /** This thread's loop does not run meanwhile: its handle may stay as it is. */
  lend(borrower: Borrower | null): void {
    if (this.closed) return
    this.borrower = borrower
    if (this.reading) borrower?.read(this)
  }

  write(buffer: Buffer, length: number): WriteResult {
    if (this.closed) return FAILED
    const request = spareRequest
    const error = this.handle.writeBuffer(
      request,
      length === buffer.length ? buffer : buffer.subarray(0, length),
    )
    if (error !== 0) return FAILED
    if (bindings.state[bindings.lastWriteWasAsync] === 0) return WRITTEN
    spareRequest = new bindings.WriteWrap()
    return pending(request, this, buffer)
  }

  get unwritten(): number {
    return this.closed ? 0 : this.handle.writeQueueSize
  }

  end(): void {
    if (this.closed) return
    const request = new bindings.ShutdownWrap()
    // Whether the peer has noticed shows in what it does.
    request.oncomplete = () => {}
    this.handle.shutdown(request)
  }

  close(): void {
    if (this.closed) return
    const { borrower, fd, handle } = this
    if (borrower === null) this.dispose(handle)
    else borrower.release(fd, () => this.dispose(handle))
    this.closed = true
    this.owner = NO_OWNER
  }

  protected dispose(handle: StreamHandle): void {
    handle.close()
  }
}

/** Reads and writes beneath a TLS socket, which still sees its errors and its end. */
class SecureSocket extends HandleSocket {
  private readonly tls: TLSSocket

  constructor(tls: TLSSocket) {
    super((tls as unknown as { _handle: StreamHandle })._handle, false)
    this.tls = tls
    tls.on('error', (error: NodeJS.ErrnoException) => this.owner.onEnd(error.code ?? error.message))
    tls.on('close', () => this.owner.onEnd('ECONNRESET'))
  }

  /** Encrypted, bytes are never written at once; but that they cannot be may show before the call returns. */
  override write(buffer: Buffer, length: number): WriteResult {
    if (this.closed) return FAILED
    const request = new bindings.WriteWrap()
    let failed = false
    request.oncomplete = () => {
      failed = true
    }
    const error = this.handle.writeBuffer(request, buffer.subarray(0, length))
    if (error !== 0 || failed) return FAILED
    return pending(request, this, buffer)
  }

  protected override dispose(): void {
    this.tls.destroy()
  }
}

function overTls(socket: TLSSocket): Socket {
  return new SecureSocket(socket)
}

function newHandle(isUnix: boolean): StreamHandle {
  return isUnix ? new bindings.Pipe(bindings.pipeSocket) : new bindings.TCP(bindings.tcpSocket)
}

/**
 * Reads a socket that belongs to another thread. It is never closed here, as that would close the descriptor under its
 * owner; it serves every connection that later has the same descriptor.
 */
export class BorrowedSocket {
  private readonly fd: number
  private readonly handle: StreamHandle

  constructor({ fd, isUnix }: Descriptor, owner: SocketOwner, accepted = newHandle(isUnix)) {
    this.fd = fd
    this.handle = accepted
    new HandleSocket(accepted, isUnix).owner = owner
  }

  /**
   * The descriptor may be another connection's since it was last read: opened again, the errors of the old one are
   * forgotten. If it is nobody's by now, there is nothing to read.
   */
  startReading(): void {
    this.handle.readStop()
    if (this.handle.open(this.fd) === 0) this.handle.readStart()
  }

  stopReading(): void {
    this.handle.readStop()
  }
}

/** Accepts connections at a listening socket that belongs to another thread; never closed and used again likewise. */
export class BorrowedListener {
  private readonly descriptor: Descriptor
  private readonly handle: StreamHandle

  constructor(descriptor: Descriptor, onAccept: (connection: StreamHandle) => void) {
    this.descriptor = descriptor
    this.handle = descriptor.isUnix
      ? new bindings.Pipe(bindings.pipeServer)
      : new bindings.TCP(bindings.tcpServer)
    this.handle.onconnection = (status, connection) => {
      if (status === 0) onAccept(connection)
    }
  }

  startAccepting(backlog: number): void {
    const { handle } = this
    const { fd } = this.descriptor
    check(handle.open(fd), 'open', String(fd))
    check(handle.listen(backlog), 'listen', String(fd))
  }

  /** Only what reads can be stopped. A handle that listens waits for the same event, so that stopping this does both. */
  stopAccepting(): void {
    check(this.handle.readStart(), 'read', String(this.descriptor.fd))
    this.handle.readStop()
  }
}

function onRead(this: StreamHandle): void {
  const n = bindings.state[bindings.readBytesOrError]!
  const { owner } = this.socket
  if (n > 0) owner.onData(readBuffer, n)
  else if (n < 0) owner.onEnd(n === END_OF_STREAM ? null : errorName(n))
}

function pending(request: WriteRequest, socket: HandleSocket, buffer: Buffer): WriteResult {
  request.socket = socket
  request.buffer = buffer
  request.oncomplete = onWritten
  return PENDING
}

function onWritten(this: WriteRequest, status: number): void {
  const { owner } = this.socket!
  this.socket = null
  this.buffer = null
  if (status < 0) owner.onEnd(errorName(status))
  else owner.onDrain()
}

function errorName(status: number): string {
  return getSystemErrorName(status)
}

function endpoint(ask: (out: AddressResult) => number): Endpoint | undefined {
  const out: AddressResult = {}
  if (ask(out) !== 0 || out.address === undefined) return undefined
  return { address: out.address, port: out.port ?? 0 }
}

function systemError(status: number, call: string, where: string): Error {
  const code = errorName(status)
  return Object.assign(new Error(`${call} ${code} ${where}`), { code, syscall: call })
}

function check(status: number, call: string, where: string): void {
  if (status !== 0) throw systemError(status, call, where)
}

function listenTcp(address: string, port: number, options: ListenOptions): ListeningSocket {
  const handle = new bindings.TCP(bindings.tcpServer)
  const bound: AddressResult = {}
  try {
    const where = `${address}:${port}`
    if (address.includes(':')) check(handle.bind6(address, port, bindings.ipv6Only), 'bind', where)
    else check(handle.bind(address, port, 0), 'bind', where)
    const accept = (connection: StreamHandle) => {
      const tcp = connection as TcpHandle
      tcp.setNoDelay(true)
      const seconds = options.keepAlive()
      if (seconds > 0) tcp.setKeepAlive(true, seconds)
      options.onSocket(new HandleSocket(connection, false))
    }
    listen(handle, options.backlog, where, accept)
    handle.getsockname(bound)
    return listening(handle, bound.port ?? port, false, accept)
  } catch (error) {
    handle.close()
    throw error
  }
}

function listen(
  handle: StreamHandle,
  backlog: number,
  where: string,
  accept: (connection: StreamHandle) => void,
): void {
  handle.onconnection = (status, connection) => {
    if (status === 0) accept(connection)
  }
  check(handle.listen(backlog), 'listen', where)
}

function listenUnix(path: string, mode: number, options: ListenOptions): ListeningSocket {
  const handle = new bindings.Pipe(bindings.pipeServer)
  try {
    check(handle.bind(path), 'bind', path)
    if (mode !== 0) chmodSync(path, mode)
    const accept = (connection: StreamHandle) => options.onSocket(new HandleSocket(connection, true))
    listen(handle, options.backlog, path, accept)
    return listening(handle, 0, true, accept)
  } catch (error) {
    handle.close()
    throw error
  }
}

function connectUnix(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const handle = new bindings.Pipe(bindings.pipeSocket)
    const done = (status: number) => {
      if (status === 0) return resolve(new HandleSocket(handle, true))
      handle.close()
      reject(systemError(status, 'connect', path))
    }
    const request = new bindings.PipeConnectWrap()
    request.oncomplete = done
    const error = handle.connect(request, path)
    if (error) done(error)
  })
}

function listening(
  handle: StreamHandle,
  port: number,
  isUnix: boolean,
  accept: (connection: StreamHandle) => void,
): ListeningSocket {
  let closed: Promise<void> | undefined
  return {
    port,
    ready: Promise.resolve(),
    get descriptor() {
      return closed === undefined ? { fd: handle.fd, isUnix } : undefined
    },
    adopt(fd) {
      const connection = newHandle(isUnix)
      check(connection.open(fd), 'open', String(fd))
      accept(connection)
    },
    close() {
      closed ??= new Promise((resolve) => handle.close(resolve))
      return closed
    },
  }
}
