/**
 * Function libraries, and calls of what they define.
 */
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { ScriptCall } from './scripts.ts'

/** A function that runs. */
export interface RunningFunction {
  readonly name: string
  /** The command that called it. */
  readonly args: Args
  readonly milliseconds: number
}

export interface FunctionInfo {
  readonly name: string
  readonly description: Bytes | null
  readonly flags: readonly string[]
}

export interface LibraryInfo {
  readonly name: string
  readonly code: Bytes
  readonly functions: readonly FunctionInfo[]
}

/** What becomes of the libraries that exist already. */
export type RestorePolicy = 'flush' | 'append' | 'replace'

/** A function that was found: good until libraries change. */
export interface FoundFunction {
  readonly name: string
}

/** What fails throws ReplyError and changes nothing. */
export interface FunctionLibraries {
  readonly libraryCount: number
  readonly functionCount: number
  libraries(): Iterable<LibraryInfo>
  /** The function that runs now: clients are served meanwhile when it is late. */
  readonly running: RunningFunction | undefined
  find(name: Bytes): FoundFunction | undefined
  /** Calls what `find` answered. */
  call(found: FoundFunction, call: ScriptCall, reply: ReplySink): void
  /** The flags of the command that calls this function: `own`, or what the function declares. */
  flagsOf(name: Bytes, own: number): number
  /** Adds a library; its name. */
  load(code: Bytes, replace: boolean): string
  /** False when there is no such library. */
  delete(name: Bytes): boolean
  flush(): void
  /** Adds all libraries, or none. */
  restore(codes: Iterable<Bytes>, policy: RestorePolicy): void
}
