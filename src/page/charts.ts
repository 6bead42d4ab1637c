/**
 * Charts: uPlot in the colours of the page.
 */
import type UPlot from 'uplot'
import { duration, rate } from './format.ts'

const { uPlot } = globalThis as unknown as { uPlot: typeof UPlot }

const SECONDS_PER_MINUTE = 60

export interface Line {
  readonly label: string
  /** A custom property of the style sheet. */
  readonly color: string
  readonly filled?: boolean
}

export interface ChartOptions {
  readonly lines: readonly Line[]
  readonly height: number
  /** Values along the axis; none: no axes at all. */
  readonly axis?: (value: number) => string
  /** Durations span orders of magnitude. */
  readonly isLogarithmic?: boolean
  /** The pointer is at this place of the data; null: it left. */
  readonly onPoint?: (index: number | null) => void
}

type Columns = readonly (readonly (number | null)[])[]

export class Chart {
  private readonly place: HTMLElement
  private readonly options: ChartOptions
  private plot: UPlot
  private data: Columns

  constructor(place: HTMLElement, options: ChartOptions, data: Columns) {
    this.place = place
    this.options = options
    this.data = data
    this.plot = this.draw()
    new ResizeObserver(() => this.resize()).observe(place)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.redraw())
  }

  /** Columns: times, then a value for each line. */
  set(data: Columns): void {
    this.data = data
    this.plot.setData(data as UPlot.AlignedData)
  }

  private resize(): void {
    const width = this.place.clientWidth
    if (width > 0 && width !== this.plot.width) this.plot.setSize({ width, height: this.options.height })
  }

  private redraw(): void {
    this.plot.destroy()
    this.plot = this.draw()
  }

  private draw(): UPlot {
    const { height, lines, isLogarithmic = false, onPoint } = this.options
    const options: UPlot.Options = {
      width: Math.max(1, this.place.clientWidth),
      height,
      padding: this.options.axis === undefined ? [4, 0, 2, 0] : [10, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 6 }, drag: { setScale: false, x: false, y: false } },
      scales: { y: isLogarithmic ? { distr: 3 } : { range: (_plot, _min, max) => [0, niceMax(max)] } },
      axes: this.axes(),
      series: [{}, ...lines.map((line) => this.series(line))],
      hooks: { setCursor: [(plot) => onPoint?.(plot.cursor.idx ?? null)] },
    }
    return new uPlot(options, this.data as UPlot.AlignedData, this.place)
  }

  private series({ label, color, filled = false }: Line): UPlot.Series {
    const stroke = this.color(color)
    // A value between two gaps has no line.
    const points = { show: this.options.axis !== undefined, size: 3, fill: stroke }
    return { label, stroke, width: 1.5, points, ...(filled ? { fill: `${stroke}22` } : {}) }
  }

  private axes(): UPlot.Axis[] {
    const { axis } = this.options
    if (axis === undefined) return [{ show: false }, { show: false }]
    const common = {
      stroke: this.color('--muted'),
      grid: { stroke: this.color('--line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
    }
    const values = (_plot: UPlot, splits: (number | null)[]) =>
      splits.map((value) => (value === null ? '' : axis(value)))
    const times = (_plot: UPlot, splits: number[], _axis: number, _space: number, step: number) =>
      splits.map((seconds) => timeOfDay(seconds, step < SECONDS_PER_MINUTE))
    const ofPowers = { splits: powersOfTen, filter: (_plot: UPlot, splits: number[]) => splits }
    return [
      { ...common, values: times, grid: { show: false }, space: 80, size: 28 },
      { ...common, values, size: 64, space: 28, ...(this.options.isLogarithmic ? ofPowers : {}) },
    ]
  }

  private color(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  }
}

function niceMax(max: number | null): number {
  return max === null || max <= 0 ? 1 : max * 1.1
}

/** Where a logarithmic axis has its lines: ten times as much from one to the next. */
function powersOfTen(_plot: UPlot, _axis: number, min: number, max: number): number[] {
  const powers: number[] = []
  for (let power = 10 ** Math.ceil(Math.log10(min)); power <= max * 1.001; power *= 10) powers.push(power)
  return powers
}

const TO_MINUTES: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }
const TO_SECONDS: Intl.DateTimeFormatOptions = { ...TO_MINUTES, second: '2-digit' }

function timeOfDay(seconds: number, isPrecise: boolean): string {
  return new Date(seconds * 1000).toLocaleTimeString([], isPrecise ? TO_SECONDS : TO_MINUTES)
}

/** Numbers along an axis. */
export function numberAxis(value: number): string {
  return value >= 1000 ? rate(value) : String(Number(value.toFixed(2)))
}

/** Times along an axis. */
export function durationAxis(microseconds: number): string {
  return duration(microseconds).replace('.00', '').replace('.0 ', ' ')
}
