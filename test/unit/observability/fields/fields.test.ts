/**
 * INFO and the metrics come from one table: no number is in one and missing in the other without a reason.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { risingSteps } from '../../../../src/counting/histogram.ts'
import { ALL_FIELDS, METRICS } from '../../../../src/observability/fields/fields.ts'
import { infoText } from '../../../../src/observability/fields/info.ts'
import { WITHOUT_METRIC } from '../../../../src/observability/fields/tables/without-metric.ts'
import { FAMILIES } from '../../../../src/observability/metrics/families.ts'
import { figuresShape, SharedFigures } from '../../../../src/observability/metrics/shared-figures.ts'
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

/** What the metrics with one value say of the sample; those that are not here are always 0. */
const EXPECTED: Readonly<Record<string, number>> = {
  process_id: 4711,
  uptime_in_seconds: 100,
  configured_hz: 20,
  connected_clients: 31,
  max_clients: 9000,
  client_recent_max_input_buffer_bytes: 36,
  client_recent_max_output_buffer_bytes: 37,
  blocked_clients: 32,
  pubsub_clients: 33,
  watching_clients: 34,
  total_watched_keys: 35,
  memory_used_bytes: 2_000_000,
  memory_used_rss_bytes: 50_000_000,
  memory_used_peak_bytes: 4_000_000,
  memory_used_overhead_bytes: 1_200_000,
  memory_used_startup_bytes: 1_000_000,
  memory_used_dataset_bytes: 800_000,
  allocator_allocated_bytes: 2_000_000,
  allocator_active_bytes: 2_500_000,
  allocator_resident_bytes: 3_100_000,
  total_system_memory_bytes: 8_589_934_592,
  memory_used_lua_bytes: 32_768,
  memory_used_vm_eval_bytes: 32_768,
  memory_used_scripts_eval_bytes: 100,
  number_of_cached_scripts: 43,
  number_of_functions: 44,
  number_of_libraries: 45,
  memory_used_vm_functions_bytes: 65_536,
  memory_used_vm_total: 98_304,
  memory_used_functions_bytes: 200,
  memory_used_scripts_bytes: 300,
  memory_max_bytes: 7_000_000,
  allocator_frag_ratio: 1.25,
  allocator_frag_bytes: 500_000,
  allocator_rss_ratio: 1.24,
  allocator_rss_bytes: 600_000,
  rss_overhead_ratio: 500 / 31,
  rss_overhead_bytes: 46_900_000,
  mem_fragmentation_ratio: 25,
  mem_fragmentation_bytes: 48_000_000,
  mem_clients_normal: 12_000,
  mem_overhead_db_hashtable_rehashing_bytes: 192,
  lazyfree_pending_objects: 41,
  lazyfreed_objects: 42,
  rdb_changes_since_last_save: 63,
  rdb_last_save_timestamp_seconds: 1_700_000_000,
  rdb_last_bgsave_status: 1,
  connections_received_total: 51,
  commands_processed_total: 1234,
  instantaneous_ops_per_sec: 13,
  net_input_bytes_total: 1000,
  net_output_bytes_total: 2000,
  instantaneous_input_kbps: 1.07421875,
  instantaneous_output_kbps: 2.1484375,
  rejected_connections_total: 52,
  expired_keys_total: 55,
  evicted_keys_total: 56,
  evicted_clients_total: 57,
  evicted_scripts_total: 46,
  eviction_exceeded_time_ms_total: 58,
  current_eviction_exceeded_time_ms: 59,
  keyspace_hits_total: 61,
  keyspace_misses_total: 62,
  pubsub_channels: 73,
  pubsub_patterns: 74,
  pubsubshard_channels: 75,
  unexpected_error_replies: 64,
  total_error_replies: 65,
  total_reads_processed: 53,
  total_writes_processed: 54,
  client_query_buffer_limit_disconnections_total: 71,
  client_output_buffer_limit_disconnections_total: 72,
  acl_access_denied_auth_total: 66,
  acl_access_denied_cmd_total: 67,
  acl_access_denied_key_total: 68,
  acl_access_denied_channel_total: 69,
  second_repl_offset: -1,
  replication_backlog_bytes: 10_485_760,
  cpu_sys_seconds_total: 0.25,
  cpu_user_seconds_total: 1.5000004,
  cpu_sys_main_thread_seconds_total: 0.25,
  cpu_user_main_thread_seconds_total: 1.5000004,
  slowlog_length: 2,
  slowlog_last_id: 6,
  last_slow_execution_duration_seconds: 0.25,
  commandlog_slow_length: 2,
  commandlog_large_request_length: 3,
  commandlog_large_reply_length: 4,
  memory_fragmentation_ratio: 25,
  config_maxclients: 9000,
  config_maxmemory: 7_000_000,
}

test('metrics tell of what they are named after', () => {
  const told = METRICS.map((metric) => [metric.name.replace(/^redis_/, ''), metric.read(source)] as const)
  assert.deepEqual(
    Object.fromEntries(told.filter(([name, value]) => value !== 0 || name in EXPECTED)),
    EXPECTED,
  )
})

test('INFO prints the number of the metric, as many digits of it as it has', () => {
  let rounded = 0
  for (const { name, metric, read } of ALL_FIELDS) {
    if (metric === undefined) continue
    const printed = String(read(source))
    // `ok` is 1.
    if (!isNumber(printed)) continue
    const digits = /\.(\d+)$/.exec(printed)?.[1]?.length ?? 0
    if (digits > 0) rounded++
    assert.equal(Number(printed), Number(metric.read(source).toFixed(digits)), name)
  }
  assert.equal(rounded, 13)
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
  const scrape = {
    now: source.now,
    figures: shared.read()!,
    scripts: [],
    codes: [],
    running: undefined,
    denied: new Map(),
  }
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
