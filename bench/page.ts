/**
 * How soon the page is there: a server that has just started and has run many scripts, a browser that has never seen it.
 *
 *     node --import tsx bench/page.ts [--runs 5] [--scripts 500] [--perilune bin/perilune]
 *
 * Times are ms since the browser began to navigate: the first answer, the load event, the first scripts painted, and all
 * drawn that is drawn unasked, charts and rows beyond the window's included.
 */
import { parseArgs } from 'node:util'
import { Browser } from '../test/support/chromium.ts'
import { freePort } from '../test/support/free-port.ts'
import { median } from './report.ts'
import { request, start, stop } from './servers.ts'

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    scripts: { type: 'string', default: '500' },
    perilune: { type: 'string', default: 'bin/perilune' },
  },
})

const SCRIPTS = Number(options.scripts)

/** Rows that the page draws unasked, and its charts. */
const ROWS = Math.min(SCRIPTS, 100)
const CHARTS = 6

/** Runs in the page: resolves with the times once all is drawn. */
const TIMES = `(async () => {
  const count = (selector) => document.querySelectorAll(selector).length
  const until = async (isTrue) => {
    while (!isTrue()) await new Promise(requestAnimationFrame)
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    return performance.now()
  }
  const seen = await until(() => count('tbody tr') > 0)
  const drawn = await until(() => count('tbody tr') >= ${ROWS} && count('#tiles canvas') === ${CHARTS})
  const [navigation] = performance.getEntriesByType('navigation')
  const resources = performance.getEntriesByType('resource')
    .map(({ name, startTime, responseStart, responseEnd }) => [name, startTime, responseStart, responseEnd])
  return { answered: navigation.responseStart, loaded: navigation.loadEventEnd, seen, drawn, resources }
})()`

const POINTS = ['answered', 'loaded', 'seen', 'drawn'] as const
type Point = (typeof POINTS)[number]

interface Times extends Readonly<Record<Point, number>> {
  readonly resources: readonly (readonly [string, number, number, number])[]
}

async function measure(): Promise<Times> {
  const port = await freePort()
  const server = await start('perilune', options.perilune, ['--metrics-port', String(port)])
  const browser = await Browser.launch()
  try {
    for (let i = 0; i < SCRIPTS; i++) await request(server.port, 'EVAL', `return ${i}`, '0')
    await browser.emulate(1280, 800, 'light')
    await browser.open(`http://localhost:${port}/`)
    return await browser.evaluate<Times>(TIMES)
  } finally {
    await browser.close()
    await stop(server)
  }
}

const all: Times[] = []
for (let run = 0; run < Number(options.runs); run++) {
  const times = await measure()
  all.push(times)
  console.log(POINTS.map((point) => `${point} ${times[point].toFixed(0)}`).join(', '))
  for (const [name, ...at] of times.resources)
    console.log(`  ${name} ${at.map((ms) => ms.toFixed(0)).join(' ')}`)
}
const medianOf = (point: Point) => median(all.map((times) => times[point])).toFixed(0)
console.log(`median: seen ${medianOf('seen')}, drawn ${medianOf('drawn')} ms`)
