/**
 * Server-sent events for the pages that are open: everything at the start, then every second what has changed; and at once
 * when a script has been running for long, or does so no more.
 */
import type { Writable } from 'node:stream'
import { PERILUNE_VERSION, VALKEY_VERSION } from '../../version.ts'
import type { ScriptReader } from '../scripts/reader.ts'
import type { Figures, SharedFigures } from '../shared-figures.ts'
import { MAX_MEMORY_METRIC, type Recorder } from './history.ts'
import type { Killer } from './killer.ts'
import type { EngineState, MomentEvent, RunningNow, StartEvent } from './protocol.ts'
import { RowChanges, type Rows, readRows } from './rows.ts'

/** Pages that may be open at once. */
export const STREAMS_MAX = 16
const MOMENT_MS = 1000
/** Between two looks at what runs. */
const LOOK_MS = 100
/** What runs for less is not told: the next moment would be too late for it. */
const RUNNING_TOLD_MS = 200
/** Bytes that may wait to be taken by a page; one that takes less quickly is cut off. */
const WAITING_MAX = 4 * 1024 * 1024

export interface StreamParts {
  readonly figures: SharedFigures
  readonly reader: ScriptReader
  readonly recorder: Recorder
  readonly killer: Killer
}

export class Streams {
  private readonly parts: StreamParts
  private readonly open = new Set<Writable>()
  private readonly changes = new RowChanges()
  private toldRun = 0
  private toldWrote = false

  constructor(parts: StreamParts) {
    this.parts = parts
  }

  /** Begins to take notes. */
  start(): void {
    setInterval(() => this.tellMoment(), MOMENT_MS)
    setInterval(() => this.tellRunning(), LOOK_MS)
  }

  get isFull(): boolean {
    return this.open.size >= STREAMS_MAX
  }

  add(response: Writable): void {
    const { figures, recorder } = this.parts
    const current = figures.read()
    const now = Date.now()
    this.open.add(response)
    response.on('close', () => this.open.delete(response))
    // A page that went while it was written to is no defect of ours.
    response.on('error', () => response.destroy())
    const { rows, hidden } = this.rows()
    const event: StartEvent = {
      version: PERILUNE_VERSION,
      valkeyVersion: VALKEY_VERSION,
      now,
      startedAt: current?.startedAt ?? now,
      maxMemory: current?.metrics[MAX_MEMORY_METRIC] ?? 0,
      engine: this.engine(current, now),
      history: recorder.history,
      scripts: rows,
      hidden,
    }
    response.write(frame('start', event))
  }

  private rows(): Rows {
    const { reader, recorder } = this.parts
    return readRows(reader, recorder.paces)
  }

  private engine(figures: Figures | undefined, now: number): EngineState {
    return {
      silence: Math.max(0, now - (figures?.heartbeat ?? now)),
      running: told(this.parts.killer.running(now)),
    }
  }

  private tellMoment(): void {
    const { figures, recorder } = this.parts
    const current = figures.read()
    if (current === undefined) return
    const now = Date.now()
    const moment = recorder.sample(current, now)
    if (this.open.size === 0) return
    const { rows, hidden } = this.rows()
    const engine = this.engine(current, now)
    this.send('moment', { now, engine, moment, ...this.changes.since(rows), hidden } satisfies MomentEvent)
  }

  private tellRunning(): void {
    if (this.open.size === 0) return
    const now = Date.now()
    const engine = this.engine(this.parts.figures.read(), now)
    const { run, wrote } = engine.running ?? { run: 0, wrote: false }
    if (run === this.toldRun && wrote === this.toldWrote) return
    this.toldRun = run
    this.toldWrote = wrote
    this.send('engine', engine)
  }

  private send(name: string, event: object): void {
    const text = frame(name, event)
    for (const response of this.open) {
      if (response.writableLength > WAITING_MAX) response.destroy()
      else response.write(text)
    }
  }
}

function told(running: RunningNow | null): RunningNow | null {
  return running !== null && running.age >= RUNNING_TOLD_MS ? running : null
}

function frame(name: string, event: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(event)}\n\n`
}
