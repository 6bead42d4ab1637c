/**
 * Whether scripts leak: resident memory while ever new texts are EVAL'd, and then while one script runs millions of times.
 * The cache keeps the last 500 texts, so memory must be flat once that is full and the heaps have found their size.
 *
 *     node --import tsx bench/script-cache.ts [--evals 1000000] [--calls 10000000] [--out FILE.svg]
 */
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import { memoryMiB, request, type Server, start, stop } from './servers.ts'

const { values: options } = parseArgs({
  options: {
    evals: { type: 'string', default: '1000000' },
    calls: { type: 'string', default: '10000000' },
    perilune: { type: 'string', default: 'bin/perilune' },
    out: { type: 'string', default: '' },
  },
})

const PIPELINE = 200
const CONNECTIONS = 4
const SAMPLE_MS = 1000

interface Sample {
  readonly seconds: number
  readonly mebibytes: number
}

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
}

/** Sends what `next` gives for 0 .. count - 1, in pipelines; every reply must be the integer 1. */
async function send(port: number, count: number, next: (i: number) => string): Promise<void> {
  const REPLY = ':1\r\n'
  let sent = 0
  const worker = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      let awaited = 0
      const fill = () => {
        if (sent >= count) return void socket.end(resolve)
        let text = ''
        for (; awaited < PIPELINE && sent < count; awaited++) text += next(sent++)
        socket.write(text, 'latin1')
      }
      socket.setEncoding('latin1')
      let input = ''
      socket.on('data', (data: string) => {
        input += data
        const replies = Math.floor(input.length / REPLY.length)
        const expected = REPLY.repeat(replies)
        if (!input.startsWith(expected)) return reject(new Error(`unexpected reply: ${input.slice(0, 200)}`))
        input = input.slice(expected.length)
        awaited -= replies
        if (awaited === 0) fill()
      })
      socket.on('error', reject)
      fill()
    })
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
}

/** Resident memory once a second while `work` is done. */
async function watch(server: Server, work: Promise<void>): Promise<Sample[]> {
  const begun = performance.now()
  const samples: Sample[] = []
  const sample = () => {
    samples.push({ seconds: (performance.now() - begun) / 1000, mebibytes: memoryMiB(server).now })
  }
  const timer = setInterval(sample, SAMPLE_MS)
  await work
  clearInterval(timer)
  sample()
  return samples
}

function chart(phases: readonly { readonly title: string; readonly samples: readonly Sample[] }[]): string {
  const WIDTH = 360
  const HEIGHT = 160
  const LEFT = 50
  const TOP = 30
  const top =
    Math.ceil(Math.max(...phases.flatMap(({ samples }) => samples.map((s) => s.mebibytes))) / 50) * 50
  const panels = phases.map(({ title, samples }, i) => {
    const x0 = LEFT + i * (WIDTH + LEFT)
    const last = samples.at(-1)!.seconds
    const points = samples.map(
      ({ seconds, mebibytes }) =>
        `${(x0 + (seconds / last) * WIDTH).toFixed(1)},${(TOP + HEIGHT - (mebibytes / top) * HEIGHT).toFixed(1)}`,
    )
    return [
      `<text x="${x0}" y="18" font-weight="600">${title}</text>`,
      `<path d="M${x0} ${TOP}V${TOP + HEIGHT}H${x0 + WIDTH}" fill="none" stroke="#999"/>`,
      `<text x="${x0 - 6}" y="${TOP + 8}" text-anchor="end">${top} MiB</text>`,
      `<text x="${x0 - 6}" y="${TOP + HEIGHT}" text-anchor="end">0</text>`,
      `<text x="${x0 + WIDTH}" y="${TOP + HEIGHT + 16}" text-anchor="end">${last.toFixed(0)} s</text>`,
      `<polyline points="${points.join(' ')}" fill="none" stroke="#3b6fb6" stroke-width="2"/>`,
    ].join('\n')
  })
  const width = LEFT + phases.length * (WIDTH + LEFT)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${TOP + HEIGHT + 30}" role="img" font-family="system-ui, sans-serif" font-size="12" fill="#666">`,
    '<title>Resident memory</title>',
    ...panels,
    '</svg>',
    '',
  ].join('\n')
}

/** How far memory went up and down after the first minute, or the first half of a shorter run. */
function describe(title: string, samples: readonly Sample[]): void {
  const settled = Math.min(60, samples.at(-1)!.seconds / 2)
  const rest = samples.filter(({ seconds }) => seconds >= settled).map(({ mebibytes }) => mebibytes)
  const first = rest[0]!.toFixed(1)
  const last = rest.at(-1)!.toFixed(1)
  console.log(
    `${title}: after ${settled.toFixed(0)} s ${first} MiB, at the end ${last} MiB, between ${Math.min(...rest).toFixed(1)} and ${Math.max(...rest).toFixed(1)} MiB`,
  )
}

const evals = Number(options.evals)
const calls = Number(options.calls)
const server = await start('perilune', options.perilune, ['--metrics-port', '0'])
try {
  const texts = await watch(
    server,
    send(server.port, evals, (i) => command('EVAL', `local n = ${i} return n - n + 1`, '0')),
  )
  const reply = await request(server.port, 'SCRIPT', 'LOAD', 'return #KEYS[1] > 0 and 1')
  const sha = reply.split('\r\n')[1]!
  const runs = await watch(
    server,
    send(server.port, calls, (i) => command('EVALSHA', sha, '1', `key:${i}`)),
  )
  const phases = [
    { title: `${evals.toLocaleString('en')} EVAL, each another text`, samples: texts },
    { title: `${calls.toLocaleString('en')} EVALSHA`, samples: runs },
  ]
  for (const { title, samples } of phases) describe(title, samples)
  if (options.out !== '') writeFileSync(options.out, chart(phases))
} finally {
  await stop(server)
}
