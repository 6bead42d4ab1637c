/**
 * Runs scripts: finds them in the cache, or adds them, and hands them to the interpreter.
 */
import type { ScriptCall, Scripts } from '../commands/services.ts'
import { fail, failWith } from '../errors.ts'
import type { Log } from '../log.ts'
import { Bytes } from '../memory/bytes.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import type { RespWriter } from '../protocol/resp-writer.ts'
import { type Script, ScriptCache } from '../scripting/script-cache.ts'
import type { ScriptHost } from '../scripting/script-host.ts'
import { ALLOW_OOM, COMPAT_MODE, NO_WRITES } from '../scripting/shebang.ts'
import type { ExecutionContext } from './execution-context.ts'
import type { LateScript } from './late-script.ts'
import type { MemoryLimit } from './memory-limit.ts'
import type { ScriptCommands } from './script-commands.ts'

const RO_NEEDS_FLAG = 'ERR Can not execute a script with write flag using *_ro command.'

export interface ScriptRunnerParts {
  readonly context: ExecutionContext
  readonly commands: ScriptCommands
  readonly host: ScriptHost
  readonly memory: MemoryLimit
  readonly late: LateScript
  readonly log: Log
}

export class ScriptRunner implements Scripts {
  readonly cache = new ScriptCache()
  readonly host: ScriptHost
  private readonly context: ExecutionContext
  private readonly commands: ScriptCommands
  private readonly memory: MemoryLimit
  private readonly late: LateScript
  private readonly log: Log

  constructor(parts: ScriptRunnerParts) {
    this.context = parts.context
    this.commands = parts.commands
    this.host = parts.host
    this.memory = parts.memory
    this.late = parts.late
    this.log = parts.log
  }

  eval(call: ScriptCall, reply: ReplySink): void {
    const body = call.args.at(1)
    this.run(this.cache.byBody(body) ?? this.register(body, true), call, reply)
  }

  evalSha(call: ScriptCall, reply: ReplySink): void {
    const script = this.cache.bySha(call.args.at(1))
    if (script === undefined) fail('noScript')
    this.run(script, call, reply)
  }

  load(body: Bytes): string {
    const script = this.cache.byBody(body) ?? this.register(body, false)
    this.cache.keep(script)
    return script.sha
  }

  find(sha: Bytes): Bytes | undefined {
    const script = this.cache.bySha(sha)
    return script === undefined ? undefined : new Bytes(script.body)
  }

  get busyText(): string | undefined {
    return this.late.isBusy ? this.late.refusal : undefined
  }

  kill(isFunction: boolean): string | undefined {
    return this.late.kill(isFunction)
  }

  flush(): void {
    this.cache.clear()
    this.host.reset()
  }

  /** Compiles a new script and adds it to the cache; nothing changes when it does not compile. */
  private register(body: Bytes, evictable: boolean): Script {
    const script = ScriptCache.describe(body, evictable)
    if (typeof script === 'string') failWith(script)
    const known = this.cache.same(script)
    if (known !== undefined) return known
    this.host.load(script.sha, script.body.subarray(script.shebangLength))
    const evicted = this.cache.add(script)
    if (evicted !== undefined) this.host.unload(evicted.sha)
    return script
  }

  private run(script: Script, call: ScriptCall, reply: ReplySink): void {
    const compat = (script.flags & COMPAT_MODE) !== 0
    const writes = (script.flags & NO_WRITES) === 0
    if (!compat && writes && call.readOnly) failWith(RO_NEEDS_FLAG)
    const mayExceed = compat || !writes || (script.flags & ALLOW_OOM) !== 0
    if (this.memory.isExceeded && !mayExceed) fail('oom')
    const { context, commands, host } = this
    context.beginScript()
    commands.begin(script, call.readOnly || (!compat && !writes))
    try {
      const result = host.run(script, call.args, call.firstKey, call.keys, context.client.protocol)
      // Scripts are called by clients only, whose replies go to the writer.
      const writer = reply as RespWriter
      writer.raw(result)
      if (host.lastError !== null) writer.noteError(host.lastError, host.lastErrorCounted)
      if (host.lastFault !== null) this.log.warning(`Lua interpreter replaced: ${host.lastFault.stack}`)
    } finally {
      commands.end()
      context.endScript()
    }
  }
}
