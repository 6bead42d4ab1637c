/**
 * Ends the running script from this thread. The engine may be blocked by it and cannot be asked: the number of the run goes
 * into the control block, where the guardian and then the interpreter find it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { KILL, KILLED, SEQUENCE, wakeGuardian } from '../../control-block.ts'
import type { Caller } from '../../counting/scripts/feed.ts'
import type { CurrentRun, ScriptReader } from '../../counting/scripts/reader.ts'
import type { KillOutcome, RunningNow } from './protocol.ts'

/** How long to wait for the script to end, and between two looks. */
const WAIT_MS = 2000
const LOOK_MS = 2

/** Who makes a run. */
export interface Callers {
  callerOf(run: number): Caller | null
}

export class Killer {
  private readonly control: Int32Array
  private readonly reader: Pick<ScriptReader, 'running'>
  private readonly callers: Callers

  constructor(control: Int32Array, reader: Pick<ScriptReader, 'running'>, callers: Callers) {
    this.control = control
    this.reader = reader
    this.callers = callers
  }

  /** The script that runs now, with the number of its run; null where it cannot be ended from here: it is debugged. */
  get current(): (CurrentRun & { readonly run: number | null }) | undefined {
    const run = this.sequence
    const { running } = this.reader
    if (running === undefined) return undefined
    return { ...running, run: (run & 1) === 1 && this.sequence === run ? run : null }
  }

  /** For the page. */
  running(now: number): RunningNow | null {
    const { current } = this
    if (current === undefined || current.run === null) return null
    const { run, id, name, since, wrote } = current
    return { run, id, name, age: Math.max(0, now - since), wrote, caller: this.callers.callerOf(run) }
  }

  /** Ends this run and no other. */
  async kill(run: number): Promise<KillOutcome> {
    if ((run & 1) === 0 || this.sequence !== run) return 'over'
    if (this.hasWritten()) return 'unkillable'
    Atomics.store(this.control, KILL, run)
    wakeGuardian(this.control)
    const deadline = performance.now() + WAIT_MS
    while (this.sequence === run) {
      if (this.hasWritten()) return 'unkillable'
      if (performance.now() > deadline) return 'pending'
      await delay(LOOK_MS)
    }
    // It may have come to its end by itself.
    return Atomics.load(this.control, KILLED) === run ? 'ended' : 'over'
  }

  private hasWritten(): boolean {
    return this.reader.running?.wrote === true
  }

  private get sequence(): number {
    return Atomics.load(this.control, SEQUENCE)
  }
}
