/**
 * What is around every run of a script or function: whether it may start, the frozen moment it sees, the rules for its
 * commands, and its reply.
 */
import type { ScriptCall } from '../commands/services/scripts.ts'
import type { ScriptRecord } from '../counting/scripts/record.ts'
import { failWith } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import type { RespWriter } from '../protocol/resp-writer.ts'
import type { InterpreterHost } from '../scripting/interpreter-host.ts'
import type { ExecutionContext } from './execution-context.ts'
import type { LateScript } from './late-script.ts'
import type { MemoryLimit } from './memory-limit.ts'
import type { ScriptCommands, ScriptRun } from './script-commands.ts'
import { isReadOnly, refusalAtStart, type StartState } from './script-flags.ts'
import type { ScriptStatistics } from './script-statistics.ts'

/** How an error reply begins. */
const MINUS = 45

export interface ScriptRunsParts {
  readonly context: ExecutionContext
  readonly commands: ScriptCommands
  readonly memory: MemoryLimit
  readonly isClustered: boolean
  readonly late: LateScript
  readonly statistics: ScriptStatistics
  readonly log: Log
}

export class ScriptRuns implements StartState {
  readonly context: ExecutionContext
  readonly late: LateScript
  readonly isClustered: boolean
  readonly statistics: ScriptStatistics
  private readonly commands: ScriptCommands
  private readonly memory: MemoryLimit
  private readonly log: Log

  constructor(parts: ScriptRunsParts) {
    this.context = parts.context
    this.commands = parts.commands
    this.memory = parts.memory
    this.late = parts.late
    this.isClustered = parts.isClustered
    this.statistics = parts.statistics
    this.log = parts.log
  }

  get isMemoryExceeded(): boolean {
    return this.memory.isExceeded
  }

  /** Throws ReplyError where a script may not run. */
  admit(call: ScriptCall, flags: number): void {
    const refusal = refusalAtStart(flags, call.readOnly, this)
    if (refusal !== undefined) failWith(refusal)
  }

  /** A script that may run begins, of which `record` counts. `end` must follow. */
  begin(run: ScriptRun, call: ScriptCall, record: ScriptRecord, flags: number): void {
    this.commands.begin(run, flags, isReadOnly(flags, call.readOnly))
    this.context.beginScript()
    if (this.statistics.begin(record, run, call)) this.commands.profile()
  }

  /** Writes what a run answered. */
  answer(result: Bytes, host: InterpreterHost, reply: ReplySink): void {
    // Scripts are called by clients only, whose replies go to the writer.
    const writer = reply as RespWriter
    const { statistics } = this
    statistics.count(this.commands.called, host.argumentBytes, result.len, host.memoryGrowth)
    writer.raw(result)
    if (host.answeredError) writer.noteCountedError()
    if (result.byteAt(0) === MINUS) {
      statistics.error(result)
      if (host.ranOutOfMemory) statistics.killed('memory')
    }
    if (host.lastFault !== null) {
      statistics.killed('fault')
      this.log.warning(`Lua interpreter replaced: ${host.lastFault.stack}`)
    }
  }

  end(): void {
    this.commands.end()
    this.statistics.end()
    this.context.endScript()
  }
}
