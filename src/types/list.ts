import type { Bytes } from '../memory/bytes.ts'
import type { EncodingLimits, Heap } from './value.ts'
export declare class List {
  constructor(heap: Heap, limits: EncodingLimits, cell: number)
  static init(heap: Heap, cell: number): void
  get size(): number
  get encoding(): 'listpack' | 'quicklist'
  pushLeft(value: Bytes): void
  pushRight(value: Bytes): void
  popLeft(): Bytes | undefined
  popRight(): Bytes | undefined
  /** Element at a 0-based index below size. */
  get(index: number): Bytes | undefined
  set(index: number, value: Bytes): void
  /** Puts the value before the element at `index` (`index` = size appends). */
  insert(index: number, value: Bytes): void
  /** Walks `count` elements from `start` on (`reverse`: towards the head); fn may return false to stop. */
  forEach(start: number, count: number, reverse: boolean, fn: (value: Bytes, index: number) => boolean | void): void
  /** Deletes elements start .. start+count-1. */
  deleteRange(start: number, count: number): void
  /** Deletes up to `count` (0: all) elements equal to value, from the head or the tail; returns how many. */
  deleteEqual(value: Bytes, count: number, fromTail: boolean): number
  free(): void
  memory(): number
}
