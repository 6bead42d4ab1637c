/**
 * Runs scripts for the server. Scripts live in an interpreter that is made when first needed and replaced after anything
 * that might have left it damaged; the server keeps their texts.
 *
 *   interface CommandCaller
 *     resolve(name: Bytes): number                         id of a command, -1 when there is none
 *     call(id: number, args: Args, reply: LuaReply): void  runs the command with an id that `resolve` gave
 *     log(level: number, text: Bytes): void                0 debug, 1 verbose, 2 notice, 3 warning
 *     aclCheck(args: Args): boolean | undefined            undefined: no such command
 *     setRepl(flags: number): void                         1 AOF, 2 replicas
 *     poll(askAgain: () => void): string | undefined       the alarm was set: error to end the script with, or go on;
 *                                                          askAgain sets it again
 *
 *   class ScriptHost
 *     constructor(options: ScriptHostOptions)
 *     load(sha: string, body: Buffer): void                throws ReplyError when the text does not compile
 *     unload(sha: string): void
 *     run(script: RunnableScript, args: Args, firstKey: number, keys: number, protocol: number): Bytes
 *                                                          the reply in RESP: a view that is valid until the next run
 *     lastError: string | null                             of the last run, when its reply is an error
 *     lastErrorCounted: boolean                            that error was a command's and has been counted there
 *     lastFault: Error | null                              of the last run: a defect of the host or a dead interpreter
 *     reset(): void                                        SCRIPT FLUSH: forgets all scripts
 *     usedMemory, reservedMemory, instances, buildInfo     for INFO
 *
 * The views that `call` gets lie in the interpreter's memory and are valid until it returns. `call` may throw ReplyError;
 * whatever else it throws is a defect: the script sees an error and the interpreter is replaced.
 *
 * The sequence number of the control block (`options.control`, control-block.ts) goes up by one at the start of a script and
 * at its end. The alarm lies in the interpreter's own memory: `options.onInstance` tells where whenever that changes.
 */
import { SEQUENCE } from '../control-block.ts'
import { ReplyError } from '../errors.ts'
import { Args } from '../memory/args.ts'
import { Bytes } from '../memory/bytes.ts'
import { formatDouble } from '../memory/numbers.ts'
import {
  type Imports,
  IO_ERROR_COUNTED,
  IO_OUTPUT,
  IO_OUTPUT_LENGTH,
  IO_PROTOCOL,
  IO_REPLY_CAPACITY,
  RESULT_NO_MEMORY,
  SHA_LENGTH,
} from './abi.ts'
import { type BuildInfo, Interpreter, readBuildInfo } from './interpreter.ts'
import { LuaReply } from './lua-reply.ts'
import { processorSeconds } from './processor-time.ts'
import { writeArguments } from './script-arguments.ts'
import type { WasmMemory, WasmModule } from './webassembly.ts'

export interface CommandCaller {
  resolve(name: Bytes): number
  call(id: number, args: Args, reply: LuaReply): void
  log(level: number, text: Bytes): void
  aclCheck(args: Args): boolean | undefined
  setRepl(flags: number): void
  poll(askAgain: () => void): string | undefined
}

export interface ScriptHostOptions {
  readonly module: WasmModule
  readonly caller: CommandCaller
  /** Bytes of an interpreter's memory, all included. */
  readonly memoryLimit?: number
  /** Whether scripts have newproxy, getfenv and setfenv. */
  readonly insecureApi?: boolean
  readonly control?: Int32Array
  readonly onInstance?: (memory: WasmMemory, alarm: number) => void
  /** An interpreter with much memory is no longer used: only the garbage collector gives that back. */
  readonly onLargeMemoryDropped?: () => void
}

/** A script as the server's cache has it. */
export interface RunnableScript {
  readonly sha: string
  readonly body: Buffer
  /** Bytes of the first line that the interpreter must not see. */
  readonly shebangLength: number
}

export const DEFAULT_MEMORY_LIMIT = 256 * 1024 * 1024

/** A script that took more leaves memory behind that only a new interpreter gives back. */
const KEPT_MEMORY_MAX = 64 * 1024 * 1024
/** Input and output above this is given back after the script. */
const KEPT_BUFFER = 1024 * 1024

const UNKNOWN_COMMAND = 'ERR Unknown command called from script'

const MINUS = 45

