/**
 * A socket that its thread waits for, while the event loop stands still. The descriptor stays as the handle above it has
 * made it, non-blocking: what is not there yet is asked for again and again. A signal that is to end the process counts as
 * the end of what comes, as it does for Valkey, whose reading it interrupts.
 */
import { readSync, writeSync } from 'node:fs'
import type { Conversation } from '../protocol/conversation.ts'
import { SignalWatch } from './signal-watch.ts'

/** Bytes read at once: as Valkey, that what is sent too early is lost in the same way. */
const READ_BYTES = 1024
/** Pieces that are read before anybody wants them. */
const EARLY_MAX = 1024
/** Milliseconds between two questions. */
const PAUSE_MS = 4
/** A peer that takes nothing for so long is not waited for. */
const WRITE_TIMEOUT_MS = 5000

export class BlockingSocket implements Conversation {
  private readonly fd: number
  /** Read in search of the end. */
  private readonly early: Buffer[] = []
  private readonly signals = new SignalWatch()

  constructor(fd: number) {
    this.fd = fd
  }

  read(): Buffer | null {
    while (!this.signals.hasHeard) {
      const piece = this.early.shift() ?? this.receive()
      if (piece !== undefined) return piece
      this.signals.sleep(PAUSE_MS)
    }
    return null
  }

  get isGone(): boolean {
    if (this.signals.hasHeard) return true
    while (this.early.length < EARLY_MAX) {
      const piece = this.receive()
      if (piece === undefined) return false
      if (piece === null) return true
      this.early.push(piece)
    }
    return false
  }

  end(): void {
    this.signals.stop()
  }

  /** What is there; undefined: nothing yet, null: nothing ever. */
  private receive(): Buffer | null | undefined {
    const buffer = Buffer.allocUnsafe(READ_BYTES)
    const n = attempt(() => readSync(this.fd, buffer, 0, READ_BYTES, null))
    if (n === undefined) return undefined
    return n > 0 ? buffer.subarray(0, n) : null
  }

  write(bytes: Buffer): void {
    let waited = 0
    for (let at = 0; at < bytes.length && waited < WRITE_TIMEOUT_MS; ) {
      const n = attempt(() => writeSync(this.fd, bytes, at))
      if (n === undefined) {
        if (this.signals.hasHeard) return
        this.signals.sleep(PAUSE_MS)
        waited += PAUSE_MS
      } else if (n < 0) return
      else {
        at += n
        waited = 0
      }
    }
  }
}

/** How many bytes were moved; undefined: none yet, -1: none ever. */
function attempt(move: () => number): number | undefined {
  try {
    return move()
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? undefined : -1
  }
}
