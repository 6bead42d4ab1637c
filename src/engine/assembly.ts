/**
 * Puts an engine together out of its parts. Nothing here touches sockets, files or threads: what does is handed in.
 */
import { AccessControl, type AclFiles } from '../acl/access-control.ts'
import type { Users } from '../acl/users.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { hashSlot } from '../cluster/hash-slot.ts'
import { clientLine } from '../commands/client/line.ts'
import type { Lifecycle, Server } from '../commands/services.ts'
import type { CommandTable } from '../commands/table.ts'
import type { Config } from '../config.ts'
import { Evictor } from '../keyspace/evictor.ts'
import { Keyspace, SUBSCRIBERS } from '../keyspace/keyspace.ts'
import type { Log } from '../log.ts'
import { collectGarbageSoon } from '../memory/garbage.ts'
import { ScriptLedger } from '../observability/scripts/ledger.ts'
import { RespWriter } from '../protocol/resp-writer.ts'
import { FunctionHost } from '../scripting/function-host.ts'
import type { InterpreterOptions } from '../scripting/interpreter-host.ts'
import { ScriptHost } from '../scripting/script-host.ts'
import { freeInBackground } from './background-free.ts'
import type { Client } from './client.ts'
import { ClientRegistry } from './client-registry.ts'
import { Clock } from './clock.ts'
import { CLUSTERED, Constraints } from './constraints.ts'
import { Cron } from './cron.ts'
import { DebugSettings } from './debug-settings.ts'
import { Engine } from './engine.ts'
import { Eviction } from './eviction.ts'
import { ExecutionContext } from './execution-context.ts'
import { FunctionRunner } from './function-runner.ts'
import { Gate } from './gate.ts'
import { LateScript } from './late-script.ts'
import { LatencyMonitor } from './latency.ts'
import { MemoryLimit } from './memory-limit.ts'
import { MemoryReport } from './memory-report.ts'
import { Monitor } from './monitor.ts'
import { Notifications } from './notifications.ts'
import { PubSub } from './pubsub.ts'
import { Reclaimer } from './reclaimer.ts'
import { Redirection } from './redirection.ts'
import { ScriptCommands } from './script-commands.ts'
import { ScriptDebugging, type StartElsewhere } from './script-debugging.ts'
import { ScriptReports } from './script-report.ts'
import { ScriptRunner } from './script-runner.ts'
import { ScriptRuns } from './script-runs.ts'
import { ScriptStatistics } from './script-statistics.ts'
import { Slowlog } from './slowlog.ts'
import { Stats } from './stats.ts'
import { Stopwatch } from './stopwatch.ts'
import { Transactions } from './transactions.ts'
import { UsedMemory } from './used-memory.ts'

/** What the engine needs of the outside. */
export interface EngineHost {
  readonly config: Config
  readonly commands: CommandTable
  readonly users: Users
  readonly files: AclFiles
  readonly log: Log
  readonly lifecycle: Lifecycle
  /** What other threads know of the running script; undefined where there are none. */
  readonly control?: Int32Array
  /** Null where the server is not a cluster's node. */
  readonly cluster: Cluster | null
  /** For the interpreter of scripts, that of functions, and those of debugging sessions, a new one each. */
  interpreter(role: 'eval' | 'functions' | 'debugger'): InterpreterOptions
  /** Begins a debugging session in another thread; absent where there are none. */
  readonly startDebugging?: StartElsewhere
  info(sections: readonly string[]): string
  /** Bytes of the process, as the system sees it. */
  residentMemory(): number
  /** Blocks the thread: DEBUG SLEEP. */
  sleep(milliseconds: number): void
}

export interface Assembly {
  readonly engine: Engine
  readonly writer: RespWriter
  readonly commands: CommandTable
  readonly keyspace: Keyspace
  readonly clock: Clock
  readonly stats: Stats
  readonly clients: ClientRegistry
  readonly access: AccessControl
  readonly pubsub: PubSub
  readonly transactions: Transactions
  readonly scripts: ScriptRunner
  readonly functions: FunctionRunner
  readonly cron: Cron
  readonly late: LateScript
  readonly debug: DebugSettings
  readonly used: UsedMemory
  readonly memoryReport: MemoryReport
  readonly eviction: Eviction
  readonly slowlog: Slowlog
  readonly latency: LatencyMonitor
  readonly ledger: ScriptLedger
}

