/**
 * Gives back what waits to be freed (keyspace/lazy-free.ts), a little each turn of the event loop.
 */
import type { LazyFree } from '../keyspace/lazy-free.ts'

/** About a fifth of a millisecond's work. */
const PIECES_PER_TURN = 2000

export function freeInBackground(lazyFree: LazyFree): void {
  let isScheduled = false
  const schedule = () => {
    if (!isScheduled) setImmediate(work)
    isScheduled = true
  }
  const work = () => {
    isScheduled = false
    if (!lazyFree.step(PIECES_PER_TURN)) schedule()
  }
  lazyFree.onWork = schedule
}
