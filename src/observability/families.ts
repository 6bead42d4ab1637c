/**
 * All families of metrics, in the order in which they are shown: those of INFO's table, those with labels that have a
 * section of INFO of their own, and those of scripts.
 */
import { type Family, type FamilyType, type Labels, NO_LABELS, type Scrape } from './family.ts'
import type { Metric } from './field.ts'
import { METRICS } from './fields.ts'
import { SCRIPT_FAMILIES } from './script-families.ts'
import type { CommandCounts, Figures } from './shared-figures.ts'

/** Names that end in `_total` are counters, and no others. */
function typeOf({ type, name }: Metric): FamilyType {
  return (type === 'counter') === name.endsWith('_total') ? type : 'untyped'
}

function single(type: FamilyType, name: string, help: string, value: (scrape: Scrape) => number): Family {
  return { type, name, help, samples: (scrape) => [{ labels: NO_LABELS, value: value(scrape) }] }
}

/** A gauge that is always 1 and tells in labels. */
function information(name: string, help: string, labels: (figures: Figures) => Labels): Family {
  return { type: 'gauge', name, help, samples: ({ figures }) => [{ labels: labels(figures), value: 1 }] }
}

function perDatabase(
  name: string,
  help: string,
  value: (db: Figures['databases'][number]) => number,
): Family {
  return {
    type: 'gauge',
    name,
    help,
    samples: ({ figures }) =>
      figures.databases.map((db) => ({ labels: { db: `db${db.index}` }, value: value(db) })),
  }
}

function perCommand(name: string, help: string, value: (command: CommandCounts) => number): Family {
  return {
    type: 'counter',
    name,
    help,
    samples: ({ figures }) =>
      figures.commands.map((command) => ({ labels: { cmd: command.name }, value: value(command) })),
  }
}

function perEvent(name: string, help: string, value: (spike: Figures['texts']['spikes'][string]) => number) {
  const samples = ({ figures }: Scrape) =>
    Object.entries(figures.texts.spikes).map(([event_name, spike]) => ({
      labels: { event_name },
      value: value(spike),
    }))
  return { type: 'gauge', name, help, samples } satisfies Family
}

const SERVER: readonly Family[] = [
  single('gauge', 'redis_up', 'Always 1: the server itself answers', () => 1),
  ...METRICS.map((metric, i) =>
    single(typeOf(metric), metric.name, metric.help, ({ figures }) => figures.metrics[i]!),
  ),
  single('gauge', 'redis_start_time_seconds', 'Start of the server, Unix time', ({ figures }) =>
    Math.floor(figures.startedAt / 1000),
  ),
  single(
    'gauge',
    'perilune_engine_heartbeat_age_seconds',
    'Time since the thread of commands and scripts last gave a sign of life; grows while a script keeps it busy',
    ({ figures, now }) => Math.max(0, now - figures.heartbeat) / 1000,
  ),
]

const LABELLED: readonly Family[] = [
  information('redis_instance_info', 'The instance, in labels', ({ texts }) => texts.instance),
  information('perilune_build_info', 'Versions, in labels', ({ texts }) => texts.build),
  perDatabase('redis_db_keys', 'Keys by database', (db) => db.keys),
  perDatabase('redis_db_keys_expiring', 'Keys with an expiry by database', (db) => db.expires),
  perDatabase('redis_db_avg_ttl_seconds', 'Mean time to live by database', (db) => db.avgTtl / 1000),
  {
    type: 'counter',
    name: 'redis_errors_total',
    help: 'Error replies by code',
    samples: ({ figures }) =>
      Object.entries(figures.texts.errors).map(([err, value]) => ({ labels: { err }, value })),
  },
  perCommand('redis_commands_total', 'Calls by command', (c) => c.calls),
  perCommand('redis_commands_duration_seconds_total', 'Time spent by command', (c) => c.seconds),
  perCommand(
    'redis_commands_rejected_calls_total',
    'Calls refused before they ran, by command',
    (c) => c.rejected,
  ),
  perCommand(
    'redis_commands_failed_calls_total',
    'Calls that answered an error, by command',
    (c) => c.failed,
  ),
  perEvent('redis_latency_spike_last', 'Time of the latest latency spike by event, Unix time', (s) => s.time),
  perEvent(
    'redis_latency_spike_duration_seconds',
    'Length of the latest latency spike by event',
    (s) => s.milliseconds / 1000,
  ),
]

export const FAMILIES: readonly Family[] = [...SERVER, ...LABELLED, ...SCRIPT_FAMILIES]
