/**
 * INFO and the metrics come from one table: no number is in one and missing in the other without a reason.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAMILIES } from '../../../src/observability/families.ts'
import { WITHOUT_METRIC } from '../../../src/observability/fields/without-metric.ts'
import { ALL_FIELDS } from '../../../src/observability/fields.ts'
import { risingSteps } from '../../../src/observability/histogram.ts'
import { infoText } from '../../../src/observability/info.ts'
import { figuresShape, SharedFigures } from '../../../src/observability/shared-figures.ts'
import { sampleSource } from './source.ts'

const source = sampleSource()

function isNumber(value: string | number | undefined): boolean {
  return value !== undefined && value !== '' && Number.isFinite(Number(value))
}

/** A figure as a human reads it, of which there is another. */
function isOtherForm(name: string): boolean {
  return /_(?:human|perc)$/.test(name)
}

test('a number of INFO is a metric, or there is a reason', () => {
  const missing = ALL_FIELDS.filter(({ metric, isConstant }) => metric === undefined && !isConstant)
    .filter((field) => isNumber(field.read(source)) && !isOtherForm(field.name))
    .map(({ name }) => name)
    .filter((name) => WITHOUT_METRIC[name] === undefined)
  assert.deepEqual(missing, [])
})

test('what has a reason not to be a metric is none', () => {
  for (const { name, metric } of ALL_FIELDS) {
    if (WITHOUT_METRIC[name] !== undefined) assert.equal(metric, undefined, name)
  }
})

test('a metric tells the number that INFO prints', () => {
  for (const { name, metric, read } of ALL_FIELDS) {
    if (metric === undefined) continue
    const printed = read(source)
    // `ok` of a status is 1; INFO rounds, and has microseconds of the last fork.
    if (!isNumber(printed)) continue
    const [shown, value] = [Number(printed), metric.read(source)]
    assert.ok(Math.abs(shown - value) <= 0.01 * Math.max(1, Math.abs(value)), `${name}: ${shown}, ${value}`)
  }
})

/** Of what has a line of INFO each: the line, and what its pairs are as metrics. */
const LABELLED: readonly {
  readonly line: RegExp
  readonly pairs: Readonly<Record<string, { readonly metric: string; readonly unit: number } | null>>
}[] = [
  {
    line: /^cmdstat_(.+?):(.+)$/,
    pairs: {
      calls: { metric: 'redis_commands_total', unit: 1 },
      usec: { metric: 'redis_commands_duration_seconds_total', unit: 1e-6 },
      // One by the other.
      usec_per_call: null,
      rejected_calls: { metric: 'redis_commands_rejected_calls_total', unit: 1 },
      failed_calls: { metric: 'redis_commands_failed_calls_total', unit: 1 },
    },
  },
  { line: /^errorstat_(.+?):(.+)$/, pairs: { count: { metric: 'redis_errors_total', unit: 1 } } },
  {
    line: /^(db\d+):(.+)$/,
    pairs: {
      keys: { metric: 'redis_db_keys', unit: 1 },
      expires: { metric: 'redis_db_keys_expiring', unit: 1 },
      avg_ttl: { metric: 'redis_db_avg_ttl_seconds', unit: 1e-3 },
    },
  },
]

/** The samples of all families, by name and labels, as they are with the source's figures. */
function samples(): Map<string, number> {
  const shared = new SharedFigures(
    figuresShape(
      source.config.databases,
      source.commands.map(({ name }) => name),
    ),
  )
  shared.publish(source)
  const scrape = { now: source.now, figures: shared.read()!, scripts: [], codes: [], running: undefined }
  const all = new Map<string, number>()
  for (const family of FAMILIES) {
    for (const { suffix = '', labels, value } of family.samples(scrape)) {
      all.set(`${family.name}${suffix} ${Object.values(labels).join(' ')}`.trim(), value)
    }
  }
  return all
}

