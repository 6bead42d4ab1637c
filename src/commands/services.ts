/**
 * The services of the server that commands use. The engine implements them; commands never import it.
 */
import type { Cluster } from '../cluster/cluster.ts'
import type { Config } from '../config.ts'
import type { DatabaseOverhead } from '../keyspace/database.ts'
import type { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import type { Client } from './session.ts'
import type { Command, CommandTable } from './table.ts'

export interface BlockedClients {
  /**
   * Lets the client's pipeline rest for so many milliseconds (0: without end) and answers then; its command writes no
   * reply. Not in scripts and transactions.
   */
  block(client: Client, milliseconds: number, onTimeout: (reply: ReplySink) => void): void
  /** As if the time were over, or with an error; false when the client is not blocked. */
  unblock(client: Client, withError: boolean): boolean
}

/** Clients that take about the same memory. */
export interface ClientMemoryBucket {
  readonly from: number
  readonly below: number
  readonly clients: number
  readonly bytes: number
}

export interface ClientMemory {
  /** Something of the client changed that its memory depends on. */
  measure(client: Client): void
  /** Undefined where `maxmemory-clients` is not set. */
  describeBuckets(): readonly ClientMemoryBucket[] | undefined
}

export interface ClientRegistry {
  readonly count: number
  readonly blocked: BlockedClients
  readonly memory: ClientMemory
  /** By rising id. */
  all(): Iterable<Client>
  find(id: number): Client | undefined
  /** Ends a connection at once; not for the client whose command runs: see `closeAfterReply`. */
  kill(client: Client): void
  /** Holds back all commands, or those that write, until Unix time `until` in ms. A pause that runs is only prolonged. */
  pause(until: number, writesOnly: boolean): void
  unpause(): void
}

export type SubscriptionKind = 'channel' | 'pattern' | 'shard'

export interface PubSub {
  /** True when the client was not subscribed before. */
  subscribe(kind: SubscriptionKind, client: Client, name: Bytes): boolean
  /** True when the client was subscribed. */
  unsubscribe(kind: SubscriptionKind, client: Client, name: Bytes): boolean
  /** Drops all subscriptions of the client without telling it. */
  unsubscribeAll(client: Client): void
  /** To the channel's subscribers and those of matching patterns; how many got it. */
  publish(channel: Bytes, message: Bytes): number
  publishShard(channel: Bytes, message: Bytes): number
  /** Names that have subscribers, as latin1 strings. */
  names(kind: SubscriptionKind): Iterable<string>
  /** How many subscribe to one name. */
  subscribers(kind: SubscriptionKind, name: Bytes): number
  /** How many names have subscribers. */
  count(kind: SubscriptionKind): number
}

export interface Monitor {
  /** Somebody watches. */
  readonly active: boolean
  /** Shows a request; only for commands that dispatch does not show (flag SKIP_MONITOR) but that are to be seen. */
  feed(client: Client, dbIndex: number, args: Args, inScript: boolean): void
  add(client: Client): void
  remove(client: Client): void
}

export interface SelectorDescription {
  readonly commands: string
  readonly keys: string
  readonly channels: string
}

/** What is known of a user; text is one character a byte here and in what follows. */
export interface UserDescription {
  readonly name: string
  readonly flags: readonly string[]
  /** SHA-256 in hex. */
  readonly passwords: readonly string[]
  /** The user's own rules first. */
  readonly selectors: readonly SelectorDescription[]
}

/** Where a command was denied. */
export type AclContext = 'toplevel' | 'multi' | 'lua'

export interface AclLogEntry {
  readonly id: number
  readonly count: number
  readonly reason: 'auth' | 'command' | 'key' | 'channel'
  readonly context: AclContext
  /** The command, key or channel that was denied. */
  readonly object: string
  readonly user: string
  /** The client as CLIENT LIST prints it. */
  readonly client: string
  /** Unix ms. */
  readonly createdAt: number
  readonly updatedAt: number
}

export interface AclLog {
  /** The newest first. */
  newest(count: number): readonly AclLogEntry[]
  reset(): void
}

export interface AccessControl {
  readonly log: AclLog
  /** The user `default` needs no password. */
  readonly isPasswordless: boolean
  /** AUTH, by a command of that name; false, and an entry in the log, where the password is wrong. */
  logIn(client: Client, user: Bytes, password: Bytes, command: Bytes, context: AclContext): boolean
  /** Makes the client what a new connection is. */
  logOut(client: Client): void
  has(user: string): boolean
  /** Sorted. */
  names(): readonly string[]
  /** The users as lines of an ACL file, sorted. */
  lines(): readonly string[]
  describeUser(name: string): UserDescription | undefined
  /** Changes or makes a user by rules, all of them or none; the text of an error where one is wrong. */
  setUser(name: string, rules: readonly string[]): string | undefined
  /** False when there is none. */
  deleteUser(name: string): boolean
  /** Why the user, which exists, may not run the request; undefined where it may. */
  dryRun(user: string, command: Command, args: Args): string | undefined
  /** Whether the client may run the request and, beyond the keys it names, read all there are. */
  mayReadEveryKey(client: Client, command: Command, args: Args): boolean
  /** Replaces all users by those of the ACL file; the text of an error where it cannot, and nothing changes then. */
  load(): string | undefined
  /** Writes the ACL file; when it cannot, the log has the reason. */
  save(): boolean
}

export interface SlowlogEntry {
  readonly id: number
  /** Unix time in seconds. */
  readonly time: number
  readonly microseconds: number
  /** Arguments as they are shown: cut to a bounded number and length. */
  readonly args: readonly Bytes[]
  readonly address: string
  readonly clientName: string
}

export interface Slowlog {
  readonly length: number
  /** The newest first. */
  newest(count: number): readonly SlowlogEntry[]
  reset(): void
}

export interface LatencySpike {
  /** Unix time in seconds. */
  readonly time: number
  readonly milliseconds: number
}

export interface LatencyEvent {
  readonly name: string
  readonly latest: LatencySpike
  /** Milliseconds of the worst, and of all. */
  readonly worst: number
  readonly total: number
  readonly count: number
  /** The oldest first. */
  readonly history: readonly LatencySpike[]
}

export interface LatencyMonitor {
  events(): readonly LatencyEvent[]
  find(name: string): LatencyEvent | undefined
  /** Forgets the named events, all when none is named; how many there were. */
  reset(names: readonly string[]): number
}

/** How long calls of something took. */
export interface NamedDurations {
  readonly name: string
  readonly calls: number
  /** Microseconds, rising, and how many calls took at most as long; the last counts all. */
  readonly steps: readonly (readonly [number, number])[]
}

export interface Durations {
  /** Of those that were called. */
  ofCommands(commands: readonly Command[]): readonly NamedDurations[]
  /** Of `script|<sha>` and `function|<library>.<function>`: one, none where there is no such script or it never ran. */
  ofScript(name: string): readonly NamedDurations[]
}

/** Where the log goes; levels as in `loglevel`. */
export interface ServerLog {
  debug(text: string): void
  verbose(text: string): void
  notice(text: string): void
  warning(text: string): void
}

export interface ShutdownOptions {
  readonly save: 'default' | 'save' | 'nosave'
  /** Does not wait for replicas. */
  readonly now: boolean
  /** Ends even when saving fails. */
  readonly force: boolean
}

export interface Lifecycle {
  /** Ends the process after this turn of the event loop; false when it could not (saving failed). */
  shutdown(options: ShutdownOptions): boolean
  /** Takes a shutdown back that waits for something; false when none does. */
  abortShutdown(): boolean
  /** Unix time in seconds of the last successful save, of the start where there was none. */
  readonly lastSave: number
}

/** What DEBUG changes for tests. */
export interface DebugSwitches {
  /** Expired keys are removed in the background. */
  activeExpire: boolean
  /** Scripts may call commands that are denied to them otherwise. */
  denyScriptsDisabled: boolean
  /** Nothing is done periodically. */
  cronPaused: boolean
  /** Idle connections do not give their buffers back. */
  keepsBuffers: boolean
  /** Blocks the whole engine. */
  sleep(milliseconds: number): void
}

export interface Transactions {
  isOpen(client: Client): boolean
  begin(client: Client): void
  exec(reply: ReplySink): void
  discard(client: Client): void
  watch(client: Client, dbIndex: number, key: Bytes): void
  unwatch(client: Client): void
}

/** A request to run a script or function: `args` of EVAL, FCALL and their kin. */
export interface ScriptCall {
  readonly args: Args
  /** Position of the first key, and how many there are; the script's arguments follow. */
  readonly firstKey: number
  readonly keys: number
  readonly readOnly: boolean
}

/** What a script or function has done. Times in microseconds. */
export interface ScriptReport {
  /** The SHA, or `library.function`; `other` for all that have no figures of their own. */
  readonly id: string
  /** What its author calls it; empty where it has no name. */
  readonly name: string
  /** By code, and by reason. */
  readonly errors: Readonly<Record<string, number>>
  readonly kills: Readonly<Record<string, number>>
  /** The other figures, as SCRIPT STATS names them. */
  readonly figures: Readonly<Record<string, number>>
}

export interface Scripts {
  eval(call: ScriptCall, reply: ReplySink): void
  evalSha(call: ScriptCall, reply: ReplySink): void
  /** Puts a script into the cache; its SHA1 in hex. */
  load(body: Bytes): string
  /** The text of the one cached script that is called so. */
  find(sha: Bytes): Bytes | undefined
  flush(): void
  /** For each of these the scripts and functions that are called so; all together where there are none. */
  report(called: readonly string[]): readonly (readonly ScriptReport[])[]
  resetReport(): void
  /** While clients are served in spite of a running script: the error for commands that may not run. */
  readonly busyText: string | undefined
  /** Ends the running script or function; the error where that cannot be. */
  kill(isFunction: boolean): string | undefined
  /** The flags of the command that runs this script: `own`, or what the script declares. */
  evalFlags(body: Bytes, own: number): number
  evalShaFlags(sha: Bytes, own: number): number
}

/** Scripts of clients whose `debugMode` says so. */
export interface ScriptDebugging {
  /** EVAL or EVAL_RO: it runs here, or elsewhere and is answered later. */
  eval(args: Args, readOnly: boolean, reply: ReplySink): void
}

/** A function that runs. */
export interface RunningFunction {
  readonly name: string
  /** The command that called it. */
  readonly args: Args
  readonly milliseconds: number
}

export interface FunctionInfo {
  readonly name: string
  readonly description: Bytes | null
  readonly flags: readonly string[]
}

export interface LibraryInfo {
  readonly name: string
  readonly code: Bytes
  readonly functions: readonly FunctionInfo[]
}

/** What becomes of the libraries that exist already. */
export type RestorePolicy = 'flush' | 'append' | 'replace'

/** A function that was found: good until libraries change. */
export interface FoundFunction {
  readonly name: string
}

/** What fails throws ReplyError and changes nothing. */
export interface FunctionLibraries {
  readonly libraryCount: number
  readonly functionCount: number
  libraries(): Iterable<LibraryInfo>
  /** The function that runs now: clients are served meanwhile when it is late. */
  readonly running: RunningFunction | undefined
  find(name: Bytes): FoundFunction | undefined
  /** Calls what `find` answered. */
  call(found: FoundFunction, call: ScriptCall, reply: ReplySink): void
  /** The flags of the command that calls this function: `own`, or what the function declares. */
  flagsOf(name: Bytes, own: number): number
  /** Adds a library; its name. */
  load(code: Bytes, replace: boolean): string
  /** False when there is no such library. */
  delete(name: Bytes): boolean
  flush(): void
  /** Adds all libraries, or none. */
  restore(codes: Iterable<Bytes>, policy: RestorePolicy): void
}

/** Bytes, unless said otherwise. */
export interface MemoryStatistics {
  /** By the server's data; the most there ever was; when the server had started. */
  readonly used: number
  readonly peak: number
  readonly startup: number
  /** All but keys and values, and those. */
  readonly overhead: number
  readonly dataset: number
  /** Databases that hold keys: how many, and what they take beside. */
  readonly databases: readonly {
    readonly index: number
    readonly keys: number
    readonly overhead: DatabaseOverhead
  }[]
  /** Of all clients, and how many there are. */
  readonly clients: number
  readonly connected: number
  /** Slabs in use, and slabs that were ever used, with what is counted beside. */
  readonly active: number
  readonly allocatorResident: number
  readonly processResident: number
  readonly luaEval: number
  readonly luaFunctions: number
  readonly scripts: number
  readonly functions: number
  /** How many. */
  readonly cachedScripts: number
  /** How many values wait to be freed, and were freed, apart from the commands that deleted them. */
  readonly lazyPending: number
  readonly lazyFreed: number
}

export interface MemoryReport {
  statistics(): MemoryStatistics
  /** Gives memory held in reserve back to the system. */
  purge(): void
  /** The state of the allocator, for people. */
  allocatorText(): string
}

export interface Server {
  /** CONFIG GET, SET, REWRITE. */
  readonly configuration: Config
  readonly commands: CommandTable
  readonly clients: ClientRegistry
  readonly access: AccessControl
  readonly pubsub: PubSub
  readonly monitor: Monitor
  readonly slowlog: Slowlog
  readonly latency: LatencyMonitor
  readonly durations: Durations
  readonly log: ServerLog
  readonly lifecycle: Lifecycle
  /** What this server knows as a cluster's node; null where it is none. */
  readonly cluster: Cluster | null
  readonly debug: DebugSwitches
  readonly memory: MemoryReport
  readonly transactions: Transactions
  readonly scripts: Scripts
  readonly debugging: ScriptDebugging
  readonly functions: FunctionLibraries
  /** The text of INFO: the sections named (lower case), the default ones when none is. */
  info(sections: readonly string[]): string
  /** CONFIG RESETSTAT. */
  resetStatistics(): void
}
