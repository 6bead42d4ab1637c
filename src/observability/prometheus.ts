/**
 * The figures in Prometheus's text format.
 */
import { Counter, Gauge, Registry } from 'prom-client'
import { METRICS } from './fields.ts'
import { BUILD_LABELS, type CommandCounts, type Figures, INSTANCE_LABELS } from './shared-figures.ts'

type ReadFigures = () => Figures

/** A registry whose metrics are read when they are scraped. */
export function metricsRegistry(read: ReadFigures): Registry {
  const registry = new Registry()
  // One moment for all metrics of a scrape.
  let figures: Figures
  new Gauge({
    name: 'redis_up',
    help: 'Always 1: the server itself answers',
    registers: [registry],
    collect() {
      figures = read()
      this.set(1)
    },
  })
  const current = () => figures
  addSingle(registry, current)
  addLabelled(registry, current)
  addCommands(registry, current)
  return registry
}

function addSingle(registry: Registry, read: ReadFigures): void {
  for (const [i, { type, name, help }] of METRICS.entries()) {
    const registers = [registry]
    if (type === 'gauge') {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read().metrics[i]!)
        },
      })
    } else {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset()
          this.inc(read().metrics[i]!)
        },
      })
    }
  }
  new Gauge({
    name: 'redis_start_time_seconds',
    help: 'Start of the server, Unix time',
    registers: [registry],
    collect() {
      this.set(Math.floor(read().startedAt / 1000))
    },
  })
  new Gauge({
    name: 'perilune_engine_heartbeat_age_seconds',
    help: 'Time since the thread of commands and scripts last gave a sign of life; grows while a script keeps it busy',
    registers: [registry],
    collect() {
      this.set(Math.max(0, Date.now() - read().heartbeat) / 1000)
    },
  })
}

function addLabelled(registry: Registry, read: ReadFigures): void {
  const instance = () => read().texts.instance
  addInfo(registry, 'redis_instance_info', 'The instance, in labels', INSTANCE_LABELS, instance)
  addInfo(registry, 'perilune_build_info', 'Versions, in labels', BUILD_LABELS, () => read().texts.build)
  const database = (name: string, help: string, value: (db: Figures['databases'][number]) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['db'],
      registers: [registry],
      collect() {
        this.reset()
        for (const db of read().databases) this.set({ db: `db${db.index}` }, value(db))
      },
    })
  database('redis_db_keys', 'Keys by database', (db) => db.keys)
  database('redis_db_keys_expiring', 'Keys with an expiry by database', (db) => db.expires)
  database('redis_db_avg_ttl_seconds', 'Mean time to live by database', (db) => db.avgTtl / 1000)
  new Counter({
    name: 'redis_errors_total',
    help: 'Error replies by code',
    labelNames: ['err'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [err, count] of Object.entries(read().texts.errors)) this.inc({ err }, count)
    },
  })
}

/** A gauge that is always 1 and tells in labels. */
function addInfo<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  labels: () => Readonly<Record<Label, string>>,
): void {
  new Gauge<Label>({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset()
      this.set({ ...labels() }, 1)
    },
  })
}

function addCommands(registry: Registry, read: ReadFigures): void {
  const add = (name: string, help: string, value: (command: CommandCounts) => number) =>
    new Counter({
      name,
      help,
      labelNames: ['cmd'],
      registers: [registry],
      collect() {
        this.reset()
        for (const command of read().commands) this.inc({ cmd: command.name }, value(command))
      },
    })
  add('redis_commands_total', 'Calls by command', (c) => c.calls)
  add('redis_commands_duration_seconds_total', 'Time spent by command', (c) => c.seconds)
  add('redis_commands_rejected_calls_total', 'Calls refused before they ran, by command', (c) => c.rejected)
  add('redis_commands_failed_calls_total', 'Calls that answered an error, by command', (c) => c.failed)
}
