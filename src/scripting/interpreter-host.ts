/**
 * Keeps an interpreter for the server: makes it when it is first needed, answers what it calls, and replaces it after
 * anything that might have left it damaged. What runs in it is up to its owner: scripts (script-host.ts) and functions
 * (function-host.ts) have an interpreter each, so that neither can reach the other's memory, not even through a defect of
 * the C code.
 *
 * The views that `call` gets lie in the interpreter's memory and are valid until it returns. `call` may throw ReplyError;
 * whatever else it throws is a defect: the script sees an error and the interpreter is replaced.
 *
 * The sequence number of the control block (`options.control`, control-block.ts) goes up by one at the start of a run and at
 * its end. The alarm lies in the interpreter's own memory: `options.onInstance` tells where whenever that changes.
 */
import { LIMIT_MS, newControlBlock, SEQUENCE } from '../control-block.ts'
import { ReplyError } from '../errors.ts'
import { Args } from '../memory/args.ts'
import { Bytes } from '../memory/bytes.ts'
import { formatDouble } from '../memory/numbers.ts'
import {
  type Exports,
  type Imports,
  IO_MEMORY_GROWTH,
  IO_OUTPUT,
  IO_OUTPUT_LENGTH,
  IO_PROTOCOL,
  IO_REPLY_CAPACITY,
  RESULT_NO_MEMORY,
} from './abi.ts'
import { type BuildInfo, Interpreter, readBuildInfo } from './interpreter.ts'
import { LuaReply } from './lua-reply.ts'
import { processorSeconds } from './processor-time.ts'
import type { WasmMemory, WasmModule } from './webassembly.ts'

/** What scripts and functions reach of the server. */
export interface CommandCaller {
  /** Id of a command, -1 when there is none. */
  resolve(name: Bytes): number
  /** Runs the command with an id that `resolve` gave, or refuses it. */
  call(id: number, args: Args, reply: LuaReply): void
  /** Levels: 0 debug, 1 verbose, 2 notice, 3 warning. */
  log(level: number, text: Bytes): void
  /** An error in an answer that is no command's. */
  countError(text: Bytes): void
  /** Undefined: no such command. */
  aclCheck(args: Args): boolean | undefined
  /** 1 AOF, 2 replicas. */
  setRepl(flags: number): void
  /** The alarm was set: the error to end the script with, or undefined: go on. `askAgain` sets it again. */
  poll(askAgain: () => void): string | undefined
}

/** Whoever follows a script line by line. */
export interface ScriptDebugger {
  /** Scripts that are to be debugged run in this interpreter. */
  attach(interpreter: Interpreter): void
  /** The script has stopped, see abi.ts; the error to end it with, or undefined: it goes on. */
  stop(reason: number): string | undefined
  /** It has run for so long that it is to stop. */
  readonly isOverdue: boolean
  /** Asked now and then while it runs: the error to end it with. */
  poll(): string | undefined
  show(text: Bytes): void
}

export interface InterpreterOptions {
  readonly module: WasmModule
  /** Bytes of an interpreter's memory, all included. */
  readonly memoryLimit?: number
  /** Whether scripts have newproxy, getfenv and setfenv. */
  readonly insecureApi?: boolean
  readonly control?: Int32Array
  readonly onInstance?: (memory: WasmMemory, alarm: number) => void
  /** An interpreter with much memory is no longer used: only the garbage collector gives that back. */
  readonly onLargeMemoryDropped?: () => void
  /** Monotonic milliseconds. */
  readonly now?: () => number
  readonly debugger?: ScriptDebugger
}

export interface InterpreterHostOptions extends InterpreterOptions {
  readonly caller: CommandCaller
}

/** What the owner of an interpreter does when one comes and goes. */
export interface InterpreterOwner {
  /** Makes the sandbox of a new interpreter; 0 when there is not enough memory. */
  furnish(exports: Exports, insecureApi: boolean): number
  /** The interpreter is gone, with all that was in it. */
  forget(): void
  /** An interpreter that used more is replaced after the run, as only that gives the memory back. */
  readonly keptMemoryMax: number
  /**
   * A run that was ended from outside may leave C functions in the middle, with what they had allocated: only another
   * interpreter gives that back. True: what lives in this one is worth more than that.
   */
  readonly isKeptWhenKilled: boolean
}

const DEFAULT_MEMORY_LIMIT = 256 * 1024 * 1024

