/**
 * `used_memory`: what the server's data take. Every part keeps its own count, so that asking costs a few additions and can be
 * done before each command.
 *
 * Counted are keys, values and their tables, the sessions and buffers of clients, and the texts of scripts. Not counted, as
 * Valkey does not either, is what the program itself takes (the runtime, its code and its garbage) and the interpreter, which
 * has a limit of its own.
 */
import type { Arena } from '../memory/arena.ts'

/** A part of the server that keeps count of the bytes it holds. */
export interface MemoryHolder {
  readonly memory: number
}

export class UsedMemory {
  /** What was used when the server had been put together. */
  startup = 0
  private highest = 0
  private readonly arena: Arena
  private readonly holders: MemoryHolder[] = []

  constructor(arena: Arena) {
    this.arena = arena
  }

  include(holder: MemoryHolder): void {
    this.holders.push(holder)
  }

  /** The server has been put together. */
  begin(): void {
    this.startup = this.bytes
  }

  get bytes(): number {
    let sum = this.arena.used + this.arena.outside
    for (const { memory } of this.holders) sum += memory
    return sum
  }

  /** Looks whether this is the most so far; called now and then. */
  note(): void {
    this.highest = Math.max(this.highest, this.bytes)
  }

  /** The most there ever was, as far as was looked. */
  get peak(): number {
    this.note()
    return this.highest
  }
}
