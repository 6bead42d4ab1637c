/**
 * The two formats of the metrics.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAMILIES } from '../../../../src/observability/metrics/families.ts'
import { MetricsText } from '../../../../src/observability/metrics/prometheus.ts'
import { figuresShape, SharedFigures } from '../../../../src/observability/metrics/shared-figures.ts'
import { readExposition } from '../../../support/exposition.ts'
import { sampleSource } from '../fields/source.ts'

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0'

const source = sampleSource()
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
const metrics = new MetricsText(() => scrape)

async function render(accept: string): Promise<{ contentType: string; text: string }> {
  const { contentType, text } = await metrics.render(accept)
  return { contentType, text: text.toString() }
}

function samples(text: string): Map<string, number> {
  return new Map([...readExposition(text).values()].flatMap((family) => [...family.samples]))
}

test('both formats tell the same, but for the end of the text', async () => {
  const [plain, open] = [await render('text/plain'), await render(OPEN_METRICS)]
  assert.match(open.contentType, /openmetrics/)
  assert.ok(open.text.endsWith('\n# EOF\n'))
  assert.deepEqual(new Map([...samples(open.text)].sort()), new Map([...samples(plain.text)].sort()))
})

test('percents are no quantiles in OpenMetrics', async () => {
  const name = 'redis_latency_percentiles_usec'
  const [plain, open] = [await render(''), await render(OPEN_METRICS)]
  assert.equal(readExposition(plain.text).get(name)!.type, 'summary')
  const families = readExposition(open.text)
  for (const suffix of ['', '_sum', '_count']) assert.equal(families.get(`${name}${suffix}`)!.type, 'unknown')
  assert.equal(families.get(name)!.samples.get(`${name}{cmd="get",quantile="50"}`), 2.015)
})

test('who asks at the same time gets the same bytes', async () => {
  const [one, other, open] = await Promise.all(['', 'text/plain', OPEN_METRICS].map((a) => metrics.render(a)))
  assert.equal(one!.text, other!.text)
  assert.notEqual(one!.text, open!.text)
})

test('the uptime goes on while no figures come', () => {
  const family = FAMILIES.find(({ name }) => name === 'redis_uptime_in_seconds')!
  const [sample] = [...family.samples({ ...scrape, now: source.now + 60_000 })]
  assert.equal(sample!.value, 160)
})

test('whether the script that runs can be killed is told', () => {
  const family = FAMILIES.find(({ name }) => name === 'perilune_script_running_killable')!
  const running = { kind: 'script', id: 'a'.repeat(40), name: '', label: 'aaaaaaaaaaaa', since: 0 } as const
  const value = (wrote: boolean) =>
    Array.from(family.samples({ ...scrape, now: 500, running: { ...running, wrote } }), (s) => s.value)
  assert.deepEqual([value(false), value(true)], [[1], [0]])
  assert.deepEqual([...family.samples(scrape)], [])
})

test('a script that runs for a while has the label it has elsewhere, one that runs for a second its own', () => {
  const family = FAMILIES.find(({ name }) => name === 'perilune_script_running_seconds')!
  const running = { kind: 'script', id: 'a'.repeat(40), name: 'lock', since: 0, wrote: false } as const
  const labels = (label: string, now: number) =>
    Array.from(family.samples({ ...scrape, now, running: { ...running, label } }), (sample) => sample.labels)
  assert.deepEqual(labels('aaaaaaaaaaaa', 500), [{ script: 'aaaaaaaaaaaa', name: 'lock' }])
  assert.deepEqual(labels('other', 500), [{ script: 'other' }])
  assert.deepEqual(labels('other', 1000), [{ script: 'aaaaaaaaaaaa', name: 'lock' }])
  assert.deepEqual(labels('other', 50), [])
})
