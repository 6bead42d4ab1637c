/**
 * Shared memory that one thread changes and others read whole, while nobody waits for a lock: a generation, a word of that
 * memory, is odd while what it stands for changes. Whoever reads across a change reads again.
 */

/** How often is read what changes, and for how long each time its writer is waited for: it was interrupted. */
const READ_ATTEMPTS = 1000
const WRITER_MS = 1

/** What was read was changed without end, or its writer ended in the middle of a change. */
export class NeverWhole extends Error {
  constructor() {
    super('the figures in shared memory are half changed, and whoever changes them does not go on')
  }
}

/**
 * What `make` changes is seen as it was before, or as it is after; by one thread alone. A change that throws is never seen, until the
 * next one: so a half one is not taken for whole.
 */
export function change(generations: Int32Array, index: number, make: () => void): void {
  const odd = Atomics.load(generations, index) | 1
  Atomics.store(generations, index, odd)
  // What is written behind a store may be seen before it; behind a load, which stays behind the store, it may not.
  Atomics.load(generations, index)
  make()
  Atomics.store(generations, index, odd + 1)
}

/** What `read` finds between two changes; it may be called several times, and see half changes. Gives up with NeverWhole. */
export function whole<T>(generations: Int32Array, index: number, read: () => T): T {
  for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
    const before = Atomics.load(generations, index)
    if (before % 2 !== 0) {
      Atomics.wait(generations, index, before, WRITER_MS)
      continue
    }
    const found = read()
    // Adds nothing: what is read before a mere load may be read after it.
    if (Atomics.add(generations, index, 0) === before) return found
  }
  throw new NeverWhole()
}
