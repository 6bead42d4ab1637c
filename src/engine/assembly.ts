/**
 * Puts an engine together out of its parts, a room (assembly/) at a time. Nothing here touches sockets, files or threads:
 * what does is handed in.
 */
import type { CommandTable } from '../commands/table.ts'
import { collectGarbageSoon } from '../memory/garbage.ts'
import { makeClients } from './assembly/clients.ts'
import { type Core, makeCore } from './assembly/core.ts'
import { makeData } from './assembly/data.ts'
import type { Foundation } from './assembly/foundation.ts'
import type { EngineHost } from './assembly/host.ts'
import { makeInstruments } from './assembly/instruments.ts'
import { makeMemory } from './assembly/memory.ts'
import { makeScripting, type Scripting } from './assembly/scripting.ts'
import { makeServices } from './assembly/services.ts'
import { Constraints } from './constraints.ts'
import { Cron } from './cron.ts'
import { DebugSettings } from './debug-settings.ts'
import { MemoryReport } from './memory-report.ts'
import { Reclaimer } from './reclaimer.ts'

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
