/**
 * What INFO and the metrics report about, as they need it. The server's parts are asked through this interface, so that
 * the reports depend on none of them.
 */
import type { ConfigValues } from '../../config.ts'

export interface ProcessFigures {
  readonly pid: number
  readonly runId: string
  readonly executable: string
  /** Absolute, or empty. */
  readonly configFile: string
  /** Unix ms. */
  readonly startedAt: number
  /** `Linux 6.1.0 x86_64` */
  readonly os: string
  readonly archBits: number
  readonly nodeVersion: string
  readonly totalMemory: number
  readonly residentMemory: number
  /** Seconds. */
  readonly cpuUser: number
  readonly cpuSystem: number
}

/** The build information beside the interpreter's wasm module. */
export interface BuildFigures {
  readonly luaVersion: string
  /** Package and version the C sources come from. */
  readonly luaSource: string
  /** Patches applied to them. */
  readonly luaPatches: readonly string[]
  readonly compiler: string
  /** Hash of the compiler's flags. */
  readonly flagsHash: string
}

export interface Listener {
  readonly name: 'tcp' | 'unix' | 'tls'
  readonly addresses: readonly string[]
  readonly port: number
}

export interface ClientFigures {
  readonly connected: number
  /** Waiting in a command, or for the end of a pause. */
  readonly blocked: number
  readonly pubsub: number
  readonly watching: number
  readonly watchedKeys: number
  /** CLIENT PAUSE: which commands it holds back, and for how long. */
  readonly pause: { readonly actions: string; readonly leftMs: number } | undefined
  readonly recentMaxInput: number
  readonly recentMaxOutput: number
}

/** Bytes, unless said otherwise. */
export interface MemoryFigures {
  readonly used: number
  readonly peak: number
  readonly startup: number
  /** All but keys and values, and those. */
  readonly overhead: number
  readonly dataset: number
  readonly databases: readonly { readonly overhead: { readonly moving: number } }[]
  readonly clients: number
  /** Of the allocator: slabs in use, slabs that were ever used. */
  readonly active: number
  readonly allocatorResident: number
  readonly luaEval: number
  readonly luaFunctions: number
  readonly scripts: number
  readonly functions: number
  /** How many values wait to be freed, and were freed, apart from the commands that deleted them. */
  readonly lazyPending: number
  readonly lazyFreed: number
}

export interface ScriptFigures {
  readonly cached: number
  readonly functions: number
  readonly libraries: number
  readonly evicted: number
}

/** How often access was denied. */
export interface DeniedFigures {
  readonly auth: number
  readonly command: number
  readonly key: number
  readonly channel: number
}

export interface Totals {
  readonly connectionsReceived: number
  readonly connectionsRejected: number
  readonly commandsProcessed: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly readsProcessed: number
  readonly writesProcessed: number
  readonly expiredKeys: number
  readonly evictedKeys: number
  readonly evictedClients: number
  /** Milliseconds above maxmemory, in all and this time. */
  readonly evictionExceededMs: number
  readonly currentEvictionExceededMs: number
  readonly hits: number
  readonly misses: number
  readonly dirty: number
  readonly unexpectedErrorReplies: number
  readonly totalErrorReplies: number
  readonly denied: DeniedFigures
  readonly clientsClosedForQueryBuffer: number
  readonly clientsClosedForOutputBuffer: number
}

export interface RateFigures {
  readonly commands: number
  readonly bytesIn: number
  readonly bytesOut: number
}

export interface PubsubFigures {
  readonly channels: number
  readonly patterns: number
  readonly shardChannels: number
}

export interface KeyCounts {
  readonly keys: number
  readonly expires: number
  /** Mean time to live in ms of keys that expire. */
  readonly avgTtl: number
}

export interface DatabaseFigures extends KeyCounts {
  readonly index: number
}

export interface CommandCounts {
  /** `get`, `config|get` */
  readonly name: string
  readonly calls: number
  readonly microseconds: number
  readonly rejected: number
  readonly failed: number
}

export interface CommandFigures extends CommandCounts {
  /** Microseconds at the percentile; undefined where none were recorded. */
  latency(percent: number): number | undefined
  /** How many calls took at most as long as each of STEP_BOUNDS (histogram.ts); undefined where there were none. */
  steps(): readonly number[] | undefined
}

export interface SlowlogFigures {
  readonly length: number
  /** How many entries there have ever been; the next has this id. */
  readonly count: number
  /** Seconds that the command of the newest entry took; 0 where there is none. */
  readonly lastSeconds: number
}

export interface InfoSource {
  /**
   * Takes the figures about clients, memory and totals, which then stay until the next time. Of clients it looks at so many:
   * the largest buffers and the memory of the others are as they were.
   */
  gather(clients?: number): void
  readonly config: ConfigValues
  /** Unix ms, now. */
  readonly now: number
  readonly process: ProcessFigures
  readonly build: BuildFigures
  readonly listeners: readonly Listener[]
  readonly clients: ClientFigures
  readonly memory: MemoryFigures
  readonly scripts: ScriptFigures
  readonly totals: Totals
  readonly rates: RateFigures
  readonly pubsub: PubsubFigures
  readonly replicationId: string
  readonly slowlog: SlowlogFigures
  /** Entries of the logs of large requests and replies. */
  readonly largeCommands: { readonly requests: number; readonly replies: number }
  /** By event: the latest spike, its Unix time in seconds and its length. */
  readonly latencySpikes: Iterable<
    readonly [string, { readonly time: number; readonly milliseconds: number }]
  >
  /** Those that hold keys. */
  readonly databases: readonly DatabaseFigures[]
  /** All commands, always in the same order. */
  readonly commands: readonly CommandFigures[]
  readonly errors: ReadonlyMap<string, number>
}
