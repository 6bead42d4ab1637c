/**
 * Loads function libraries into an interpreter of their own, and calls functions. The interpreter may be replaced at any
 * time (interpreter-host.ts): libraries are then loaded again, each when one of its functions is called.
 *
 * It is another interpreter than that of scripts, where Valkey has two states of Lua's in one address space: then no
 * defect of the C code leads from one to the other, each has `lua-memory-limit` for itself, what each uses is what its own
 * memory says, and SCRIPT FLUSH and FUNCTION FLUSH each drop one and leave the other alone.
 */
import { failWith } from '../errors.ts'
import type { Args } from '../memory/args.ts'
import { Bytes } from '../memory/bytes.ts'
import { FUNCTION_RECORD, NO_DESCRIPTION } from './abi.ts'
import type { FunctionLibrary, LibraryCompiler, LibraryFunction } from './functions.ts'
import type { Interpreter } from './interpreter.ts'
import { InterpreterHost, type InterpreterHostOptions } from './interpreter-host.ts'
import { writeArguments } from './script-arguments.ts'

/** Time a library may take to register its functions, as in Valkey. */
const LOAD_LIMIT_MS = 500
const TIMEOUT = 'ERR FUNCTION LOAD timeout'

/** A function as the interpreter has it. */
interface Registered {
  readonly number: number
  readonly name: string
  readonly flags: number
  readonly description: Bytes | null
}

export class FunctionHost implements LibraryCompiler {
  readonly lua: InterpreterHost
  /** Numbers of the functions in the interpreter. */
  private readonly numbers = new Map<LibraryFunction, number>()

  constructor(options: InterpreterHostOptions) {
    this.lua = new InterpreterHost(options, {
      furnish: (exports, insecureApi) => exports.init_functions(insecureApi ? 1 : 0),
      forget: () => this.numbers.clear(),
      // The variables of libraries go with an interpreter, so it stays as long as it is sound.
      keptMemoryMax: Infinity,
      isKeptWhenKilled: true,
    })
  }

  compile(library: FunctionLibrary): LibraryFunction[] {
    return this.lua.guardedFor(LOAD_LIMIT_MS, TIMEOUT, (interpreter) =>
      load(interpreter, library.source).map(({ number, name, flags, description }) => {
        const one = { name, flags, description, library, record: null }
        this.numbers.set(one, number)
        return one
      }),
    )
  }

  release(library: FunctionLibrary): void {
    for (const one of library.functions) {
      const number = this.numbers.get(one)
      if (number === undefined) continue
      this.numbers.delete(one)
      this.lua.release((interpreter) => interpreter.exports.unload_function(number))
    }
  }

  /** FUNCTION FLUSH: nothing that was loaded is needed any more. */
  reset(): void {
    this.lua.reset()
  }

  /** The reply in RESP: a view that is valid until the next call. */
  call(one: LibraryFunction, args: Args, firstKey: number, keys: number, protocol: number): Bytes {
    const { lua } = this
    lua.begin()
    try {
      const interpreter = lua.current()
      const number = this.numbers.get(one) ?? this.reload(interpreter, one)
      const size = writeArguments(interpreter, args, firstKey)
      interpreter.exports.call_function(number, keys, args.count - firstKey - keys, protocol)
      return lua.finish(interpreter, size)
    } catch (error) {
      return lua.abort(error, one.name)
    } finally {
      lua.end()
    }
  }

  /** Loads a function's library into an interpreter that does not have it; the function's number. */
  private reload(interpreter: Interpreter, one: LibraryFunction): number {
    const { functions, name, source } = one.library
    for (const registered of load(interpreter, source)) {
      const known = functions.find((other) => other.name === registered.name)
      if (known === undefined) interpreter.exports.unload_function(registered.number)
      else this.numbers.set(known, registered.number)
    }
    return this.numbers.get(one) ?? failWith(`ERR Library '${name}' did not register '${one.name}' again`)
  }
}

/** Runs a library's code; throws ReplyError. */
function load(interpreter: Interpreter, source: Buffer): Registered[] {
  interpreter.heap.set(source, interpreter.input(source.length))
  if (interpreter.exports.load_library(source.length) === 0) throw interpreter.outputError()
  const { heap, output, outputLength } = interpreter
  const functions: Registered[] = []
  let at = output
  while (at < output + outputLength) {
    const number = heap.readUInt32LE(at)
    const flags = heap.readUInt32LE(at + 4)
    const nameEnd = at + FUNCTION_RECORD + heap.readUInt32LE(at + 8)
    const name = heap.latin1Slice(at + FUNCTION_RECORD, nameEnd)
    const length = heap.readUInt32LE(at + 12)
    const description =
      length === NO_DESCRIPTION ? null : new Bytes(Buffer.from(heap.subarray(nameEnd, nameEnd + length)))
    functions.push({ number, name, flags, description })
    at = nameEnd + (description?.len ?? 0)
  }
  return functions
}
