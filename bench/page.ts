/**
 * How soon the page is there: a server that has just started and has run many scripts, a browser that has never seen it.
 *
 *     node --import tsx bench/page.ts [--runs 5] [--scripts 500] [--perilune bin/perilune]
 *
 * Times are ms since the browser began to navigate: the first answer, the load event, and the scripts drawn.
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

/** Runs in the page: resolves with the times once the scripts have been drawn. */
const TIMES = `new Promise((resolve) => {
  const look = () => {
    if (!/[1-9]/.test(document.querySelector('#scripts-count')?.textContent ?? '')) return requestAnimationFrame(look)
    requestAnimationFrame(() => setTimeout(() => {
      const [navigation] = performance.getEntriesByType('navigation')
      const resources = performance.getEntriesByType('resource')
        .map(({ name, startTime, responseStart, responseEnd }) => [name, startTime, responseStart, responseEnd])
      resolve({ answered: navigation.responseStart, loaded: navigation.loadEventEnd, drawn: performance.now(), resources })
    }))
  }
  look()
})`

interface Times {
  readonly answered: number
  readonly loaded: number
  readonly drawn: number
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
  console.log(
    `answered ${times.answered.toFixed(0)}, loaded ${times.loaded.toFixed(0)}, drawn ${times.drawn.toFixed(0)} ms`,
  )
  for (const [name, ...at] of times.resources)
    console.log(`  ${name} ${at.map((ms) => ms.toFixed(0)).join(' ')}`)
}
console.log(`median: drawn ${median(all.map(({ drawn }) => drawn)).toFixed(0)} ms`)