/** What Lua's objects take at most where collecting their garbage costs nobody time worth a mention. */
const TIDIED_MAX = 1024 * 1024

/** Input and output above this is given back after the run. */
const KEPT_BUFFER = 1024 * 1024

/** More than a Lua function can be called with. */
const MAX_ARGUMENTS = 65_536

const ALREADY_RUNNING = 'ERR a script is running already'

export class InterpreterHost {
  /** The last run's reply is an error, or has one in it. */
  answeredError = false
  /** Of the last run: a defect of the host or a dead interpreter. */
  lastFault: Error | null = null
  /** Of the last run: bytes of its keys and arguments; whether it asked for more memory than it may have. */
  argumentBytes = 0
  /** The most that it added to Lua's memory, bytes. */
  memoryGrowth = 0
  ranOutOfMemory = false
  /** Interpreters made so far: more than one means that some were replaced. */
  instances = 0
  readonly buildInfo: BuildInfo | undefined
  private readonly options: InterpreterHostOptions
  private readonly owner: InterpreterOwner
  private readonly caller: CommandCaller
  private readonly control: Int32Array
  private readonly imports: Imports
  private readonly memoryLimit: number
  private readonly now: () => number
  private insecureApi: boolean
  private interpreter: Interpreter | null = null
  /** The one before, whose memory the next may take over. */
  private retired: Interpreter | undefined = undefined
  /** Where its sequence of math.random was, with which the next goes on. */
  private randomState: number | undefined = undefined
  private readonly reply = new LuaReply()
  private readonly args = new Args()
  private readonly name = new Bytes()
  private readonly result = new Bytes()
  private isRunning = false
  /** When something that has a limit of its own must end, and the error that ends it. */
  private deadline: { readonly at: number; readonly error: string } | null = null
  /** The interpreter must not be used again once the run has ended. */
  private isSpoilt = false
  /** Nor its memory, which may hold anything. */
  private isBroken = false

  constructor(options: InterpreterHostOptions, owner: InterpreterOwner) {
    this.options = options
    this.owner = owner
    this.caller = options.caller
    this.control = options.control ?? newControlBlock()
    this.memoryLimit = options.memoryLimit ?? DEFAULT_MEMORY_LIMIT
    this.now = options.now ?? (() => performance.now())
    this.insecureApi = options.insecureApi ?? false
    this.buildInfo = readBuildInfo(options.module)
    this.imports = this.makeImports()
  }

  /** Bytes Lua's objects take. */
  get usedMemory(): number {
    return this.interpreter?.exports.memory_used() ?? 0
  }

  /** Bytes of linear memory that were ever used, free or not. */
  get reservedMemory(): number {
    return this.interpreter?.exports.heap_top() ?? 0
  }

  setInsecureApi(insecure: boolean): void {
    if (insecure === this.insecureApi) return
    this.insecureApi = insecure
    this.reset()
  }

  /** Drops the interpreter; the next use makes a new one. */
  reset(): void {
    if (this.isRunning) this.isSpoilt = true
    else this.discard()
  }

  /** Collects the garbage that a small interpreter leaves lying (native/src/heap.c), so that `usedMemory` is what is used. */
  tidy(): void {
    if (this.isRunning || this.usedMemory > TIDIED_MAX) return
    this.release((interpreter) => interpreter.exports.collect())
  }

  /** The interpreter, which is made where there is none. */
  current(): Interpreter {
    if (this.interpreter !== null) return this.interpreter
    const memory = Interpreter.reuse(this.retired, this.memoryLimit)
    this.retired = undefined
    const interpreter = new Interpreter(this.options.module, this.imports, memory)
    if (this.owner.furnish(interpreter.exports, this.insecureApi) === 0) throw new Error('not enough memory')
    if (this.randomState !== undefined) interpreter.randomState = this.randomState
    this.instances++
    this.interpreter = interpreter
    this.reply.attach(interpreter)
    this.options.onInstance?.(memory, interpreter.alarm)
    this.options.debugger?.attach(interpreter)
    return interpreter
  }

  /** Does something with the interpreter outside a run; whatever goes wrong costs the interpreter. */
  guarded<T>(action: (interpreter: Interpreter) => T): T {
    if (this.isRunning) throw new ReplyError(ALREADY_RUNNING)
    let result: T
    try {
      result = action(this.current())
    } catch (error) {
      if (!(error instanceof ReplyError)) this.fault(error)
      throw error instanceof ReplyError ? error : new ReplyError(`ERR ${describe(error)}`)
    } finally {
      if (this.isSpoilt || this.interpreter?.hasFailedAllocation) this.discard()
    }
    return result
  }

