/**
 * What the collection types share. A value lives in a *cell*: two 32-bit integers in its owner's record in the arena,
 * [encoding, reference]. Small collections are one blob in the arena and the cell refers to it; large ones are an object
 * in the handle table and the cell holds the handle. The type classes are short-lived views over a cell: they alone read
 * and change it, so a blob that moves or a conversion needs nothing of the owner.
 */
import type { Arena } from '../memory/arena.ts'
import type { Handles } from '../memory/handles.ts'

/** A large collection that has no owner any more: its memory goes back in steps. */
export interface Remains {
  /** How many pieces there are to give back. */
  readonly size: number
  /** Gives back about `count` of them; true when nothing is left. Nothing else may be asked of it from then on. */
  drain(count: number): boolean
}

export interface Heap {
  readonly arena: Arena
  /** JavaScript objects that records refer to by number: large collections, large strings. */
  readonly handles: Handles
}

/** The live configuration values that decide encodings, under their directive names. */
export interface EncodingLimits {
  readonly 'hash-max-listpack-entries': number
  readonly 'hash-max-listpack-value': number
  readonly 'set-max-intset-entries': number
  readonly 'set-max-listpack-entries': number
  readonly 'set-max-listpack-value': number
  readonly 'zset-max-listpack-entries': number
  readonly 'zset-max-listpack-value': number
  readonly 'list-max-listpack-size': number
}
