/**
 * Runs functions, and keeps the libraries they come from.
 */
import type {
  FunctionInfo,
  FunctionLibraries,
  LibraryInfo,
  RestorePolicy,
  RunningFunction,
} from '../commands/services/functions.ts'
import type { ScriptCall } from '../commands/services/scripts.ts'
import { KIND_FUNCTION, type ScriptRecord } from '../counting/scripts/record.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import type { FunctionHost } from '../scripting/function-host.ts'
import { FunctionRegistry, type LibraryFunction } from '../scripting/functions.ts'
import { SCRIPT_FLAGS } from '../scripting/shebang.ts'
import { commandFlags } from './script-flags.ts'
import type { ScriptRuns } from './script-runs.ts'

export class FunctionRunner implements FunctionLibraries {
  readonly registry: FunctionRegistry
  readonly host: FunctionHost
  private readonly runs: ScriptRuns
  private readonly onChange: () => void

  /** `onChange` counts a change of the data set: libraries belong to it. */
  constructor(host: FunctionHost, runs: ScriptRuns, onChange: () => void) {
    this.host = host
    this.registry = new FunctionRegistry({
      compile: (library) => host.compile(library),
      release: (library) => {
        for (const { record } of library.functions) runs.statistics.ledger.close(record)
        host.release(library)
      },
    })
    this.runs = runs
    this.onChange = onChange
  }

  get libraryCount(): number {
    return this.registry.libraryCount
  }

  get functionCount(): number {
    return this.registry.functionCount
  }

  *libraries(): Iterable<LibraryInfo> {
    for (const { name, code, functions } of this.registry.libraries) {
      yield { name, code, functions: functions.map(describe) }
    }
  }

  get running(): RunningFunction | undefined {
    const { running, milliseconds } = this.runs.late
    return running?.isFunction ? { name: running.name, args: running.args, milliseconds } : undefined
  }

  find(name: Bytes): LibraryFunction | undefined {
    return this.registry.find(name)
  }

  flagsOf(name: Bytes, own: number): number {
    const found = this.registry.find(name)
    return found === undefined ? own : commandFlags(own, found.flags)
  }

  call(found: LibraryFunction, call: ScriptCall, reply: ReplySink): void {
    const { host, runs } = this
    const { args, firstKey, keys } = call
    const run = { name: found.name, isFunction: true, args, wrote: false }
    runs.admit(call, found.flags)
    runs.begin(run, call, found.record ?? this.openRecord(found), found.flags)
    try {
      const { protocol } = runs.context.client
      runs.answer(host.call(found, args, firstKey, keys, protocol), host.lua, reply)
    } finally {
      runs.end()
    }
  }

  /** Functions are counted from their first call on. */
  private openRecord(one: LibraryFunction): ScriptRecord {
    const id = `${one.library.name}.${one.name}`
    const text = one.library.code.copy()
    return this.runs.statistics.ledger.open(one, { kind: KIND_FUNCTION, id, name: '', text })
  }

  load(code: Bytes, replace: boolean): string {
    const { name } = this.registry.load(code.copy(), replace)
    this.onChange()
    return name
  }

  delete(name: Bytes): boolean {
    const deleted = this.registry.delete(name.latin1())
    if (deleted) this.onChange()
    return deleted
  }

  flush(): void {
    this.registry.clear()
    this.host.reset()
    this.onChange()
  }

  restore(codes: Iterable<Bytes>, policy: RestorePolicy): void {
    this.registry.restore(codes, policy)
    this.onChange()
  }
}

function describe({ name, description, flags }: LibraryFunction): FunctionInfo {
  const names = [...SCRIPT_FLAGS].filter(([, flag]) => (flags & flag) !== 0).map(([flag]) => flag)
  return { name, description, flags: names }
}
