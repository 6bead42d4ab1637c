/**
 * `maxmemory` and `maxmemory-clients`: before a command, room is made, and where that fails, commands that may need more
 * memory are refused. So they are where there is no limit but the arena's own, or the system's, and it is near.
 */
import { DENYOOM } from '../commands/flags.ts'
import type { Command } from '../commands/table.ts'
import type { Log } from '../log.ts'
import type { Arena } from '../memory/arena.ts'
import type { Client } from './client.ts'
import type { ClientMemory } from './client-memory.ts'
import { type Constraints, MEMORY_LIMITED, MEMORY_SHORT } from './constraints.ts'
import type { Eviction } from './eviction.ts'
import type { UsedMemory } from './used-memory.ts'

export interface MemoryLimitParts {
  readonly settings: { readonly maxmemory: number }
  readonly constraints: Constraints
  readonly arena: Arena
  readonly used: UsedMemory
  readonly eviction: Eviction
  readonly clientMemory: ClientMemory
  readonly log: Log
}

export class MemoryLimit {
  /** Whether the limit was exceeded when the command, transaction or script that runs began. */
  isExceeded = false
  private readonly parts: MemoryLimitParts

  constructor(parts: MemoryLimitParts) {
    this.parts = parts
    this.follow()
    parts.arena.mayTake = (bytes) => this.allows(bytes)
    parts.arena.onShort = () => this.runShort()
  }

  /** `maxmemory` was changed. */
  change(): void {
    const { settings, used, clientMemory, log } = this.parts
    const { maxmemory } = settings
    // Some per cent of it may be the limit of clients.
    clientMemory.follow()
    const { bytes } = used
    if (maxmemory !== 0 && maxmemory < bytes) {
      log.warning(
        `WARNING: the new maxmemory value set via CONFIG SET (${maxmemory}) is smaller than the current memory usage ` +
          `(${bytes}). This will result in key eviction and/or the inability to accept new write commands depending ` +
          'on the maxmemory-policy.',
      )
    }
    this.follow()
  }

  private follow(): void {
    const { settings, constraints, eviction } = this.parts
    if (settings.maxmemory === 0) this.isExceeded = false
    constraints.set(MEMORY_LIMITED, settings.maxmemory !== 0)
    eviction.start()
  }

  /** From now on commands are asked about, until memory is free again. */
  private runShort(): void {
    const { constraints, log } = this.parts
    if ((constraints.bits & MEMORY_SHORT) !== 0) return
    constraints.set(MEMORY_SHORT, true)
    log.warning('The memory for keys is nearly used up: commands that may need more of it are refused.')
  }

  private get isShort(): boolean {
    const { constraints, arena, log } = this.parts
    if ((constraints.bits & MEMORY_SHORT) === 0) return false
    if (arena.isShort) return true
    constraints.set(MEMORY_SHORT, false)
    log.notice('There is memory for keys again.')
    return false
  }

  /** Whether so many bytes more are within the limit. */
  allows(bytes: number): boolean {
    const { settings, used, arena } = this.parts
    if (arena.isShort) return false
    return settings.maxmemory === 0 || used.bytes + bytes <= settings.maxmemory
  }

  /**
   * Whether a client's command, with the flags of its request, must be refused. The client may be closed for its own memory:
   * see `closeAfterReply`.
   */
  refuses(command: Command, flags: number, client: Client): boolean {
    const { settings, eviction, clientMemory } = this.parts
    if (clientMemory.isLimited) {
      clientMemory.measure(client)
      clientMemory.evict()
      if (client.closeAfterReply) return false
    }
    const isAbove = settings.maxmemory !== 0 && eviction.perform() === 'exceeded'
    this.isExceeded = this.isShort || isAbove
    if (!this.isExceeded) return false
    if ((flags & DENYOOM) !== 0) return true
    return command.name === 'exec' && (client.queue?.some((q) => (q.flags & DENYOOM) !== 0) ?? false)
  }
}
