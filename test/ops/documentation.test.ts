/**
 * ops/METRICS.md says what there is. `UPDATE=1` writes it anew.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { FAMILIES } from '../../src/observability/metrics/families.ts'
import { ASKED_COUNTERS, ASKED_GAUGES, NOT_HERE } from '../support/exporter-names.ts'
import { metricsPage } from '../support/metrics-page.ts'

const PAGE = join(import.meta.dirname, '../../ops/METRICS.md')

test('the page of metrics is made of the table of metrics', () => {
  if (process.env.UPDATE === '1') writeFileSync(PAGE, metricsPage())
  assert.equal(readFileSync(PAGE, 'utf8'), metricsPage(), 'write it anew with UPDATE=1')
})

test('what dashboards of redis_exporter ask for is there, and what is said to be missing is not', () => {
  const names = new Set(FAMILIES.map(({ name }) => name))
  assert.deepEqual(
    [...ASKED_GAUGES, ...ASKED_COUNTERS].filter((name) => !names.has(name)),
    [],
  )
  const wrong = [...names].filter((name) => Object.keys(NOT_HERE).some((missing) => name.startsWith(missing)))
  assert.deepEqual(wrong, [])
})

test('every metric is told in one sentence', () => {
  for (const { name, help } of FAMILIES) assert.match(help, /^[A-Z0-9][^\n|]+[^.\n|]$/, name)
})
