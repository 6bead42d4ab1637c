/**
 * What commands see of the server.
 */
import type { Server } from '../../commands/services/server.ts'
import type { Foundation } from './foundation.ts'
import type { EngineHost } from './host.ts'

/** What is made of the engine, which needs the services: the one knot in the graph. */
export type LateServices = Pick<Server, 'memory' | 'scripts' | 'functions' | 'debugging'>

/** The places of those that are not there yet. */
const NOT_YET = {
  memory: undefined,
  scripts: undefined,
  functions: undefined,
  debugging: undefined,
} as unknown

export interface Services {
  readonly server: Server
  /** Must be called before the first command runs. Plain properties, as every EVALSHA looks one up. */
  complete(late: LateServices): void
}

export function makeServices(host: EngineHost, base: Foundation): Services {
  const { config, commands, log, lifecycle, cluster } = host
  const { clients, access, pubsub, monitor, commandLogs, latency, debug, transactions } = base
  const { stats, reports, ledger, keyspace, eviction } = base
  const server: Server = {
    ...(NOT_YET as LateServices),
    configuration: config,
    commands,
    clients,
    access,
    pubsub,
    monitor,
    commandLogs,
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
    info: (sections) => host.info(sections),
    resetStatistics() {
      stats.reset()
      ledger.reset()
      keyspace.resetStatistics()
      eviction.resetStatistics()
      clients.memory.evicted = 0
    },
  }
  return { server, complete: (late) => Object.assign(server, late) }
}
