/**
 * The TLS thread's lines for the log, which the engine writes when it comes to it.
 */
import { LOGGED, type LogMessage } from './protocol.ts'

/** Lines that wait for the engine; what comes meanwhile is counted and left out. */
export const UNWRITTEN_MAX = 1000

export class LogLines {
  private readonly control: Int32Array
  private readonly post: (message: LogMessage) => void
  private sent = 0
  private leftOut = 0

  constructor(control: Int32Array, post: (message: LogMessage) => void) {
    this.control = control
    this.post = post
  }

  warning(text: string): void {
    // Both count on beyond 32 bits.
    if (((this.sent - Atomics.load(this.control, LOGGED)) | 0) >= UNWRITTEN_MAX) {
      this.leftOut++
      return
    }
    if (this.leftOut > 0) this.send(`${this.leftOut} log lines of the TLS thread were left out`)
    this.leftOut = 0
    this.send(text)
  }

  private send(warning: string): void {
    this.sent++
    this.post({ warning })
  }
}
