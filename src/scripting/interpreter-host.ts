/**
 * Keeps an interpreter for the server: makes it when it is first needed, and replaces it after anything that might have
 * left it damaged. What it calls is answered by server-calls.ts. What runs in it is up to its owner: scripts
 * (script-host.ts) and functions (function-host.ts) have an interpreter each, so that neither can reach the other's memory,
 * not even through a defect of the C code.
 *
 * The sequence number of the control block (`options.control`, control-block.ts) goes up by one at the start of a run and at
 * its end. The alarm lies in the interpreter's own memory: `options.onInstance` tells where whenever that changes.
 */
import { LIMIT_MS, newControlBlock, SEQUENCE } from '../control-block.ts'
import { ReplyError } from '../errors.ts'
import { Bytes } from '../memory/bytes.ts'
import {
  type Exports,
  type Imports,
  IO_MEMORY_GROWTH,
  IO_OUTPUT,
  IO_OUTPUT_LENGTH,
  IO_REPLY_CAPACITY,
} from './abi.ts'
import type { CommandCaller } from './command-caller.ts'
import { type BuildInfo, checkPlace, Interpreter, readBuildInfo } from './interpreter.ts'
import type { ScriptDebugger } from './script-debugger.ts'
import { ServerCalls } from './server-calls.ts'
import type { WasmMemory, WasmModule } from './webassembly.ts'

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

const ALREADY_RUNNING = 'ERR a script is running already'

export class InterpreterHost {
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
  private readonly control: Int32Array
  private readonly calls: ServerCalls
  private readonly imports: Imports
  private readonly memoryLimit: number
  private readonly now: () => number
  private insecureApi: boolean
  private interpreter: Interpreter | null = null
  /** The one before, whose memory the next may take over. */
  private retired: Interpreter | undefined = undefined
  /** Where its sequence of math.random was, with which the next goes on. */
  private randomState: number | undefined = undefined
  private readonly result = new Bytes()
  private isRunning = false
  /** The interpreter must not be used again once the run has ended. */
  private isSpoilt = false
  /** Nor its memory, which may hold anything. */
  private isBroken = false

  constructor(options: InterpreterHostOptions, owner: InterpreterOwner) {
    this.options = options
    this.owner = owner
    this.control = options.control ?? newControlBlock()
    this.memoryLimit = options.memoryLimit ?? DEFAULT_MEMORY_LIMIT
    this.now = options.now ?? (() => performance.now())
    this.insecureApi = options.insecureApi ?? false
    this.buildInfo = readBuildInfo(options.module)
    this.calls = new ServerCalls(options.caller, {
      onFault: (error) => this.fault(error),
      onKill: () => {
        if (!owner.isKeptWhenKilled) this.isSpoilt = true
      },
    })
    this.imports = this.calls.imports(options.debugger)
  }

  /** The last run's reply is an error, or has one in it. */
  get answeredError(): boolean {
    return this.calls.answeredError
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
    this.calls.attach(interpreter)
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
    const deadline = this.now() + milliseconds
    this.calls.overdue = () => (this.now() > deadline ? error : undefined)
    control[SEQUENCE]!++
    try {
      return this.guarded(action)
    } finally {
      control[SEQUENCE]!++
      this.calls.overdue = null
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
    this.calls.answeredError = false
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
    if (!this.isSpoilt) this.calls.attach(interpreter)
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
    this.calls.noteError(Bytes.from(text, 'latin1'), false)
    return Bytes.from(`-${text}\r\n`, 'latin1')
  }

  private discard(): void {
    const { isBroken } = this
    this.isSpoilt = false
    this.isBroken = false
    this.owner.forget()
    const { interpreter } = this
    this.interpreter = null
    this.calls.detach()
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
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
