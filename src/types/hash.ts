import type { Bytes } from '../memory/bytes.ts'
import type { EncodingLimits, Heap } from './value.ts'
export declare class Hash {
  constructor(heap: Heap, limits: EncodingLimits, cell: number)
  static init(heap: Heap, cell: number): void
  get size(): number
  get encoding(): 'listpack' | 'hashtable'
  get(field: Bytes): Bytes | undefined
  has(field: Bytes): boolean
  /** True when the field is new. */
  set(field: Bytes, value: Bytes): boolean
  delete(field: Bytes): boolean
  forEach(fn: (field: Bytes, value: Bytes) => void): void
  /** Calls fn for about `count` elements from the cursor on (all of them in a listpack); returns the next cursor, 0 at the end. */
  scan(cursor: number, count: number, fn: (field: Bytes, value: Bytes) => void): number
  /** One uniformly random element. */
  random(fn: (field: Bytes, value: Bytes) => void): void
  free(): void
  /** Bytes of memory held, for MEMORY USAGE and accounting. */
  memory(): number
}
