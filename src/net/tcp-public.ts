/**
 * Sockets on the public interface of Node's net module, for where the handles beneath it cannot be had. (Its `onread`
 * option would spare a copy but is not to be had for accepted connections.)
 */
import { chmodSync } from 'node:fs'
import net from 'node:net'
import { endpointOf } from './addresses.ts'
import {
  type Endpoint,
  type Ends,
  FAILED,
  type ListeningSocket,
  type ListenOptions,
  NO_OWNER,
  PENDING,
  type Socket,
  type SocketLayer,
  type SocketOwner,
  WRITTEN,
  type WriteResult,
} from './tcp.ts'

export const layer: SocketLayer = {
  name: 'public',
  listenTcp(address, port, options) {
    const where = { host: address, port, ipv6Only: true, backlog: options.backlog }
    return listen(where, options, (socket) => {
      socket.setNoDelay(true)
      const seconds = options.keepAlive()
      if (seconds > 0) socket.setKeepAlive(true, seconds * 1000)
    })
  },
  listenUnix(path, mode, options) {
    const socket = listen({ path, backlog: options.backlog }, options)
    const ready = socket.ready.then(() => {
      if (mode !== 0) chmodSync(path, mode)
    })
    return { ...socket, port: 0, ready }
  },
  connectUnix(path) {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ path, allowHalfOpen: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new NetSocket(socket, true))
      })
    })
  },
  overTls: (socket) => new NetSocket(socket, false),
}

class NetSocket implements Socket {
  owner: SocketOwner = NO_OWNER
  proxied: Ends | null = null
  readonly fd = -1
  readonly isUnix: boolean
  private readonly socket: net.Socket
  private pending = false

  constructor(socket: net.Socket, isUnix: boolean) {
    this.socket = socket
    this.isUnix = isUnix
    socket.on('data', (chunk: Buffer) => this.owner.onData(chunk, chunk.length))
    socket.pause()
    socket.on('end', () => this.owner.onEnd(null))
    socket.on('error', (error: NodeJS.ErrnoException) => this.owner.onEnd(error.code ?? error.message))
  }

  get remote(): Endpoint | undefined {
    return this.proxied?.remote ?? endpointOf(this.socket.remoteAddress, this.socket.remotePort)
  }

  get local(): Endpoint | undefined {
    return this.proxied?.local ?? endpointOf(this.socket.localAddress, this.socket.localPort)
  }

  startReading(): void {
    this.socket.resume()
  }

  stopReading(): void {
    this.socket.pause()
  }

  write(buffer: Buffer, length: number): WriteResult {
    if (this.socket.destroyed || !this.socket.writable) return FAILED
    this.socket.write(buffer.subarray(0, length), this.written)
    // Nothing is left of what the kernel took at once, though the callback comes later even then.
    this.pending = this.socket.writableLength > 0
    return this.pending ? PENDING : WRITTEN
  }

  private readonly written = (): void => {
    if (!this.pending || this.socket.writableLength > 0) return
    this.pending = false
    this.owner.onDrain()
  }

  get unwritten(): number {
    return this.socket.writableLength
  }

  end(): void {
    this.socket.end()
  }

  close(): void {
    this.owner = NO_OWNER
    this.socket.destroy()
  }

  /** The public interface does not tell descriptors: nobody else can read. */
  lend(): void {}
}

function listen(
  where: net.ListenOptions,
  options: ListenOptions,
  prepare: (socket: net.Socket) => void = () => {},
): ListeningSocket {
  const isUnix = where.path !== undefined
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    prepare(socket)
    options.onSocket(new NetSocket(socket, isUnix))
  })
  const ready = new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', reject)
  })
  server.listen(where)
  return {
    get port() {
      const bound = server.address()
      return typeof bound === 'object' && bound !== null ? bound.port : 0
    },
    ready,
    descriptor: undefined,
    adopt() {},
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
