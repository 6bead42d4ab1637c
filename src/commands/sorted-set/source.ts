/**
 * The inputs of ZUNION, ZINTER and ZDIFF: sorted sets, and sets, whose members all have the score 1.
 */
import type { Database } from '../../keyspace/database.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { SetValue } from '../../types/set.ts'
import type { SortedSet } from '../../types/sorted-set.ts'

export interface Source {
  readonly key: Bytes
  readonly size: number
  weight: number
  score(member: Bytes): number | undefined
  forEach(fn: (member: Bytes, score: number) => void): void
  /** As forEach, but ends soon after `isEnough` says so. */
  forSome(fn: (member: Bytes, score: number) => void, isEnough: () => boolean): void
}

/** Members shown before `isEnough` is asked again. */
const STEP = 100

const SET_SCORE = 1

/** The set or sorted set at key, to be read; an absent one is empty. Throws WRONGTYPE on anything else. */
export function openSource(db: Database, key: Bytes): Source {
  if (db.type(key) === 'set') return new SetSource(key, db.readSet(key)!)
  const set = db.readSortedSet(key)
  return set === undefined ? new EmptySource(key) : new SortedSetSource(key, set)
}

class EmptySource implements Source {
  readonly key: Bytes
  readonly size = 0
  weight = 1

  constructor(key: Bytes) {
    this.key = key
  }

  score(): undefined {
    return undefined
  }

  forEach(): void {}

  forSome(): void {}
}

class SetSource implements Source {
  readonly key: Bytes
  readonly size: number
  weight = 1
  private readonly set: SetValue

  constructor(key: Bytes, set: SetValue) {
    this.key = key
    this.set = set
    this.size = set.size
  }

  score(member: Bytes): number | undefined {
    return this.set.has(member) ? SET_SCORE : undefined
  }

  forEach(fn: (member: Bytes, score: number) => void): void {
    this.set.forEach((member) => {
      fn(member, SET_SCORE)
    })
  }

  forSome(fn: (member: Bytes, score: number) => void, isEnough: () => boolean): void {
    let cursor = 0
    do {
      cursor = this.set.scan(cursor, STEP, (member) => {
        fn(member, SET_SCORE)
      })
    } while (cursor !== 0 && !isEnough())
  }
}

class SortedSetSource implements Source {
  readonly key: Bytes
  readonly size: number
  weight = 1
  private readonly set: SortedSet

  constructor(key: Bytes, set: SortedSet) {
    this.key = key
    this.set = set
    this.size = set.size
  }

  score(member: Bytes): number | undefined {
    return this.set.score(member)
  }

  forEach(fn: (member: Bytes, score: number) => void): void {
    this.set.range(0, this.size, false, fn)
  }

  forSome(fn: (member: Bytes, score: number) => void, isEnough: () => boolean): void {
    for (let start = 0; start < this.size && !isEnough(); start += STEP) {
      this.set.range(start, Math.min(STEP, this.size - start), false, fn)
    }
  }
}
