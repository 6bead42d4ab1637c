/**
 * A script that has run for longer than `busy-reply-threshold`. From then on other clients are served whenever the
 * interpreter asks: nearly everything is answered BUSY, but the script can be killed as long as it has not written. Whoever
 * writes KILL into the control block may kill it earlier.
 */
import { isKillAsked, KILL, KILLED, SEQUENCE, TOLD_AFTER_MS } from '../control-block.ts'
import type { Caller } from '../counting/scripts/feed.ts'
import { ERRORS } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Clock } from './clock.ts'
import { BUSY, type Constraints } from './constraints.ts'
import type { ExecutionContext } from './execution-context.ts'
import type { RunningScript } from './running-script.ts'
import { callerOf } from './script-caller.ts'

/** All clients but the one whose script this thread runs: the network, with its guardian. */
export interface OtherClients {
  /** The script takes its time: what they have been answered before is to be sent. */
  sendReplies(): void
  /** The script is late: they are to be served from now on. */
  begin(): void
  /** Deals with what they have sent; true when more waits for its turn. */
  serve(): boolean
  /** The script is over. */
  end(): void
}

/** Who has a script ended: by command, or through the metrics page. */
type Killer = 'user' | 'page'

/** Who counts what becomes of late scripts. */
export interface LateScriptCounts {
  busy(): void
  killed(reason: Killer): void
  /** The run of this number has been going on for long. */
  goesOn(run: number, caller: Caller): void
  /** What its author calls the script that runs; empty where it has no name. */
  readonly authorsName: string
}

export interface LateScriptParts {
  readonly clock: Clock
  readonly constraints: Constraints
  readonly context: ExecutionContext
  readonly settings: {
    readonly 'busy-reply-threshold': number
    readonly 'extended-redis-compatibility': boolean
  }
  readonly statistics: LateScriptCounts
  readonly log: Log
  /** See control-block.ts. */
  readonly control: Int32Array | undefined
}

const NOT_BUSY = 'NOTBUSY No scripts in execution right now.'
const UNKILLABLE =
  'UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script ' +
  'termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.'

export class LateScript {
  /** Set by the wiring; where they cannot be served meanwhile, no script is ever late. */
  others: OtherClients | null = null
  /** Clients are served while the script runs. */
  isBusy = false
  private script: RunningScript | null = null
  /** Who had it ended. */
  private killedBy: Killer | null = null
  /** The last run of which it was told who makes it. */
  private toldRun = 0
  private readonly parts: LateScriptParts

  constructor(parts: LateScriptParts) {
    this.parts = parts
  }

  /** The error for commands that may not run meanwhile. */
  get refusal(): string {
    const text = this.script?.isFunction ? ERRORS.busyFunction : ERRORS.busyScript
    return this.parts.settings['extended-redis-compatibility'] ? text.replace('Valkey', 'Redis') : text
  }

  /** The script that runs, if one does. */
  get running(): RunningScript | null {
    return this.script
  }

  /** How long it has been running. */
  get milliseconds(): number {
    return this.parts.clock.sinceFrozen()
  }

  begin(script: RunningScript): void {
    this.script = script
  }

  end(): void {
    this.script = null
    if (this.killedBy !== null) this.parts.statistics.killed(this.killedBy)
    this.killedBy = null
    if (!this.isBusy) return
    this.isBusy = false
    this.parts.constraints.set(BUSY, false)
    this.others!.end()
  }

  /** The interpreter asks what to do: go on (undefined), or end with this error. */
  poll(isToAskAgain: () => void): string | undefined {
    this.takeKill()
    this.tell()
    if (this.isBusy || this.start()) this.serve(isToAskAgain)
    if (this.killedBy === null) return undefined
    const text = `Script killed by user with ${this.killCommand}.`
    this.parts.log.notice(this.killedBy === 'user' ? text : 'Script killed by user through the metrics page.')
    return `ERR ${text}`
  }

  /** The kill that was asked for in shared memory. */
  private takeKill(): void {
    const { control } = this.parts
    if (control === undefined || this.script === null || !isKillAsked(control)) return
    Atomics.store(control, KILL, 0)
    if (this.kill(this.script.isFunction, 'page') !== undefined) return
    Atomics.store(control, KILLED, Atomics.load(control, SEQUENCE))
  }

  /** Once the script has been running for long: lets nobody wait for it who need not, and tells those who watch who runs it. */
  private tell(): void {
    const { control, context, settings, statistics } = this.parts
    if (control === undefined || this.script === null) return
    const run = Atomics.load(control, SEQUENCE)
    const threshold = settings['busy-reply-threshold'] || TOLD_AFTER_MS
    if (run === this.toldRun || this.milliseconds < Math.min(threshold, TOLD_AFTER_MS)) return
    this.toldRun = run
    this.others?.sendReplies()
    statistics.goesOn(run, callerOf(context.client, this.script))
  }

  private serve(isToAskAgain: () => void): void {
    const { context } = this.parts
    const moment = context.layAside()
    try {
      if (this.others!.serve()) isToAskAgain()
    } finally {
      context.takeUp(moment)
    }
  }

  private start(): boolean {
    const { settings, constraints, statistics, log } = this.parts
    const threshold = settings['busy-reply-threshold']
    const { milliseconds } = this
    if (this.script === null || this.others === null || threshold === 0 || milliseconds < threshold)
      return false
    log.warning(
      `Slow script detected: still in execution after ${Math.floor(milliseconds)} milliseconds. ` +
        `You can try killing the script using the ${this.killCommand} command. Script name is: ${this.script.name}.` +
        this.remark,
    )
    // The buffers they lie in are used for others from now on.
    this.script.args = this.script.args.detach()
    this.isBusy = true
    statistics.busy()
    constraints.set(BUSY, true)
    this.others.begin()
    return true
  }

  /** What Valkey's line of the log does not have. */
  private get remark(): string {
    const { context, statistics } = this.parts
    const { client, clientName, user } = callerOf(context.client, this.script!)
    const name = Buffer.from(statistics.authorsName).toString('latin1')
    const own = name === '' ? '' : ` Its author calls it ${name}.`
    return `${own} It was called by addr=${client} name=${clientName} user=${user}.`
  }

  private get killCommand(): string {
    return this.script!.isFunction ? 'FUNCTION KILL' : 'SCRIPT KILL'
  }

  /** SCRIPT KILL and FUNCTION KILL: the error, undefined when the script will end. */
  kill(isFunction: boolean, by: Killer = 'user'): string | undefined {
    const { script } = this
    if (script === null) return NOT_BUSY
    if (script.wrote) return UNKILLABLE
    if (script.isFunction !== isFunction) return this.refusal
    this.killedBy ??= by
    return undefined
  }
}
