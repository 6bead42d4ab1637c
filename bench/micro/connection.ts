/**
 * Everything but the kernel: nanoseconds of CPU time a command takes from the bytes of a read event to the bytes of the
 * write, in pipelines of 16, with keys at random. Medians of many short runs, the smallest beside them.
 *
 *     node --import tsx bench/micro/connection.ts [name]
 */
import '../../src/main/compiler-settings.ts'
import { DROWSY, newControlBlock } from '../../src/control-block.ts'
import { assemble } from '../../src/engine/assembly.ts'
import { Args } from '../../src/memory/args.ts'
import { Switchboard } from '../../src/net/switchboard.ts'
import { NO_OWNER, type Socket, WRITTEN } from '../../src/net/tcp.ts'
import { loadModule } from '../../src/scripting/load-module.ts'
import { bareHost } from '../../test/support/engine-host.ts'

const KEYS = 1000
const PIPELINE = 16
const CHUNKS = 400
const RUNS = 60
const WARM_UP_RUNS = 30

const module = loadModule()
const control = newControlBlock()
control[DROWSY] = 0
const host = { ...bareHost({ module, control }), control }
const { engine, clients, writer, scripts, stats, clock, debug } = assemble(host)
const board = new Switchboard({
  executor: engine,
  clients,
  stats,
  settings: host.config.values,
  clock,
  log: host.log,
  debug,
  writer,
  describe: () => '',
})

let bytesWritten = 0
const socket: Socket = {
  owner: NO_OWNER,
  fd: 3,
  isUnix: false,
  proxied: null,
  remote: { address: '127.0.0.1', port: 1 },
  local: { address: '127.0.0.1', port: 2 },
  unwritten: 0,
  startReading() {},
  stopReading() {},
  write(_buffer, length) {
    bytesWritten += length
    return WRITTEN
  },
  end() {},
  close() {},
  lend() {},
}
const connection = board.accept(socket)!

function sha(text: string): string {
  return scripts.load(Args.from(text).at(0))
}

const GET = sha("return redis.call('GET', KEYS[1])")
const SET = sha("return redis.call('SET', KEYS[1], ARGV[1])")
const INCR_100 = sha("for i = 1, 100 do redis.call('INCR', KEYS[1]) end return 1")
const EMPTY = sha('return 1')

/** Name, how many chunks a run has, and the words of a command on a key. */
const CASES: readonly (readonly [string, number, (key: string) => string[]])[] = [
  ['GET', CHUNKS, (key) => ['GET', key]],
  ['SET', CHUNKS, (key) => ['SET', key, 'value-12345']],
  ['INCR', CHUNKS, (key) => ['INCR', `counter:${key}`]],
  ['EVALSHA empty', CHUNKS, () => ['EVALSHA', EMPTY, '0']],
  ['EVALSHA GET', CHUNKS, (key) => ['EVALSHA', GET, '1', key]],
  ['EVALSHA SET', CHUNKS, (key) => ['EVALSHA', SET, '1', key, 'value-12345']],
  ['EVALSHA 100 INCR', CHUNKS / 20, (key) => ['EVALSHA', INCR_100, '1', `counter:${key}`]],
]

function chunk(words: (key: string) => string[]): Buffer {
  let text = ''
  for (let i = 0; i < PIPELINE; i++) {
    const list = words(`key:${String(Math.floor(Math.random() * KEYS)).padStart(12, '0')}`)
    text += `*${list.length}\r\n${list.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
  }
  return Buffer.from(text)
}

function cpuNanoseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}

/** As the server does, which reads all sockets into the same one. */
const input = Buffer.alloc(64 * 1024)

// Names, then values that EVALSHA GET finds.
for (const [name, chunks, words] of CASES) {
  if (process.argv[2] !== undefined && !name.includes(process.argv[2]) && name !== 'SET') continue
  const requests = Array.from({ length: CHUNKS }, () => chunk(words))
  const samples: number[] = []
  for (let run = 0; run < WARM_UP_RUNS + RUNS; run++) {
    const start = cpuNanoseconds()
    for (let i = 0; i < chunks; i++) {
      const request = requests[(run * chunks + i) % CHUNKS]!
      input.set(request)
      connection.onData(input, request.length)
    }
    if (run >= WARM_UP_RUNS) samples.push((cpuNanoseconds() - start) / (chunks * PIPELINE))
  }
  samples.sort((a, b) => a - b)
  const [least, middle] = [samples[0]!, samples[RUNS >> 1]!]
  console.log(`${name.padEnd(20)} ${middle.toFixed(0).padStart(7)} ns   least ${least.toFixed(0)} ns`)
}
console.log(`${bytesWritten} bytes written`)
