/**
 * The function libraries the server knows, and their functions by name. A library is compiled before anything changes: one
 * that fails to, or has a function that exists already, leaves all as it was.
 */
import { failWith } from '../errors.ts'
import { Bytes } from '../memory/bytes.ts'
import { NameTable } from '../memory/name-table.ts'
import { isFunctionName, readLibraryMetadata } from './library-metadata.ts'

export interface LibraryFunction {
  readonly name: string
  readonly description: Bytes | null
  /** See shebang.ts. */
  readonly flags: number
  readonly library: FunctionLibrary
  /** What is counted of it, from its first call on, while there is room (counting/scripts/ledger.ts). */
  record: Float64Array | null
}

export interface FunctionLibrary {
  readonly name: string
  /** The whole text, as it came. */
  readonly code: Bytes
  /** What the interpreter sees of it. */
  readonly source: Buffer
  /** In the order in which they were registered. */
  functions: readonly LibraryFunction[]
}

/** Makes functions of libraries; function-host.ts. */
export interface LibraryCompiler {
  /** Runs the library's code; the functions it registered. Throws ReplyError. */
  compile(library: FunctionLibrary): LibraryFunction[]
  /** The functions of a library are not called any more. */
  release(library: FunctionLibrary): void
}

/** What the records take beside texts, about. */
const LIBRARY_BYTES = 256
const FUNCTION_BYTES = 128

export class FunctionRegistry {
  /** Bytes of libraries outside the interpreter. */
  memory = 0
  private readonly compiler: LibraryCompiler
  private readonly byName = new Map<string, FunctionLibrary>()
  /** Of all libraries: functions are called in any case. */
  private functions = new NameTable<LibraryFunction>()

  constructor(compiler: LibraryCompiler) {
    this.compiler = compiler
  }

  get libraries(): Iterable<FunctionLibrary> {
    return this.byName.values()
  }

  get libraryCount(): number {
    return this.byName.size
  }

  get functionCount(): number {
    return this.functions.values.length
  }

  /** The function of that name, letters in either case; to Valkey it ends at a zero byte. */
  find(name: Bytes): LibraryFunction | undefined {
    return this.functions.find(name) ?? this.functions.find(Bytes.from(name.printed(), 'latin1'))
  }

  /** Adds a library; throws ReplyError, and then nothing has changed. */
  load(code: Buffer, replace: boolean): FunctionLibrary {
    const { name, length } = readLibraryMetadata(code)
    const replaced = this.byName.get(name)
    if (replaced !== undefined && !replace) failWith(`ERR Library '${name}' already exists`)
    const library = this.compile({
      name,
      code: new Bytes(code),
      source: sourceOf(code, length),
      functions: [],
    })
    this.replace(replaced === undefined ? [] : [replaced], [library])
    return library
  }

  /** False: there is no such library. */
  delete(name: string): boolean {
    const library = this.byName.get(name)
    if (library === undefined) return false
    this.remove([library])
    return true
  }

  clear(): void {
    this.remove([...this.libraries])
  }

  /**
   * Adds many libraries at once, or none: throws ReplyError where one exists already and is not to be replaced.
   */
  restore(codes: Iterable<Bytes>, policy: 'flush' | 'append' | 'replace'): void {
    const incoming = new FunctionRegistry(this.compiler)
    try {
      for (const code of codes) incoming.load(code.copy(), false)
    } catch (error) {
      incoming.clear()
      throw error
    }
    const added = [...incoming.libraries]
    const clashing = [...this.libraries].filter((library) => incoming.byName.has(library.name))
    const [first] = clashing
    if (policy === 'append' && first !== undefined) {
      incoming.clear()
      failWith(`ERR Library ${first.name} already exists`)
    }
    this.replace(policy === 'flush' ? [...this.libraries] : clashing, added)
  }

  private compile(library: FunctionLibrary): FunctionLibrary {
    library.functions = this.compiler.compile(library)
    try {
      checkFunctions(library)
    } catch (error) {
      this.compiler.release(library)
      throw error
    }
    return library
  }

  /** Puts compiled libraries in the place of others, unless they have functions that others keep. */
  private replace(old: readonly FunctionLibrary[], added: readonly FunctionLibrary[]): void {
    const leaving = new Set(old)
    for (const library of added) {
      for (const { name } of library.functions) {
        const existing = this.functions.find(Bytes.from(name))
        if (existing === undefined || leaving.has(existing.library)) continue
        for (const one of added) this.compiler.release(one)
        failWith(`ERR Function ${name} already exists`)
      }
    }
    this.remove(old)
    for (const library of added) {
      this.byName.set(library.name, library)
      for (const one of library.functions) this.functions.add(one.name, one)
      this.memory += memoryOf(library)
    }
  }

  private remove(libraries: readonly FunctionLibrary[]): void {
    if (libraries.length === 0) return
    for (const library of libraries) {
      this.byName.delete(library.name)
      this.memory -= memoryOf(library)
      this.compiler.release(library)
    }
    this.functions = new NameTable()
    for (const { functions } of this.libraries) {
      for (const one of functions) this.functions.add(one.name, one)
    }
  }
}

/** Valkey compiles up to the first zero byte. */
function sourceOf(code: Buffer, start: number): Buffer {
  const zero = code.indexOf(0)
  return code.subarray(start, zero < 0 ? code.length : zero)
}

function checkFunctions({ functions }: FunctionLibrary): void {
  const names = new Set<string>()
  for (const { name } of functions) {
    if (!isFunctionName(name)) {
      failWith(
        'ERR Function names can only contain letters, numbers, or underscores(_) and must be at least one character long',
      )
    }
    // Valkey takes two names that differ in case, and dies when the library is deleted.
    if (names.has(name.toLowerCase())) failWith('ERR Function already exists in the library')
    names.add(name.toLowerCase())
  }
  if (functions.length === 0) failWith('ERR No functions registered')
}

function memoryOf({ name, code, functions }: FunctionLibrary): number {
  let bytes = LIBRARY_BYTES + name.length + code.len
  for (const one of functions) bytes += FUNCTION_BYTES + one.name.length + (one.description?.len ?? 0)
  return bytes
}
