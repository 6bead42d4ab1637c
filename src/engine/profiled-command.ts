/**
 * The calls of one command in a run that is looked at closely. The first TIMED_FIRST are all timed, of those after them one
 * in so many, on average, which stands for the others. Each command by itself: a slow one among many quick ones would
 * mostly be missed, and be taken for many when it is not.
 */

const TIMED_FIRST = 32
const TIMED_ONE_IN = 16

export class ProfiledCommand {
  /** The run these are of. */
  run = 0
  timed = 0
  private calls = 0
  private milliseconds = 0
  private keysOutside = 0
  /** Calls for which those that were timed stand. */
  private stoodFor = 0
  /** Calls until one is timed, and how many it stands for. */
  private toTimed = 0
  private weight = 1

  begin(run: number): void {
    this.run = run
    this.timed = 0
    this.calls = 0
    this.milliseconds = 0
    this.keysOutside = 0
    this.stoodFor = 0
    this.toTimed = 0
    this.weight = 1
  }

  /** Counts a call; whether it is to be timed. */
  call(): boolean {
    if (++this.calls > TIMED_FIRST && !this.isNext()) return false
    this.timed++
    this.stoodFor += this.weight
    return true
  }

  private isNext(): boolean {
    if (this.toTimed === 0) {
      this.weight = 1 + Math.floor(Math.random() * (2 * TIMED_ONE_IN - 1))
      this.toTimed = this.weight
    }
    return --this.toTimed === 0
  }

  /** The call that is timed was given a key that the caller has not declared. */
  noteKeyOutside(): void {
    this.keysOutside += this.weight
  }

  /** How long the call took that was timed. */
  took(milliseconds: number): void {
    this.milliseconds += milliseconds * this.weight
  }

  /** Milliseconds of all calls. */
  get totalMilliseconds(): number {
    return this.milliseconds * this.missed
  }

  /** Keys outside of all calls. */
  get totalKeysOutside(): number {
    return this.keysOutside * this.missed
  }

  /** The last few calls may have none that stands for them. */
  private get missed(): number {
    return this.calls / this.stoodFor
  }
}
