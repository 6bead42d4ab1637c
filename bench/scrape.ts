/**
 * What it takes to be watched closely: a server is scraped ten times a second while clients keep it busy with thousands of
 * different scripts, half of them loaded, half sent with EVAL, so that scripts come and go. Series must stay few and memory
 * level; and then it is scraped while one script runs and does not end.
 *
 *     node --import tsx bench/scrape.ts [--minutes 10] [--scripts 10000] [--perilune bin/perilune] [--out bench/results]
 *
 * promtool, where there is one, checks the first and the last text.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../test/support/free-port.ts'
import { machine, median } from './report.ts'
import { type Chart, chart } from './scrape-chart.ts'
import { cpuMs, memoryMiB, request, type Server, start, stop } from './servers.ts'

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    scripts: { type: 'string', default: '10000' },
    perilune: { type: 'string', default: 'bin/perilune' },
    out: { type: 'string', default: '' },
  },
})

const SCRAPE_MS = 100
/** A row of the report each. */
const ROWS = 20
const CLIENTS = 8
const PIPELINE = 16
const SCRIPTS = Number(options.scripts)
const DURATION_MS = Number(options.minutes) * 60_000
/** Digits of a SHA that a label has. */
const LABEL_DIGITS = 12
/** Scrapes while a script does not end. */
const BLOCKED_SCRAPES = 200

function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
}

/** Every tenth says what it is called, every hundredth fails. */
function scriptOf(i: number): string {
  const name = i % 10 === 0 ? `-- name: script${i}\n` : ''
  if (i % 100 === 1) return `return redis.error_reply('E${i % 7} no')`
  return `${name}redis.call('set', KEYS[1], '${i}') return redis.call('get', KEYS[1])`
}

/** The requests of one script of each number. */
async function requests(port: number): Promise<string[]> {
  const all: string[] = []
  for (let i = 0; i < SCRIPTS; i++) {
    const keys = ['1', `key:${i}`]
    if (i % 2 === 0) all.push(encode(['EVAL', scriptOf(i), ...keys]))
    else {
      const sha = (await request(port, 'SCRIPT', 'LOAD', scriptOf(i))).split('\r\n')[1]!
      all.push(encode(['EVALSHA', sha, ...keys]))
    }
  }
  return all
}

/** Sends random requests in pipelines until it is closed. */
function load(port: number, all: readonly string[]): Socket {
  const socket = connect(port, '127.0.0.1')
  let missing = 0
  const send = () => {
    let text = ''
    for (let i = 0; i < PIPELINE; i++) text += all[Math.floor(Math.random() * all.length)]
    missing = PIPELINE
    socket.write(text)
  }
  socket.on('connect', send)
  socket.on('data', (data) => {
    // Replies here are errors of one line, or a bulk string of two.
    for (const byte of data) if (byte === DOLLAR || byte === MINUS) missing--
    if (missing === 0) send()
  })
  return socket
}

const DOLLAR = 36
const MINUS = 45

interface Row {
  readonly minute: number
  readonly series: number
  readonly scriptLabels: number
  readonly bytes: number
  readonly scrapeMs: number
  readonly worstMs: number
  readonly residentMiB: number
  readonly runs: number
}

interface Scraped {
  readonly text: string
  readonly ms: number
}

async function scrape(port: number): Promise<Scraped> {
  const started = performance.now()
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  const text = await response.text()
  return { text, ms: performance.now() - started }
}

function seriesOf(text: string): number {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
}

function labelsOf(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^perilune_script_calls_total\{script="([^"]*)"/gm)].map((match) => match[1]!),
  )
}

async function untilScraped(port: number): Promise<Scraped> {
  for (;;) {
    try {
      return await scrape(port)
    } catch {
      await pause(SCRAPE_MS)
    }
  }
}

/** What the linter says, but for names that are redis_exporter's. */
function lint(text: string): string {
  const { status, error, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input: text })
  if (error !== undefined) return 'there is no promtool'
  const problems = `${stdout}${stderr}`
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('redis_'))
  return problems.length === 0 ? 'nothing' : `status ${status}: ${problems.join('; ')}`
}

interface Watched {
  readonly rows: readonly Row[]
  readonly first: string
  readonly last: string
  readonly everSeen: number
  readonly backwards: number
}

async function watch(server: Server, port: number): Promise<Watched> {
  const all = await requests(server.port)
  const first = (await untilScraped(port)).text
  const sockets = Array.from({ length: CLIENTS }, () => load(server.port, all))
  const rows: Row[] = []
  const labels = new Set<string>()
  let times: number[] = []
  let last = first
  let backwards = 0
  const started = performance.now()
  for (let next = started; ; next += SCRAPE_MS) {
    await pause(Math.max(0, next - performance.now()))
    const { text, ms } = await scrape(port)
    times.push(ms)
    for (const label of labelsOf(text)) labels.add(label)
    backwards += countersThatFell(last, text)
    last = text
    const passed = performance.now() - started
    if (passed >= ((rows.length + 1) / ROWS) * DURATION_MS) {
      rows.push(rowOf(text, times, passed / 60_000, memoryMiB(server).now))
      console.log(rows.at(-1))
      times = []
    }
    if (rows.length === ROWS) break
  }
  for (const socket of sockets) socket.destroy()
  return { rows, first, last, everSeen: labels.size, backwards }
}

