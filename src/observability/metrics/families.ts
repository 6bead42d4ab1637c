/**
 * All families of metrics, in the order in which they are shown: those of INFO's table, those with labels that have a
 * section of INFO of their own, and those of scripts.
 */

import { risingSteps } from '../../counting/histogram.ts'
import type { Metric } from '../fields/field.ts'
import { METRICS } from '../fields/fields.ts'
import { type LabelledField, PER_COMMAND, PER_DATABASE, PER_ERROR } from '../fields/tables/labelled.ts'
import {
  type Family,
  type FamilyType,
  type Labels,
  labelSet,
  NO_LABELS,
  type Sample,
  type Scrape,
  withLabel,
} from './family.ts'
import { SCRIPT_FAMILIES } from './script-families.ts'
import type { CommandReading, Figures } from './shared-figures.ts'

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

/** A family for each field that is a metric: a sample for each of those that `all` finds, by its label. */
function labelled<T>(
  fields: readonly LabelledField<T>[],
  all: (figures: Figures) => Iterable<readonly [Labels, T]>,
): Family[] {
  return fields.flatMap(({ metric }) => {
    if (metric === undefined) return []
    const { type, name, help, read } = metric
    const samples = ({ figures }: Scrape) =>
      Array.from(all(figures), ([labels, of]) => ({ labels, value: read(of) }))
    return [{ type, name, help, samples }]
  })
}

function commandsOf({ commands }: Figures): (readonly [Labels, CommandReading])[] {
  return commands.map((command) => [labelSet('cmd', command.name), command] as const)
}

/** The steps of LATENCY HISTOGRAM, as redis_exporter shows them: those that more calls reach than the one before. */
function* steps(labels: Labels, { steps, microseconds }: CommandReading): Iterable<Sample> {
  const calls = steps.at(-1)!
  if (calls === 0) return
  for (const [bound, count] of risingSteps(steps)) {
    yield { suffix: '_bucket', labels: withLabel(labels, 'le', String(bound)), value: count }
  }
  yield { suffix: '_bucket', labels: withLabel(labels, 'le', '+Inf'), value: calls }
  yield { suffix: '_sum', labels, value: Math.floor(microseconds) }
  yield { suffix: '_count', labels, value: calls }
}

/** The quantiles are percents, as redis_exporter has them from INFO. */
function* percentiles(labels: Labels, command: CommandReading, { texts }: Figures): Iterable<Sample> {
  const { percents } = texts
  if (percents === null || command.steps.at(-1) === 0) return
  for (const [i, percent] of percents.entries()) {
    const value = command.percentiles[i]!
    if (!Number.isNaN(value)) yield { labels: withLabel(labels, 'quantile', String(percent)), value }
  }
  yield { suffix: '_sum', labels, value: Math.floor(command.microseconds) }
  yield { suffix: '_count', labels, value: command.calls }
}

function perEvent(name: string, help: string, value: (spike: Figures['texts']['spikes'][string]) => number) {
  const samples = ({ figures }: Scrape) =>
    Object.entries(figures.texts.spikes).map(([event_name, spike]) => ({
      labels: { event_name },
      value: value(spike),
    }))
  return { type: 'gauge', name, help, samples } satisfies Family
}

/** What goes on while a script keeps the engine from telling it. */
const GOING_ON = new Map<string, (scrape: Scrape) => number>([
  [
    'redis_uptime_in_seconds',
    ({ figures, now }) => Math.max(0, Math.floor(now / 1000) - Math.floor(figures.startedAt / 1000)),
  ],
])

const SERVER: readonly Family[] = [
  single('gauge', 'redis_up', 'Always 1: the server itself answers', () => 1),
  ...METRICS.map((metric, i) =>
    single(
      typeOf(metric),
      metric.name,
      metric.help,
      GOING_ON.get(metric.name) ?? (({ figures }) => figures.metrics[i]!),
    ),
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
  single(
    'counter',
    'perilune_metrics_thread_restarts_total',
    'How often the thread of the metrics ended and another was started',
    ({ figures }) => figures.restarts,
  ),
  single(
    'counter',
    'perilune_metrics_publish_errors_total',
    'How often the figures of the server could not be gathered, so that the last ones stayed',
    ({ figures }) => figures.failures,
  ),
  {
    type: 'counter',
    name: 'perilune_metrics_denied_total',
    help: 'Requests over HTTP for more than figures that were refused, by reason, since the thread of the metrics started',
    samples: ({ denied }) =>
      Array.from(denied, ([reason, value]) => ({ labels: labelSet('reason', reason), value })),
  },
]

const LABELLED: readonly Family[] = [
  information('redis_instance_info', 'The instance, in labels', ({ texts }) => texts.instance),
  information('perilune_build_info', 'Versions, in labels', ({ texts }) => texts.build),
  ...labelled(PER_DATABASE, ({ databases }) => databases.map((db) => [labelSet('db', db.name), db])),
  ...labelled(PER_ERROR, ({ texts }) => Object.entries(texts.errors).map(([err, count]) => [{ err }, count])),
  ...labelled(PER_COMMAND, commandsOf),
  {
    type: 'histogram',
    name: 'redis_commands_latencies_usec',
    help: 'Durations by command, microseconds',
    samples: ({ figures }) => commandsOf(figures).flatMap(([labels, command]) => [...steps(labels, command)]),
  },
  {
    type: 'summary',
    name: 'redis_latency_percentiles_usec',
    help: 'Percentiles of durations by command, microseconds',
    samples: ({ figures }) =>
      commandsOf(figures).flatMap(([labels, command]) => [...percentiles(labels, command, figures)]),
  },
  perEvent('redis_latency_spike_last', 'Time of the latest latency spike by event, Unix time', (s) => s.time),
  perEvent(
    'redis_latency_spike_duration_seconds',
    'Length of the latest latency spike by event',
    (s) => s.milliseconds / 1000,
  ),
]

export const FAMILIES: readonly Family[] = [...SERVER, ...LABELLED, ...SCRIPT_FAMILIES]
