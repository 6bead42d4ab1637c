/**
 * Gives back what waits to be freed (keyspace/lazy-free.ts), a little each turn of the event loop.
 */
import type { LazyFree } from '../keyspace/lazy-free.ts'
import { soon } from '../soon.ts'

/** About a fifth of a millisecond's work. */
const PIECES_PER_TURN = 2000

export function freeInBackground(lazyFree: LazyFree): void {
  const work = soon(() => {
    if (!lazyFree.step(PIECES_PER_TURN)) work()
  })
  lazyFree.onWork = work
}
