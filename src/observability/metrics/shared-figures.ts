/**
 * The figures the metrics thread answers from: numbers in shared memory at fixed places, and a little JSON. The engine's
 * thread writes them as a whole every moment; readers notice when they read across a write, and read again. So a scrape
 * asks nothing of the engine, and is answered while a script keeps it busy.
 */

import { change, whole } from '../../counting/generation.ts'
import { STEP_BOUNDS } from '../../counting/histogram.ts'
import { PERILUNE_VERSION, REDIS_VERSION, VALKEY_VERSION } from '../../version.ts'
import { METRICS } from '../fields/fields.ts'
import type { CommandCounts, InfoSource, KeyCounts } from '../fields/source.ts'
import { percentsOf } from '../fields/tables/labelled.ts'

/** Databases with figures of their own; those beyond share the figures of one, named `other`. */
const DATABASES_MAX = 1024
/** Bytes of the JSON. */
const TEXT_BYTES = 64 * 1024
/** Characters of an error code that are kept: scripts may invent codes of any length. */
const ERROR_CODE_MAX = 64
/** Clients that are looked at for each writing: of ten thousand, all within two seconds. */
const CLIENTS_AT_ONCE = 1000

/** See generation.ts; 0 before the first figures. */
const GENERATION = 0
const TEXT_LENGTH = 1
/** What must be known even where no figures can be gathered: how often that was so, and how often the thread was started again. */
const FAILURES = 2
const RESTARTS = 3
const HEADER_BYTES = 16

/** Slots before those of METRICS. */
const HEARTBEAT = 0
const STARTED_AT = 1
const FIRST_METRIC = 2

const DATABASE_SLOTS = 3
/** A command's counts, its steps and its percentiles. */
const COMMAND_COUNTS = 4
const PERCENTILES_AT = COMMAND_COUNTS + STEP_BOUNDS.length
/** Of `latency-tracking-info-percentiles`; those beyond are in INFO alone. */
const PERCENTILES_MAX = 16
const COMMAND_SLOTS = PERCENTILES_AT + PERCENTILES_MAX

/** What both sides must know to find a figure. */
export interface FiguresShape {
  /** As many as are configured. */
  readonly databases: number
  readonly commands: readonly string[]
}

/** A database as the metrics thread sees it, or all beyond DATABASES_MAX. */
export interface DatabaseReading extends KeyCounts {
  /** `db0` */
  readonly name: string
}

/** A command as the metrics thread sees it. */
export interface CommandReading extends CommandCounts {
  /** How many calls took at most as long as each of STEP_BOUNDS. */
  readonly steps: Float64Array
  /** Microseconds, in the order of `percents`; NaN where none were recorded. */
  readonly percentiles: Float64Array
}

const INSTANCE_LABELS = [
  'role',
  'redis_version',
  'redis_build_id',
  'redis_mode',
  'os',
  'maxmemory_policy',
  'tcp_port',
  'run_id',
  'process_id',
  'master_replid',
  'valkey_version',
  'valkey_release_stage',
] as const

const BUILD_LABELS = [
  'version',
  'valkey_version',
  'node_version',
  'lua_version',
  'lua_source',
  'lua_compiler',
  'lua_flags_hash',
] as const

/** What is not a number. */
export interface FigureTexts {
  /** Labels of redis_instance_info. */
  readonly instance: Readonly<Record<(typeof INSTANCE_LABELS)[number], string>>
  /** Labels of perilune_build_info. */
  readonly build: Readonly<Record<(typeof BUILD_LABELS)[number], string>>
  readonly errors: Readonly<Record<string, number>>
  /** Percentiles of durations that are kept of each command; null: none. */
  readonly percents: readonly number[] | null
  /** The latest latency spike of each event: Unix time in seconds, and its length. */
  readonly spikes: Readonly<Record<string, { readonly time: number; readonly milliseconds: number }>>
}

export interface Figures {
  /** How often figures could not be gathered, and the metrics thread was started again. */
  readonly failures: number
  readonly restarts: number
  /** Unix ms of the engine's last sign of life. */
  readonly heartbeat: number
  readonly startedAt: number
  /** In the order of METRICS. */
  readonly metrics: Float64Array
  /** All, as sums over them must not vanish with the last key. */
  readonly databases: readonly DatabaseReading[]
  /** Those that were called or refused. */
  readonly commands: readonly CommandReading[]
  readonly texts: FigureTexts
}

