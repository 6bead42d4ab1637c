/**
 * JavaScript objects that records outside the heap refer to by a small number.
 */
export class Handles {
  private readonly items: unknown[] = [undefined]
  private readonly free: number[] = []

  add(item: object): number {
    const handle = this.free.pop()
    if (handle === undefined) return this.items.push(item) - 1
    this.items[handle] = item
    return handle
  }

  get(handle: number): unknown {
    return this.items[handle]
  }

  replace(handle: number, item: object): void {
    this.items[handle] = item
  }

  /** Answers the object and forgets it. */
  take(handle: number): unknown {
    const item = this.items[handle]
    this.release(handle)
    return item
  }

  release(handle: number): void {
    this.items[handle] = undefined
    this.free.push(handle)
  }
}
