/**
 * Where log lines go: standard output, or the log file, which is opened for each line so that it may be moved away.
 */
import { appendFileSync } from 'node:fs'

export class LogOutput {
  /** Path as bytes, one character a byte; empty: standard output. */
  file = ''

  constructor() {
    // A reader that went away must not end the server.
    process.stdout.on('error', () => {})
  }

  /** Writes text that is bytes, one character a byte, as what clients send may be part of it. */
  readonly write = (text: string): void => {
    if (this.file === '') {
      process.stdout.write(text, 'latin1')
      return
    }
    try {
      appendFileSync(Buffer.from(this.file, 'latin1'), text, 'latin1')
    } catch {
      // There is nowhere to say that the log cannot be written.
    }
  }
}