  /** As `guarded`, ended with an error after so many milliseconds; nobody is served meanwhile. */
  guardedFor<T>(milliseconds: number, error: string, action: (interpreter: Interpreter) => T): T {
    const { control } = this
    const limit = Atomics.exchange(control, LIMIT_MS, milliseconds)
    this.deadline = { at: this.now() + milliseconds, error }
    control[SEQUENCE]!++
    try {
      return this.guarded(action)
    } finally {
      control[SEQUENCE]!++
      this.deadline = null
      Atomics.store(control, LIMIT_MS, limit)
    }
  }

  /** Lets go of something in the interpreter: by `action`, or with all of it where that cannot be now. */
  release(action: (interpreter: Interpreter) => void): void {
    if (this.interpreter === null) return
    if (this.isRunning) this.isSpoilt = true
    else this.guarded(action)
  }

  /** A run begins: `finish` or `abort` gives its reply, and `end` must follow. */
  begin(): void {
    if (this.isRunning) throw new ReplyError(ALREADY_RUNNING)
    this.answeredError = false
    this.lastFault = null
    this.isRunning = true
    this.control[SEQUENCE]!++
  }

  end(): void {
    this.control[SEQUENCE]!++
    this.isRunning = false
    if (this.isSpoilt) this.discard()
  }

  /** The reply of the run that left it in the output buffer; a view that is valid until the next run. */
  finish(interpreter: Interpreter, inputSize: number): Bytes {
    const output = interpreter.get(IO_OUTPUT)
    const length = interpreter.get(IO_OUTPUT_LENGTH)
    checkPlace(interpreter.heap, output, length)
    const result = this.result.set(interpreter.heap, output, length)
    this.argumentBytes = interpreter.argumentBytes
    this.memoryGrowth = interpreter.get(IO_MEMORY_GROWTH)
    const isLarge =
      inputSize > KEPT_BUFFER || length > KEPT_BUFFER || interpreter.get(IO_REPLY_CAPACITY) > KEPT_BUFFER
    this.ranOutOfMemory = interpreter.hasFailedAllocation
    if (this.ranOutOfMemory) this.isSpoilt = true
    if (isLarge) return this.finishLarge(interpreter)
    return this.isSpoilt ? this.result.set(result.copy(), 0, length) : result
  }

  /** The reply in memory of its own, as the interpreter gives its buffers back. */
  private finishLarge(interpreter: Interpreter): Bytes {
    const copy = this.result.copy()
    if (interpreter.exports.heap_top() > this.owner.keptMemoryMax) this.isSpoilt = true
    if (!this.isSpoilt) interpreter.exports.shrink_buffers()
    if (!this.isSpoilt) this.reply.attach(interpreter)
    return this.result.set(copy, 0, copy.length)
  }

  /** The reply of a run that was ended by an exception; `name` is what errors call the script. */
  abort(error: unknown, name: string): Bytes {
    if (!(error instanceof ReplyError)) this.fault(error)
    this.argumentBytes = 0
    this.memoryGrowth = 0
    this.ranOutOfMemory = false
    const text =
      error instanceof ReplyError ? error.message : `ERR Error running script ${name}, ${describe(error)}`
    this.noteError(Bytes.from(text, 'latin1'), false)
    return Bytes.from(`-${text}\r\n`, 'latin1')
  }

  /** An error is part of the answer. */
  private noteError(text: Bytes, isCounted: boolean): void {
    this.answeredError = true
    if (!isCounted) this.caller.countError(text)
  }

  private discard(): void {
    const { isBroken } = this
    this.isSpoilt = false
    this.isBroken = false
    this.owner.forget()
    const { interpreter } = this
    this.interpreter = null
    if (interpreter === null) return
    this.randomState = interpreter.randomState
    this.retired = !isBroken && interpreter.isReusable ? interpreter : undefined
    if (this.retired === undefined) this.options.onLargeMemoryDropped?.()
  }

  private fault(error: unknown): void {
    this.isSpoilt = true
    this.isBroken = true
    this.lastFault = error instanceof Error ? error : new Error(String(error))
  }

