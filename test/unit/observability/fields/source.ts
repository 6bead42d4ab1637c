/** A made-up server to report about. Its figures differ from each other, so that none can be taken for another. */
import { Config } from '../../../../src/config.ts'
import { STEP_BOUNDS } from '../../../../src/counting/histogram.ts'
import type { CommandFigures, InfoSource } from '../../../../src/observability/fields/source.ts'

/** Of so many calls that took as long each. */
function durations(microseconds: number, calls: number): Pick<CommandFigures, 'latency' | 'steps'> {
  const steps = STEP_BOUNDS.map((bound) => (microseconds <= bound ? calls : 0))
  return {
    latency: () => (calls === 0 ? undefined : microseconds),
    steps: () => (calls === 0 ? undefined : steps),
  }
}

export function sampleSource(): InfoSource {
  return {
    gather() {},
    config: { ...new Config().values, maxclients: 9000, maxmemory: 7_000_000, hz: 20 },
    now: 1_700_000_100_000,
    process: {
      pid: 4711,
      runId: 'ab'.repeat(20),
      executable: '/usr/bin/perilune',
      configFile: '',
      startedAt: 1_700_000_000_000,
      os: 'Linux 6 x86_64',
      archBits: 64,
      nodeVersion: '20.0.0',
      totalMemory: 8 * 2 ** 30,
      residentMemory: 50_000_000,
      cpuUser: 1.5000004,
      cpuSystem: 0.25,
    },
    build: {
      luaVersion: 'Lua 5.1.5',
      luaSource: 'redis 5:7.0.15',
      luaPatches: ['a.patch', 'b.patch'],
      compiler: 'emcc 3.1.6',
      flagsHash: 'c0ffee',
    },
    listeners: [{ name: 'tcp', addresses: ['*', '-::*'], port: 6379 }],
    clients: {
      connected: 31,
      blocked: 32,
      pubsub: 33,
      watching: 34,
      watchedKeys: 35,
      pause: undefined,
      recentMaxInput: 36,
      recentMaxOutput: 37,
    },
    memory: {
      used: 2_000_000,
      peak: 4_000_000,
      startup: 1_000_000,
      overhead: 1_200_000,
      dataset: 800_000,
      databases: [{ overhead: { moving: 128 } }, { overhead: { moving: 64 } }],
      clients: 12_000,
      active: 2_500_000,
      allocatorResident: 3_100_000,
      luaEval: 32768,
      luaFunctions: 65536,
      scripts: 100,
      functions: 200,
      lazyPending: 41,
      lazyFreed: 42,
    },
    scripts: { cached: 43, functions: 44, libraries: 45, evicted: 46 },
    totals: {
      connectionsReceived: 51,
      connectionsRejected: 52,
      commandsProcessed: 1234,
      bytesIn: 1000,
      bytesOut: 2000,
      readsProcessed: 53,
      writesProcessed: 54,
      expiredKeys: 55,
      evictedKeys: 56,
      evictedClients: 57,
      evictionExceededMs: 58.7,
      currentEvictionExceededMs: 59.7,
      hits: 61,
      misses: 62,
      dirty: 63,
      unexpectedErrorReplies: 64,
      totalErrorReplies: 65,
      denied: { auth: 66, command: 67, key: 68, channel: 69 },
      clientsClosedForQueryBuffer: 71,
      clientsClosedForOutputBuffer: 72,
    },
    rates: { commands: 12.6, bytesIn: 1100, bytesOut: 2200 },
    pubsub: { channels: 73, patterns: 74, shardChannels: 75 },
    slowlog: { length: 2, count: 7, lastSeconds: 0.25 },
    largeCommands: { requests: 3, replies: 4 },
    latencySpikes: [['command', { time: 1_700_000_050, milliseconds: 120 }]],
    replicationId: 'cd'.repeat(20),
    databases: [
      { index: 0, keys: 5, expires: 1, avgTtl: 1500.5 },
      { index: 3, keys: 2, expires: 0, avgTtl: 0 },
    ],
    commands: [
      { name: 'get', calls: 4, microseconds: 10, rejected: 0, failed: 1, ...durations(2.015, 4) },
      { name: 'config|get', calls: 0, microseconds: 0, rejected: 1, failed: 0, ...durations(0, 0) },
      { name: 'set', calls: 0, microseconds: 0, rejected: 0, failed: 0, ...durations(0, 0) },
    ],
    errors: new Map([
      ['WRONGTYPE', 1],
      ['ERR', 2],
    ]),
  }
}
