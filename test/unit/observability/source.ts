/** A made-up server to report about. */
import { Config } from '../../../src/config.ts'
import { STEP_BOUNDS } from '../../../src/observability/histogram.ts'
import type { CommandFigures, InfoSource } from '../../../src/observability/source.ts'

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
    config: new Config().values,
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
      cpuUser: 1.5,
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
      connected: 3,
      blocked: 0,
      pubsub: 0,
      watching: 0,
      watchedKeys: 0,
      pause: undefined,
      recentMaxInput: 0,
      recentMaxOutput: 0,
    },
    memory: {
      used: 2_000_000,
      peak: 4_000_000,
      startup: 1_000_000,
      overhead: 1_200_000,
      dataset: 800_000,
      databases: [{ overhead: { moving: 0 } }],
      clients: 12_000,
      active: 2_500_000,
      allocatorResident: 3_000_000,
      luaEval: 32768,
      luaFunctions: 32768,
      scripts: 100,
      functions: 200,
      lazyPending: 0,
      lazyFreed: 3,
    },
    scripts: { cached: 1, functions: 2, libraries: 1, evicted: 0 },
    totals: {
      connectionsReceived: 10,
      connectionsRejected: 0,
      commandsProcessed: 1234,
      bytesIn: 1000,
      bytesOut: 2000,
      readsProcessed: 5,
      writesProcessed: 6,
      expiredKeys: 7,
      evictedKeys: 0,
      evictedClients: 0,
      evictionExceededMs: 0,
      currentEvictionExceededMs: 0,
      hits: 8,
      misses: 9,
      dirty: 11,
      unexpectedErrorReplies: 0,
      totalErrorReplies: 2,
      denied: { auth: 0, command: 0, key: 0, channel: 0 },
      clientsClosedForQueryBuffer: 0,
      clientsClosedForOutputBuffer: 0,
    },
    rates: { commands: 12.6, bytesIn: 1024, bytesOut: 2048 },
    pubsub: { channels: 0, patterns: 0, shardChannels: 0 },
    slowlog: { length: 2, count: 7, lastSeconds: 0.25 },
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