  /** What C calls. Nothing may be thrown through its frames. */
  private makeImports(): Imports {
    return {
      resolve: (name, length) => this.answer(-1, () => this.caller.resolve(this.view(name, length))),
      call: (id, count, args) => this.callCommand(id, count, args),
      poll: () => this.answer(0, () => this.poll()),
      log: (level, text, length) =>
        this.answer(undefined, () => this.caller.log(level, this.view(text, length))),
      error: (text, length, counted) =>
        this.answer(undefined, () => this.noteError(this.view(text, length), counted !== 0)),
      acl_check: (count, args) =>
        this.answer(0, () => {
          const allowed = this.caller.aclCheck(this.readArguments(count, args))
          return allowed === undefined ? -1 : Number(allowed)
        }),
      set_repl: (flags) => this.answer(undefined, () => this.caller.setRepl(flags)),
      format_double: (value, text) => this.interpreter!.heap.write(formatDouble(value), text, 'latin1'),
      clock: processorSeconds,
      function: () => RESULT_NO_MEMORY,
      ...(this.options.debugger && this.debuggerImports(this.options.debugger)),
    }
  }

  private debuggerImports(debug: ScriptDebugger): Partial<Imports> {
    const raised = (error: string | undefined) => (error === undefined ? 0 : this.raise(error))
    return {
      debug_stop: (reason) => this.answer(0, () => raised(debug.stop(reason))),
      debug_overdue: () => this.answer(0, () => Number(debug.isOverdue)),
      debug_poll: () => this.answer(0, () => raised(debug.poll())),
      debug_log: (text, length) => this.answer(undefined, () => debug.show(this.view(text, length))),
    }
  }

  /** Asks the server something; when that fails, `otherwise` is what C gets to know. */
  private answer<T>(otherwise: T, ask: () => T): T {
    try {
      return ask()
    } catch (error) {
      this.fault(error)
      return otherwise
    }
  }

  private callCommand(id: number, count: number, args: number): number {
    const reply = this.reply
    reply.reset()
    reply.protocol = this.interpreter!.get(IO_PROTOCOL)
    try {
      this.caller.call(id, this.readArguments(count, args), reply)
    } catch (error) {
      reply.rollback(0)
      if (error instanceof ReplyError) {
        reply.error(error.message)
      } else {
        this.fault(error)
        reply.error('ERR internal error')
      }
    }
    return reply.isTooLarge ? RESULT_NO_MEMORY : reply.result
  }

  /** The pairs (pointer, length) at `at` as arguments that lie in linear memory. */
  private readArguments(count: number, at: number): Args {
    const { heap, words } = this.interpreter!
    const args = this.args
    args.reset()
    if (count > MAX_ARGUMENTS) throw new OutsideError()
    for (let i = 0, w = at >> 2; i < count; i++, w += 2) {
      const start = words[w]!
      const length = words[w + 1]!
      checkPlace(heap, start, length)
      args.push(heap, start, length)
    }
    return args
  }

  private view(at: number, length: number): Bytes {
    const { heap } = this.interpreter!
    checkPlace(heap, at, length)
    return this.name.set(heap, at, length)
  }

  private poll(): number {
    const { interpreter } = this
    // One that is being made has its predecessor's alarm, which stays set until it runs the script that is late.
    if (interpreter === null) return 0
    // Before asking: who sets it meanwhile has something new.
    interpreter.setAlarm(false)
    const error = this.deadline === null ? this.caller.poll(() => interpreter.setAlarm(true)) : this.overdue()
    if (error === undefined) return 0
    // Set until the run has ended, as the script may catch the error.
    interpreter.setAlarm(true)
    if (!this.owner.isKeptWhenKilled) this.isSpoilt = true
    return this.raise(error)
  }

  /** Leaves an error for C to raise. */
  private raise(error: string): 1 {
    this.reply.reset()
    this.reply.error(error)
    return 1
  }

  private overdue(): string | undefined {
    const { at, error } = this.deadline!
    return this.now() > at ? error : undefined
  }
}

class OutsideError extends Error {
  constructor() {
    super('Lua pointed outside of its memory')
    this.name = 'OutsideError'
  }
}

/** Where C points is believed only as far as its memory goes: a defect of it must not become one of the server. */
function checkPlace(heap: Buffer, start: number, length: number): void {
  // Undefined, where the pair itself lies outside, makes this false too.
  if (!(start >= 0 && length >= 0 && start + length <= heap.length)) throw new OutsideError()
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
