/**
 * Puts an engine together out of its parts, a room (assembly/) at a time. Nothing here touches sockets, files or threads:
 * what does is handed in.
 */
import type { AclFiles } from '../acl/access-control.ts'
import type { Users } from '../acl/users.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Lifecycle } from '../commands/services/process.ts'
import type { CommandTable } from '../commands/table.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Arena } from '../memory/arena.ts'
import { collectGarbageSoon } from '../memory/garbage.ts'
import type { InterpreterOptions } from '../scripting/interpreter-host.ts'
import { type Clients, makeClients } from './assembly/clients.ts'
import { type Core, makeCore } from './assembly/core.ts'
import { type Data, makeData } from './assembly/data.ts'
import { type Instruments, makeInstruments } from './assembly/instruments.ts'
import { type Memory, makeMemory } from './assembly/memory.ts'
import { makeScripting, type Scripting } from './assembly/scripting.ts'
import { makeServices } from './assembly/services.ts'
import { Constraints } from './constraints.ts'
import { Cron } from './cron.ts'
import { DebugSettings } from './debug-settings.ts'
import { MemoryReport } from './memory-report.ts'
import { Reclaimer } from './reclaimer.ts'
import type { StartElsewhere } from './script-debugging.ts'

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
  /** Where the keys are to lie; absent where nothing limits them but references. */
  readonly arena?: Arena
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

/** What the engine itself stands on. */
export interface Foundation extends Instruments, Data, Clients, Memory {
  readonly constraints: Constraints
  readonly debug: DebugSettings
}

export interface Assembly extends Foundation, Core, Scripting {
  readonly commands: CommandTable
  readonly memoryReport: MemoryReport
  readonly cron: Cron
}

export function assemble(host: EngineHost): Assembly {
  const constraints = new Constraints()
  const debug = new DebugSettings(host.sleep)
  const instruments = makeInstruments(host)
  const data = makeData(host, instruments)
  const people = makeClients(host, instruments, data, constraints, () => core.context.client)
  const memory = makeMemory(host, instruments, data, people, constraints)
  const base: Foundation = { constraints, debug, ...instruments, ...data, ...people, ...memory }
  const { server, complete } = makeServices(host, base)
  const core = makeCore(host, base, server)
  const scripting = makeScripting(host, base, core)
  const memoryReport = makeMemoryReport(host, base, scripting)
  const { scripts, functions, debugging } = scripting
  complete({ memory: memoryReport, scripts, functions, debugging })
  base.used.begin()
  return { commands: host.commands, ...base, ...core, ...scripting, memoryReport, cron: makeCron(host, base) }
}

function makeMemoryReport(host: EngineHost, base: Foundation, scripting: Scripting): MemoryReport {
  const { keyspace, clients, used } = base
  const { scripts, functions } = scripting
  const residentMemory = () => host.residentMemory()
  return new MemoryReport({ keyspace, clients, scripts, functions, used, residentMemory })
}

function makeCron({ config }: EngineHost, base: Foundation): Cron {
  const { keyspace, clients, clock, latency, debug, used } = base
  const reclaimer = new Reclaimer(keyspace.heap.arena, collectGarbageSoon)
  const { pausing: pause } = clients
  return new Cron({ keyspace, clock, pause, latency, debug, used, reclaimer, settings: config.values })
}
