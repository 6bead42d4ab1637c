/**
 * LATENCY GRAPH: an event's spikes as columns of characters, the oldest at the left, and under each how long ago it was.
 */
import type { LatencyEvent } from '../services/latency.ts'

const COLUMNS = 80
const ROWS = 4
/** The top of a column, by how far it reaches into its row; below it the column is filled. */
const TOPS = '_o#'
const FILLED = '|'

/** A spike as it is drawn. */
interface Column {
  readonly value: number
  readonly label: string
}

/** `now` is Unix time in seconds. */
export function latencyGraph(event: LatencyEvent, now: number): string {
  const values = event.history.map((spike) => spike.milliseconds)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const columns = event.history.map(({ time, milliseconds }) => ({
    value: milliseconds,
    label: age(now - time),
  }))
  const drawn: string[] = []
  for (let i = 0; i < columns.length; i += COLUMNS) drawn.push(draw(columns.slice(i, i + COLUMNS), low, high))
  const title = `${event.name} - high ${high} ms, low ${low} ms (all time high ${event.worst} ms)`
  return `${title}\n${'-'.repeat(COLUMNS)}\n${drawn.join('\n')}`
}

function age(seconds: number): string {
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h`
  return `${Math.floor(seconds / 86400)}d`
}

/** Rows of columns, an empty one, and the labels from top to bottom. */
function draw(columns: readonly Column[], low: number, high: number): string {
  const steps = TOPS.length * ROWS
  const heights = columns.map(({ value }) =>
    Math.min(steps - 1, Math.floor(((value - low) * steps) / (high - low || 1))),
  )
  const lines: string[] = []
  for (let row = ROWS - 1; row >= 0; row--) {
    lines.push(heights.map((height) => characterAt(height - row * TOPS.length)).join(''))
  }
  lines.push(' '.repeat(columns.length))
  const length = Math.max(...columns.map(({ label }) => label.length))
  for (let i = 0; i < length; i++) lines.push(columns.map(({ label }) => label[i] ?? ' ').join(''))
  return lines.map((line) => `${line}\n`).join('')
}

/** What a column that reaches so far into a row shows there. */
function characterAt(reach: number): string {
  if (reach < 0) return ' '
  return TOPS[reach] ?? FILLED
}
