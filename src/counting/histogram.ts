/**
 * How long calls took, as Valkey counts it for INFO's latencystats and LATENCY HISTOGRAM: a high dynamic range histogram
 * of nanoseconds with two significant digits. Buckets double in width; each is divided into 128 parts.
 */

/** Longer calls count as this long. */
const NANOSECONDS_MAX = 1_000_000_000
const SUB_BUCKETS = 256
const SUB_BUCKET_BITS = 8
const HALF = SUB_BUCKETS / 2
const HALF_BITS = SUB_BUCKET_BITS - 1
/** Parts of HALF counts. */
const BLOCKS = 32 - Math.clz32(NANOSECONDS_MAX) - SUB_BUCKET_BITS + 2
/** The first step of LATENCY HISTOGRAM; each is twice the one before. */
const FIRST_STEP = 1024
/** Where in the counts the steps end. */
const STEP_ENDS = stepEnds()
/** Ends of the steps, microseconds. */
export const STEP_BOUNDS: readonly number[] = STEP_ENDS.map((end) => Math.floor(highest(end) / 1000))

export class Histogram {
  private readonly counts = new Float64Array(BLOCKS * HALF)
  /** Sums of the counts, so that a reader need not add up all of them. */
  private readonly blocks = new Float64Array(BLOCKS)

  /** Counts so many calls that took so long. */
  record(nanoseconds: number, calls = 1): void {
    const value = nanoseconds < 1 ? 1 : nanoseconds > NANOSECONDS_MAX ? NANOSECONDS_MAX : nanoseconds | 0
    const index = indexOf(value)
    this.counts[index]! += calls
    this.blocks[index >> HALF_BITS]! += calls
  }

  private get total(): number {
    let sum = 0
    for (let block = 0; block < BLOCKS; block++) sum += this.blocks[block]!
    return sum
  }

  /** The highest duration that counts as the same as that of the given percentile. */
  percentile(percent: number): number {
    const i = this.indexAt(percent)
    return i < 0 ? 0 : percent === 0 ? lowest(i) : highest(i)
  }

  /** The count that the call at a percentile is in; -1 where there are no calls. */
  private indexAt(percent: number): number {
    const wanted = Math.max(1, Math.floor((percent / 100) * this.total + 0.5))
    let seen = 0
    for (let block = 0; block < BLOCKS; block++) {
      if (seen + this.blocks[block]! < wanted) {
        seen += this.blocks[block]!
        continue
      }
      let i = block << HALF_BITS
      for (seen += this.counts[i]!; seen < wanted; seen += this.counts[i]!) i++
      return i
    }
    return -1
  }

  /** How many calls took at most as long as each of STEP_BOUNDS. `untimed` more calls took as long as most. */
  stepCounts(untimed: number): number[] {
    const usual = Math.max(0, this.indexAt(50))
    const steps: number[] = []
    let block = 0
    let seen = 0
    for (const end of STEP_ENDS) {
      for (const last = end >> HALF_BITS; block < last; block++) seen += this.blocks[block]!
      let sum = usual <= end ? seen + untimed : seen
      for (let i = block << HALF_BITS; i <= end; i++) sum += this.counts[i]!
      steps.push(sum)
    }
    return steps
  }
}

/** Of what `stepCounts` answers: microseconds, and how many calls took at most as long, where that are more than before. */
export function risingSteps(counts: ArrayLike<number>): [number, number][] {
  const steps: [number, number][] = []
  for (const [i, bound] of STEP_BOUNDS.entries()) {
    if (counts[i]! > (counts[i - 1] ?? 0)) steps.push([bound, counts[i]!])
  }
  return steps
}

function stepEnds(): number[] {
  const ends: number[] = []
  for (let i = 0, next = FIRST_STEP; i < BLOCKS * HALF; i++) {
    if (lowest(i) < next && i < BLOCKS * HALF - 1) continue
    ends.push(i)
    next *= 2
  }
  return ends
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
