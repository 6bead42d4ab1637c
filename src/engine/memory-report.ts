/**
 * All figures about memory, for INFO, the metrics and MEMORY.
 *
 * Where Valkey speaks of its allocator, the arena of keys and values is meant, and with it what is counted beside: allocated
 * is what is in use, active the slabs that it takes, resident the slabs that were ever used.
 */
import type { MemoryReport as MemoryReportService, MemoryStatistics } from '../commands/services/memory.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { collectGarbageSoon } from '../memory/garbage.ts'
import type { ClientRegistry } from './client-registry.ts'
import type { FunctionRunner } from './function-runner.ts'
import type { ScriptRunner } from './script-runner.ts'
import type { UsedMemory } from './used-memory.ts'

const MIB = 1024 * 1024

export interface MemoryReportParts {
  readonly keyspace: Keyspace
  readonly clients: ClientRegistry
  readonly scripts: ScriptRunner
  readonly functions: FunctionRunner
  readonly used: UsedMemory
  /** Of the process, as the system sees it. */
  readonly residentMemory: () => number
}

export class MemoryReport implements MemoryReportService {
  private readonly parts: MemoryReportParts

  constructor(parts: MemoryReportParts) {
    this.parts = parts
  }

  statistics(): MemoryStatistics {
    this.parts.clients.memory.measureAll()
    return this.current()
  }

  /** With what is known of the clients now. */
  current(): MemoryStatistics {
    const { keyspace, clients, scripts, functions, used } = this.parts
    const { arena } = keyspace.heap
    const filled = keyspace.all.filter((db) => db.size > 0)
    const databases = filled.map((db) => ({ index: db.index, keys: db.size, overhead: db.overhead }))
    const total = used.bytes
    const overhead = databases.reduce(
      (sum, db) => sum + db.overhead.keys + db.overhead.expiries,
      used.startup + clients.memory.memory + scripts.cache.memory + functions.registry.memory,
    )
    return {
      used: total,
      peak: used.peak,
      startup: used.startup,
      overhead,
      dataset: Math.max(0, total - overhead),
      databases,
      clients: clients.memory.memory,
      connected: clients.count,
      active: total - arena.used + arena.active,
      allocatorResident: total - arena.used + arena.resident,
      processResident: this.parts.residentMemory(),
      luaEval: scripts.host.lua.usedMemory,
      luaFunctions: functions.host.lua.usedMemory,
      scripts: scripts.cache.memory,
      cachedScripts: scripts.cache.size,
      functions: functions.registry.memory,
      lazyPending: keyspace.lazyFree.pending,
      lazyFreed: keyspace.lazyFree.freed,
    }
  }

  /** Gives back what is held in reserve. */
  purge(): void {
    this.parts.keyspace.heap.arena.purge()
    collectGarbageSoon()
  }

  /** The state of the arena, for people. */
  allocatorText(): string {
    const { arena } = this.parts.keyspace.heap
    const { runs } = arena
    const lines = [
      '___ Begin arena statistics ___',
      `Allocated: ${arena.used}, active: ${arena.active}, resident: ${arena.resident}, reserved: ${arena.reserved}`,
      `Outside the arena: ${arena.outside}`,
      `Segments: ${arena.segments}, runs: ${runs.count} of ${runs.bytes} bytes (${mib(runs.bytes)} MiB)`,
      `${'size'.padStart(8)}${'chunks'.padStart(12)}${'bytes'.padStart(16)}${'slabs'.padStart(8)}`,
      ...arena.sizes.map(
        ({ chunkBytes, chunks, slabs }) =>
          `${String(chunkBytes).padStart(8)}${String(chunks).padStart(12)}${String(chunks * chunkBytes).padStart(16)}${String(slabs).padStart(8)}`,
      ),
      '--- End arena statistics ---',
    ]
    return `${lines.join('\n')}\n`
  }
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1)
}
