/**
 * What commands see of the server.
 */
import type { Server } from '../../commands/services.ts'
import type { EngineHost, Foundation } from '../assembly.ts'
import type { MemoryReport } from '../memory-report.ts'
import type { Scripting } from './scripting.ts'

/** What is made of the engine, which needs the services: the one knot in the graph. */
export interface LateServices extends Scripting {
  readonly memoryReport: MemoryReport
}

export function makeServices(host: EngineHost, base: Foundation, late: () => LateServices): Server {
  const { config, commands, log, lifecycle, cluster } = host
  const { clients, access, pubsub, monitor, slowlog, latency, debug, transactions } = base
  const { stats, reports, ledger, keyspace, eviction } = base
  return {
    configuration: config,
    commands,
    clients,
    access,
    pubsub,
    monitor,
    slowlog,
    latency,
    durations: {
      ofCommands: (some) => stats.durations(some),
      ofScript: (name) => reports.durations(name),
    },
    log,
    lifecycle,
    cluster,
    debug,
    transactions,
    get memory() {
      return late().memoryReport
    },
    get scripts() {
      return late().scripts
    },
    get functions() {
      return late().functions
    },
    get debugging() {
      return late().debugging
    },
    info: (sections) => host.info(sections),
    resetStatistics() {
      stats.reset()
      ledger.reset()
      keyspace.resetStatistics()
      eviction.resetStatistics()
      clients.memory.evicted = 0
    },
  }
}
