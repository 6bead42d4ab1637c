/**
 * One instance of the module with its linear memory. The memory is shared, so that another thread can set the alarm, and
 * of fixed size, so that views of it stay valid: its size is the limit of what Lua may use.
 */
import { ReplyError } from '../errors.ts'
import {
  BUILD_SECTION,
  type Exports,
  IMPORT_MODULE,
  type Imports,
  IO_INPUT,
  IO_INPUT_CAPACITY,
  IO_MEMORY_FAILED,
  IO_OUTPUT,
  IO_OUTPUT_LENGTH,
} from './abi.ts'
import { type WasmImports, type WasmMemory, type WasmModule, wasm } from './webassembly.ts'

const PAGE = 65536
/** Bytes of the state of math.random. */
const RANDOM_BYTES = 6
/** What the module's data, its C stack and an empty interpreter need. */
const MEMORY_MIN = 8 * 1024 * 1024
/** What the module declares as its maximum. */
const MEMORY_MAX = 2 ** 31
/** Memory used up to here is cleared and used again; above, a new one costs less and gives the old one back. */
const REUSE_MAX = 16 * 1024 * 1024

/** Raised when the instance cannot even be made: the limit is too low or the machine has no memory left. */
export class InterpreterError extends Error {
  constructor(text: string) {
    super(text)
    this.name = 'InterpreterError'
  }
}

export class OutsideError extends Error {
  constructor() {
    super('Lua pointed outside of its memory')
    this.name = 'OutsideError'
  }
}

/** Where C points is believed only as far as its memory goes: a defect of it must not become one of the server. */
export function checkPlace(heap: Buffer, start: number, length: number): void {
  // Undefined, where the pair itself lies outside, makes this false too.
  if (!(start >= 0 && length >= 0 && start + length <= heap.length)) throw new OutsideError()
}

/** How the module was built. */
export interface BuildInfo {
  readonly lua: string
  readonly package: string
  readonly packageVersion: string
  readonly patches: readonly string[]
  readonly emcc: string
  readonly flagsHash: string
}

export function readBuildInfo(module: WasmModule): BuildInfo | undefined {
  const section = wasm.Module.customSections(module, BUILD_SECTION)[0]
  return section === undefined ? undefined : (JSON.parse(Buffer.from(section).toString()) as BuildInfo)
}

export class Interpreter {
  readonly exports: Exports
  readonly memory: WasmMemory
  /** All of linear memory, by bytes, words and doubles. */
  readonly heap: Buffer
  readonly words: Int32Array
  readonly doubles: Float64Array
  /** Address of the shared block. */
  readonly io: number
  /** Bytes of the keys and arguments of the last run. */
  argumentBytes = 0
  readonly alarm: number

  constructor(module: WasmModule, imports: Imports, memory: WasmMemory) {
    this.memory = memory
    const instance = new wasm.Instance(module, allImports(module, imports, memory))
    // The exports object is frozen and without a shape: functions of a plain one are called without looking them up.
    this.exports = { ...instance.exports } as unknown as Exports
    this.exports._initialize()
    this.heap = Buffer.from(memory.buffer)
    this.words = new Int32Array(memory.buffer)
    this.doubles = new Float64Array(memory.buffer)
    this.io = this.exports.io()
    this.alarm = this.exports.alarm()
  }

  /** A word of the shared block. */
  get(offset: number): number {
    return this.words[(this.io + offset) >> 2]!
  }

  set(offset: number, value: number): void {
    this.words[(this.io + offset) >> 2] = value
  }

  /** The input buffer with room for `size` bytes. */
  input(size: number): number {
    if (size <= this.get(IO_INPUT_CAPACITY)) return this.get(IO_INPUT)
    // Beyond 32 bits a size would arrive in C as another one.
    if (size > this.heap.length) throw new InterpreterError('not enough memory')
    const address = this.exports.reserve_input(size)
    if (address === 0) throw new InterpreterError('not enough memory')
    return address
  }

  get output(): number {
    return this.get(IO_OUTPUT)
  }

  get outputLength(): number {
    return this.get(IO_OUTPUT_LENGTH)
  }

  /** The error reply that C left in the output buffer. */
  outputError(): ReplyError {
    const start = this.output
    return new ReplyError(this.heap.latin1Slice(start + 1, start + this.outputLength - 2))
  }

  /** An allocation failed: what C code held at that moment may be lost, so the instance should not be kept. */
  get hasFailedAllocation(): boolean {
    return this.get(IO_MEMORY_FAILED) !== 0
  }

  /** Little of the memory was ever used: clearing it costs less than new memory. */
  get isReusable(): boolean {
    const top = this.exports.heap_top()
    return top > 0 && top <= REUSE_MAX
  }

  /** The place in the sequence of math.random. */
  get randomState(): number {
    return this.heap.readUIntLE(this.exports.random_state(), RANDOM_BYTES)
  }

  set randomState(state: number) {
    this.heap.writeUIntLE(state, this.exports.random_state(), RANDOM_BYTES)
  }

  setAlarm(on: boolean): void {
    this.words[this.alarm >> 2] = on ? 1 : 0
  }

  /** The memory of an instance that is no longer used, cleared for the next one, or a new one. */
  static reuse(old: Interpreter | undefined, size: number): WasmMemory {
    const bytes = Math.min(Math.max(size, MEMORY_MIN), MEMORY_MAX)
    if (old !== undefined && old.memory.buffer.byteLength === Math.ceil(bytes / PAGE) * PAGE) {
      if (old.isReusable) {
        // The module's data is written again by the new instance, as a cleared memory says it is new.
        old.heap.fill(0, 0, old.exports.heap_top())
        return old.memory
      }
    }
    const pages = Math.ceil(bytes / PAGE)
    try {
      return new wasm.Memory({ initial: pages, maximum: pages, shared: true })
    } catch {
      throw new InterpreterError(`cannot reserve ${bytes} bytes for Lua`)
    }
  }
}

/** Ours, and for what the C library mentions but never calls, functions that say so. */
function allImports(module: WasmModule, imports: Imports, memory: WasmMemory): WasmImports {
  const all: WasmImports = {
    [IMPORT_MODULE]: { ...imports },
    env: { memory },
  }
  for (const { module: from, name, kind } of wasm.Module.imports(module)) {
    const group = (all[from] ??= {})
    if (group[name] !== undefined) continue
    if (kind !== 'function')
      throw new InterpreterError(`the module imports ${from}.${name}, which nobody has`)
    group[name] = () => {
      throw new InterpreterError(`Lua called ${from}.${name}`)
    }
  }
  return all
}
