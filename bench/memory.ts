/**
 * How true `used_memory` is: a server is filled with one kind of data at a time, and what it says to use is held against the
 * resident memory of its process, both beyond what they were before. Then all keys are deleted.
 *
 *     node --import tsx bench/memory.ts [--only TEXT] [--scale 1] [--perilune bin/perilune]
 *
 * Before it is measured each server has held a little of the same kind of data again and again, so that the runtime has
 * grown to its working size, but hardly any memory that the data will take is resident already; before each look garbage is
 * collected (MEMORY PURGE).
 */

import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { memoryMiB, request, type Server, start, stop } from './servers.ts'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    scale: { type: 'string', default: '1' },
    perilune: { type: 'string', default: 'bin/perilune' },
  },
})

const SCALE = Number(options.scale)
const MIB = 1024 * 1024
/** Keys that one script makes. */
const BATCH = 2000
/** In which the collector runs, and at most so often. */
const SETTLE_MS = 1000
const MAX_COLLECTIONS = 5

interface Case {
  readonly name: string
  readonly keys: number
  /** Lua that makes the key `k`, the `i`-th. */
  readonly make: string
  /** Elements of each key, where they are too many for one script. */
  readonly elements?: number
}

function element(make: string, elements: number): Pick<Case, 'make' | 'elements'> {
  return { make, elements }
}

const CASES: readonly Case[] = [
  ...[10, 100, 1000, 10_000, 50_000, 1_000_000].map((bytes) => ({
    name: `strings of ${bytes} bytes`,
    keys: Math.min(2_000_000, Math.round(150_000_000 / (bytes + 60))),
    make: `redis.call('SET', k, string.rep('x', ${bytes}))`,
  })),
  { name: 'strings with expiry', keys: 1_500_000, make: "redis.call('SET', k, 'x', 'EX', 100000 + i)" },
  {
    name: 'hashes of 8 fields',
    keys: 600_000,
    make: "redis.call('HSET', k, 'a', i, 'b', i, 'c', 'text', 'd', 'text', 'e', 'more text', 'f', i, 'g', i, 'h', 1)",
  },
  {
    name: 'hashes of 1 long field',
    keys: 200_000,
    make: "redis.call('HSET', k, 'field', string.rep('x', 100))",
  },
  { name: 'sets of 1 long member', keys: 200_000, make: "redis.call('SADD', k, string.rep('x', 100))" },
  { name: 'zsets of 1 long member', keys: 120_000, make: "redis.call('ZADD', k, 1, string.rep('x', 100))" },
  {
    name: 'sets of 10 numbers',
    keys: 900_000,
    make: "redis.call('SADD', k, i, i+1, i+2, i+3, i+4, 5, 6, 7, 8, 9)",
  },
  {
    name: 'lists of 2 long elements',
    keys: 15_000,
    make: "redis.call('RPUSH', k, string.rep('x', 5000), string.rep('y', 5000))",
  },
  {
    name: 'a hash of 2 million fields',
    keys: 1,
    ...element("redis.call('HSET', k, 'field:' .. i, i)", 2_000_000),
  },
  {
    name: 'a set of 2 million members',
    keys: 1,
    ...element("redis.call('SADD', k, 'member:' .. i)", 2_000_000),
  },
  {
    name: 'a zset of 1.5 million members',
    keys: 1,
    ...element("redis.call('ZADD', k, i, 'member:' .. i)", 1_500_000),
  },
  {
    name: 'a list of 6 million elements',
    keys: 1,
    ...element("redis.call('RPUSH', k, 'element:' .. i)", 6_000_000),
  },
  {
    name: 'hashes of 1000 fields',
    keys: 2000,
    ...element("redis.call('HSET', k, 'field:' .. i, 'value')", 1000),
  },
]

/** The SHA of a script that makes ARGV[2] keys, or elements of each of the ARGV[4] keys named, from number ARGV[1] on. */
function scriptOf({ make, elements }: Case): string {
  const body =
    elements === undefined
      ? `local k = 'key:' .. i ${make}`
      : `for key = 1, tonumber(ARGV[3]) do local k = 'key:' .. key ${make} end`
  return `for i = ARGV[1] + 0, ARGV[1] + ARGV[2] - 1 do ${body} end`
}

async function fill(server: Server, kind: Case, share: number): Promise<void> {
  const reply = await request(server.port, 'SCRIPT', 'LOAD', scriptOf(kind))
  const sha = reply.split('\r\n')[1]!
  const keys = Math.max(1, Math.round(kind.keys * share * SCALE))
  const total = kind.elements === undefined ? keys : Math.round(kind.elements * share * SCALE)
  const batch = kind.elements === undefined ? BATCH : Math.max(1, Math.round((5 * BATCH) / keys))
  for (let i = 0; i < total; i += batch) {
    const n = Math.min(batch, total - i)
    const answer = await request(server.port, 'EVALSHA', sha, '0', String(i), String(n), String(keys))
    if (answer.startsWith('-')) throw new Error(answer)
  }
}

interface Look {
  readonly used: number
  readonly resident: number
}

/** The figures once collections give nothing more back. */
async function look(server: Server): Promise<Look> {
  let resident = Infinity
  for (let tries = 0; tries < MAX_COLLECTIONS; tries++) {
    await request(server.port, 'MEMORY', 'PURGE')
    await pause(SETTLE_MS)
    const { now } = memoryMiB(server)
    const isSettled = now > resident - 1
    resident = Math.min(resident, now)
    if (isSettled) break
  }
  const info = await request(server.port, 'INFO', 'memory')
  const used = Number(/used_memory:(\d+)/.exec(info)![1]) / MIB
  return { used, resident }
}

const WARM_UP_SHARE = 0.01
const WARM_UP_ROUNDS = 30

async function measure(kind: Case): Promise<string> {
  const server = await start('perilune', options.perilune, ['--metrics-port', '0'])
  try {
    for (let round = 0; round < WARM_UP_ROUNDS; round++) {
      await fill(server, kind, WARM_UP_SHARE)
      await request(server.port, 'FLUSHALL', 'SYNC')
    }
    const before = await look(server)
    await fill(server, kind, 1)
    const full = await look(server)
    await request(server.port, 'FLUSHALL', 'SYNC')
    const after = await look(server)
    const used = full.used - before.used
    const resident = full.resident - before.resident
    const cells = [
      used.toFixed(1),
      resident.toFixed(1),
      `${((used / resident - 1) * 100).toFixed(1)}%`,
      (after.used - before.used).toFixed(1),
      (after.resident - before.resident).toFixed(1),
    ]
    return [kind.name.padEnd(32), ...cells.map((cell) => cell.padStart(10))].join('')
  } finally {
    await stop(server)
  }
}

const columns = ['used', 'resident', 'off by', 'used', 'resident']
console.log(`${'MiB beyond the empty server'.padEnd(32)}${' '.repeat(30)}${'after deletion'.padStart(20)}`)
console.log([''.padEnd(32), ...columns.map((name) => name.padStart(10))].join(''))
for (const kind of CASES) if (kind.name.includes(options.only)) console.log(await measure(kind))
