/**
 * Wrong tokens: an address that has sent many within a minute is not heard until the minute is over.
 */

/** Wrong tokens of an address in PERIOD_MS. */
export const GUESSES_MAX = 10
export const PERIOD_MS = 60_000
/** Addresses that are remembered; of more the oldest are forgotten. */
export const ADDRESSES_MAX = 1024

interface Record {
  wrong: number
  readonly until: number
}

export class Guesses {
  private readonly records = new Map<string, Record>()
  private readonly tell: (address: string) => void
  private quietUntil = Number.NEGATIVE_INFINITY

  /** `tell` is called for the first wrong token of anybody, and then once in PERIOD_MS at most. */
  constructor(tell: (address: string) => void) {
    this.tell = tell
  }

  areTooMany(address: string, now: number): boolean {
    return (this.current(address, now)?.wrong ?? 0) >= GUESSES_MAX
  }

  note(address: string, now: number): void {
    const record = this.current(address, now)
    if (record !== undefined) record.wrong++
    else this.records.set(address, { wrong: 1, until: now + PERIOD_MS })
    if (this.records.size > ADDRESSES_MAX) this.records.delete(this.records.keys().next().value!)
    if (now < this.quietUntil) return
    this.quietUntil = now + PERIOD_MS
    this.tell(address)
  }

  private current(address: string, now: number): Record | undefined {
    const record = this.records.get(address)
    if (record === undefined || now < record.until) return record
    this.records.delete(address)
    return undefined
  }
}