export class ScriptHost {
  lastError: string | null = null
  lastErrorCounted = false
  lastFault: Error | null = null
  /** Interpreters made so far: more than one means that some were replaced. */
  instances = 0
  readonly buildInfo: BuildInfo | undefined
  private readonly options: ScriptHostOptions
  private readonly caller: CommandCaller
  private readonly control: Int32Array
  private readonly imports: Imports
  private readonly memoryLimit: number
  private insecureApi: boolean
  private interpreter: Interpreter | null = null
  /** The one before, whose memory the next may take over. */
  private retired: Interpreter | undefined = undefined
  /** Numbers of the scripts in the interpreter, by SHA. */
  private readonly scripts = new Map<string, number>()
  private lastScript: RunnableScript | null = null
  private lastNumber = 0
  private readonly reply = new LuaReply()
  private readonly args = new Args()
  private readonly name = new Bytes()
  private readonly result = new Bytes()
  private isRunning = false
  /** The interpreter must not be used again once the script has ended. */
  private isSpoilt = false

  constructor(options: ScriptHostOptions) {
    this.options = options
    this.caller = options.caller
    this.control = options.control ?? new Int32Array(1)
    this.memoryLimit = options.memoryLimit ?? DEFAULT_MEMORY_LIMIT
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

  /** Whether scripts have newproxy, getfenv and setfenv from now on; all scripts are forgotten when this changes. */
  setInsecureApi(insecure: boolean): void {
    if (insecure === this.insecureApi) return
    this.insecureApi = insecure
    this.reset()
  }

  load(sha: string, body: Buffer): void {
    if (!this.scripts.has(sha)) this.guarded(() => this.compile(this.current(), sha, body))
  }

  unload(sha: string): void {
    const number = this.scripts.get(sha)
    if (number === undefined) return
    this.scripts.delete(sha)
    this.lastScript = null
    this.guarded(() => this.interpreter?.exports.unload(number))
  }

  reset(): void {
    if (this.isRunning) this.isSpoilt = true
    else this.discard()
  }

  run(script: RunnableScript, args: Args, firstKey: number, keys: number, protocol: number): Bytes {
    if (this.isRunning) throw new ReplyError('ERR a script is running already')
    this.lastError = null
    this.lastErrorCounted = false
    this.lastFault = null
    this.isRunning = true
    this.control[SEQUENCE]!++
    try {
      return this.runGuarded(script, args, firstKey, keys, protocol)
    } catch (error) {
      if (!(error instanceof ReplyError)) this.fault(error)
      const text =
        error instanceof ReplyError
          ? error.message
          : `ERR Error running script ${script.sha}, ${describe(error)}`
      this.lastError = text
      return Bytes.from(`-${text}\r\n`)
    } finally {
      this.control[SEQUENCE]!++
      this.isRunning = false
      if (this.isSpoilt) this.discard()
    }
  }

  /** The script's number in the interpreter, which gets it if it has not. */
  private numberOf(interpreter: Interpreter, script: RunnableScript): number {
    const body = script.body.subarray(script.shebangLength)
    this.lastNumber = this.scripts.get(script.sha) ?? this.compile(interpreter, script.sha, body)
    this.lastScript = script
    return this.lastNumber
  }

  private runGuarded(
    script: RunnableScript,
    args: Args,
    firstKey: number,
    keys: number,
    protocol: number,
  ): Bytes {
    const interpreter = this.current()
    const number = script === this.lastScript ? this.lastNumber : this.numberOf(interpreter, script)
    const size = writeArguments(interpreter, args, firstKey)
    const failed = interpreter.exports.run(number, keys, args.count - firstKey - keys, protocol)
    const output = interpreter.get(IO_OUTPUT)
    const length = interpreter.get(IO_OUTPUT_LENGTH)
    const result = this.result.set(interpreter.heap, output, length)
    if (failed !== 0 || interpreter.heap[output] === MINUS) this.noteError(interpreter)
    const isLarge =
      size > KEPT_BUFFER || length > KEPT_BUFFER || interpreter.get(IO_REPLY_CAPACITY) > KEPT_BUFFER
    if (isLarge) return this.afterLargeRun(interpreter)
    if (interpreter.hasFailedAllocation) this.isSpoilt = true
    return this.isSpoilt ? this.result.set(result.copy(), 0, length) : result
  }

  /** The reply in memory of its own, as the interpreter gives its buffers back. */
  private afterLargeRun(interpreter: Interpreter): Bytes {
    const copy = this.result.copy()
    if (interpreter.hasFailedAllocation || interpreter.exports.heap_top() > KEPT_MEMORY_MAX)
      this.isSpoilt = true
    else interpreter.exports.shrink_buffers()
    if (!this.isSpoilt) this.reply.attach(interpreter)
    return this.result.set(copy, 0, copy.length)
  }

  private noteError(interpreter: Interpreter): void {
    const { buf, off, len } = this.result
    if (buf[off] !== MINUS) return
    this.lastError = buf.toString('utf8', off + 1, off + len - 2)
    this.lastErrorCounted = interpreter.get(IO_ERROR_COUNTED) !== 0
  }

  /** Compiles a script into the interpreter. */
  private compile(interpreter: Interpreter, sha: string, body: Buffer): number {
    const at = interpreter.input(SHA_LENGTH + body.length)
    interpreter.heap.write(sha, at, 'latin1')
    interpreter.heap.set(body, at + SHA_LENGTH)
    const number = interpreter.exports.load(SHA_LENGTH + body.length)
    if (number === 0) {
      const start = interpreter.output
      throw new ReplyError(interpreter.heap.toString('utf8', start + 1, start + interpreter.outputLength - 2))
    }
    this.scripts.set(sha, number)
    return number
  }

  /** Does something with the interpreter outside a run; whatever goes wrong costs the interpreter. */
  private guarded(action: () => void): void {
    try {
      action()
    } catch (error) {
      if (error instanceof ReplyError) throw error
      this.discard()
      throw new ReplyError(`ERR ${describe(error)}`)
    }
    if (this.interpreter?.hasFailedAllocation) this.discard()
  }

  private current(): Interpreter {
    if (this.interpreter !== null) return this.interpreter
    const memory = Interpreter.reuse(this.retired, this.memoryLimit)
    this.retired = undefined
    const interpreter = new Interpreter(this.options.module, this.imports, memory)
    if (interpreter.exports.init_sandbox(this.insecureApi ? 1 : 0) === 0) throw new Error('not enough memory')
    this.instances++
    this.interpreter = interpreter
    this.reply.attach(interpreter)
    this.options.onInstance?.(memory, interpreter.alarm)
    return interpreter
  }

  private discard(): void {
    this.isSpoilt = false
    this.scripts.clear()
    this.lastScript = null
    const { interpreter } = this
    this.interpreter = null
    if (interpreter === null) return
    this.retired = interpreter.isReusable ? interpreter : undefined
    if (this.retired === undefined) this.options.onLargeMemoryDropped?.()
  }

  private fault(error: unknown): void {
    this.isSpoilt = true
    this.lastFault = error instanceof Error ? error : new Error(String(error))
  }

  /** What C calls. Nothing may be thrown through its frames. */
  private makeImports(): Imports {
    return {
      resolve: (name, length) => this.answer(-1, () => this.caller.resolve(this.view(name, length))),
      call: (id, count, args) => this.callCommand(id, count, args),
      poll: () => this.answer(0, () => this.pollCaller()),
      log: (level, text, length) =>
        this.answer(undefined, () => this.caller.log(level, this.view(text, length))),
      acl_check: (count, args) =>
        this.answer(0, () => {
          const allowed = this.caller.aclCheck(this.readArguments(count, args))
          return allowed === undefined ? -1 : Number(allowed)
        }),
      set_repl: (flags) => this.answer(undefined, () => this.caller.setRepl(flags)),
      format_double: (value, text) => this.interpreter!.heap.write(formatDouble(value), text, 'latin1'),
      clock: processorSeconds,
      function: () => RESULT_NO_MEMORY,
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
      if (id < 0) reply.error(UNKNOWN_COMMAND)
      else this.caller.call(id, this.readArguments(count, args), reply)
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
    for (let i = 0, w = at >> 2; i < count; i++, w += 2) args.push(heap, words[w]!, words[w + 1]!)
    return args
  }

  private view(at: number, length: number): Bytes {
    return this.name.set(this.interpreter!.heap, at, length)
  }

  private pollCaller(): number {
    const interpreter = this.interpreter!
    // Before asking: who sets it meanwhile has something new.
    interpreter.setAlarm(false)
    const error = this.caller.poll(() => interpreter.setAlarm(true))
    if (error === undefined) return 0
    // Set until the script has ended, as it may catch the error. C functions are left in the middle, with what they had
    // allocated.
    interpreter.setAlarm(true)
    this.isSpoilt = true
    this.reply.reset()
    this.reply.error(error)
    return 1
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
