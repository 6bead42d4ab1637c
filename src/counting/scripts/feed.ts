/**
 * What the metrics thread cannot read from shared memory: the texts of scripts, their slow runs, keys that they used and
 * nobody had declared, and who runs the one that goes on and on. Each is sent as a message, at once or when the next figures
 * are published; no more than SENT_AT_ONCE at once in between, as a server that is sent a new script with each request must
 * not pay for messages that nobody will read.
 */

/** Bytes of a text that are sent. */
const SOURCE_MAX = 64 * 1024
const SENT_AT_ONCE = 16
/** Texts that wait; of more the oldest are dropped. */
const WAITING_MAX = 1024

export interface SourceMessage {
  readonly source: { readonly id: string; readonly text: string; readonly bytes: number }
}

/** Who runs a script, and how. */
export interface Caller {
  /** Address. */
  readonly client: string
  /** As set by CLIENT SETNAME; empty where it was not. As latin1 text, as the next two. */
  readonly clientName: string
  /** Of access control. */
  readonly user: string
  /** The command's name first; cut as in the slow log. */
  readonly args: readonly string[]
}

/** A run that the slow log has. */
export interface SlowRun extends Caller {
  /** Unix time in seconds. */
  readonly time: number
  readonly microseconds: number
}

export interface SlowRunMessage {
  readonly slowRun: SlowRun & { readonly id: string }
}

/** The run of this number goes on. */
export interface LongRunMessage {
  readonly longRun: { readonly run: number; readonly caller: Caller }
}

/** As in undeclared-keys.ts; null: of all scripts, none. */
export interface UndeclaredKeysMessage {
  readonly undeclared: { readonly id: string; readonly keys: readonly string[] } | null
}

export type FeedMessage = SourceMessage | SlowRunMessage | LongRunMessage | UndeclaredKeysMessage

/** The side of the metrics thread. */
export interface FeedListener {
  send(message: FeedMessage): void
  /** The engine will be kept from telling its figures for a while. */
  publish(): void
}

export class ScriptFeed {
  private listener: FeedListener | null = null
  private readonly waiting = new Map<string, Buffer>()
  private slowRuns: SlowRunMessage[] = []
  private readonly undeclared = new Map<string, readonly string[]>()
  private sentAtOnce = 0
  private readonly isWanted: boolean

  /** `isWanted`: somebody will connect. */
  constructor(isWanted: boolean) {
    this.isWanted = isWanted
  }

  connect(listener: FeedListener | null): void {
    this.listener = listener
    this.flush()
  }

  opened(id: string, text: Buffer): void {
    if (!this.isWanted) return
    if (this.listener !== null && this.sentAtOnce < SENT_AT_ONCE) {
      this.sentAtOnce++
      this.sendSource(id, text)
      return
    }
    this.waiting.set(id, text)
    if (this.waiting.size > WAITING_MAX) this.waiting.delete(this.waiting.keys().next().value!)
  }

  closed(id: string): void {
    this.waiting.delete(id)
    this.undeclared.delete(id)
  }

  ranSlowly(id: string, run: SlowRun): void {
    if (this.isWanted && this.slowRuns.length < WAITING_MAX) this.slowRuns.push({ slowRun: { id, ...run } })
  }

  usedUndeclared(id: string, keys: readonly string[]): void {
    if (this.isWanted && this.undeclared.size < WAITING_MAX) this.undeclared.set(id, keys)
  }

  forgetUndeclared(): void {
    this.undeclared.clear()
    this.listener?.send({ undeclared: null })
  }

  /** A run has been going on for long. Told at once, as there will be no other moment. */
  goesOn(run: number, caller: Caller): void {
    this.listener?.publish()
    this.flush()
    this.listener?.send({ longRun: { run, caller } })
  }

  /** Sends what waits; every moment, and when a script is late, as that moment will not come then. */
  flush(): void {
    const { listener } = this
    if (listener === null) return
    for (const [id, text] of this.waiting) this.sendSource(id, text)
    this.waiting.clear()
    for (const message of this.slowRuns) listener.send(message)
    this.slowRuns = []
    for (const [id, keys] of this.undeclared) listener.send({ undeclared: { id, keys } })
    this.undeclared.clear()
    this.sentAtOnce = 0
  }

  private sendSource(id: string, text: Buffer): void {
    const shown = text.toString('utf8', 0, Math.min(text.length, SOURCE_MAX))
    this.listener!.send({ source: { id, text: shown, bytes: text.length } })
  }
}
