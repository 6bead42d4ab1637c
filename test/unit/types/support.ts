/**
 * What tests of collection types need of the keyspace: a heap, a place for a cell, and the encoding limits.
 */
import { Config } from '../../../src/config.ts'
import { Arena } from '../../../src/memory/arena.ts'
import { Handles } from '../../../src/memory/handles.ts'
import type { EncodingLimits, Heap } from '../../../src/types/value.ts'

const DEFAULTS: EncodingLimits = new Config().values

export function limitsWith(changes: Partial<EncodingLimits>): EncodingLimits {
  return { ...DEFAULTS, ...changes }
}

export function newHeap(): Heap {
  return { arena: new Arena(), handles: new Handles() }
}

/** All bytes of memory that are in use. */
export function heldBytes({ arena }: Heap): number {
  return arena.used + arena.outside
}

export function newCell(heap: Heap): number {
  return heap.arena.alloc(8)
}
