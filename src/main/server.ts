/**
 * Builds the server out of its parts: the one place that knows them all.
 */
import { CLUSTER_TICK_MS, type Cluster } from '../cluster/cluster.ts'
import { clientLine } from '../commands/client/line.ts'
import type { CommandTable } from '../commands/table.ts'
import { type Config, ConfigFileError, type ConfigValues, type RenamedCommand } from '../config.ts'
import { newControlBlock } from '../control-block.ts'
import type { ScriptLedger } from '../counting/scripts/ledger.ts'
import { type Assembly, assemble } from '../engine/assembly.ts'
import type { Cron } from '../engine/cron.ts'
import type { Log } from '../log.ts'
import { collectGarbageSoon } from '../memory/garbage.ts'
import { ListenError } from '../net/listener.ts'
import { NetworkServer } from '../net/server.ts'
import { infoText } from '../observability/fields/info.ts'
import type { BuildFigures, InfoSource } from '../observability/fields/source.ts'
import type { InterpreterHost, InterpreterOptions } from '../scripting/interpreter-host.ts'
import { loadModule } from '../scripting/load-module.ts'
import type { WasmModule } from '../scripting/webassembly.ts'
import { configHost } from './config-host.ts'
import { DebugSessions } from './debugging/sessions.ts'
import { ServerInfo } from './info-source.ts'
import type { ProcessLifecycle } from './lifecycle.ts'
import { followNetworkChanges } from './network-changes.ts'
import { SAMPLE_INTERVAL_MS } from './rates.ts'
import { loadUsers, type StartupConfig, StartupError } from './startup-config.ts'
import { SystemFigures } from './system-figures.ts'

/** A longer time is not told apart from for ever: three weeks. */
const LIMIT_MAX_MS = 2 ** 31 - 1

export interface Server {
  readonly source: InfoSource
  readonly ledger: ScriptLedger
  readonly control: Int32Array
  /** Opens the ports and starts the clocks. Throws StartupError. */
  start(): Promise<void>
}

/** `cluster`: null where the server is no cluster's node. */
export function buildServer(
  startup: StartupConfig,
  log: Log,
  lifecycle: ProcessLifecycle,
  cluster: Cluster | null,
): Server {
  const { config, commands, users } = startup
  const settings = config.values
  const system = new SystemFigures(Buffer.from(process.argv[1] ?? '').toString('latin1'), config.file ?? '')
  const control = newControlBlock()
  const module = loadModule()
  const parts: Assembly = assemble({
    config,
    commands,
    users,
    files: configHost,
    log,
    lifecycle,
    control,
    cluster,
    interpreter: (role) => ({
      ...interpreterOptions(module, settings),
      ...(role !== 'debugger' && watched(role, control, () => network)),
    }),
    info(sections) {
      parts.scripts.host.lua.tidy()
      parts.functions.host.lua.tidy()
      return infoText(source, sections)
    },
    residentMemory: () => system.residentMemory,
    startDebugging: (client, args) => debugging.start(client, args),
    sleep: block,
  })
  renameCommands(commands, config.renamedCommands)
  loadUsers(users, parts.access, config, log)
  const network = new NetworkServer({
    executor: parts.engine,
    clients: parts.clients,
    stats: parts.stats,
    settings,
    clock: parts.clock,
    log,
    debug: parts.debug,
    writer: parts.writer,
    control,
    describe: (client) => clientLine(client, parts.clock.now, undefined),
  })
  const debugging = new DebugSessions({
    config,
    keyspace: parts.keyspace,
    module,
    log,
    cluster,
    usedMemory: () => parts.used.bytes,
    info: (sections) => infoText(source, sections),
    users: () => parts.access.lines().join('\n'),
  })
  parts.late.others = network.guardian ?? null
  lifecycle.isBlocked = () => parts.late.isBusy
  const source: ServerInfo = new ServerInfo({
    ...parts,
    config: settings,
    process: system,
    build: buildFigures(parts.scripts.host.lua),
    listeners: () => network.listeners,
  })
  lifecycle.unsavedChanges = () => parts.keyspace.dirty
  lifecycle.close = () => {
    cluster?.saveBeforeExit()
    return network.close()
  }
  followNetworkChanges(config, network)
  followChanges(config, network, parts)
  return {
    source,
    ledger: parts.ledger,
    control,
    async start() {
      await openPorts(network)
      keepTicking(parts.cron)
      if (cluster !== null) setInterval(() => cluster.tick(), CLUSTER_TICK_MS).unref()
      setInterval(() => source.sample(), SAMPLE_INTERVAL_MS).unref()
    },
  }
}

function interpreterOptions(module: WasmModule, settings: ConfigValues): InterpreterOptions {
  return {
    module,
    memoryLimit: settings['lua-memory-limit'],
    insecureApi: settings['lua-enable-insecure-api'],
    onLargeMemoryDropped: collectGarbageSoon,
  }
}

/** What the guardian needs to know of an interpreter whose scripts can be late. */
function watched(
  role: string,
  control: Int32Array,
  network: () => NetworkServer,
): Partial<InterpreterOptions> {
  return {
    control,
    onInstance: (memory, alarm) => network().guardian?.watch(role, memory.buffer, alarm),
    onLargeMemoryDropped() {
      network().guardian?.watch(role, null, 0)
      collectGarbageSoon()
    },
  }
}

/** Does what the directives say that are not looked at each time, now and whenever they change. */
function followChanges(config: Config, { guardian }: NetworkServer, parts: Assembly): void {
  const { keyspace, clock, scripts, functions, stats } = parts
  const settings = config.values
  const limitScripts = () => {
    if (guardian !== undefined) guardian.limitMs = Math.min(settings['busy-reply-threshold'], LIMIT_MAX_MS)
  }
  config.onChange('busy-reply-threshold', limitScripts)
  limitScripts()
  const trackLatency = () => {
    stats.trackLatency = settings['latency-tracking']
  }
  config.onChange('latency-tracking', trackLatency)
  trackLatency()
  // Keys made from now on are counted by the new policy.
  config.onChange('maxmemory-policy', () => keyspace.access.update(clock.now))
  config.onChange('lua-enable-insecure-api', () => {
    const insecure = settings['lua-enable-insecure-api']
    scripts.setInsecureApi(insecure)
    functions.host.lua.setInsecureApi(insecure)
  })
}

function renameCommands(commands: CommandTable, renamed: readonly RenamedCommand[]): void {
  for (const { from, to } of renamed) {
    const problem = commands.rename(from, to)
    if (problem !== undefined) throw new StartupError(new ConfigFileError(problem).message, true)
  }
}

async function openPorts(network: NetworkServer): Promise<void> {
  try {
    await network.open()
  } catch (error) {
    throw error instanceof ListenError ? new StartupError(error.message) : error
  }
}

/** `hz` may change from one tick to the next. */
function keepTicking(cron: Cron): void {
  setTimeout(() => {
    cron.tick()
    keepTicking(cron)
  }, cron.intervalMs).unref()
}

/** Blocks the thread. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

function buildFigures(host: InterpreterHost): BuildFigures {
  const info = host.buildInfo
  return {
    luaVersion: info?.lua ?? 'unknown',
    luaSource: info === undefined ? 'unknown' : `${info.package} ${info.packageVersion}`,
    luaPatches: info?.patches ?? [],
    compiler: info?.emcc ?? 'unknown',
    flagsHash: info?.flagsHash ?? '',
  }
}
