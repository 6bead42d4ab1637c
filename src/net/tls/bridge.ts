/**
 * A client's connection and its connection to the engine, as one: what comes at one goes out at the other, as fast as that
 * takes it, and so does the end.
 */
import type { Socket } from '../tcp.ts'
import { Side } from './side.ts'

/** When the engine has ended the connection, the client has so long to take what is left. */
const LINGER_MS = 10_000

export class Bridge {
  closed = false
  private readonly client: Side
  private readonly engine: Side
  private readonly onClose: (bridge: Bridge) => void
  private lingering: ReturnType<typeof setTimeout> | undefined

  /** What is for the engine waits until there is a connection to it; `preamble` is the first of it. */
  constructor(client: Socket, preamble: Buffer, onClose: (bridge: Bridge) => void) {
    this.onClose = onClose
    this.client = new Side((error) => this.clientEnded(error))
    this.engine = new Side((error) => this.engineEnded(error))
    this.client.partner = this.engine
    this.engine.partner = this.client
    this.engine.send(preamble, preamble.length)
    this.client.attach(client)
  }

  connect(engine: Socket): void {
    if (this.closed) {
      engine.close()
      return
    }
    this.engine.attach(engine)
    this.engine.resume()
    this.client.resume()
  }

  /** Called about once a second. */
  sweep(): void {
    this.engine.probe()
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    clearTimeout(this.lingering)
    this.client.close()
    this.engine.close()
    this.onClose(this)
  }

  private clientEnded(error: string | null): void {
    if (error !== null) this.client.close()
    if (this.client.isClosed && !this.engine.isAttached) this.close()
    this.engine.finish()
    this.closeIfOver()
  }

  private engineEnded(error: string | null): void {
    this.lingering ??= setTimeout(() => this.close(), LINGER_MS).unref()
    this.engine.stopWriting()
    // Nobody is there any more; but what was sent before is still to be read.
    if (error === 'EPIPE') return
    this.client.finish()
    this.closeIfOver()
  }

  private closeIfOver(): void {
    if (this.engine.hasEnded && (this.client.hasEnded || this.client.isClosed) && this.client.isIdle)
      this.close()
  }
}
