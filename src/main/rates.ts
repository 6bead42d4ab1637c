/**
 * Amounts per second over the last moments (`instantaneous_ops_per_sec`): the mean of the last samples.
 */
const SAMPLES = 16

/** How often to sample, ms. */
export const SAMPLE_INTERVAL_MS = 100

export class Rate {
  private readonly samples = new Float64Array(SAMPLES)
  private next = 0
  private lastTime = 0
  private lastCount = 0

  /** `now` in monotonic ms; `count` is a total that grows. */
  sample(now: number, count: number): void {
    const elapsed = now - this.lastTime
    if (this.lastTime > 0 && elapsed > 0) {
      // A total that CONFIG RESETSTAT set back has not run backwards.
      this.samples[this.next] = Math.max(0, ((count - this.lastCount) * 1000) / elapsed)
      this.next = (this.next + 1) % SAMPLES
    }
    this.lastTime = now
    this.lastCount = count
  }

  get perSecond(): number {
    let sum = 0
    for (const sample of this.samples) sum += sample
    return sum / SAMPLES
  }
}
