/**
 * Scripts: run, kept, ended, debugged and reported on.
 */
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'

/** A request to run a script or function: `args` of EVAL, FCALL and their kin. */
export interface ScriptCall {
  readonly args: Args
  /** Position of the first key, and how many there are; the script's arguments follow. */
  readonly firstKey: number
  readonly keys: number
  readonly readOnly: boolean
}

/** What a script or function has done. Times in microseconds. */
export interface ScriptReport {
  /** The SHA, or `library.function`; `other` for all that have no figures of their own. */
  readonly id: string
  /** What its author calls it; empty where it has no name. */
  readonly name: string
  /** By code, and by reason. */
  readonly errors: Readonly<Record<string, number>>
  readonly kills: Readonly<Record<string, number>>
  /** The last ones, as latin1 text; the very last first. */
  readonly undeclaredKeys: readonly string[]
  /** The other figures, as SCRIPT STATS names them. */
  readonly figures: Readonly<Record<string, number>>
}

export interface Scripts {
  eval(call: ScriptCall, reply: ReplySink): void
  evalSha(call: ScriptCall, reply: ReplySink): void
  /** Puts a script into the cache; its SHA1 in hex. */
  load(body: Bytes): string
  /** The text of the one cached script that is called so. */
  find(sha: Bytes): Bytes | undefined
  flush(): void
  /** For each of these the scripts and functions that are called so; all together where there are none. */
  report(called: readonly string[]): readonly (readonly ScriptReport[])[]
  resetReport(): void
  /** While clients are served in spite of a running script: the error for commands that may not run. */
  readonly busyText: string | undefined
  /** Ends the running script or function; the error where that cannot be. */
  kill(isFunction: boolean): string | undefined
  /** The flags of the command that runs this script: `own`, or what the script declares. */
  evalFlags(body: Bytes, own: number): number
  evalShaFlags(sha: Bytes, own: number): number
}

/** Scripts of clients whose `debugMode` says so. */
export interface ScriptDebugging {
  /** EVAL or EVAL_RO: it runs here, or elsewhere and is answered later. */
  eval(args: Args, readOnly: boolean, reply: ReplySink): void
}
