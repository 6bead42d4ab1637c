/**
 * Server-sent events for the pages that are open: everything at the start, then every second what has changed; and at once
 * when a script has been running for long, or does so no more.
 */
import type { Writable } from 'node:stream'
import type { ScriptReader } from '../../counting/scripts/reader.ts'
import { PERILUNE_VERSION, VALKEY_VERSION } from '../../version.ts'
import type { Figures, SharedFigures } from '../metrics/shared-figures.ts'
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
/** Bytes that may wait to be taken by a page, and for how long some may: one that takes less quickly is cut off. */
const WAITING_MAX = 1024 * 1024
export const STALLED_MS = 10_000

export interface StreamParts {
  readonly figures: SharedFigures
  readonly reader: ScriptReader
  readonly recorder: Recorder
  readonly killer: Pick<Killer, 'running'>
}

export class Streams {
  private readonly parts: StreamParts
  /** With the moment when it had last taken all it was sent. */
  private readonly open = new Map<Writable, number>()
  /** What all open pages know: changes are told against it. */
  private rows: Rows = { rows: [], hidden: 0 }
  private readonly changes = new RowChanges()
  private toldRun = 0
  private toldWrote = false
  private toldCaller = false

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
    const engine = this.engine(current, now)
    if (this.isNews(engine)) this.send('engine', engine)
    // Begun with what the others know, so that the next moment tells this page, too, what has gone since.
    if (this.open.size === 0) this.lookAtRows()
    this.open.set(response, now)
    response.on('close', () => this.open.delete(response))
    // A page that went while it was written to is no defect of ours.
    response.on('error', () => response.destroy())
    const event: StartEvent = {
      version: PERILUNE_VERSION,
      valkeyVersion: VALKEY_VERSION,
      now,
      startedAt: current?.startedAt ?? now,
      maxMemory: current?.metrics[MAX_MEMORY_METRIC] ?? 0,
      engine,
      history: recorder.history,
      scripts: this.rows.rows,
      hidden: this.rows.hidden,
    }
    response.write(frame('start', event))
  }

  /** What has changed since the last look. */
  private lookAtRows(): ReturnType<RowChanges['since']> {
    const { reader, recorder } = this.parts
    this.rows = readRows(reader, recorder.paces)
    return this.changes.since(this.rows.rows)
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
    const changes = this.lookAtRows()
    const engine = this.engine(current, now)
    this.isNews(engine)
    const { hidden } = this.rows
    this.send('moment', { now, engine, moment, ...changes, hidden } satisfies MomentEvent)
  }

  private tellRunning(): void {
    if (this.open.size === 0) return
    const engine = this.engine(this.parts.figures.read(), Date.now())
    if (this.isNews(engine)) this.send('engine', engine)
  }

  /** Whether another script runs than the pages were told, or more is known of it meanwhile; they are told now. */
  private isNews({ running }: EngineState): boolean {
    const { run, wrote, caller } = running ?? { run: 0, wrote: false, caller: null }
    const hasCaller = caller !== null
    const isNews = run !== this.toldRun || wrote !== this.toldWrote || hasCaller !== this.toldCaller
    this.toldRun = run
    this.toldWrote = wrote
    this.toldCaller = hasCaller
    return isNews
  }

  private send(name: string, event: object): void {
    const text = frame(name, event)
    const now = Date.now()
    for (const [response, takenAt] of this.open) {
      const waiting = response.writableLength
      if (waiting === 0) this.open.set(response, now)
      if (waiting > WAITING_MAX || (waiting > 0 && now - takenAt > STALLED_MS)) this.cut(response)
      else response.write(text)
    }
  }

  /** Its place is free at once. */
  private cut(response: Writable): void {
    this.open.delete(response)
    response.destroy()
  }
}

function told(running: RunningNow | null): RunningNow | null {
  return running !== null && running.age >= RUNNING_TOLD_MS ? running : null
}

function frame(name: string, event: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(event)}\n\n`
}
