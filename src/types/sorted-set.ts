import type { Bytes } from '../memory/bytes.ts'
import type { EncodingLimits, Heap } from './value.ts'
export declare class SortedSet {
  constructor(heap: Heap, limits: EncodingLimits, cell: number)
  static init(heap: Heap, limits: EncodingLimits, cell: number, expected?: number, longestMember?: number): void
  get size(): number
  get encoding(): 'listpack' | 'skiplist'
  score(member: Bytes): number | undefined
  /** Adds the member or changes its score; true when it is new. */
  set(member: Bytes, score: number): boolean
  delete(member: Bytes): boolean
  /** 0-based position in ascending order, -1 when absent. */
  rank(member: Bytes): number
  /** How many members have a score below `score` (`inclusive`: below or equal). The rank where a score range starts or ends. */
  countBelow(score: number, inclusive: boolean): number
  /** How many members sort below `member` by bytes (`inclusive`: or equal), in a set whose scores are all the same. */
  countBelowLex(member: Bytes, inclusive: boolean): number
  /** Members of ranks start .. start+count-1 in ascending order; `reverse`: ranks counted from the highest, descending. */
  range(start: number, count: number, reverse: boolean, fn: (member: Bytes, score: number) => void): void
  /** Deletes the members of ascending ranks start .. start+count-1, showing each first when fn is given. */
  deleteRange(start: number, count: number, fn?: (member: Bytes, score: number) => void): void
  scan(cursor: number, count: number, fn: (member: Bytes, score: number) => void): number
  random(fn: (member: Bytes, score: number) => void): void
  free(): void
  memory(): number
}
