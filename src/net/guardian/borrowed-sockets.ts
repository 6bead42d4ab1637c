/**
 * The engine's sockets as the guardian's thread has them: a handle for each descriptor that ever was one, for it can never
 * be closed; and which of them are read. A socket that has something to tell is read no more until that is ordered again.
 */
import type { Descriptor, SocketOwner } from '../tcp.ts'
import { BorrowedSocket } from '../tcp-handles.ts'
import type { Changes, EndedMessage, InputMessage, ReadOrder } from './protocol.ts'

type Send = (message: InputMessage | EndedMessage) => void
type Handle = ConstructorParameters<typeof BorrowedSocket>[2]

export class BorrowedSockets {
  private readonly send: Send
  /** By descriptor, for connections over TCP and over Unix sockets. */
  private readonly known: readonly [(Reader | undefined)[], (Reader | undefined)[]] = [[], []]
  /** Those that are read now, by descriptor. */
  private readonly reading: (Reader | undefined)[] = []

  constructor(send: Send) {
    this.send = send
  }

  open(descriptors: readonly Descriptor[]): void {
    for (const descriptor of descriptors) {
      this.readers(descriptor)[descriptor.fd] ??= this.reader(descriptor)
    }
  }

  apply({ read, pause }: Changes): void {
    for (const fd of pause) this.pause(fd)
    for (const order of read) this.read(order)
  }

  pause(fd: number): void {
    this.reading[fd]?.stop()
    this.reading[fd] = undefined
  }

  pauseAll(): void {
    for (const fd of this.reading.keys()) this.pause(fd)
  }

  /**
   * What this thread has accepted has its handle already. It serves if there was none for its descriptor before; otherwise
   * it is left alone, and takes some 700 bytes for ever, as it cannot be closed.
   */
  addAccepted(descriptor: Descriptor, handle: Handle): void {
    this.readers(descriptor)[descriptor.fd] ??= this.reader(descriptor, handle)
  }

  private read(order: ReadOrder): void {
    const { fd } = order
    this.pause(fd)
    const reader = (this.readers(order)[fd] ??= this.reader(order))
    reader.start(order.order)
    this.reading[fd] = reader
  }

  private readers({ isUnix }: Descriptor): (Reader | undefined)[] {
    return this.known[Number(isUnix)]!
  }

  private reader(descriptor: Descriptor, handle?: Handle): Reader {
    const { fd } = descriptor
    const tell = (message: InputMessage | EndedMessage) => {
      this.pause(fd)
      this.send(message)
    }
    return new Reader(descriptor, tell, handle)
  }
}

class Reader implements SocketOwner {
  private readonly fd: number
  private readonly tell: Send
  private readonly socket: BorrowedSocket
  private order = 0

  constructor({ fd, isUnix }: Descriptor, tell: Send, handle: Handle) {
    this.fd = fd
    this.tell = tell
    this.socket = new BorrowedSocket({ fd, isUnix }, this, handle)
  }

  start(order: number): void {
    this.order = order
    this.socket.startReading()
  }

  stop(): void {
    this.socket.stopReading()
  }

  onData(buffer: Buffer, length: number): void {
    this.tell({ fd: this.fd, order: this.order, bytes: new Uint8Array(buffer.subarray(0, length)) })
  }

  onDrain(): void {}

  onEnd(error: string | null): void {
    this.tell({ fd: this.fd, order: this.order, error })
  }
}
