/**
 * The internals of Node that tcp-handles.ts makes sockets of: the handles of its bindings `tcp_wrap`, `pipe_wrap` and
 * `stream_wrap`, the same from Node 20 to 26, as far as they are used.
 */
import type { Socket } from './tcp.ts'

export interface WriteRequest {
  oncomplete: (status: number) => void
  /** Keeps the bytes alive while the kernel has not taken them. */
  buffer: Buffer | null
  socket: Socket | null
}

/** A request of which only the outcome is of interest. */
export interface StatusRequest {
  oncomplete: (status: number) => void
}

export interface StreamHandle {
  readonly fd: number
  readonly writeQueueSize: number
  /** Ours: what the callbacks of a handle, which is their `this`, are about. */
  socket: Socket
  onread: () => void
  onconnection: (status: number, handle: StreamHandle) => void
  useUserBuffer(buffer: Buffer): void
  readStart(): number
  readStop(): number
  open(fd: number): number
  writeBuffer(request: WriteRequest, buffer: Buffer): number
  shutdown(request: StatusRequest): number
  listen(backlog: number): number
  close(done?: () => void): void
}

export interface AddressResult {
  address?: string
  port?: number
}

export interface TcpHandle extends StreamHandle {
  setNoDelay(on: boolean): number
  setKeepAlive(on: boolean, seconds: number): number
  getpeername(out: AddressResult): number
  getsockname(out: AddressResult): number
  bind(address: string, port: number, flags: number): number
  bind6(address: string, port: number, flags: number): number
}

export interface PipeHandle extends StreamHandle {
  bind(path: string): number
  connect(request: StatusRequest, path: string): number | undefined
}

export interface Bindings {
  readonly TCP: new (type: number) => TcpHandle
  readonly Pipe: new (type: number) => PipeHandle
  readonly WriteWrap: new () => WriteRequest
  readonly ShutdownWrap: new () => StatusRequest
  readonly PipeConnectWrap: new () => StatusRequest
  readonly tcpSocket: number
  readonly tcpServer: number
  readonly pipeSocket: number
  readonly pipeServer: number
  readonly ipv6Only: number
  /** Where the handles leave the results of their last operation, and at which places. */
  readonly state: Int32Array
  readonly readBytesOrError: number
  readonly lastWriteWasAsync: number
}

/** Throws where something is missing. */
export function loadBindings(): Bindings {
  const load = (process as unknown as { binding(name: string): Record<string, unknown> }).binding
  const tcp = load('tcp_wrap')
  const pipe = load('pipe_wrap')
  const stream = load('stream_wrap')
  const tcpConstants = tcp.constants as Record<string, number>
  const pipeConstants = pipe.constants as Record<string, number>
  const found = {
    TCP: tcp.TCP,
    Pipe: pipe.Pipe,
    WriteWrap: stream.WriteWrap,
    ShutdownWrap: stream.ShutdownWrap,
    PipeConnectWrap: pipe.PipeConnectWrap,
    tcpSocket: tcpConstants.SOCKET,
    tcpServer: tcpConstants.SERVER,
    pipeSocket: pipeConstants.SOCKET,
    pipeServer: pipeConstants.SERVER,
    ipv6Only: tcpConstants.UV_TCP_IPV6ONLY,
    state: stream.streamBaseState,
    readBytesOrError: stream.kReadBytesOrError,
    lastWriteWasAsync: stream.kLastWriteWasAsync,
  }
  const missing = Object.entries(found).find(([, value]) => value === undefined)
  if (missing) throw new Error(`missing: ${missing[0]}`)
  const { prototype } = tcp.TCP as { prototype: object }
  for (const method of [
    'useUserBuffer',
    'readStart',
    'readStop',
    'writeBuffer',
    'shutdown',
    'open',
    'listen',
    'bind6',
    'getpeername',
  ]) {
    if (!(method in prototype)) throw new Error(`missing: ${method}`)
  }
  return found as unknown as Bindings
}
