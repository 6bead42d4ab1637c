/**
 * What the metrics thread cannot read from shared memory: the texts of scripts, and their slow runs. Each is sent as a
 * message, at once or when the next figures are published; no more than SENT_AT_ONCE at once in between, as a server that
 * is sent a new script with each request must not pay for messages that nobody will read.
 */

/** Bytes of a text that are sent. */
const SOURCE_MAX = 64 * 1024
const SENT_AT_ONCE = 16
/** Texts that wait; of more the oldest are dropped. */
const WAITING_MAX = 1024

export interface SourceMessage {
  readonly source: { readonly id: string; readonly text: string; readonly bytes: number }
}

/** A run that the slow log has; its arguments are cut there. */
export interface SlowRun {
  /** Unix time in seconds. */
  readonly time: number
  readonly microseconds: number
  /** As latin1 text, the command's name first. */
  readonly args: readonly string[]
  readonly client: string
}

export interface SlowRunMessage {
  readonly slowRun: SlowRun & { readonly id: string }
}

export type FeedMessage = SourceMessage | SlowRunMessage

export class ScriptFeed {
  private send: ((message: FeedMessage) => void) | null = null
  private readonly waiting = new Map<string, Buffer>()
  private slowRuns: SlowRunMessage[] = []
  private sentAtOnce = 0
  private readonly isWanted: boolean

  /** `isWanted`: somebody will connect. */
  constructor(isWanted: boolean) {
    this.isWanted = isWanted
  }

  connect(send: ((message: FeedMessage) => void) | null): void {
    this.send = send
    this.flush()
  }

  opened(id: string, text: Buffer): void {
    if (!this.isWanted) return
    if (this.send !== null && this.sentAtOnce < SENT_AT_ONCE) {
      this.sentAtOnce++
      this.sendSource(id, text)
      return
    }
    this.waiting.set(id, text)
    if (this.waiting.size > WAITING_MAX) this.waiting.delete(this.waiting.keys().next().value!)
  }

  closed(id: string): void {
    this.waiting.delete(id)
  }

  ranSlowly(id: string, run: SlowRun): void {
    if (this.isWanted && this.slowRuns.length < WAITING_MAX) this.slowRuns.push({ slowRun: { id, ...run } })
  }

  /** Sends what waits; every moment, and when a script is late, as that moment will not come then. */
  flush(): void {
    const { send } = this
    if (send === null) return
    for (const [id, text] of this.waiting) this.sendSource(id, text)
    this.waiting.clear()
    for (const message of this.slowRuns) send(message)
    this.slowRuns = []
    this.sentAtOnce = 0
  }

  private sendSource(id: string, text: Buffer): void {
    const shown = text.toString('utf8', 0, Math.min(text.length, SOURCE_MAX))
    this.send!({ source: { id, text: shown, bytes: text.length } })
  }
}
