/**
 * When a key was last used (LRU) or how often (LFU): 24 bits a key, in Valkey's formats, so that OBJECT IDLETIME and FREQ
 * and the eviction policies mean the same.
 */

const LRU_MASK = 0xffffff
const LFU_INITIAL = 5
const MINUTE_MASK = 0xffff

export interface AccessSettings {
  readonly 'lfu-log-factor': number
  readonly 'lfu-decay-time': number
  readonly 'maxmemory-policy': string
}

export class AccessClock {
  /** The policy counts uses; otherwise times of use are kept. */
  lfu = false
  private seconds = 0
  private minutes = 0
  private readonly settings: AccessSettings

  constructor(settings: AccessSettings) {
    this.settings = settings
  }

  /** Once a tick: the clock of uses to come. */
  update(now: number): void {
    this.seconds = Math.floor(now / 1000) & LRU_MASK
    this.minutes = Math.floor(now / 60000) & MINUTE_MASK
    this.lfu = this.settings['maxmemory-policy'].endsWith('-lfu')
  }

  /** The field of a new key. */
  initial(): number {
    return this.lfu ? (this.minutes << 8) | LFU_INITIAL : this.seconds
  }

  /** The field of a key that was just used. */
  used(field: number): number {
    if (!this.lfu) return this.seconds
    let counter = this.frequency(field)
    if (counter < 255) {
      const base = Math.max(0, counter - LFU_INITIAL)
      if (Math.random() < 1 / (base * this.settings['lfu-log-factor'] + 1)) counter++
    }
    return (this.minutes << 8) | counter
  }

  /** The field of a key with a past, as far as it is known and the policy asks for it. */
  fieldFor(idleSeconds: number | undefined, frequency: number | undefined): number | undefined {
    if (this.lfu) return frequency === undefined ? undefined : (this.minutes << 8) | frequency
    return idleSeconds === undefined ? undefined : (this.seconds - idleSeconds) & LRU_MASK
  }

  /** Seconds since the last use. */
  idleSeconds(field: number): number {
    return (this.seconds - field) & LRU_MASK
  }

  /** The logarithmic counter, decayed by the minutes that have passed. */
  frequency(field: number): number {
    const counter = field & 255
    const decay = this.settings['lfu-decay-time']
    if (decay === 0) return counter
    const elapsed = (this.minutes - (field >> 8)) & MINUTE_MASK
    return Math.max(0, counter - Math.floor(elapsed / decay))
  }
}