function rowOf(text: string, times: readonly number[], minute: number, residentMiB: number): Row {
  const runs = [...text.matchAll(/^perilune_script_calls_total\{[^}]*\} (\S+)/gm)]
  return {
    minute,
    series: seriesOf(text),
    scriptLabels: labelsOf(text).size,
    bytes: Buffer.byteLength(text),
    scrapeMs: median(times),
    worstMs: Math.max(...times),
    residentMiB,
    runs: runs.reduce((sum, match) => sum + Number(match[1]), 0),
  }
}

/** Counters of scripts that were less than at the scrape before. */
function countersThatFell(before: string, after: string): number {
  const known = new Map(counters(before))
  let fallen = 0
  for (const [series, value] of counters(after)) if (value < (known.get(series) ?? 0)) fallen++
  return fallen
}

function counters(text: string): [string, number][] {
  return [...text.matchAll(/^(perilune_script_\w+_total\{[^}]*\}) (\S+)/gm)].map((match) => [
    match[1]!,
    Number(match[2]),
  ])
}

interface Blocked {
  readonly times: readonly number[]
  /** Scrapes that showed the script. */
  readonly seen: number
}

const ENDLESS = 'while true do end'

/** Scrapes while a script does not end. */
async function block(server: Server, port: number): Promise<Blocked> {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(encode(['EVAL', ENDLESS, '0']))
  // It is named after a second.
  await pause(1500)
  const label = createHash('sha1').update(ENDLESS).digest('hex').slice(0, LABEL_DIGITS)
  const times: number[] = []
  let seen = 0
  for (let i = 0; i < BLOCKED_SCRAPES; i++) {
    const { text, ms } = await scrape(port)
    times.push(ms)
    if (text.includes(`\nperilune_script_running_seconds{script="${label}"`)) seen++
    await pause(SCRAPE_MS / 2)
  }
  await request(server.port, 'SCRIPT', 'KILL')
  socket.destroy()
  return { times, seen }
}

function report(
  { rows, first, last, everSeen, backwards }: Watched,
  blocked: Blocked,
  version: string,
): string {
  const total = rows.at(-1)!
  const cells = rows.map((row) => [
    row.minute.toFixed(1),
    row.series.toLocaleString('en-US'),
    String(row.scriptLabels),
    (row.bytes / 1024).toFixed(0),
    row.scrapeMs.toFixed(1),
    row.worstMs.toFixed(0),
    row.residentMiB.toFixed(1),
    row.runs.toLocaleString('en-US'),
  ])
  const head = [
    'minute',
    'series',
    'script labels',
    'KiB a scrape',
    'median ms',
    'worst ms',
    'resident MiB',
    'script runs',
  ]
  return [
    '# Scraped while busy',
    '',
    `perilune ${version}. ${machine()}. ${SCRIPTS.toLocaleString('en-US')} different scripts, ${CLIENTS} connections with pipelines of ${PIPELINE}, a scrape`,
    `every ${SCRAPE_MS} ms for ${total.minute.toFixed(0)} minutes; servers, clients and scraper share the machine. See bench/scrape.ts.`,
    '',
    ...[head, head.map(() => '---:'), ...cells].map((row) => `| ${row.join(' | ')} |`),
    '',
    `Labels of scripts seen in all: ${everSeen}. Counters of scripts that ever fell: ${backwards}.`,
    `promtool has to say of the first text: ${lint(first)}; of the last: ${lint(last)}.`,
    '',
    `While \`while true do end\` runs, ${blocked.times.length} scrapes took ${median(blocked.times).toFixed(1)} ms at the median, ${Math.max(...blocked.times).toFixed(0)} ms at most; ${blocked.seen} of them showed`,
    'the script and for how long it had been running.',
    '',
    '![Resident memory, series and time of a scrape](scrape.svg)',
    '',
  ].join('\n')
}

function charts(rows: readonly Row[]): Chart[] {
  const points = (pick: (row: Row) => number) => rows.map((row) => [row.minute, pick(row)] as const)
  return [
    { title: 'Resident memory, MiB', points: points((row) => row.residentMiB) },
    { title: 'Series', points: points((row) => row.series) },
    { title: 'Median time of a scrape, ms', points: points((row) => row.scrapeMs) },
  ]
}

const port = await freePort()
const server = await start('perilune', options.perilune, ['--metrics-port', String(port)])
try {
  const cpuBefore = cpuMs(server)
  const watched = await watch(server, port)
  console.log(`CPU ${((cpuMs(server) - cpuBefore) / DURATION_MS).toFixed(2)} cores`)
  const blocked = await block(server, port)
  const text = report(watched, blocked, server.version)
  console.log(text)
  if (options.out !== '') {
    writeFileSync(join(options.out, 'scrape.md'), text)
    writeFileSync(join(options.out, 'scrape.svg'), chart('Scraped ten times a second', charts(watched.rows)))
  }
} finally {
  await stop(server)
}
