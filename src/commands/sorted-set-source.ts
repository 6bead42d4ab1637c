/**
 * The inputs of ZUNION, ZINTER and ZDIFF: sorted sets, and sets, whose members all have the score 1.
 */
import type { Database } from '../keyspace/database.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { SetValue } from '../types/set.ts'
import type { SortedSet } from '../types/sorted-set.ts'

export interface Source {
  readonly key: Bytes
  readonly size: number
  weight: number
  score(member: Bytes): number | undefined
  forEach(fn: (member: Bytes, score: number) => void): void
}

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
}
