/**
 * Starts and stops servers for tests: Perilune itself and, where the environment variable PERILUNE_VALKEY names the folder
 * of its binaries, a real Valkey as the oracle. Each runs on a free port in a temporary folder that goes with it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Access, PLAIN, TLS } from './access.ts'
import { freePort } from './free-port.ts'
import { type Argument, Connection, type Reply, whenOpen } from './resp-client.ts'

export { type Access, PLAIN, TLS } from './access.ts'
export { freePort } from './free-port.ts'
export { type Argument, Connection, connect, type Reply, send } from './resp-client.ts'

const ROOT = join(import.meta.dirname, '../..')
const PERILUNE = join(ROOT, 'bin/perilune')
const START_TIMEOUT_MS = 20_000
const STOP_TIMEOUT_MS = 5_000
const OUTPUT_KEPT = 20_000
/** Ports are free when they are chosen, which may change before they are used. */
const PORT_TRIES = 5

export interface RunningServer {
  readonly port: number
  readonly pid: number
  /** Its folder, removed by stop. */
  readonly dir: string
  /** A connection to it that is on its way. */
  open(): Socket
  connect(): Promise<Connection>
  /** What it has printed so far. */
  output(): string
  /** Resolves when the process has ended by itself or by stop. */
  readonly exited: Promise<number | null>
  stop(): Promise<void>
}

export function startPerilune(
  args: readonly string[] = [],
  access = PLAIN,
  port?: number,
): Promise<RunningServer> {
  return start(PERILUNE, ['--metrics-port', '0', ...args], access, port)
}

const oracleFolder = process.env.PERILUNE_VALKEY

/** Why tests that need a real Valkey are skipped, false when they are not: `test('...', { skip: noOracle }, ...)`. */
export const noOracle: string | false =
  oracleFolder !== undefined && existsSync(join(oracleFolder, 'valkey-server'))
    ? false
    : 'PERILUNE_VALKEY does not name a folder with valkey-server'

/** As noOracle, where it must speak TLS. */
export function noTlsOracle(): string | false {
  if (noOracle) return noOracle
  const { stdout } = spawnSync(join(oracleFolder!, 'valkey-server'), ['--port', '0', '--tls-port', '1'])
  return !stdout.includes('No tls-cert-file configured!') && 'this valkey-server does not speak TLS'
}

export function startOracle(
  args: readonly string[] = [],
  access = PLAIN,
  port?: number,
): Promise<RunningServer> {
  if (noOracle) throw new Error(noOracle)
  return start(join(oracleFolder!, 'valkey-server'), ['--save', '', ...args], access, port)
}

/** On a free port, unless one is given. */
export async function start(
  program: string,
  args: readonly string[],
  access: Access = PLAIN,
  port?: number,
): Promise<RunningServer> {
  if (port !== undefined) return startAt(port, program, args, access)
  for (let tries = 1; ; tries++) {
    try {
      return await startAt(await freePort(), program, args, access)
    } catch (error) {
      // Somebody was quicker.
      if (tries === PORT_TRIES || !/address already in use/i.test(String(error))) throw error
    }
  }
}

async function startAt(
  port: number,
  program: string,
  args: readonly string[],
  access: Access,
): Promise<RunningServer> {
  const dir = await mkdtemp(join(tmpdir(), 'perilune-test-'))
  const child = spawn(program, [...access.options(port, dir), ...args], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const collect = (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-OUTPUT_KEPT)
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve)
    child.once('error', (error) => {
      printed += String(error)
      resolve(null)
    })
  })
  const open = () => access.open(port)
  const connect = async () => new Connection(await whenOpen(open()))
  const killed = () => child.kill('SIGKILL')
  process.once('exit', killed)
  const stop = async () => {
    process.off('exit', killed)
    await end(child, exited)
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await untilItAnswers(connect, child, exited)
  } catch (error) {
    await stop()
    throw new Error(`${program} did not start: ${error}\n${printed}`)
  }
  return { port, pid: child.pid!, dir, open, connect, output: () => printed, exited, stop }
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await exited
  clearTimeout(timer)
}

async function untilItAnswers(
  connect: RunningServer['connect'],
  child: ChildProcess,
  exited: Promise<unknown>,
): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  let gone = false
  exited.then(() => {
    gone = true
  })
  for (;;) {
    try {
      // It listens before it is ready.
      const connection = await connect()
      const info = await connection.send('info', 'server').finally(() => connection.close())
      // One that wants a password is believed.
      if (typeof info !== 'string' || info.includes(`\r\nprocess_id:${child.pid}\r\n`)) return
      throw new Error('another server listens on its port')
    } catch (error) {
      if (gone || Date.now() > deadline) throw error
    }
    await pause(20)
  }
}

/** Sends one command on the connection of the running test. */
export type Call = (...args: Argument[]) => Promise<Reply>

export interface Servers {
  /** A test against an empty server; `connection` is its own. */
  it(name: string, body: (call: Call, connection: Connection, server: RunningServer) => Promise<void>): void
}

/**
 * Runs the same tests against Perilune and, where there is one, against a real Valkey, which proves what the tests expect.
 */
export function onEachServer(
  title: string,
  define: (servers: Servers) => void,
  args: readonly string[] = [],
  access = PLAIN,
  skip = access === TLS ? noTlsOracle() : noOracle,
): void {
  const way = access === PLAIN ? '' : ` over ${access.name}`
  describe(`${title}${way}: perilune`, () => suite(() => startPerilune(args, access), define))
  describe(`${title}${way}: valkey`, { skip }, () => suite(() => startOracle(args, access), define))
}

/** The tests against one server of that kind. */
export function suite(launch: () => Promise<RunningServer>, define: (servers: Servers) => void): void {
  let server: RunningServer
  before(async () => {
    server = await launch()
  })
  after(() => server?.stop())
  define({
    it(name, body) {
      test(name, async () => {
        const connection = await server.connect()
        try {
          await connection.send('flushall')
          await body((...args) => connection.send(...args), connection, server)
        } finally {
          await connection.close()
        }
      })
    },
  })
}
