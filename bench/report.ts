/**
 * Turns the samples of a benchmark into a Markdown table and a picture.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { join } from 'node:path'

export interface Measure {
  /** Requests per second. */
  readonly rate: number
  /** Server CPU time a request, in microseconds. */
  readonly cpuMicros: number
}

export interface Row {
  readonly scenario: string
  readonly pipeline: number
  readonly samples: ReadonlyMap<string, readonly Measure[]>
}

export interface Report {
  readonly rows: readonly Row[]
  /** MiB that a million keys added, and the process's peak. */
  readonly memory: ReadonlyMap<string, { readonly added: number; readonly peak: number }>
  readonly servers: readonly string[]
  readonly machine: string
  readonly settings: string
}

const PEER = 'redis-server'

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** What the figures were measured on. */
export function machine(): string {
  return `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}`
}

interface Line {
  readonly label: string
  readonly rate: number
  /** Throughput relative to redis-server, by server. */
  readonly speed: ReadonlyMap<string, number>
  /** CPU time a request relative to redis-server: below 1 is better. */
  readonly cpu: ReadonlyMap<string, number>
}

function lines(report: Report): Line[] {
  return report.rows.map((row) => {
    const rate = (name: string) => median((row.samples.get(name) ?? []).map((sample) => sample.rate))
    const cpu = (name: string) => median((row.samples.get(name) ?? []).map((sample) => sample.cpuMicros))
    const names = [...row.samples.keys()].filter((name) => name !== PEER)
    return {
      label: `${row.scenario} P${row.pipeline}`,
      rate: rate('perilune'),
      speed: new Map(names.map((name) => [name, rate(name) / rate(PEER)])),
      cpu: new Map(names.map((name) => [name, cpu(name) / cpu(PEER)])),
    }
  })
}

function markdown(report: Report): string {
  const peers = [...(report.rows[0]?.samples.keys() ?? [])].filter((name) => name !== PEER)
  const head = ['', 'requests/s', ...peers.flatMap((name) => [`${name} throughput`, `${name} CPU/request`])]
  const body = lines(report).map((line) => [
    line.label,
    Math.round(line.rate).toLocaleString('en-US'),
    ...peers.flatMap((name) => [
      `${line.speed.get(name)!.toFixed(2)}x`,
      `${line.cpu.get(name)!.toFixed(2)}x`,
    ]),
  ])
  const table = [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...body]
  const memory = [...report.memory].map(
    ([name, m]) => `| ${name} | ${m.added.toFixed(1)} | ${m.peak.toFixed(1)} |`,
  )
  return [
    '# Benchmark',
    '',
    `${report.servers.join(', ')}. ${report.machine}. ${report.settings}, the servers in turn within each round.`,
    'Figures with `x` are relative to redis-server in the same run; for throughput more is better, for CPU time a request less is.',
    'Where redis-benchmark itself is the limit (`P1`), CPU time tells more than throughput.',
    '',
    ...table.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    ...(memory.length === 0
      ? []
      : [
          'Resident memory, MiB:',
          '',
          '| | added by 1,000,000 keys | peak |',
          '| --- | ---: | ---: |',
          ...memory,
          '',
        ]),
  ].join('\n')
}

const BAR_HEIGHT = 16
const ROW_HEIGHT = 26
const LABEL_WIDTH = 230
const SCALE_WIDTH = 420
const TOP = 56

function svg(report: Report): string {
  const data = lines(report)
  const largest = Math.max(2, ...data.map((line) => line.speed.get('perilune') ?? 0))
  const x = (ratio: number) => LABEL_WIDTH + (ratio / largest) * SCALE_WIDTH
  const height = TOP + data.length * ROW_HEIGHT + 20
  const bars = data.map((line, i) => {
    const y = TOP + i * ROW_HEIGHT
    const ratio = line.speed.get('perilune') ?? 0
    const colour = ratio >= 1 ? '#3b7dd8' : '#9aa5b1'
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${y + 12}" text-anchor="end">${line.label}</text>`,
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${(x(ratio) - LABEL_WIDTH).toFixed(1)}" height="${BAR_HEIGHT}" rx="2" fill="${colour}"/>`,
      `<text x="${(x(ratio) + 6).toFixed(1)}" y="${y + 12}">${ratio.toFixed(2)}x</text>`,
    ].join('')
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LABEL_WIDTH + SCALE_WIDTH + 70}" height="${height}" role="img" aria-labelledby="title" font-family="system-ui, sans-serif" font-size="12" fill="#444">`,
    '<title id="title">Throughput of Perilune relative to redis-server</title>',
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="16" y="22" font-size="15" font-weight="600">Throughput of Perilune relative to redis-server</text>`,
    `<text x="16" y="40" fill="#777">${report.servers.join(', ')}; ${report.settings}</text>`,
    `<line x1="${x(1)}" y1="${TOP - 8}" x2="${x(1)}" y2="${height - 12}" stroke="#d06a3b" stroke-dasharray="3 3"/>`,
    ...bars,
    '</svg>',
    '',
  ].join('\n')
}

export function writeReport(folder: string, report: Report): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'benchmark.md'), markdown(report))
  writeFileSync(join(folder, 'benchmark.svg'), svg(report))
  console.log(`${join(folder, 'benchmark.md')}\n${join(folder, 'benchmark.svg')}`)
}