export function figuresShape(databases: number, commands: readonly string[]): FiguresShape {
  return { databases, commands }
}

/** Before the first figures. */
export class NoFigures extends Error {}

export class SharedFigures {
  readonly buffer: SharedArrayBuffer
  private readonly shape: FiguresShape
  private readonly header: Int32Array
  private readonly numbers: Float64Array
  /** The figures as they are gathered: a reader that throws leaves those that were there. */
  private readonly gathered: Float64Array
  private readonly text: Uint8Array
  private readonly firstDatabase = FIRST_METRIC + METRICS.length
  private readonly databaseRows: number
  private readonly firstCommand: number
  private lastText = ''

  constructor(shape: FiguresShape, buffer?: SharedArrayBuffer) {
    this.shape = shape
    this.databaseRows = Math.min(shape.databases, DATABASES_MAX + 1)
    this.firstCommand = this.firstDatabase + this.databaseRows * DATABASE_SLOTS
    const slots = this.firstCommand + shape.commands.length * COMMAND_SLOTS
    this.buffer = buffer ?? new SharedArrayBuffer(HEADER_BYTES + slots * 8 + TEXT_BYTES)
    this.header = new Int32Array(this.buffer, 0, HEADER_BYTES / 4)
    this.numbers = new Float64Array(this.buffer, HEADER_BYTES, slots)
    this.gathered = new Float64Array(slots)
    this.text = new Uint8Array(this.buffer, HEADER_BYTES + slots * 8, TEXT_BYTES)
  }

  /** Writes all figures; the thread that owns the source calls it. What throws does so before anything is written. */
  publish(source: InfoSource): void {
    const text = this.gather(source)
    change(this.header, GENERATION, () => {
      this.numbers.set(this.gathered)
      if (text !== undefined) this.publishText(text)
    })
  }

  /** The figures could not be gathered. The engine lives all the same. */
  noteFailure(now: number): void {
    Atomics.add(this.header, FAILURES, 1)
    this.numbers[HEARTBEAT] = now
  }

  noteRestart(): void {
    Atomics.add(this.header, RESTARTS, 1)
  }

  /** Takes the source's numbers into `gathered`, and answers its texts where they are others than the last. */
  private gather(source: InfoSource): Buffer | undefined {
    source.gather(CLIENTS_AT_ONCE)
    const { gathered } = this
    gathered[HEARTBEAT] = source.now
    gathered[STARTED_AT] = source.process.startedAt
    for (let i = 0; i < METRICS.length; i++) gathered[FIRST_METRIC + i] = METRICS[i]!.read(source)
    this.gatherDatabases(source)
    this.gatherCommands(source)
    const text = JSON.stringify(textsOf(source))
    if (text === this.lastText) return undefined
    const bytes = Buffer.from(text)
    if (bytes.length > TEXT_BYTES) throw new RangeError(`the texts of the figures take ${bytes.length} bytes`)
    this.lastText = text
    return bytes
  }

  private gatherDatabases(source: InfoSource): void {
    const { gathered: numbers } = this
    numbers.fill(0, this.firstDatabase, this.firstCommand)
    for (const { index, keys, expires, avgTtl } of source.databases) {
      const p = this.firstDatabase + Math.min(index, DATABASES_MAX) * DATABASE_SLOTS
      const expiring = numbers[p + 1]! + expires
      // The mean over all keys that expire.
      if (expires > 0) numbers[p + 2]! += ((avgTtl - numbers[p + 2]!) * expires) / expiring
      numbers[p]! += keys
      numbers[p + 1] = expiring
    }
  }

  private gatherCommands({ commands, config }: InfoSource): void {
    const percents = percentsOf(config)?.slice(0, PERCENTILES_MAX) ?? []
    const { gathered: numbers } = this
    let p = this.firstCommand
    for (let i = 0; i < commands.length; i++, p += COMMAND_SLOTS) {
      const command = commands[i]!
      numbers[p] = command.calls
      numbers[p + 1] = command.microseconds
      numbers[p + 2] = command.rejected
      numbers[p + 3] = command.failed
      const steps = command.steps()
      if (steps === undefined) {
        numbers.fill(0, p + COMMAND_COUNTS, p + PERCENTILES_AT)
        continue
      }
      numbers.set(steps, p + COMMAND_COUNTS)
      for (let j = 0; j < percents.length; j++) {
        numbers[p + PERCENTILES_AT + j] = command.latency(percents[j]!) ?? Number.NaN
      }
    }
  }

