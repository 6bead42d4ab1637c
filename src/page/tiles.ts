/**
 * How the server does: a figure each, and its last ten minutes.
 */
import type { History, Moment } from '../observability/page/protocol.ts'
import { Chart, type Line } from './charts.ts'
import { byId, make, setText } from './dom.ts'
import { ago, bytes, count, duration, rate } from './format.ts'

/** As many as the server keeps. */
const MOMENTS_MAX = 600
const HEIGHT = 56
/** The engine tells its figures several times a second. */
const OLD_AFTER_MS = 2000

interface Tile {
  readonly title: string
  readonly unit?: string
  readonly lines: readonly (Line & { readonly of: keyof History })[]
  readonly isLogarithmic?: boolean
  value(moment: Moment): string
  note?(moment: Moment): string
}

const TILES: readonly Tile[] = [
  {
    title: 'Commands',
    unit: '/s',
    lines: [{ of: 'commands', label: 'Commands', color: '--blue', filled: true }],
    value: ({ commands }) => rate(commands),
  },
  {
    title: 'Script runs',
    unit: '/s',
    lines: [{ of: 'runs', label: 'Runs', color: '--blue', filled: true }],
    value: ({ runs }) => rate(runs),
  },
  {
    title: 'Script time, p99',
    lines: [
      { of: 'p50', label: 'p50', color: '--teal' },
      { of: 'p99', label: 'p99', color: '--blue' },
    ],
    isLogarithmic: true,
    value: ({ p99 }) => duration(p99),
    note: ({ p50 }) => `p50 ${duration(p50)}`,
  },
  {
    title: 'Errors',
    unit: '/s',
    lines: [{ of: 'errors', label: 'Errors', color: '--red', filled: true }],
    value: ({ errors }) => rate(errors),
  },
  {
    title: 'Memory',
    lines: [{ of: 'memory', label: 'Memory', color: '--teal', filled: true }],
    value: ({ memory }) => bytes(memory),
  },
  {
    title: 'Clients',
    lines: [{ of: 'clients', label: 'Clients', color: '--teal', filled: true }],
    value: ({ clients }) => count(clients),
  },
]

interface Shown {
  readonly tile: Tile
  readonly value: HTMLElement
  readonly note: HTMLElement
  readonly chart: Chart
}

const NO_HISTORY: History = {
  time: [],
  commands: [],
  runs: [],
  errors: [],
  p50: [],
  p99: [],
  memory: [],
  clients: [],
}

export class Tiles {
  private history: History = NO_HISTORY
  private readonly shown: readonly Shown[]
  /** Where the pointer is. */
  private pointed: number | null = null
  maxMemory = 0

  constructor() {
    this.shown = TILES.map((tile) => this.make(tile))
  }

  start(history: History): void {
    this.history = history
    this.show()
  }

  /** `silence`: milliseconds since the engine told its figures. */
  showAge(silence: number): void {
    const place = byId('age')
    place.hidden = silence < OLD_AFTER_MS
    if (!place.hidden) {
      setText(
        place,
        `The engine is busy. Memory and clients are as they were ${ago(silence)}; commands, runs and errors are counted when it goes on.`,
      )
    }
  }

  add(moment: Moment): void {
    for (const name of Object.keys(moment) as (keyof Moment)[]) {
      const column: (number | null)[] = this.history[name]
      column.push(moment[name])
      if (column.length > MOMENTS_MAX) column.shift()
    }
    this.show()
  }

  private make(tile: Tile): Shown {
    const place = make('div', 'chart')
    const value = make('span', 'value')
    const note = make('span', 'note')
    const figure = make('p', 'figure', value)
    if (tile.unit !== undefined) figure.append(make('span', 'unit', tile.unit))
    figure.append(note)
    byId('tiles').append(make('article', 'tile', make('h2', '', tile.title), figure, place))
    const chart = new Chart(place, {
      lines: tile.lines,
      height: HEIGHT,
      isLogarithmic: tile.isLogarithmic ?? false,
      onPoint: (index) => {
        this.pointed = index
        this.showValues()
      },
    })
    return { tile, value, note, chart }
  }

  private columns(tile: Tile): (number | null)[][] {
    return [this.history.time, ...tile.lines.map((line) => this.history[line.of])]
  }

  private show(): void {
    for (const { chart, tile } of this.shown) chart.set(this.columns(tile))
    this.showValues()
  }

  private showValues(): void {
    const { time } = this.history
    const last = time.length - 1
    const at = this.pointed === null ? last : Math.min(this.pointed, last)
    if (at < 0) return
    const moment = Object.fromEntries(
      Object.entries(this.history).map(([name, column]) => [name, (column as number[])[at]]),
    ) as unknown as Moment
    const passed = Math.round(time[last]! - time[at]!)
    for (const { tile, value, note } of this.shown) {
      setText(value, tile.value(moment))
      setText(note, this.pointed === null ? this.noteOf(tile, moment) : `${passed} s ago`)
    }
  }

  private noteOf(tile: Tile, moment: Moment): string {
    if (tile.title === 'Memory' && this.maxMemory > 0) return `of ${bytes(this.maxMemory)}`
    return tile.note?.(moment) ?? ''
  }
}
