/**
 * Charts: uPlot in the colours of the page. What is there to be read comes first: a chart is drawn once the browser has
 * painted the rest, and the library has come, which is a file of its own.
 */
import type UPlot from 'uplot'
import { painted } from './dom.ts'
import { duration, rate } from './format.ts'

const library = import('uplot')
const darkness = matchMedia('(prefers-color-scheme: dark)')

const SECONDS_PER_MINUTE = 60
/** The least that a logarithmic axis shows, in microseconds: it has no 0. */
const DURATION_MIN = 0.1

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
  private readonly sizes = new ResizeObserver(([entry]) => this.fit(entry!.contentRect.width))
  private readonly redraw = () => void this.draw()
  private plot: UPlot | undefined
  /** Columns: times, then a value for each line. */
  private data: Columns
  private width = 0
  private isEnded = false

  constructor(place: HTMLElement, options: ChartOptions) {
    this.place = place
    this.options = options
    this.data = [[], ...options.lines.map(() => [])]
    // Its room is there before it is.
    place.style.blockSize = `${options.height}px`
    this.sizes.observe(place)
    darkness.addEventListener('change', this.redraw)
    void painted().then(this.redraw)
  }

  set(data: Columns): void {
    this.data = data
    this.plot?.setData(data as UPlot.AlignedData)
  }

  end(): void {
    this.isEnded = true
    this.sizes.disconnect()
    darkness.removeEventListener('change', this.redraw)
    this.plot?.destroy()
  }

  private fit(width: number): void {
    this.width = width
    if (width > 0) this.plot?.setSize({ width, height: this.options.height })
  }

  private async draw(): Promise<void> {
    const { default: uPlot } = await library
    if (this.isEnded) return
    this.plot?.destroy()
    this.plot = new uPlot(this.plotOptions(), this.data as UPlot.AlignedData, this.place)
  }

  private plotOptions(): UPlot.Options {
    const { height, lines, isLogarithmic = false, onPoint } = this.options
    return {
      width: Math.max(1, this.width),
      height,
      padding: this.options.axis === undefined ? [4, 0, 2, 0] : [10, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 6 }, drag: { setScale: false, x: false, y: false } },
      scales: { y: isLogarithmic ? { distr: 3, range: powersAround } : { range: fromZero } },
      axes: this.axes(),
      series: [{}, ...lines.map((line) => this.series(line))],
      hooks: { setCursor: [(plot) => onPoint?.(plot.cursor.idx ?? null)] },
    }
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

type Range = [number, number]

function fromZero(_plot: UPlot, _min: number | null, max: number | null): Range {
  return [0, max === null || max <= 0 ? 1 : max * 1.1]
}

/** From one power of ten to another, so that an axis has a number at both ends, and no line lies on its edge. */
function powersAround(_plot: UPlot, min: number | null, max: number | null): Range {
  const from = Math.max(min ?? 1, DURATION_MIN)
  const to = Math.max(max ?? 1, DURATION_MIN)
  return [10 ** Math.floor(Math.log10(from * 0.95)), 10 ** Math.ceil(Math.log10(to * 1.05))]
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
