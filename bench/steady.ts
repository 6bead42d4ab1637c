/**
 * What it costs that something is there which is not used: the same load on servers that differ in one thing, in turn, in
 * rounds so short that a machine whose speed drifts drifts for all of them.
 *
 *     node --import tsx bench/steady.ts [--rounds 25] [--only TEXT] [--before CHECKOUT/bin/perilune] [--out FILE]
 *
 * Each is compared with `plain`, a server without metrics. `metrics` has them and is scraped before each run. `late` has had a script that was
 * late and killed, among a hundred idle connections, whose sockets its guardian keeps. `before` is another build, likewise
 * without metrics. Figures are medians over the rounds of a round's ratio: of requests per second, and of the CPU time of a
 * request.
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
    rounds: { type: 'string', default: '25' },
    only: { type: 'string', default: '' },
    perilune: { type: 'string', default: 'bin/perilune' },
    before: { type: 'string', default: '' },
    out: { type: 'string', default: '' },
  },
})

const ROUNDS = Number(options.rounds)
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

interface Sample {
  readonly rate: number
  readonly cpu: number
}

async function measure(servers: readonly Server[], scenario: Scenario, pipeline: number): Promise<string> {
  const requests = Math.round((pipeline === 1 ? scenario.requests.p1 : scenario.requests.p16) * PART)
  const commands = await Promise.all(servers.map((server) => prepare(server, scenario)))
  const rounds: Sample[][] = []
  for (let round = -1; round < ROUNDS; round++) {
    const samples: Sample[] = []
    const order = servers.map((_, i) => (round % 2 === 0 ? i : servers.length - 1 - i))
    for (const i of order) {
      if (servers[i]!.name === 'metrics') await scrape()
      const before = cpuMs(servers[i]!)
      const rate = benchmark(servers[i]!.port, CLIENTS, pipeline, requests, scenario.keys, commands[i]!)
      samples[i] = { rate, cpu: cpuMs(servers[i]!) - before }
    }
    if (round >= 0) rounds.push(samples)
  }
  const sum = (i: number) => rounds.reduce((total, samples) => total + samples[i]!.cpu, 0)
  const cells = servers.slice(1).map((_, i) => {
    const rate = median(rounds.map((samples) => samples[i + 1]!.rate / samples[0]!.rate))
    return `${rate.toFixed(3)} | ${(sum(i + 1) / sum(0)).toFixed(3)}`
  })
  return `| ${scenario.name} P${pipeline} | ${cells.join(' | ')} |`
}

const servers: Server[] = []
try {
  servers.push(
    await start('plain', options.perilune, WITHOUT_METRICS),
    await withMetrics(),
    await withLateScript(),
  )
  if (options.before !== '') servers.push(await start('before', options.before, WITHOUT_METRICS))
  const others = servers.slice(1).map(({ name }) => name)
  const lines = [
    `| | ${others.map((name) => `${name}: requests/s | CPU/request`).join(' | ')} |`,
    `| --- |${others.map(() => ' ---: | ---: |').join('')}`,
  ]
  for (const scenario of SCENARIOS.filter(
    ({ name }) => NAMES.includes(name) && name.includes(options.only),
  )) {
    for (const pipeline of PIPELINES) {
      lines.push(await measure(servers, scenario, pipeline))
      console.log(lines.at(-1))
    }
  }
  if (options.out !== '') {
    const text = `# What is there and not used\n\n${machine()}. ${CLIENTS} connections, ${ROUNDS} rounds; ratios to \`plain\`. See bench/steady.ts.\n\n`
    writeFileSync(options.out, `${text}${lines.join('\n')}\n`)
  }
} finally {
  for (const socket of idle) socket.destroy()
  for (const server of servers) await stop(server)
}
