/**
 * What TLS costs: the same requests over TCP and over TLS, against redis-server where it speaks TLS.
 *
 *     node --import tsx bench/tls.ts [--requests 200000] [--repeats 3] [--redis redis-server] [--perilune bin/perilune]
 *
 * Requests per second and the server's CPU time a request, medians of the repeats. redis-benchmark runs on the same machine
 * and has its own part of the cryptography to do.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeTlsFiles } from '../test/support/access.ts'
import { freePort } from '../test/support/free-port.ts'
import { median } from './report.ts'
import { benchmark, cpuMs, fill, request, type Server, start, stop } from './servers.ts'

const { values: options } = parseArgs({
  options: {
    requests: { type: 'string', default: '200000' },
    repeats: { type: 'string', default: '3' },
    redis: { type: 'string', default: 'redis-server' },
    perilune: { type: 'string', default: 'bin/perilune' },
  },
})

const CLIENTS = 50
const KEYS = 1000
const REPEATS = Number(options.repeats)
const PIPELINES = [1, 16]
const SCRIPT = "return redis.call('get', KEYS[1])"

const dir = mkdtempSync(join(tmpdir(), 'perilune-bench-'))
writeTlsFiles(dir)
const file = (name: string) => join(dir, name)
const SERVER_FILES = [
  ...['--tls-cert-file', file('server.crt')],
  ...['--tls-key-file', file('server.key')],
  ...['--tls-ca-cert-file', file('ca.crt')],
]
const CLIENT_FILES = [
  '--tls',
  ...['--cert', file('client.crt')],
  ...['--key', file('client.key')],
  ...['--cacert', file('ca.crt')],
]

interface Way {
  readonly name: string
  readonly server: Server
  readonly port: number
  readonly client: readonly string[]
}

async function ways(name: string, command: string, more: readonly string[]): Promise<Way[]> {
  const tlsPort = await freePort()
  const server = await start(name, command, ['--tls-port', String(tlsPort), ...SERVER_FILES, ...more])
  await fill(server.port, KEYS, 'v'.repeat(16))
  await request(server.port, 'SCRIPT', 'LOAD', SCRIPT)
  return [
    { name: `${name} TCP`, server, port: server.port, client: [] },
    { name: `${name} TLS`, server, port: tlsPort, client: CLIENT_FILES },
  ]
}

function speaksTls(command: string): boolean {
  const { stdout } = spawnSync(command, ['--port', '0', '--tls-port', '1'])
  return stdout?.includes('No tls-cert-file configured!') ?? false
}

function measure({ server, port, client }: Way, pipeline: number, command: readonly string[]): string {
  const requests = Number(options.requests)
  const rates: number[] = []
  const micros: number[] = []
  for (let i = 0; i < REPEATS; i++) {
    const before = cpuMs(server)
    rates.push(benchmark(port, CLIENTS, pipeline, requests, KEYS, command, client))
    micros.push(((cpuMs(server) - before) * 1000) / requests)
  }
  return `${Math.round(median(rates))} | ${median(micros).toFixed(1)}`
}

const servers: Server[] = []
try {
  const all = await ways('perilune', options.perilune, ['--metrics-port', '0'])
  servers.push(all[0]!.server)
  if (speaksTls(options.redis)) {
    all.push(...(await ways('redis-server', options.redis, [])))
    servers.push(all.at(-1)!.server)
  }
  const sha = (await request(all[0]!.port, 'SCRIPT', 'LOAD', SCRIPT)).split('\r\n')[1]!
  console.log(`| | ${all.map(({ name }) => `${name} req/s | CPU us`).join(' | ')} |`)
  console.log(`| --- |${' ---: | ---: |'.repeat(all.length)}`)
  for (const [name, command] of [
    ['GET', ['get', 'key:__rand_int__']],
    ['EVALSHA', ['evalsha', sha, '1', 'key:__rand_int__']],
  ] as const) {
    for (const pipeline of PIPELINES) {
      const cells = all.map((way) => measure(way, pipeline, command))
      console.log(`| ${name} P${pipeline} | ${cells.join(' | ')} |`)
    }
  }
} finally {
  for (const server of servers) await stop(server)
  rmSync(dir, { recursive: true, force: true })
}
