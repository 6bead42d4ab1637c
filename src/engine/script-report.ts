/**
 * The figures of scripts for clients: SCRIPT STATS and LATENCY HISTOGRAM.
 */
import type { NamedDurations } from '../commands/services/latency.ts'
import type { ScriptReport } from '../commands/services/scripts.ts'
import type { ScriptLedger } from '../counting/scripts/ledger.ts'
import { noFigures, type ScriptFigures, ScriptReader } from '../counting/scripts/reader.ts'
import { durationSteps } from '../counting/scripts/record.ts'

interface CachedScript {
  readonly sha: string
  readonly name: string
}

export class ScriptReports {
  private readonly ledger: ScriptLedger
  private readonly reader: ScriptReader

  constructor(ledger: ScriptLedger) {
    this.ledger = ledger
    this.reader = new ScriptReader(ledger.memory)
  }

  /** Those that have run; for each that is asked for those that are called so, with those that `cached` knows by it. */
  report(
    called: readonly string[],
    cached: (called: string) => readonly CachedScript[],
  ): readonly (readonly ScriptReport[])[] {
    const reportOf = (figures: ScriptFigures) => reportWith(figures, this.ledger.undeclared.of(figures.id))
    if (called.length === 0) return [this.reader.all().map(reportOf)]
    return this.reader.findAll(called).map((ran, i) => {
      const known = new Set(ran.map(({ id }) => id))
      const others = cached(called[i]!).filter(({ sha }) => !known.has(sha))
      return [...ran, ...others.map(({ sha: id, name }) => notRun(id, name))].map(reportOf)
    })
  }

  durations(name: string): NamedDurations[] {
    const [, kind, called] = /^(script|function)\|(.*)$/i.exec(name) ?? []
    if (kind === undefined || called === undefined) return []
    const found = this.reader.find(called)
    if (found === undefined || found.figures.kind !== kind.toLowerCase()) return []
    const { calls, steps } = durationSteps(found.record)
    return calls === 0 ? [] : [{ name: `${kind.toLowerCase()}|${found.figures.id}`, calls, steps }]
  }

  reset(): void {
    this.ledger.reset()
  }
}

function notRun(id: string, name: string): ScriptFigures {
  return noFigures({ kind: 'script', id, name, label: 'other' })
}

function reportWith(figures: ScriptFigures, undeclaredKeys: readonly string[]): ScriptReport {
  const { id, name, errors, kills } = figures
  return {
    id,
    name,
    errors,
    kills,
    undeclaredKeys,
    figures: {
      calls: figures.calls,
      usec: figures.seconds * 1e6,
      usec_lua: figures.luaSeconds * 1e6,
      usec_commands: figures.commandSeconds * 1e6,
      usec_p50: figures.p50,
      usec_p90: figures.p90,
      usec_p99: figures.p99,
      usec_p999: figures.p999,
      usec_max: figures.max,
      commands: figures.commands,
      undeclared_keys: figures.keysOutside,
      profiled: figures.profiled,
      input_bytes: figures.bytesIn,
      output_bytes: figures.bytesOut,
      lua_memory_peak: figures.luaPeakBytes,
      busy: figures.busy,
      last_run: figures.lastRun / 1000,
    },
  }
}
