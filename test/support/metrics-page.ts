/**
 * ops/METRICS.md, made of the table of metrics: what each tells, its unit, and a query to begin with.
 */
import { FAMILIES } from '../../src/observability/metrics/families.ts'
import type { Family } from '../../src/observability/metrics/family.ts'
import { NOT_HERE } from './exporter-names.ts'

/** Labels, by the beginning of the name. */
const LABELS: readonly (readonly [string, readonly string[]])[] = [
  ['perilune_metrics_denied', ['reason']],
  ['perilune_script_errors', ['script', 'name', 'code']],
  ['perilune_script_kills', ['script', 'name', 'reason']],
  ['perilune_script_', ['script', 'name']],
  ['redis_commands_latencies', ['cmd']],
  ['redis_commands_processed', []],
  ['redis_commands_', ['cmd']],
  ['redis_db_', ['db']],
  ['redis_errors_total', ['err']],
  ['redis_latency_percentiles', ['cmd', 'quantile']],
  ['redis_latency_spike_', ['event_name']],
]

/** Queries that say more than those made by rule. */
const QUERIES: Readonly<Record<string, string>> = {
  redis_up: 'absent(redis_up{job="redis"})',
  redis_commands_duration_seconds_total:
    'sum by (cmd) (rate(redis_commands_duration_seconds_total[5m])) / sum by (cmd) (rate(redis_commands_total[5m]))',
  redis_latency_percentiles_usec: 'redis_latency_percentiles_usec{quantile="99"}',
  redis_memory_used_bytes: 'redis_memory_used_bytes / (redis_memory_max_bytes > 0)',
  redis_keyspace_hits_total:
    'rate(redis_keyspace_hits_total[5m]) / (rate(redis_keyspace_hits_total[5m]) + rate(redis_keyspace_misses_total[5m]))',
  perilune_engine_heartbeat_age_seconds: 'max_over_time(perilune_engine_heartbeat_age_seconds[5m])',
  perilune_script_errors_total:
    'sum by (script, name) (rate(perilune_script_errors_total[5m])) / sum by (script, name) (rate(perilune_script_calls_total[5m]))',
  perilune_script_kills_total: 'sum by (reason) (increase(perilune_script_kills_total[1h]))',
  perilune_script_lua_seconds_total:
    'topk(5, sum by (script, name) (rate(perilune_script_lua_seconds_total[5m])))',
  perilune_script_commands_total:
    'sum by (script, name) (rate(perilune_script_commands_total[5m])) / sum by (script, name) (rate(perilune_script_calls_total[5m]))',
  perilune_script_last_run_timestamp_seconds: 'time() - (perilune_script_last_run_timestamp_seconds > 0)',
  perilune_script_running_seconds: 'perilune_script_running_seconds > 1',
}

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/_(?:start_time|timestamp)_seconds$|_latency_spike_last$|_save_timestamp/, 'Unix time, seconds'],
  [/_seconds(?:_total)?$|_in_seconds$/, 'seconds'],
  [/_milliseconds(?:_total)?$|_time_ms_total$|_ms$/, 'milliseconds'],
  [/_usec$/, 'microseconds'],
  [/_kbps$|_kilobytes_per_second$/, 'kilobytes a second'],
  [/_per_sec$/, 'a second'],
  [/_bytes(?:_total)?$|^redis_memory_used_vm_total$|^redis_mem_clients_|^redis_config_maxmemory$/, 'bytes'],
  [/_ratio$/, 'ratio'],
  [/_perc(?:entage)?$/, 'percent'],
  [/_info$/, '1'],
]

function labelsOf(name: string): readonly string[] {
  return LABELS.find(([beginning]) => name.startsWith(beginning))?.[1] ?? []
}

function unitOf({ name }: Family): string {
  return UNITS.find(([pattern]) => pattern.test(name))?.[1] ?? 'count'
}

function queryOf({ name, type }: Family): string {
  const known = QUERIES[name]
  if (known !== undefined) return known
  const by = labelsOf(name).join(', ')
  if (type === 'histogram') {
    return `histogram_quantile(0.99, sum by (${[by, 'le'].join(', ')}) (rate(${name}_bucket[5m])))`
  }
  if (type !== 'counter') return name
  return by === '' ? `rate(${name}[5m])` : `sum by (${by}) (rate(${name}[5m]))`
}

/** What the examples of the page ask. */
export function exampleQueries(): readonly string[] {
  return FAMILIES.map(queryOf)
}

function row(family: Family): string {
  const labels = labelsOf(family.name)
  const shown = labels.length === 0 ? '' : ` {${labels.join(', ')}}`
  const type = family.type === 'untyped' ? 'gauge' : family.type
  return `| \`${family.name}\`${shown} | ${family.help} | ${type} | ${unitOf(family)} | \`${queryOf(family)}\` |`
}

function table(families: readonly Family[]): string {
  return [
    '| metric | tells | type | unit | for example |',
    '| --- | --- | --- | --- | --- |',
    ...families.map(row),
  ].join('\n')
}

export function metricsPage(): string {
  const ours = FAMILIES.filter(({ name }) => name.startsWith('perilune_'))
  const known = FAMILIES.filter(({ name }) => !name.startsWith('perilune_'))
  const missing = Object.entries(NOT_HERE).map(
    ([name, why]) => `| \`${name}${name.endsWith('_') ? '*' : ''}\` | ${why} |`,
  )
  return `# Metrics

All that \`GET /metrics\` answers. This page is made of the server's own table of metrics.

To begin with: \`prometheus.yml\` scrapes a server on this machine, \`alerts.yml\` has alerts about scripts, and
\`dashboard.json\` is for Grafana (Dashboards, New, Import). Dashboards and alerts made for redis_exporter work without one.

## Scripts and functions

The label \`script\` is the first twelve digits of the SHA1, or library and function; \`name\` what the script calls itself. At most
\`script-metrics-max-labels\` scripts have labels of their own; the others are \`script="other"\` together.

${table(ours)}

## The server

The names are those of redis_exporter.

${table(known)}

## What redis_exporter has and this server has not

| metric | why |
| --- | --- |
${missing.join('\n')}
`
}
