/**
 * Runs scripts: finds them in the cache, or adds them, and hands them to the interpreter.
 */
import type { ScriptCall, ScriptReport, Scripts } from '../commands/services/scripts.ts'
import { isCalled } from '../counting/scripts/reader.ts'
import { KIND_SCRIPT, type ScriptRecord } from '../counting/scripts/record.ts'
import { fail, failWith } from '../errors.ts'
import { Bytes } from '../memory/bytes.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import { type Script, ScriptCache } from '../scripting/script-cache.ts'
import type { ScriptHost } from '../scripting/script-host.ts'
import { readShebang } from '../scripting/shebang.ts'
import { commandFlags } from './script-flags.ts'
import type { ScriptReports } from './script-report.ts'
import type { ScriptRuns } from './script-runs.ts'

export class ScriptRunner implements Scripts {
  readonly cache = new ScriptCache()
  readonly host: ScriptHost
  private readonly runs: ScriptRuns
  private readonly reports: ScriptReports

  constructor(host: ScriptHost, runs: ScriptRuns, reports: ScriptReports) {
    this.host = host
    this.runs = runs
    this.reports = reports
  }

  /** `host`: where it runs, if it is debugged. */
  eval(call: ScriptCall, reply: ReplySink, host = this.host): void {
    const body = call.args.at(1)
    this.run(this.cache.byBody(body) ?? this.register(body, true, host), call, reply, host)
  }

  evalSha(call: ScriptCall, reply: ReplySink): void {
    const script = this.cache.bySha(call.args.at(1))
    if (script === undefined) fail('noScript')
    this.run(script, call, reply, this.host)
  }

  evalFlags(body: Bytes, own: number): number {
    const shebang = readShebang(body.buf.subarray(body.off, body.off + body.len))
    return typeof shebang === 'string' ? own : commandFlags(own, shebang.flags)
  }

  evalShaFlags(sha: Bytes, own: number): number {
    const script = this.cache.peek(sha)
    return script === undefined ? own : commandFlags(own, script.flags)
  }

  load(body: Bytes): string {
    const script = this.cache.byBody(body) ?? this.register(body, false, this.host)
    this.cache.keep(script)
    return script.sha
  }

  find(sha: Bytes): Bytes | undefined {
    const [script, another] = this.called(sha.utf8())
    return script === undefined || another !== undefined ? undefined : new Bytes(script.body)
  }

  /** The cached scripts that are called so: by SHA one, by its first digits or by name perhaps several. */
  private called(wanted: string): readonly Script[] {
    const script = this.cache.peek(Bytes.from(wanted))
    if (script !== undefined) return [script]
    return [...this.cache.scripts()].filter(({ sha: id, name }) => isCalled({ id, name }, wanted))
  }

  get busyText(): string | undefined {
    const { late } = this.runs
    return late.isBusy ? late.refusal : undefined
  }

  kill(isFunction: boolean): string | undefined {
    return this.runs.late.kill(isFunction)
  }

  report(called: readonly string[]): readonly (readonly ScriptReport[])[] {
    return this.reports.report(called, (name) => this.called(name))
  }

  resetReport(): void {
    this.reports.reset()
  }

  flush(): void {
    this.clear()
    this.host.reset()
  }

  private clear(): void {
    const { ledger } = this.runs.statistics
    for (const { record } of this.cache.scripts()) ledger.close(record)
    ledger.labels.restart()
    this.cache.clear()
  }

  /** Whether scripts have newproxy, getfenv and setfenv from now on; as in Valkey, the cache goes when this changes. */
  setInsecureApi(insecure: boolean): void {
    this.clear()
    this.host.lua.setInsecureApi(insecure)
  }

  /** Compiles a new script and adds it to the cache; nothing changes when it does not compile. */
  private register(body: Bytes, evictable: boolean, host: ScriptHost): Script {
    const script = ScriptCache.describe(body, evictable)
    if (typeof script === 'string') failWith(script)
    const known = this.cache.same(script)
    if (known !== undefined) return known
    host.load(script.sha, script.body.subarray(script.shebangLength))
    const evicted = this.cache.add(script)
    if (evicted !== undefined) {
      this.host.unload(evicted.sha)
      this.runs.statistics.ledger.close(evicted.record)
    }
    return script
  }

  private run(script: Script, call: ScriptCall, reply: ReplySink, host: ScriptHost): void {
    const { runs } = this
    const { args, firstKey, keys } = call
    const run = { name: script.sha, isFunction: false, args, wrote: false }
    runs.admit(call, script.flags)
    const record = script.record ?? this.openRecord(script)
    runs.begin(run, call, host === this.host ? record : runs.statistics.uncounted(record), script.flags)
    try {
      const { protocol } = runs.context.client
      runs.answer(host.run(script, args, firstKey, keys, protocol), host.lua, reply)
    } finally {
      runs.end()
    }
  }

  /** Scripts are counted from their first run on. */
  private openRecord(script: Script): ScriptRecord {
    const { sha: id, name, body: text } = script
    return this.runs.statistics.ledger.open(script, { kind: KIND_SCRIPT, id, name, text })
  }
}
