/**
 * Memory that cannot be had: the keyspace's arena is full, or the system gives no more. Whoever asks for memory asks before
 * anything is changed, so that a command ended by this leaves what it wanted to change as it was.
 */

export class OutOfMemory extends Error {
  constructor() {
    super('out of memory')
    this.name = 'OutOfMemory'
  }
}

/** What V8 says where a buffer cannot be made: of the keyspace's it is turned into the error above. */
const BUFFER_REFUSED = 'Array buffer allocation failed'

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof OutOfMemory || (error instanceof RangeError && error.message === BUFFER_REFUSED)
}

/** Does what is good to have but can wait; false where there is no memory for it. */
export function ifMemoryAllows(work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (isOutOfMemory(error)) return false
    throw error
  }
}