  private publishText(bytes: Buffer): void {
    this.text.set(bytes)
    this.header[TEXT_LENGTH] = bytes.length
  }

  /** All figures of one moment; undefined before the first are published. */
  read(): Figures | undefined {
    if (Atomics.load(this.header, GENERATION) === 0) return undefined
    const { numbers, text } = whole(this.header, GENERATION, () => ({
      numbers: Float64Array.from(this.numbers),
      text: Buffer.from(this.text.subarray(0, this.header[TEXT_LENGTH])),
    }))
    return this.decode(numbers, text.toString())
  }

  /** As `read`, but that there are none yet is an error. */
  get current(): Figures {
    const figures = this.read()
    if (figures !== undefined) return figures
    const hasFailed = Atomics.load(this.header, FAILURES) > 0
    throw new NoFigures(
      hasFailed
        ? 'the figures of the server could not be gathered yet: its log says why'
        : 'the figures of the server are not there yet',
    )
  }

  private decode(numbers: Float64Array, text: string): Figures {
    const databases = []
    for (let i = 0; i < this.databaseRows; i++) {
      const p = this.firstDatabase + i * DATABASE_SLOTS
      const [keys, expires, avgTtl] = numbers.subarray(p, p + DATABASE_SLOTS)
      databases.push({
        name: i < DATABASES_MAX ? `db${i}` : 'other',
        keys: keys!,
        expires: expires!,
        avgTtl: avgTtl!,
      })
    }
    const texts = JSON.parse(text) as FigureTexts
    const percentiles = texts.percents?.length ?? 0
    const commands: CommandReading[] = []
    for (const [i, name] of this.shape.commands.entries()) {
      const row = numbers.subarray(this.firstCommand + i * COMMAND_SLOTS)
      const [calls, microseconds, rejected, failed] = row
      if (calls! + rejected! === 0) continue
      commands.push({
        name,
        calls: calls!,
        microseconds: microseconds!,
        rejected: rejected!,
        failed: failed!,
        steps: row.subarray(COMMAND_COUNTS, PERCENTILES_AT),
        percentiles: row.subarray(PERCENTILES_AT, PERCENTILES_AT + percentiles),
      })
    }
    return {
      failures: Atomics.load(this.header, FAILURES),
      restarts: Atomics.load(this.header, RESTARTS),
      heartbeat: numbers[HEARTBEAT]!,
      startedAt: numbers[STARTED_AT]!,
      metrics: numbers.subarray(FIRST_METRIC, this.firstDatabase),
      databases,
      commands,
      texts,
    }
  }
}

function textsOf(source: InfoSource): FigureTexts {
  const { process, build, config } = source
  const errors = [...source.errors].map(([code, count]) => [code.slice(0, ERROR_CODE_MAX), count])
  return {
    instance: {
      role: 'master',
      redis_version: REDIS_VERSION,
      redis_build_id: build.flagsHash,
      redis_mode: config['cluster-enabled'] ? 'cluster' : 'standalone',
      os: process.os,
      maxmemory_policy: config['maxmemory-policy'],
      tcp_port: String(config.port || config['tls-port']),
      run_id: process.runId,
      process_id: String(process.pid),
      master_replid: source.replicationId,
      valkey_version: VALKEY_VERSION,
      valkey_release_stage: 'ga',
    },
    build: {
      version: PERILUNE_VERSION,
      valkey_version: VALKEY_VERSION,
      node_version: process.nodeVersion,
      lua_version: build.luaVersion,
      lua_source: build.luaSource,
      lua_compiler: build.compiler,
      lua_flags_hash: build.flagsHash,
    },
    errors: Object.fromEntries(errors) as Record<string, number>,
    percents: percentsOf(config)?.slice(0, PERCENTILES_MAX) ?? null,
    spikes: Object.fromEntries(source.latencySpikes),
  }
}
