/**
 * The benchmark: Perilune and its peers run the same load in turn, round by round, so that a machine whose speed drifts
 * drifts for all of them. Reported are ratios of medians to redis-server.
 *
 *     node --import tsx bench/run.ts [--rounds 5] [--scale 1] [--only TEXT] [--clients 50] [--valkey FOLDER] [--out FOLDER]
 */
import { parseArgs } from 'node:util'
import { type Measure, machine, median, type Row, writeReport } from './report.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { benchmark, cpuMs, fill, memoryMiB, request, type Server, start, stop } from './servers.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    clients: { type: 'string', default: '50' },
    valkey: { type: 'string', default: process.env.PERILUNE_VALKEY ?? '' },
    perilune: { type: 'string', default: 'bin/perilune' },
    out: { type: 'string', default: 'bench/results' },
  },
})

const ROUNDS = Number(options.rounds)
const SCALE = Number(options.scale)
const CLIENTS = Number(options.clients)
const VALUE = 'value-12345'
const PIPELINES = [1, 16] as const

function starters(): { name: string; run: () => Promise<Server> }[] {
  const list = [
    { name: 'perilune', run: () => start('perilune', options.perilune, ['--metrics-port', '0']) },
    { name: 'redis-server', run: () => start('redis-server', 'redis-server', []) },
  ]
  if (options.valkey !== '') {
    list.push({
      name: 'valkey-server',
      run: () => start('valkey-server', `${options.valkey}/valkey-server`, []),
    })
  }
  return list
}

async function prepare(server: Server, scenario: Scenario): Promise<string[]> {
  await request(server.port, 'FLUSHALL')
  if (scenario.fill) await fill(server.port, scenario.keys, VALUE)
  if (scenario.script === undefined) return [...scenario.command]
  const reply = await request(server.port, 'SCRIPT', 'LOAD', scenario.script)
  const sha = reply.split('\r\n')[1] ?? ''
  return scenario.command.map((word) => (word === 'SHA' ? sha : word))
}

/** One scenario at one pipeline depth: all servers in turn, round by round. */
async function measure(servers: Server[], scenario: Scenario, pipeline: number): Promise<Row> {
  const requests = Math.round((pipeline === 1 ? scenario.requests.p1 : scenario.requests.p16) * SCALE)
  const samples = new Map<string, Measure[]>(servers.map((server) => [server.name, []]))
  const commands = new Map<string, string[]>()
  for (const server of servers) {
    const command = await prepare(server, scenario)
    commands.set(server.name, command)
    benchmark(server.port, CLIENTS, pipeline, Math.round(requests / 4), scenario.keys, command)
  }
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? servers : [...servers].reverse()
    for (const server of order) {
      const before = cpuMs(server)
      const rate = benchmark(
        server.port,
        CLIENTS,
        pipeline,
        requests,
        scenario.keys,
        commands.get(server.name)!,
      )
      const cpu = ((cpuMs(server) - before) * 1000) / requests
      samples.get(server.name)!.push({ rate, cpuMicros: cpu })
    }
  }
  return { scenario: scenario.name, pipeline, samples }
}

/** Resident memory that a million small keys add. */
async function measureMemory(): Promise<Map<string, { added: number; peak: number }>> {
  const result = new Map<string, { added: number; peak: number }>()
  for (const starter of starters()) {
    const server = await starter.run()
    const before = memoryMiB(server).now
    await fill(server.port, 1_000_000, VALUE)
    const after = memoryMiB(server)
    result.set(server.name, { added: after.now - before, peak: after.peak })
    await stop(server)
  }
  return result
}

const servers: Server[] = []
try {
  for (const starter of starters()) servers.push(await starter.run())
  const rows: Row[] = []
  for (const scenario of SCENARIOS) {
    if (!scenario.name.includes(options.only)) continue
    for (const pipeline of PIPELINES) {
      const row = await measure(servers, scenario, pipeline)
      rows.push(row)
      const rate = (name: string) => median((row.samples.get(name) ?? []).map((sample) => sample.rate))
      const ratio = rate('perilune') / rate('redis-server')
      console.log(
        `${scenario.name.padEnd(26)} P${String(pipeline).padEnd(3)} ${ratio.toFixed(2)}x of redis-server`,
      )
    }
  }
  const memory =
    options.only === '' ? await measureMemory() : new Map<string, { added: number; peak: number }>()
  writeReport(options.out, {
    rows,
    memory,
    servers: servers.map((server) => `${server.name} ${server.version}`),
    machine: machine(),
    settings: `${CLIENTS} connections, ${ROUNDS} rounds, medians`,
  })
} finally {
  for (const server of servers) await stop(server)
}
