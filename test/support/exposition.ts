/**
 * Reads Prometheus's text format, strictly: what it does not understand fails.
 */
import assert from 'node:assert/strict'

export interface ExposedFamily {
  readonly type: string
  readonly help: string
  /** By name and labels as they are written: `redis_db_keys{db="db0"}`. */
  readonly samples: ReadonlyMap<string, number>
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)$/
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|[+-]Inf|NaN)$/i

/** Of samples, where they are not those of a single value. */
const SUFFIXES: Readonly<Record<string, RegExp>> = {
  histogram: /^_(?:bucket|sum|count)$/,
  summary: /^(?:_sum|_count)?$/,
}

export function readExposition(text: string): Map<string, ExposedFamily> {
  assert.ok(text.endsWith('\n'))
  const families = new Map<string, ExposedFamily & { samples: Map<string, number> }>()
  let help: RegExpExecArray | null = null
  let current = ''
  for (const line of text.split('\n')) {
    if (line === '' || line === '# EOF') continue
    const type = /^# TYPE (\S+) (gauge|counter|histogram|summary|untyped|unknown)$/.exec(line)
    if (line.startsWith('# HELP')) {
      help = /^# HELP (\S+) (.+)$/.exec(line)
      assert.ok(help, line)
    } else if (line.startsWith('#')) {
      assert.ok(type, line)
      assert.equal(help?.[1], type[1], `TYPE without HELP: ${line}`)
      assert.ok(!families.has(type[1]!), `twice: ${line}`)
      current = type[1]!
      families.set(current, { type: type[2]!, help: help![2]!, samples: new Map() })
    } else readSample(line, current, families.get(current)!)
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family)
  return families
}

function readSample(
  line: string,
  name: string,
  family: ExposedFamily & { samples: Map<string, number> },
): void {
  const match = LINE.exec(line)
  assert.ok(match, `not a sample: ${line}`)
  const [, sample, labels = '', value] = match as unknown as [string, string, string | undefined, string]
  const suffix = sample.slice(name.length)
  const allowed = SUFFIXES[family.type] ?? /^(?:_total)?$/
  assert.ok(sample.startsWith(name) && allowed.test(suffix), `${line} is not of ${name}`)
  assert.match(value, NUMBER, line)
  assert.ok(!family.samples.has(sample + labels), `twice: ${line}`)
  family.samples.set(sample + labels, Number(value.replace('Inf', 'Infinity')))
}

/** Buckets rise, and the last has all. */
function checkHistogram(name: string, { samples }: ExposedFamily): void {
  let last: { series: string; value: number } | undefined
  for (const [sample, value] of samples) {
    if (sample.startsWith(`${name}_bucket`)) {
      const series = sample.replace(/,?le="[^"]*"/, '')
      if (last?.series === series) assert.ok(value >= last.value, sample)
      last = { series, value }
    } else if (sample.startsWith(`${name}_count`)) assert.equal(value, last!.value, sample)
  }
}
