/**
 * What the metrics thread was told about scripts: their texts, their last slow runs and undeclared keys, and who runs the one
 * that goes on.
 */
import type {
  Caller,
  FeedMessage,
  LongRunMessage,
  SlowRun,
  UndeclaredKeysMessage,
} from '../../counting/scripts/feed.ts'
import { UndeclaredKeys } from '../../counting/scripts/undeclared-keys.ts'

/** Characters of texts kept, of all scripts together; the oldest go first. */
const TEXT_MAX = 16 * 1024 * 1024
/** Scripts whose slow runs are kept, and runs of each. */
const SLOW_SCRIPTS_MAX = 512
const SLOW_RUNS_MAX = 20

export interface ScriptText {
  /** Cut where it is long: the whole has `bytes`. */
  readonly text: string
  readonly bytes: number
}

export class ScriptTexts {
  private readonly texts = new Map<string, ScriptText>()
  private readonly slow = new Map<string, SlowRun[]>()
  private readonly undeclared = new UndeclaredKeys()
  private longRun: LongRunMessage['longRun'] | null = null
  private size = 0

  take(message: FeedMessage): void {
    if ('source' in message) this.takeText(message.source.id, message.source)
    else if ('longRun' in message) this.takeLongRun(message.longRun)
    else if ('undeclared' in message) this.takeUndeclared(message.undeclared)
    else this.takeSlowRun(message.slowRun)
  }

  private takeUndeclared(message: UndeclaredKeysMessage['undeclared']): void {
    if (message === null) this.undeclared.clear()
    else this.undeclared.add(message.id, message.keys.map(readable))
  }

  private takeLongRun({ run, caller }: LongRunMessage['longRun']): void {
    this.longRun = { run, caller: readableCaller(caller) }
  }

  private takeText(id: string, { text, bytes }: ScriptText): void {
    this.drop(id)
    this.texts.set(id, { text, bytes })
    this.size += text.length
    for (const oldest of this.texts.keys()) {
      if (this.size <= TEXT_MAX) break
      this.drop(oldest)
    }
  }

  private drop(id: string): void {
    this.size -= this.texts.get(id)?.text.length ?? 0
    this.texts.delete(id)
  }

  private takeSlowRun({ id, ...run }: SlowRun & { readonly id: string }): void {
    const runs = this.slow.get(id) ?? []
    // The scripts that were slow last stay.
    this.slow.delete(id)
    this.slow.set(id, runs)
    runs.unshift({ ...run, ...readableCaller(run) })
    runs.length = Math.min(runs.length, SLOW_RUNS_MAX)
    if (this.slow.size > SLOW_SCRIPTS_MAX) this.slow.delete(this.slow.keys().next().value!)
  }

  textOf(id: string): ScriptText | undefined {
    return this.texts.get(id)
  }

  /** Who makes the run of this number; null where that is not known. */
  callerOf(run: number): Caller | null {
    return this.longRun?.run === run ? this.longRun.caller : null
  }

  /** The very last first. */
  undeclaredKeysOf(id: string): readonly string[] {
    return this.undeclared.of(id)
  }

  /** The last first. */
  slowRunsOf(id: string): readonly SlowRun[] {
    return this.slow.get(id) ?? []
  }
}

/** Of bytes that came as latin1 text; what is no UTF-8 is not to be read anyway. */
function readable(text: string): string {
  return Buffer.from(text, 'latin1').toString()
}

function readableCaller({ client, clientName, user, args }: Caller): Caller {
  return { client, clientName: readable(clientName), user: readable(user), args: args.map(readable) }
}