export function assemble(host: EngineHost): Assembly {
  const { config, commands, users, log, lifecycle, cluster } = host
  const settings = config.values
  const clock = new Clock()
  const stats = new Stats(commands.all.length)
  const writer = new RespWriter()
  const keyspace = new Keyspace(settings.databases, settings, clock, cluster !== null)
  const pubsub = new PubSub()
  const monitor = new Monitor(clock)
  const slowlog = new Slowlog(settings)
  const latency = new LatencyMonitor(settings)
  const constraints = new Constraints()
  const transactions = new Transactions(keyspace)
  const clients = new ClientRegistry({
    clock,
    constraints,
    pubsub,
    monitor,
    transactions,
    users,
    settings,
    log,
  })
  const access = new AccessControl({
    users,
    sessions: {
      all: () => clients.all(),
      end: (client: Client) => clients.end(client, context.client),
      describe: (client: Client) => clientLine(client, clock.now, undefined, clients.blocked.has(client)),
    },
    files: host.files,
    settings,
    clock,
    serverLog: log,
  })
  access.setDefaultPassword(settings.requirepass)
  config.onChange('requirepass', () => access.setDefaultPassword(settings.requirepass))
  const { heap, lazyFree } = keyspace
  const used = new UsedMemory(heap.arena)
  used.include(clients.memory)
  const evictor = new Evictor(keyspace, settings)
  const { pausing: pause } = clients
  const eviction = new Eviction({ settings, used, evictor, lazyFree, clock, pause, latency })
  const memory = new MemoryLimit({ settings, constraints, used, eviction, clientMemory: clients.memory, log })
  heap.arena.mayTake = (bytes) => memory.allows(bytes)
  config.onChange('maxmemory', () => memory.change())
  config.onChange('maxmemory-clients', () => clients.memory.follow())
  freeInBackground(lazyFree)
  const notifications = new Notifications(pubsub, settings)
  keyspace.observer = {
    touched: (dbIndex, key) => transactions.touched(dbIndex, key),
    touchedAll: (dbIndex, other) => transactions.touchedAll(dbIndex, other),
    notify: (dbIndex, event, key) => notifications.notify(dbIndex, event, key),
  }
  const updateNotifications = () => {
    notifications.update()
    keyspace.setObserved(SUBSCRIBERS, notifications.isEnabled)
  }
  config.onChange('notify-keyspace-events', updateNotifications)
  updateNotifications()
  const debug = new DebugSettings(host.sleep)
  const reclaimer = new Reclaimer(heap.arena, collectGarbageSoon)
  const cron = new Cron({ keyspace, clock, pause, latency, debug, used, reclaimer, settings })
  const server: Server = {
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
    get memory() {
      return memoryReport
    },
    transactions,
    // Scripts need the engine, which needs the context: the one knot in the graph.
    get scripts() {
      return scripts
    },
    get functions() {
      return functions
    },
    get debugging() {
      return debugging
    },
    info: (sections: readonly string[]) => host.info(sections),
    resetStatistics: () => {
      stats.reset()
      statistics.ledger.reset()
      keyspace.resetStatistics()
      eviction.resetStatistics()
      clients.memory.evicted = 0
    },
  }
  const redirection =
    cluster &&
    new Redirection({
      cluster,
      db: keyspace.database(0),
      settings,
    })
  if (cluster !== null) {
    constraints.set(CLUSTERED, true)
    cluster.topology.onRelease = (slot) => pubsub.dropShardChannels((channel) => hashSlot(channel) === slot)
  }
  const context = new ExecutionContext(server, keyspace, clock, writer)
  const statistics = new ScriptStatistics(new ScriptLedger(settings), clock)
  const reports = new ScriptReports(statistics.ledger)
  const stopwatch = new Stopwatch({ clock, slowlog, latency, control: host.control })
  const late = new LateScript({
    clock,
    constraints,
    context,
    settings,
    statistics,
    log,
    control: host.control,
  })
  const engine = new Engine({
    commands,
    keyspace,
    clock,
    stats,
    monitor,
    slowlog,
    latency,
    stopwatch,
    scripts: statistics,
    constraints,
    gate: new Gate({
      server,
      commands,
      stats,
      access,
      memory,
      pause,
      transactions,
      redirection,
      late,
      log,
    }),
    context,
    log,
  })
  transactions.runner = engine
  const scriptCommands = new ScriptCommands({
    engine,
    stopwatch,
    access,
    debug,
    memory,
    redirection,
    late,
    statistics,
    log,
  })
  const isClustered = cluster !== null
  const runs = new ScriptRuns({
    context,
    commands: scriptCommands,
    memory,
    isClustered,
    late,
    statistics,
    log,
  })
  const scriptHost = new ScriptHost({ ...host.interpreter('eval'), caller: scriptCommands })
  const functionHost = new FunctionHost({ ...host.interpreter('functions'), caller: scriptCommands })
  const scripts = new ScriptRunner(scriptHost, runs, reports)
  const debugging = new ScriptDebugging({
    context,
    commands: scriptCommands,
    scripts,
    settings,
    log,
    interpreter: () => host.interpreter('debugger'),
    startElsewhere: host.startDebugging,
  })
  const functions = new FunctionRunner(functionHost, runs, () => {
    keyspace.dirty++
  })
  used.include(scripts.cache)
  used.include(functions.registry)
  used.begin()
  const memoryReport = new MemoryReport({
    keyspace,
    clients,
    scripts,
    functions,
    used,
    residentMemory: () => host.residentMemory(),
  })
  return {
    engine,
    writer,
    commands,
    keyspace,
    clock,
    stats,
    clients,
    access,
    pubsub,
    transactions,
    scripts,
    functions,
    cron,
    late,
    debug,
    used,
    memoryReport,
    eviction,
    slowlog,
    latency,
    ledger: statistics.ledger,
  }
}
