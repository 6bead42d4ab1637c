/**
 * How much memory is in use, its limit, and what is done to keep it.
 */
import { Evictor } from '../../keyspace/evictor.ts'
import type { Constraints } from '../constraints.ts'
import { Eviction } from '../eviction.ts'
import { MemoryLimit } from '../memory-limit.ts'
import { UsedMemory } from '../used-memory.ts'
import type { Clients } from './clients.ts'
import type { Data } from './data.ts'
import type { EngineHost } from './host.ts'
import type { Instruments } from './instruments.ts'

export interface Memory {
  readonly used: UsedMemory
  readonly eviction: Eviction
  readonly memory: MemoryLimit
}

export function makeMemory(
  { config, log }: EngineHost,
  { clock, latency }: Instruments,
  { keyspace }: Data,
  { clients }: Clients,
  constraints: Constraints,
): Memory {
  const settings = config.values
  const { heap, lazyFree } = keyspace
  const { memory: clientMemory, pausing: pause } = clients
  const { arena } = heap
  const used = new UsedMemory(arena)
  used.include(clientMemory)
  const evictor = new Evictor(keyspace, settings)
  const eviction = new Eviction({ settings, used, evictor, lazyFree, clock, pause, latency })
  const memory = new MemoryLimit({ settings, constraints, arena, used, eviction, clientMemory, log })
  config.onChange('maxmemory', () => memory.change())
  config.onChange('maxmemory-clients', () => clientMemory.follow())
  return { used, eviction, memory }
}
