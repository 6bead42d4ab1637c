/**
 * What it costs that something is there which is not used: the same load on servers that differ in one thing, in turn, in
 * rounds so short that a machine whose speed drifts drifts for all of them. The same server is up to 4 % faster or slower
 * after each start, for as long as it runs (its code is compiled in another order, and lies elsewhere), so all of them are
 * started anew again and again.
 *
 *     node --import tsx bench/steady.ts [--starts 12] [--only TEXT] [--before CHECKOUT/bin/perilune] [--out FILE]
 *
 * Each is compared with `plain`, a server without metrics. `metrics` has them and is scraped before each run. `late` has had a
 * script that was late and killed, among a hundred idle connections, whose sockets its guardian keeps. `before` is another
 * build, likewise without metrics. Figures are medians over the starts, with their quartiles, of the medians of a start's
 * rounds: of requests per second, and of the CPU time of a request, as ratios to `plain` in the same round.
 */
import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../test/support/free-port.ts'
import { machine, median } from './report.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { benchmark, cpuMs, fill, request, type Server, start, stop } from './servers.ts'

const { values: options } = parseArgs({
  options: {
    starts: { type: 'string', default: '12' },
    only: { type: 'string', default: '' },
    perilune: { type: 'string', default: 'bin/perilune' },
    before: { type: 'string', default: '' },
    out: { type: 'string', default: '' },
  },
})

const STARTS = Number(options.starts)
const CLIENTS = 50
const PIPELINES = [1, 16] as const
const NAMES = ['GET', 'SET', 'EVALSHA GET', 'EVALSHA SET', 'EVALSHA 100 INCR', 'EVALSHA pure Lua']
/** Of the requests of a run of the benchmark. */
const PART = 1 / 4
const IDLE = 100
const WITHOUT_METRICS = ['--metrics-port', '0']

const idle: Socket[] = []
let metricsPort = 0

async function withMetrics(): Promise<Server> {
  metricsPort = await freePort()
  return await start('metrics', options.perilune, ['--metrics-port', String(metricsPort)])
}

async function scrape(): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`)
  if (!(await answer.text()).includes('redis_up 1')) throw new Error('no metrics')
}

async function withLateScript(): Promise<Server> {
  const server = await start('late', options.perilune, [...WITHOUT_METRICS, '--busy-reply-threshold', '100'])
  for (let i = 0; i < IDLE; i++) idle.push(connect(server.port, '127.0.0.1'))
  const ended = request(server.port, 'EVAL', 'while true do end', '0')
  for (;;) {
    await pause(200)
    if ((await request(server.port, 'SCRIPT', 'KILL')).startsWith('+OK')) break
  }
  await ended
  return server
}

async function prepare(server: Server, scenario: Scenario): Promise<string[]> {
  await request(server.port, 'FLUSHALL')
  if (scenario.fill) await fill(server.port, scenario.keys, 'value-12345')
  if (scenario.script === undefined) return [...scenario.command]
  const sha = (await request(server.port, 'SCRIPT', 'LOAD', scenario.script)).split('\r\n')[1] ?? ''
  return scenario.command.map((word) => (word === 'SHA' ? sha : word))
}

/** Of one server in one start, to `plain`. */
interface Ratios {
  readonly rate: number
  readonly cpu: number
}

/** Each server has each place once, and none runs twice in a row, as caches would favour it. */
function orderOf(count: number, round: number): number[] {
  return Array.from({ length: count }, (_, i) => (i + round + count) % count)
}

async function measure(
  servers: readonly Server[],
  scenario: Scenario,
  pipeline: number,
): Promise<readonly Ratios[]> {
  const requests = Math.round((pipeline === 1 ? scenario.requests.p1 : scenario.requests.p16) * PART)
  const commands = await Promise.all(servers.map((server) => prepare(server, scenario)))
  const rounds: Ratios[][] = []
  for (let round = -1; round < servers.length; round++) {
    const samples: Ratios[] = []
    for (const i of orderOf(servers.length, round)) {
      const server = servers[i]!
      if (server.name === 'metrics') await scrape()
      const before = cpuMs(server)
      const rate = benchmark(server.port, CLIENTS, pipeline, requests, scenario.keys, commands[i]!)
      samples[i] = { rate, cpu: cpuMs(server) - before }
    }
    const plain = samples[0]!
    if (round >= 0)
      rounds.push(samples.map(({ rate, cpu }) => ({ rate: rate / plain.rate, cpu: cpu / plain.cpu })))
  }
  return servers.map((_, i) => ({
    rate: median(rounds.map((samples) => samples[i]!.rate)),
    cpu: median(rounds.map((samples) => samples[i]!.cpu)),
  }))
}

/** Their median and quartiles. */
function spread(ratios: readonly number[]): string {
  const sorted = ratios.toSorted((a, b) => a - b)
  const at = (part: number) => sorted[Math.round(part * (sorted.length - 1))]!.toFixed(2)
  return `${median(ratios).toFixed(3)} (${at(0.25)}-${at(0.75)})`
}

const loads = SCENARIOS.filter(({ name }) => NAMES.includes(name) && name.includes(options.only)).flatMap(
  (scenario) => PIPELINES.map((pipeline) => ({ scenario, pipeline, results: [] as (readonly Ratios[])[] })),
)

/** Over all loads: what a single one cannot tell from noise. */
function meanOfAll(i: number): string {
  const mean = (of: (ratios: Ratios) => number) =>
    loads.reduce((sum, { results }) => sum + median(results.map((servers) => of(servers[i]!))), 0) /
    loads.length
  return `${mean(({ rate }) => rate).toFixed(3)} | ${mean(({ cpu }) => cpu).toFixed(3)}`
}

function report(others: readonly string[]): string {
  const lines = loads.map(({ scenario, pipeline, results }) => {
    const cells = others.map((_, i) => {
      const of = results.map((servers) => servers[i + 1]!)
      return `${spread(of.map(({ rate }) => rate))} | ${spread(of.map(({ cpu }) => cpu))}`
    })
    return `| ${scenario.name} P${pipeline} | ${cells.join(' | ')} |`
  })
  return [
    `# What is there and not used\n`,
    `${machine()}. ${CLIENTS} connections, ${loads[0]!.results.length} starts of ${others.length + 1} rounds; ratios to \`plain\`. See bench/steady.ts.\n`,
    `| | ${others.map((name) => `${name}: requests/s | CPU/request`).join(' | ')} |`,
    `| --- |${others.map(() => ' ---: | ---: |').join('')}`,
    ...lines,
    `| mean of all | ${others.map((_, i) => meanOfAll(i + 1)).join(' | ')} |`,
    '',
  ].join('\n')
}

/** Starts all servers, measures each load once, and ends them. */
async function measureAll(): Promise<string[]> {
  const servers: Server[] = []
  try {
    servers.push(await start('plain', options.perilune, WITHOUT_METRICS))
    servers.push(await withMetrics())
    servers.push(await withLateScript())
    if (options.before !== '') servers.push(await start('before', options.before, WITHOUT_METRICS))
    for (const { scenario, pipeline, results } of loads)
      results.push(await measure(servers, scenario, pipeline))
  } finally {
    for (const socket of idle.splice(0)) socket.destroy()
    for (const server of servers) await stop(server)
  }
  return servers.slice(1).map(({ name }) => name)
}

for (let n = 1; n <= STARTS; n++) {
  const text = report(await measureAll())
  console.log(text)
  if (options.out !== '') writeFileSync(options.out, text)
}
