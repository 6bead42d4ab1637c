/**
 * All that commands may ask of the server beyond its keys. The engine implements these services; commands never
 * import it.
 */
import type { Cluster } from '../../cluster/cluster.ts'
import type { Config } from '../../config.ts'
import type { AccessControl } from './access-control.ts'
import type { ClientRegistry } from './clients.ts'
import type { CommandLog, CommandLogName } from './command-log.ts'
import type { CommandDirectory } from './commands.ts'
import type { DebugSwitches } from './debug.ts'
import type { FunctionLibraries } from './functions.ts'
import type { Durations, LatencyMonitor } from './latency.ts'
import type { MemoryReport } from './memory.ts'
import type { Monitor } from './monitor.ts'
import type { Lifecycle, ServerLog } from './process.ts'
import type { PubSub } from './pubsub.ts'
import type { ScriptDebugging, Scripts } from './scripts.ts'
import type { Transactions } from './transactions.ts'

export interface Server {
  /** CONFIG GET, SET, REWRITE. */
  readonly configuration: Config
  readonly commands: CommandDirectory
  readonly clients: ClientRegistry
  readonly access: AccessControl
  readonly pubsub: PubSub
  readonly monitor: Monitor
  readonly commandLogs: Readonly<Record<CommandLogName, CommandLog>>
  readonly latency: LatencyMonitor
  readonly durations: Durations
  readonly log: ServerLog
  readonly lifecycle: Lifecycle
  /** What this server knows as a cluster's node; null where it is none. */
  readonly cluster: Cluster | null
  readonly debug: DebugSwitches
  readonly memory: MemoryReport
  readonly transactions: Transactions
  readonly scripts: Scripts
  readonly debugging: ScriptDebugging
  readonly functions: FunctionLibraries
  /** The text of INFO: the sections named (lower case), the default ones when none is. */
  info(sections: readonly string[]): string
  /** CONFIG RESETSTAT. */
  resetStatistics(): void
}