test('metrics with a label tell the numbers that INFO prints in lines', () => {
  const shown = samples()
  const lines = infoText(source, ['everything']).split('\r\n')
  let compared = 0
  for (const { line: pattern, pairs } of LABELLED) {
    for (const line of lines) {
      const [, name, text] = pattern.exec(line) ?? []
      for (const pair of text?.split(',') ?? []) {
        const [field, value] = pair.split('=') as [string, string]
        assert.ok(field in pairs, pair)
        const as = pairs[field]
        if (!as || value === '0') continue
        const metric = shown.get(`${as.metric} ${name}`)
        assert.ok(metric !== undefined, line)
        assert.ok(Math.abs(metric / as.unit - Number(value)) < 1, `${line}: ${metric}`)
        compared++
      }
    }
  }
  assert.equal(compared, 10)
})

test('durations by command are those of latencystats and LATENCY HISTOGRAM', () => {
  const shown = samples()
  const text = infoText(source, ['latencystats'])
  for (const [, name, pairs] of text.matchAll(/^latency_percentiles_usec_(.+?):(.+?)\r$/gm)) {
    for (const pair of pairs!.split(',')) {
      const [, percent, value] = /^p(.+)=(.+)$/.exec(pair)!
      assert.equal(shown.get(`redis_latency_percentiles_usec ${name} ${percent}`), Number(value), pair)
    }
  }
  for (const command of source.commands) {
    const counts = command.steps()
    const buckets = counts === undefined ? [] : risingSteps(counts)
    for (const [bound, count] of buckets) {
      assert.equal(shown.get(`redis_commands_latencies_usec_bucket ${command.name} ${bound}`), count)
    }
    assert.equal(shown.get(`redis_commands_latencies_usec_count ${command.name}`), counts?.at(-1))
    assert.equal(shown.has(`redis_commands_latencies_usec_sum ${command.name}`), counts !== undefined)
  }
  assert.equal(shown.get('redis_latency_percentiles_usec get 99.9'), 2.015)
  assert.equal(shown.get('redis_commands_latencies_usec_bucket get 4'), 4)
  assert.equal(shown.get('redis_commands_latencies_usec_sum get'), 10)
})

test('families have names of their own, a sentence each, and say by their names what they are', () => {
  const names = FAMILIES.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  for (const { name, help, type } of FAMILIES) {
    assert.match(name, /^(?:redis|perilune)_[a-z0-9_]+$/)
    assert.match(help, /^[A-Z].{3,}[^.]$/, name)
    if (type !== 'untyped') assert.equal(type === 'counter', name.endsWith('_total'), name)
    // Other names than the rules want are for the sake of redis_exporter's.
    if (type === 'untyped') assert.match(name, /^redis_/)
    if (name.startsWith('perilune_')) assert.doesNotMatch(name, /_(?:usec|ms|milliseconds|kb|percent)(?:_|$)/)
  }
})

/** Of redis_exporter's dashboards and alerts, but for what is of clusters and replicas. */
const NEEDED = [
  ...['blocked_clients', 'connected_clients', 'connected_slaves', 'commands_duration_seconds_total'],
  ...['commands_processed_total', 'commands_total', 'db_keys', 'db_keys_expiring', 'evicted_keys_total'],
  ...['expired_keys_total', 'keyspace_hits_total', 'keyspace_misses_total', 'memory_fragmentation_ratio'],
  ...['memory_max_bytes', 'memory_used_bytes', 'memory_used_rss_bytes', 'net_input_bytes_total'],
  ...['net_output_bytes_total', 'total_system_memory_bytes', 'up', 'uptime_in_seconds'],
]

test('what the dashboards and alerts of redis_exporter ask for is there', () => {
  const names = new Set(FAMILIES.map(({ name }) => name))
  assert.deepEqual(
    NEEDED.filter((name) => !names.has(`redis_${name}`)),
    [],
  )
})
