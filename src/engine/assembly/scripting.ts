/**
 * Scripts and functions: their interpreters, and the way their commands take into the engine.
 */
import { FunctionHost } from '../../scripting/function-host.ts'
import { ScriptHost } from '../../scripting/script-host.ts'
import { FunctionRunner } from '../function-runner.ts'
import { ScriptCommands } from '../script-commands.ts'
import { ScriptDebugging } from '../script-debugging.ts'
import { ScriptRunner } from '../script-runner.ts'
import { ScriptRuns } from '../script-runs.ts'
import type { Core } from './core.ts'
import type { Foundation } from './foundation.ts'
import type { EngineHost } from './host.ts'

export interface Scripting {
  readonly scripts: ScriptRunner
  readonly functions: FunctionRunner
  readonly debugging: ScriptDebugging
}

export function makeScripting(host: EngineHost, base: Foundation, core: Core): Scripting {
  const { log } = host
  const { keyspace, access, memory, used, debug, stopwatch, statistics } = base
  const { engine, context, late, redirection } = core
  const commands = new ScriptCommands({
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
  const isClustered = host.cluster !== null
  const runs = new ScriptRuns({ context, commands, memory, isClustered, late, statistics, log })
  const scriptHost = new ScriptHost({ ...host.interpreter('eval'), caller: commands })
  const functionHost = new FunctionHost({ ...host.interpreter('functions'), caller: commands })
  const scripts = new ScriptRunner(scriptHost, runs, base.reports)
  const functions = new FunctionRunner(functionHost, runs, () => {
    keyspace.dirty++
  })
  const debugging = new ScriptDebugging({
    context,
    commands,
    scripts,
    settings: host.config.values,
    log,
    interpreter: () => host.interpreter('debugger'),
    startElsewhere: host.startDebugging,
  })
  used.include(scripts.cache)
  used.include(functions.registry)
  return { scripts, functions, debugging }
}
