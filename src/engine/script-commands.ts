/**
 * The commands a running script calls: they pass the rules for scripts here, and then the same `call` as everybody's.
 */
import type { AccessControl } from '../acl/access-control.ts'
import { briefDenialText } from '../acl/denial-text.ts'
import { absentCommand } from '../commands/absent.ts'
import { ANY_COMMAND, DENYOOM, MAY_REPLICATE, NOSCRIPT, WRITE } from '../commands/flags.ts'
import type { Command } from '../commands/table.ts'
import type { CommandTraits } from '../commands/traits.ts'
import { ERRORS, failWith } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { CommandCaller } from '../scripting/command-caller.ts'
import type { LuaReply } from '../scripting/lua-reply.ts'
import { ALLOW_CROSS_SLOT_KEYS, ALLOW_OOM, COMPAT_MODE } from '../scripting/shebang.ts'
import { RESTRICTED } from './constraints.ts'
import type { DebugSettings } from './debug-settings.ts'
import type { Engine } from './engine.ts'
import type { LateScript } from './late-script.ts'
import type { MemoryLimit } from './memory-limit.ts'
import type { Redirection } from './redirection.ts'
import type { RunningScript } from './running-script.ts'
import type { ScriptStatistics } from './script-statistics.ts'
import type { Stopwatch } from './stopwatch.ts'

/** What is known of the running script or function. */
export interface ScriptRun extends RunningScript {
  wrote: boolean
}

const CHANGES = WRITE | MAY_REPLICATE

const UNKNOWN = 'ERR Unknown command called from script'
const WRONG_ARITY = 'ERR Wrong number of args calling command from script'
const NOT_ALLOWED = 'ERR This Redis command is not allowed from script'
const READ_ONLY = 'ERR Write commands are not allowed from read-only scripts.'

export interface ScriptCommandsParts {
  readonly engine: Engine
  readonly stopwatch: Stopwatch
  readonly access: AccessControl
  readonly debug: DebugSettings
  readonly memory: MemoryLimit
  /** Null without a cluster. */
  readonly redirection: Redirection | null
  readonly late: LateScript
  readonly statistics: ScriptStatistics
  readonly log: Log
}

export class ScriptCommands implements CommandCaller {
  running: ScriptRun | null = null
  /** Commands that the running script has called. */
  called = 0
  /** The running script is looked at closely. */
  private isProfiled = false
  /** How many commands were refused so far. */
  refusals = 0
  /** Flags of commands that the running script may not call, or that must be looked at. */
  private denied = 0
  private readonly engine: Engine
  private readonly stopwatch: Stopwatch
  private readonly access: AccessControl
  private readonly debug: DebugSettings
  private readonly memory: MemoryLimit
  private readonly redirection: Redirection | null
  private readonly late: LateScript
  private readonly statistics: ScriptStatistics
  private readonly serverLog: Log

  constructor(parts: ScriptCommandsParts) {
    this.engine = parts.engine
    this.stopwatch = parts.stopwatch
    this.access = parts.access
    this.debug = parts.debug
    this.memory = parts.memory
    this.redirection = parts.redirection
    this.late = parts.late
    this.statistics = parts.statistics
    this.serverLog = parts.log
  }

  begin(run: ScriptRun, flags: number, readOnly: boolean): void {
    if (this.running !== null) failWith('ERR a script is running already')
    this.running = run
    this.called = 0
    this.late.begin(run)
    this.stopwatch.beginScript()
    const mayExceed = (flags & (COMPAT_MODE | ALLOW_OOM)) === ALLOW_OOM
    this.denied = this.debug.denyScriptsDisabled ? 0 : NOSCRIPT
    if (readOnly) this.denied |= CHANGES
    if (this.memory.isExceeded && !mayExceed) this.denied |= DENYOOM
    if ((this.engine.client.constraints & RESTRICTED) !== 0) this.denied |= ANY_COMMAND
    if (this.redirection !== null) {
      this.denied |= ANY_COMMAND
      const mayCross = (flags & (COMPAT_MODE | ALLOW_CROSS_SLOT_KEYS)) !== 0
      this.redirection.enterScript(this.engine.client, mayCross)
    }
    this.isProfiled = false
  }

