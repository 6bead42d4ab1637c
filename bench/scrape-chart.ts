/**
 * Lines over minutes, one below the other, as a picture.
 */

export interface Chart {
  readonly title: string
  /** Minute and value. */
  readonly points: readonly (readonly [number, number])[]
}

const WIDTH = 640
const PLOT_LEFT = 64
const PLOT_WIDTH = WIDTH - PLOT_LEFT - 24
const PLOT_HEIGHT = 96
const CHART_HEIGHT = PLOT_HEIGHT + 54
const TOP = 44

function line({ title, points }: Chart, top: number): string {
  const minutes = points.at(-1)?.[0] ?? 1
  // From zero on: what is level looks level.
  const largest = Math.max(...points.map(([, value]) => value), 0) * 1.15 || 1
  const x = (minute: number) => (PLOT_LEFT + (minute / minutes) * PLOT_WIDTH).toFixed(1)
  const y = (value: number) => (top + 20 + PLOT_HEIGHT * (1 - value / largest)).toFixed(1)
  const path = points.map(([minute, value], i) => `${i === 0 ? 'M' : 'L'}${x(minute)} ${y(value)}`).join('')
  const last = points.at(-1)![1]
  const shown = last >= 100 ? Math.round(last).toLocaleString('en-US') : last.toFixed(1)
  return [
    `<text x="16" y="${top + 8}" font-weight="600">${title}</text>`,
    `<line x1="${PLOT_LEFT}" y1="${y(0)}" x2="${PLOT_LEFT + PLOT_WIDTH}" y2="${y(0)}" stroke="#ccc"/>`,
    `<text x="${PLOT_LEFT - 8}" y="${y(0)}" text-anchor="end" fill="#777">0</text>`,
    `<text x="${PLOT_LEFT - 8}" y="${Number(y(last)) + 4}" text-anchor="end" fill="#777">${shown}</text>`,
    `<path d="${path}" fill="none" stroke="#3b7dd8" stroke-width="2"/>`,
    `<text x="${PLOT_LEFT + PLOT_WIDTH}" y="${Number(y(0)) + 16}" text-anchor="end" fill="#777">${minutes.toFixed(0)} minutes</text>`,
  ].join('')
}

export function chart(title: string, charts: readonly Chart[]): string {
  const height = TOP + charts.length * CHART_HEIGHT
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title" font-family="system-ui, sans-serif" font-size="12" fill="#444">`,
    `<title id="title">${title}</title>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="16" y="24" font-size="15" font-weight="600">${title}</text>`,
    ...charts.map((one, i) => line(one, TOP + i * CHART_HEIGHT)),
    '</svg>',
    '',
  ].join('\n')
}
