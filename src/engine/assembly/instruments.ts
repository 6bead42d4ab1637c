/**
 * What tells the time, measures, counts and remembers.
 */
import { ScriptLedger } from '../../counting/scripts/ledger.ts'
import { Clock } from '../clock.ts'
import { CommandLogs } from '../command-log.ts'
import { LatencyMonitor } from '../latency.ts'
import { Monitor } from '../monitor.ts'
import { ScriptReports } from '../script-report.ts'
import { ScriptStatistics } from '../script-statistics.ts'
import { Stats } from '../stats.ts'
import { Stopwatch } from '../stopwatch.ts'
import type { EngineHost } from './host.ts'

export interface Instruments {
  readonly clock: Clock
  readonly stats: Stats
  readonly commandLogs: CommandLogs
  readonly latency: LatencyMonitor
  readonly stopwatch: Stopwatch
  readonly monitor: Monitor
  readonly ledger: ScriptLedger
  readonly statistics: ScriptStatistics
  readonly reports: ScriptReports
}

export function makeInstruments({ config, commands, control }: EngineHost): Instruments {
  const settings = config.values
  const clock = new Clock()
  const commandLogs = new CommandLogs(settings)
  for (const directive of CommandLogs.DIRECTIVES) config.onChange(directive, () => commandLogs.follow())
  const latency = new LatencyMonitor(settings)
  const ledger = new ScriptLedger(settings)
  return {
    clock,
    stats: new Stats(commands.all.length),
    commandLogs,
    latency,
    stopwatch: new Stopwatch({ clock, commandLogs, latency, control }),
    monitor: new Monitor(clock),
    ledger,
    statistics: new ScriptStatistics(ledger, clock),
    reports: new ScriptReports(ledger),
  }
}
