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

  readonly write = (text: string): void => {
    if (this.file === '') {
      process.stdout.write(text)
      return
    }
    try {
      appendFileSync(Buffer.from(this.file, 'latin1'), text)
    } catch {
      // There is nowhere to say that the log cannot be written.
    }
  }
}
