/**
 * `maxmemory`: beyond it, commands that may need more memory are refused. Nothing is evicted.
 */
import { DENYOOM } from '../commands/spec.ts'
import type { Command } from '../commands/table.ts'
import type { Client } from './client.ts'
import { type Constraints, MEMORY_LIMITED } from './constraints.ts'

export class MemoryLimit {
  /** Whether the limit was exceeded when the command, transaction or script that runs began. */
  isExceeded = false
  private readonly settings: { readonly maxmemory: number }
  private readonly used: () => number
  private readonly constraints: Constraints

  /** `used` tells the bytes in use, as INFO's `used_memory` does. */
  constructor(settings: { readonly maxmemory: number }, used: () => number, constraints: Constraints) {
    this.settings = settings
    this.used = used
    this.constraints = constraints
    this.update()
  }

  /** `maxmemory` may have changed. */
  update(): void {
    this.isExceeded = false
    this.constraints.set(MEMORY_LIMITED, this.settings.maxmemory !== 0)
  }

  /** Whether a client's command, with the flags of its request, must be refused. */
  refuses(command: Command, flags: number, client: Client): boolean {
    const { maxmemory } = this.settings
    this.isExceeded = maxmemory !== 0 && this.used() > maxmemory
    if (!this.isExceeded) return false
    if ((flags & DENYOOM) !== 0) return true
    return command.name === 'exec' && (client.queue?.some((q) => (q.flags & DENYOOM) !== 0) ?? false)
  }
}
