/**
 * How long calls took, as Valkey counts it for INFO's latencystats and LATENCY HISTOGRAM: a high dynamic range histogram
 * of nanoseconds with two significant digits. Buckets double in width; each is divided into 128 parts.
 */

/** Longer calls count as this long. */
const NANOSECONDS_MAX = 1_000_000_000
const SUB_BUCKETS = 256
const SUB_BUCKET_BITS = 8
const HALF = SUB_BUCKETS / 2
/** The first step of LATENCY HISTOGRAM; each is twice the one before. */
const FIRST_STEP = 1024
const COUNTS = (32 - Math.clz32(NANOSECONDS_MAX) - SUB_BUCKET_BITS + 2) * HALF

export class Histogram {
  total = 0
  private readonly counts = new Uint32Array(COUNTS)

  /** Counts so many calls that took so long. */
  record(nanoseconds: number, calls = 1): void {
    const value = nanoseconds < 1 ? 1 : nanoseconds > NANOSECONDS_MAX ? NANOSECONDS_MAX : nanoseconds | 0
    this.counts[indexOf(value)]! += calls
    this.total += calls
  }

  /** The highest duration that counts as the same as that of the given percentile. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.floor((percent / 100) * this.total + 0.5))
    let seen = 0
    for (let i = 0; i < COUNTS; i++) {
      seen += this.counts[i]!
      if (seen >= wanted) return percent === 0 ? lowest(i) : highest(i)
    }
    return 0
  }

  /** How many calls took at most so long. */
  upTo(nanoseconds: number): number {
    const end = indexOf(Math.min(nanoseconds, NANOSECONDS_MAX))
    let seen = 0
    for (let i = 0; i <= end; i++) seen += this.counts[i]!
    return seen
  }

  /**
   * Steps that double: microseconds, and how many calls took at most as long, where that are more than at the last step.
   * `untimed` more calls took as long as most.
   */
  steps(untimed: number): [number, number][] {
    const steps: [number, number][] = []
    const usual = indexOf(this.percentile(50))
    let seen = 0
    let next = FIRST_STEP
    for (let i = 0, before = 0; i < COUNTS && before < this.total + untimed; i++) {
      seen += this.counts[i]! + (i === usual ? untimed : 0)
      if (lowest(i) < next && i < COUNTS - 1) continue
      if (seen > before) steps.push([Math.floor(highest(i) / 1000), seen])
      before = seen
      next *= 2
    }
    return steps
  }

  reset(): void {
    this.counts.fill(0)
    this.total = 0
  }
}

function indexOf(value: number): number {
  const bucket = 32 - Math.clz32(value | (SUB_BUCKETS - 1)) - SUB_BUCKET_BITS
  return bucket * HALF + (value >> bucket)
}

/** The bucket of an index, and the part of it. */
function split(index: number): { bucket: number; part: number } {
  if (index < SUB_BUCKETS) return { bucket: 0, part: index }
  const bucket = Math.floor(index / HALF) - 1
  return { bucket, part: (index % HALF) + HALF }
}

function lowest(index: number): number {
  const { bucket, part } = split(index)
  return part * 2 ** bucket
}

function highest(index: number): number {
  const { bucket, part } = split(index)
  return (part + 1) * 2 ** bucket - 1
}
