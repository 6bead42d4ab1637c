import { assemble } from '../../src/engine/assembly.ts'
import { Args } from '../../src/memory/args.ts'
import { loadModule } from '../../src/scripting/load-module.ts'
import { bareHost } from '../../test/support/engine-host.ts'

const KEYS = 1000
const RUNS = 60
const WARM_UP_RUNS = 20

const module = loadModule()
const { engine, clients, writer, scripts } = assemble(bareHost({ module }))
const client = clients.connect(null)

function sha(text: string): string {
  return scripts.load(Args.from(text).at(0))
}

const SCRIPTS = {
  empty: sha('return 1'),
  get: sha("return redis.call('GET', KEYS[1])"),
  set: sha("return redis.call('SET', KEYS[1], ARGV[1])"),
  incr100: sha("for i = 1, 100 do redis.call('INCR', KEYS[1]) end return 1"),
}

/** Name, how many commands one run executes, and the arguments by key number. */
const CASES: readonly (readonly [string, number, (key: string) => string[]])[] = [
  ['GET', 20_000, (key) => ['GET', key]],
  ['SET', 20_000, (key) => ['SET', key, 'value-12345']],
  ['INCR', 20_000, (key) => ['INCR', `counter:${key}`]],
  ['EVALSHA empty', 20_000, () => ['EVALSHA', SCRIPTS.empty, '0']],
  ['EVALSHA GET', 20_000, (key) => ['EVALSHA', SCRIPTS.get, '1', key]],
  ['EVALSHA SET', 20_000, (key) => ['EVALSHA', SCRIPTS.set, '1', key, 'value-12345']],
  ['EVALSHA 100 INCR', 400, (key) => ['EVALSHA', SCRIPTS.incr100, '1', `counter:${key}`]],
]

function cpuNanoseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}

for (const [name, count, make] of CASES) {
  if (process.argv[2] !== undefined && !name.includes(process.argv[2])) continue
  const requests = Array.from({ length: KEYS }, (_, i) =>
    Args.from(...make(`key:${String(i).padStart(12, '0')}`)).detach(),
  )
  const samples: number[] = []
  for (let run = 0; run < WARM_UP_RUNS + RUNS; run++) {
    const start = cpuNanoseconds()
    for (let i = 0; i < count; i++) {
      engine.execute(client, requests[i % KEYS]!, writer)
      writer.clear()
    }
    if (run >= WARM_UP_RUNS) samples.push((cpuNanoseconds() - start) / count)
  }
  samples.sort((a, b) => a - b)
  const [least, middle] = [samples[0]!, samples[RUNS >> 1]!]
  console.log(`${name.padEnd(20)} ${middle.toFixed(0).padStart(7)} ns   least ${least.toFixed(0)} ns`)
}
