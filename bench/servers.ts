/**
 * Starts the servers that are compared, measures what they use, and speaks just enough RESP to prepare them.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../test/support/free-port.ts'

export interface Server {
  readonly name: string
  readonly port: number
  readonly version: string
  readonly process: ChildProcess
}

/** Sends commands on one connection and resolves with the raw replies when `count` lines or bulks would be there. */
export function request(port: number, ...words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
    socket.once('error', reject)
    let text = ''
    socket.on('data', (data) => {
      text += data.toString('latin1')
      if (text.endsWith('\r\n')) {
        socket.destroy()
        resolve(text)
      }
    })
    socket.write(`*${words.length}\r\n${parts.join('')}`)
  })
}

/** Sets key:000000000000 .. with 12 digits, as redis-benchmark names them, in pipelines. */
export async function fill(port: number, keys: number, value: string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const BATCH = 1000
  let expected = 0
  let received = 0
  let wake: () => void = () => {}
  socket.on('data', (data) => {
    received += data.length
    if (received >= expected) wake()
  })
  for (let start = 0; start < keys; start += BATCH) {
    let text = ''
    const end = Math.min(keys, start + BATCH)
    for (let i = start; i < end; i++) {
      const key = `key:${String(i).padStart(12, '0')}`
      text += `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`
    }
    expected += (end - start) * '+OK\r\n'.length
    const done = new Promise<void>((resolve) => {
      wake = resolve
    })
    socket.write(text)
    await done
  }
  socket.destroy()
}

async function waitForPort(port: number): Promise<void> {
  const DEADLINE_MS = 20_000
  const start = Date.now()
  for (;;) {
    try {
      const reply = await request(port, 'PING')
      if (reply.startsWith('+PONG')) return
    } catch (error) {
      if (Date.now() - start > DEADLINE_MS) throw error
    }
    await pause(50)
  }
}

/** Its own, not that of the server it is compatible with. */
function versionOf(info: string): string {
  for (const field of ['perilune_version', 'valkey_version', 'redis_version']) {
    const version = new RegExp(`^${field}:([^\\r]+)`, 'm').exec(info)?.[1]
    if (version !== undefined) return version
  }
  return 'unknown'
}

export async function start(name: string, command: string, options: readonly string[]): Promise<Server> {
  const port = await freePort()
  const child = spawn(command, ['--port', String(port), '--save', '', ...options], { stdio: 'ignore' })
  await waitForPort(port)
  const info = await request(port, 'INFO', 'server')
  return { name, port, version: versionOf(info), process: child }
}

export async function stop(server: Server): Promise<void> {
  const ended = new Promise((resolve) => server.process.once('exit', resolve))
  server.process.kill('SIGTERM')
  await ended
}

/** CPU time of all threads of the process, in ms. */
export function cpuMs(server: Server): number {
  const tasks = `/proc/${server.process.pid}/task`
  const nanoseconds = readdirSync(tasks).map((task) =>
    Number(readFileSync(`${tasks}/${task}/schedstat`, 'latin1').split(' ')[0]),
  )
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e6
}

/** Resident memory now and at its peak, in MiB. */
export function memoryMiB(server: Server): { now: number; peak: number } {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8')
  const field = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024
  return { now: field('VmRSS'), peak: field('VmHWM') }
}

/** Requests per second by redis-benchmark. */
export function benchmark(
  port: number,
  clients: number,
  pipeline: number,
  requests: number,
  keys: number,
  command: readonly string[],
  more: readonly string[] = [],
): number {
  const out = execFileSync(
    'redis-benchmark',
    [
      '-p',
      String(port),
      '-c',
      String(clients),
      '-P',
      String(pipeline),
      '-n',
      String(requests),
      '-r',
      String(keys),
      '--csv',
      ...more,
      ...command,
    ],
    { encoding: 'utf8', maxBuffer: 1 << 24, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const line = out.trim().split('\n').at(-1) ?? ''
  // The command is quoted and may hold commas: requests per second follow the closing quote.
  const rate = /","([0-9.]+)"/.exec(line)?.[1]
  if (rate === undefined) throw new Error(`redis-benchmark said: ${out}`)
  return Number(rate)
}
