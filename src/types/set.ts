import type { Bytes } from '../memory/bytes.ts'
import type { EncodingLimits, Heap } from './value.ts'
export declare class SetValue {
  constructor(heap: Heap, limits: EncodingLimits, cell: number)
  /** `hint`: the first member, which decides between intset and listpack; `expected` members to come. */
  static init(heap: Heap, limits: EncodingLimits, cell: number, hint?: Bytes, expected?: number): void
  get size(): number
  get encoding(): 'intset' | 'listpack' | 'hashtable'
  has(member: Bytes): boolean
  add(member: Bytes): boolean
  delete(member: Bytes): boolean
  forEach(fn: (member: Bytes) => void): void
  scan(cursor: number, count: number, fn: (member: Bytes) => void): number
  random(): Bytes
  free(): void
  memory(): number
}
