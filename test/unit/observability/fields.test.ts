/**
 * INFO and the metrics come from one table: no number is in one and missing in the other without a reason.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAMILIES } from '../../../src/observability/families.ts'
import { WITHOUT_METRIC } from '../../../src/observability/fields/without-metric.ts'
import { ALL_FIELDS } from '../../../src/observability/fields.ts'
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
