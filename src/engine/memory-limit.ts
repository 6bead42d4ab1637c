/**
 * `maxmemory`: beyond it, commands that may need more memory are refused. Nothing is evicted.
 */
import { DENYOOM } from '../commands/spec.ts'
import type { Command } from '../commands/table.ts'
import type { Client } from './client.ts'

export class MemoryLimit {
  /** Whether the limit was exceeded when the command, transaction or script that runs began. */
  isExceeded = false
  private readonly settings: { readonly maxmemory: number }
  private readonly used: () => number

  /** `used` tells the bytes in use, as INFO's `used_memory` does. */
  constructor(settings: { readonly maxmemory: number }, used: () => number) {
    this.settings = settings
    this.used = used
  }

  /** Whether a client's command must be refused. */
  refuses(command: Command, client: Client): boolean {
    const { maxmemory } = this.settings
    if (maxmemory === 0) {
      this.isExceeded = false
      return false
    }
    this.isExceeded = this.used() > maxmemory
    if (!this.isExceeded) return false
    if ((command.flags & DENYOOM) !== 0) return true
    return command.name === 'exec' && (client.queue?.some((q) => (q.command.flags & DENYOOM) !== 0) ?? false)
  }
}
