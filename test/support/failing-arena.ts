/**
 * An arena that has no memory when a test wants it so: what asks for memory for the n-th time from now on gets none, nor
 * does anybody afterwards, until the test is content.
 */
import { Arena } from '../../src/memory/arena.ts'
import { OutOfMemory } from '../../src/memory/out-of-memory.ts'

export class FailingArena extends Arena {
  private left = Infinity
  /** How often memory was refused since the last `failAfter`. */
  refusals = 0

  failAfter(requests: number): void {
    this.left = requests
    this.refusals = 0
  }

  private ask(): void {
    if (this.left-- > 0) return
    this.refusals++
    throw new OutOfMemory()
  }

  override alloc(bytes: number): number {
    this.ask()
    return super.alloc(bytes)
  }

  override buffer(bytes: number): Buffer {
    this.ask()
    return super.buffer(bytes)
  }

  override zeros(bytes: number): ArrayBuffer {
    // The constructor asks before this class is set up.
    if (this.left !== undefined) this.ask()
    return super.zeros(bytes)
  }

  /** Runs what may be refused memory after so many requests; whether it was ended by that. */
  survives(requests: number, work: () => void): boolean {
    this.failAfter(requests)
    try {
      work()
      return true
    } catch (error) {
      if (!(error instanceof OutOfMemory)) throw error
      return false
    } finally {
      this.failAfter(Infinity)
    }
  }
}
