/**
 * Figures of which each command, error and database has its own: in INFO pairs on one line of a section, and metrics with a
 * label. Their fields are read by the engine's thread for INFO and by that of the metrics, each from what it has of a command
 * and of a database.
 */
import type { ConfigValues } from '../../../config.ts'
import { type MetricType, ratio } from '../field.ts'
import type { CommandCounts, KeyCounts } from '../source.ts'

export interface LabelledMetric<T> {
  readonly type: MetricType
  readonly name: string
  readonly help: string
  read(of: T): number
}

export interface LabelledField<T> {
  readonly name: string
  /** As INFO prints it. */
  print(of: T): string | number
  /** Undefined: other metrics tell it. */
  readonly metric?: LabelledMetric<T>
}

export const PER_COMMAND: readonly LabelledField<CommandCounts>[] = [
  {
    name: 'calls',
    print: (c) => c.calls,
    metric: { type: 'counter', name: 'redis_commands_total', help: 'Calls by command', read: (c) => c.calls },
  },
  {
    name: 'usec',
    print: (c) => Math.floor(c.microseconds),
    metric: {
      type: 'counter',
      name: 'redis_commands_duration_seconds_total',
      help: 'Time spent by command',
      read: (c) => c.microseconds / 1e6,
    },
  },
  { name: 'usec_per_call', print: (c) => ratio(c.microseconds, c.calls).toFixed(2) },
  {
    name: 'rejected_calls',
    print: (c) => c.rejected,
    metric: {
      type: 'counter',
      name: 'redis_commands_rejected_calls_total',
      help: 'Calls refused before they ran, by command',
      read: (c) => c.rejected,
    },
  },
  {
    name: 'failed_calls',
    print: (c) => c.failed,
    metric: {
      type: 'counter',
      name: 'redis_commands_failed_calls_total',
      help: 'Calls that answered an error, by command',
      read: (c) => c.failed,
    },
  },
]

export const PER_ERROR: readonly LabelledField<number>[] = [
  {
    name: 'count',
    print: (count) => count,
    metric: {
      type: 'counter',
      name: 'redis_errors_total',
      help: 'Error replies by code',
      read: (count) => count,
    },
  },
]

export const PER_DATABASE: readonly LabelledField<KeyCounts>[] = [
  {
    name: 'keys',
    print: (db) => db.keys,
    metric: { type: 'gauge', name: 'redis_db_keys', help: 'Keys by database', read: (db) => db.keys },
  },
  {
    name: 'expires',
    print: (db) => db.expires,
    metric: {
      type: 'gauge',
      name: 'redis_db_keys_expiring',
      help: 'Keys with an expiry by database',
      read: (db) => db.expires,
    },
  },
  {
    name: 'avg_ttl',
    print: (db) => Math.floor(db.avgTtl),
    metric: {
      type: 'gauge',
      name: 'redis_db_avg_ttl_seconds',
      help: 'Mean time to live by database',
      read: (db) => db.avgTtl / 1000,
    },
  },
]

/** The percentiles of durations that INFO and the metrics have of each command; undefined: none are kept. */
export function percentsOf(config: ConfigValues): readonly number[] | undefined {
  if (!config['latency-tracking']) return undefined
  return config['latency-tracking-info-percentiles'].map((percent) => Number(percent.toFixed(6)))
}

/** The pairs of one line. */
export function pairs<T>(fields: readonly LabelledField<T>[], of: T): string {
  return fields.map(({ name, print }) => `${name}=${print(of)}`).join(',')
}
