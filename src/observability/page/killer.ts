/**
 * Ends the running script from this thread. The engine may be blocked by it and cannot be asked: the number of the run goes
 * into the control block, where the guardian and then the interpreter find it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { KILL, KILLED, SEQUENCE, wakeGuardian } from '../../control-block.ts'
import type { ScriptReader } from '../../counting/scripts/reader.ts'
import type { KillOutcome, RunningNow } from './protocol.ts'

/** How long to wait for the script to end, and between two looks. */
const WAIT_MS = 2000
const LOOK_MS = 2

export class Killer {
  private readonly control: Int32Array
  private readonly reader: Pick<ScriptReader, 'running'>

  constructor(control: Int32Array, reader: Pick<ScriptReader, 'running'>) {
    this.control = control
    this.reader = reader
  }

  /** The script that runs now, with the number of its run. */
  running(now: number): RunningNow | null {
    const run = this.sequence
    const { running } = this.reader
    if (running === undefined || (run & 1) === 0 || this.sequence !== run) return null
    const { id, name, since, wrote } = running
    return { run, id, name, age: Math.max(0, now - since), wrote }
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
