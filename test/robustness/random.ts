/**
 * A seeded generator, so that a failure can be run again: PERILUNE_SEED names the seed, which every test prints.
 */
export class Random {
  readonly seed: number
  private state: number

  constructor(seed = Number(process.env.PERILUNE_SEED || Math.floor(Math.random() * 2 ** 31))) {
    this.seed = seed
    this.state = seed | 0
  }

  /** A whole number in [0, n). */
  below(n: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n)
  }

  chance(probability: number): boolean {
    return this.below(1_000_000) < probability * 1_000_000
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  bytes(length: number): Buffer {
    const out = Buffer.alloc(length)
    for (let i = 0; i < length; i++) out[i] = this.below(256)
    return out
  }
}