  /** The script that has just begun is to be looked at closely. */
  profile(): void {
    this.isProfiled = true
    this.denied |= ANY_COMMAND
  }

  end(): void {
    this.running = null
    this.late.end()
  }

  resolve(name: Bytes): number {
    return this.engine.commands.lookup(name)?.id ?? -1
  }

  call(id: number, args: Args, reply: LuaReply): void {
    const { engine } = this
    const command = this.find(id, args)
    if (command?.acceptsCount(args.count) && (command.flags & this.denied) === 0) {
      this.run(command, args, reply)
      return
    }
    const text = command === undefined ? this.refusalOfUnknown(args) : this.admit(command, args)
    if (text === undefined) {
      if (this.isProfiled) this.runProfiled(command!, args, reply)
      else this.run(command!, args, reply)
      return
    }
    this.refusals++
    if (command !== undefined) engine.stats.rejected[command.id]!++
    engine.stats.error(text)
    reply.error(text)
  }

  private runProfiled(command: Command, args: Args, reply: LuaReply): void {
    const { profile } = this.statistics
    const started = profile.beginCommand(command, args)
    this.run(command, args, reply)
    profile.endCommand(started)
  }

  private run(command: Command, args: Args, reply: LuaReply): void {
    this.called++
    if ((command.flags & WRITE) !== 0) this.noteWrite()
    this.engine.callFromScript(command, args, reply)
  }

  private find(id: number, args: Args): Command | undefined {
    if (id < 0) return undefined
    const { commands } = this.engine
    const command = commands.byId(id)
    if (command.subcommands === null || args.count < 2) return command
    return commands.subcommand(command, args.at(1))
  }

  /** A script that has written goes on whatever memory it takes: it must not be stopped in the middle. */
  private noteWrite(): void {
    const running = this.running!
    if (!running.wrote) this.statistics.noteWrite()
    running.wrote = true
    this.denied &= ~DENYOOM
  }

  /** A command that Valkey has is refused by the same rules as there, before it is found missing. */
  private refusalOfUnknown(args: Args): string {
    const absent = absentCommand(args)
    return (absent && this.brokenRule(absent, args)) ?? UNKNOWN
  }

  /** Lets a command of the script pass, or says why not: whatever the outcome, the run may count as one that wrote. */
  private admit(command: Command, args: Args): string | undefined {
    const broken = this.brokenRule(command, args)
    if (broken !== undefined || this.redirection === null) return broken
    // One whose keys are elsewhere counts as a write all the same.
    if ((command.flags & WRITE) !== 0) this.noteWrite()
    return this.redirection.admitFromScript(command, args, this.engine.client)
  }

  /** The rule that a call would break, beside those of a cluster. */
  private brokenRule(command: CommandTraits, args: Args): string | undefined {
    const { client } = this.engine
    const denied = command.flags & this.denied
    if (!command.acceptsCount(args.count)) return WRONG_ARITY
    if ((denied & NOSCRIPT) !== 0) return NOT_ALLOWED
    const denial = (client.constraints & RESTRICTED) !== 0 && this.access.deny(client, command, args, 'lua')
    if (denial) return `ERR ACL failure in script: ${briefDenialText(denial, client.user, command)}`
    if ((denied & CHANGES) !== 0) return READ_ONLY
    return (denied & DENYOOM) === 0 ? undefined : ERRORS.oom
  }

  log(level: number, text: Bytes): void {
    this.serverLog.at(level, text.printed())
  }

  countError(text: Bytes): void {
    this.engine.stats.scriptError(text.latin1())
  }

  /** Whether the script's caller may run a request; undefined where there is no such command. */
  aclCheck(args: Args): boolean | undefined {
    const command = this.engine.commands.resolve(args)
    return command && this.access.permits(this.engine.client, command, args)
  }

  /** Effects go nowhere: there is neither a replica nor an append-only file. */
  setRepl(): void {}

  poll(askAgain: () => void): string | undefined {
    return this.late.poll(askAgain)
  }
}
