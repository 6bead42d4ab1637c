/**
 * The engine itself: what takes commands, lets them pass and runs them.
 */
import type { Server } from '../../commands/services/server.ts'
import { RespWriter } from '../../protocol/resp-writer.ts'
import { CLUSTERED } from '../constraints.ts'
import { Engine } from '../engine.ts'
import { ExecutionContext } from '../execution-context.ts'
import { Gate } from '../gate.ts'
import { LateScript } from '../late-script.ts'
import { Redirection } from '../redirection.ts'
import type { Foundation } from './foundation.ts'
import type { EngineHost } from './host.ts'

export interface Core {
  readonly writer: RespWriter
  readonly context: ExecutionContext
  readonly late: LateScript
  /** Null without a cluster. */
  readonly redirection: Redirection | null
  readonly engine: Engine
}

export function makeCore(host: EngineHost, base: Foundation, server: Server): Core {
  const { config, commands, cluster, log, control } = host
  const { clock, stats, commandLogs, latency, stopwatch, monitor, statistics } = base
  const { constraints, keyspace, transactions, access, memory } = base
  const settings = config.values
  const writer = new RespWriter()
  const context = new ExecutionContext(server, keyspace, clock, writer)
  const late = new LateScript({ clock, constraints, context, settings, statistics, log, control })
  const redirection = cluster && new Redirection({ cluster, db: keyspace.database(0), settings })
  constraints.set(CLUSTERED, cluster !== null)
  const gate = new Gate({
    server,
    commands,
    stats,
    access,
    memory,
    pause: base.clients.pausing,
    transactions,
    redirection,
    late,
    log,
  })
  const engine = new Engine({
    commands,
    keyspace,
    clock,
    stats,
    monitor,
    commandLogs,
    latency,
    stopwatch,
    scripts: statistics,
    constraints,
    gate,
    context,
    log,
  })
  transactions.runner = engine
  return { writer, context, late, redirection, engine }
}
