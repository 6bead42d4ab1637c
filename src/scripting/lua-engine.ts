/**
 * An interpreter for TypeScript programs:
 *
 *   const engine = await new LuaFactory().createEngine()
 *   engine.global.set('sum', (a: number, b: number) => a + b)
 *   await engine.doString('return sum(1, 2)')       // 3
 *   const square = engine.global.get('square')      // a Lua function is a function
 *   engine.global.close()
 *
 * Tables are copied when they are passed. Numbers, strings (UTF-8, or bytes with `strings: 'bytes'`), booleans, nil,
 * arrays and objects have their counterparts on both sides.
 */
import { formatDouble } from '../memory/numbers.ts'
import { type Imports, IO_LENGTH, RESULT_NO_MEMORY, RESULT_STREAM, TAG_ERROR } from './abi.ts'
import { Interpreter, InterpreterError } from './interpreter.ts'
import { type FunctionNames, ValueReader, ValueWriter } from './lua-values.ts'
import { processorSeconds } from './processor-time.ts'
import type { WasmModule } from './webassembly.ts'

export interface EngineOptions {
  /** Bytes of the interpreter's memory, all included; 64 MiB unless said otherwise. */
  readonly memoryLimit?: number
  /** How strings of Lua's come out: as text (UTF-8) or as bytes. */
  readonly strings?: 'text' | 'bytes'
  /** Where print() writes. */
  readonly print?: (...values: unknown[]) => void
}

const DEFAULT_MEMORY = 64 * 1024 * 1024

/** An error of a Lua program. */
export class LuaError extends Error {
  constructor(text: string) {
    super(text)
    this.name = 'LuaError'
  }
}

type HostFunction = (...args: never[]) => unknown
export type LuaFunction = (...args: unknown[]) => unknown

/** The globals of an interpreter. */
export class LuaGlobals {
  private readonly engine: LuaEngine

  constructor(engine: LuaEngine) {
    this.engine = engine
  }

  get(name: string): unknown {
    return this.engine.getGlobal(name)
  }

  set(name: string, value: unknown): void {
    this.engine.setGlobal(name, value)
  }

  /** Ends the interpreter; its memory is free once nothing refers to it any more. */
  close(): void {
    this.engine.close()
  }
}

export class LuaEngine {
  readonly global: LuaGlobals = new LuaGlobals(this)
  private interpreter: Interpreter | null
  private readonly reader: ValueReader
  private readonly writer: ValueWriter
  /** Functions of JavaScript's that Lua has, by number; one that is passed twice has one number. */
  private readonly functions: HostFunction[] = []
  private readonly numbers = new Map<HostFunction, number>()
  /** Functions of Lua's that JavaScript has, with their references. */
  private readonly references = new WeakMap<object, number>()
  private readonly released = new FinalizationRegistry<number>((reference) => {
    this.interpreter?.exports.engine_release(reference)
  })

  constructor(module: WasmModule, options: EngineOptions = {}) {
    const memory = Interpreter.reuse(undefined, options.memoryLimit ?? DEFAULT_MEMORY)
    const interpreter = new Interpreter(module, this.makeImports(), memory)
    this.interpreter = interpreter
    if (interpreter.exports.init_engine() === 0) throw new InterpreterError('not enough memory')
    const names: FunctionNames = {
      numberOf: (value) => this.numberOf(value),
      referenceOf: (value) => this.references.get(value as object) ?? -1,
      functionOf: (reference) => this.functionOf(reference),
    }
    this.writer = new ValueWriter(names)
    this.reader = new ValueReader(interpreter.heap, names, options.strings === 'bytes')
    this.setGlobal('print', options.print ?? ((...values: unknown[]) => console.log(...values)))
  }

  /** Runs a program; its first result. */
  async doString(program: string | Uint8Array): Promise<unknown> {
    return this.doStringSync(program)
  }

  doStringSync(program: string | Uint8Array): unknown {
    const bytes = typeof program === 'string' ? Buffer.from(program) : program
    return this.act(bytes, (exports) => exports.engine_run(bytes.length))[0]
  }

  /** Bytes Lua's objects take. */
  get usedMemory(): number {
    return this.interpreter?.exports.memory_used() ?? 0
  }

  getGlobal(name: string): unknown {
    const bytes = Buffer.from(name)
    return this.act(bytes, (exports) => exports.engine_get(bytes.length))[0]
  }

  setGlobal(name: string, value: unknown): void {
    const bytes = Buffer.from(name)
    const input = this.writer.reset().count(bytes.length).raw(bytes).value(value).bytes
    this.act(input, (exports) => exports.engine_set(input.length), false)
  }

  close(): void {
    this.interpreter = null
  }

  /** Does something with `input` in the input buffer; its results. */
  private act(
    input: Uint8Array,
    action: (exports: Interpreter['exports']) => number,
    hasResults = true,
  ): unknown[] {
    const interpreter = this.open()
    interpreter.heap.set(input, interpreter.input(input.length))
    let status: number
    try {
      status = action(interpreter.exports)
    } catch (error) {
      // The interpreter stopped in the middle of something and cannot go on.
      this.close()
      throw new LuaError(error instanceof Error ? error.message : String(error))
    }
    if (status !== 0) {
      const start = interpreter.output
      throw new LuaError(interpreter.heap.toString('utf8', start, start + interpreter.outputLength))
    }
    return hasResults ? this.reader.readCounted(interpreter.output) : []
  }

  private open(): Interpreter {
    if (this.interpreter === null) throw new LuaError('the interpreter is closed')
    return this.interpreter
  }

  private numberOf(value: HostFunction): number {
    const known = this.numbers.get(value)
    if (known !== undefined) return known
    const number = this.functions.push(value) - 1
    this.numbers.set(value, number)
    return number
  }

  /** A function that calls one of Lua's, and lets go of it when nobody has it any more. */
  private functionOf(reference: number): LuaFunction {
    const call: LuaFunction = (...args) => {
      const writer = this.writer.reset().count(args.length)
      for (const arg of args) writer.value(arg)
      const input = writer.bytes
      return this.act(input, (exports) => exports.engine_call(reference, input.length))[0]
    }
    this.references.set(call, reference)
    this.released.register(call, reference)
    return call
  }

  /** Calls a function of JavaScript's for Lua. Nothing may be thrown through the frames of C. */
  private callFunction(id: number, count: number, stream: number): number {
    let answer: Buffer
    let result = RESULT_STREAM
    try {
      const value = this.functions[id]!(...(this.reader.read(stream, count) as never[]))
      answer = this.writer.reset().value(value).bytes
    } catch (error) {
      answer = Buffer.from(error instanceof Error ? error.message : String(error))
      result = TAG_ERROR
    }
    const interpreter = this.interpreter
    const at = interpreter?.exports.reserve_reply(answer.length) ?? 0
    if (interpreter === null || at === 0) return RESULT_NO_MEMORY
    interpreter.heap.set(answer, at)
    interpreter.set(IO_LENGTH, answer.length)
    return result
  }

  /** There is no server behind this interpreter: what only the sandbox calls has nothing to do. */
  private makeImports(): Imports {
    return {
      resolve: () => -1,
      call: () => RESULT_NO_MEMORY,
      poll: () => 0,
      log: () => undefined,
      error: () => undefined,
      acl_check: () => -1,
      set_repl: () => undefined,
      format_double: (value, text) => this.open().heap.write(formatDouble(value), text, 'latin1'),
      clock: processorSeconds,
      function: (id, count, stream) => this.callFunction(id, count, stream),
    }
  }
}
