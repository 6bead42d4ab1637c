/**
 * Runs scripts: finds them in the cache, hands them to the interpreter, and carries out the commands they call. A script's
 * command passes the rules for scripts here and then the same `call` as everybody's.
 */

import type { ScriptCall, Scripts } from '../commands/context.ts'
import { MAY_REPLICATE, NOSCRIPT, WRITE } from '../commands/spec.ts'
import { fail, failWith } from '../errors.ts'
import type { Args } from '../memory/args.ts'
import { Bytes } from '../memory/bytes.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import type { RespWriter } from '../protocol/resp-writer.ts'
import type { LuaReply } from '../scripting/lua-reply.ts'
import { type Script, ScriptCache } from '../scripting/script-cache.ts'
import type { CommandCaller, ScriptHost } from '../scripting/script-host.ts'
import { COMPAT_MODE, NO_WRITES } from '../scripting/shebang.ts'
import type { Engine } from './engine.ts'
import type { ExecutionContext } from './execution-context.ts'
import { wrongArity } from './gate.ts'

/** What is known of the running script. */
export interface ScriptRun {
  readonly script: Script
  readonly readOnly: boolean
  /** It changed the keyspace: it may not be killed any more. */
  wrote: boolean
}

const UNKNOWN = 'ERR Unknown command called from script'
const WRONG_ARITY = 'ERR Wrong number of args calling command from script'
const NOT_ALLOWED = 'ERR This Redis command is not allowed from script'
const READ_ONLY = 'ERR Write commands are not allowed from read-only scripts.'
const RO_NEEDS_FLAG = 'ERR Can not execute a script with write flag using *_ro command.'

export class ScriptRunner implements Scripts, CommandCaller {
  readonly cache = new ScriptCache()
  /** The script that runs now. */
  running: ScriptRun | null = null
  /** DEBUG SET-DISABLE-DENY-SCRIPTS: scripts may call what they otherwise may not. */
  denyScriptsDisabled = false
  private readonly engine: Engine
  private readonly context: ExecutionContext
  private readonly host: ScriptHost

  constructor(engine: Engine, context: ExecutionContext, makeHost: (caller: CommandCaller) => ScriptHost) {
    this.engine = engine
    this.context = context
    this.host = makeHost(this)
  }

  eval(call: ScriptCall, reply: ReplySink): void {
    const body = call.args.at(1)
    let script = this.cache.byBody(body)
    if (script === undefined) {
      script = this.register(body, true)
    }
    this.run(script, call, reply)
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
    const context = this.context
    const outer = context.beginScript()
    this.running = { script, readOnly: call.readOnly || (!compat && !writes), wrote: false }
    try {
      const result = this.host.run(script, call.args, call.firstKey, call.keys, context.client.protocol)
      ;(reply as RespWriter).raw(result)
      if (this.host.lastError !== null) (reply as RespWriter).lastError = this.host.lastError
    } finally {
      this.running = null
      context.endScript(outer)
    }
  }

  resolve(name: Bytes): number {
    return this.engine.commands.lookup(name)?.id ?? -1
  }

  /** A command of the running script. */
  call(id: number, args: Args, reply: LuaReply): void {
    const run = this.running!
    let command = this.engine.commands.byId(id)
    if (command.subcommands !== null && args.count > 1) {
      const subcommand = this.engine.commands.subcommand(command, args.at(1))
      if (subcommand === undefined) return reply.error(UNKNOWN)
      command = subcommand
    }
    if (wrongArity(command, args.count)) return reply.error(WRONG_ARITY)
    const flags = command.flags
    if ((flags & NOSCRIPT) !== 0 && !this.denyScriptsDisabled) return reply.error(NOT_ALLOWED)
    if (run.readOnly && (flags & (WRITE | MAY_REPLICATE)) !== 0) return reply.error(READ_ONLY)
    const dirty = this.context.dirty
    this.engine.call(command, args, reply)
    if (this.context.dirty !== dirty) run.wrote = true
  }
}
