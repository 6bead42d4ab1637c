/**
 * How fast a late script lets others in, and ends: with many idle connections, for scripts of several kinds.
 *
 *     node --import tsx bench/busy.ts [--repeats 15] [--idle 1,100,2000] [--out FILE]
 *
 * Two times, in ms, medians and the worst: from the threshold to the BUSY that answers a command which waited for it (the
 * guardian's glance, 1 ms here, included twice at most), and from opening a connection for SCRIPT KILL to the error that
 * the script's caller gets. The client runs on the same machine, whose noise is in the figures.
 */
import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { median } from './report.ts'
import { type Server, start, stop } from './servers.ts'

const { values: options } = parseArgs({
  options: {
    repeats: { type: 'string', default: '15' },
    idle: { type: 'string', default: '1,100,2000' },
    perilune: { type: 'string', default: 'bin/perilune' },
    out: { type: 'string', default: '' },
  },
})

/** The guardian then glances every millisecond. */
const THRESHOLD_MS = 8
const REPEATS = Number(options.repeats)
/** Scripts are killed a little after they got late. */
const KILL_AFTER_MS = 20

const LIBRARY = `#!lua name=bench
redis.register_function('endless', function() while true do end end)`

const KINDS: Readonly<Record<string, readonly string[]>> = {
  'empty loop': ['EVAL', 'while true do end', '0'],
  'nested pcall': [
    'EVAL',
    'local function f() return pcall(function() while true do pcall(error) end end) end while true do f() end',
    '0',
  ],
  'redis.call': ['EVAL', "while true do redis.call('get', 'x') end", '0'],
  pattern: ['EVAL', "return string.find(string.rep('a', 40), string.rep('a*', 40) .. 'b')", '0'],
  sort: [
    'EVAL',
    'local t = {} for i = 1, 20000 do t[i] = i end while true do table.sort(t, function(a, b) return a > b end) end',
    '0',
  ],
  coroutine: [
    'EVAL',
    'local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end',
    '0',
  ],
  gsub: [
    'EVAL',
    "while true do string.gsub(string.rep('x', 10000), 'x', function(c) return c .. c end) end",
    '0',
  ],
  function: ['FCALL', 'endless', '0'],
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.setNoDelay(true)
    socket.once('error', reject)
  })
}

/** Sends a command; resolves with the reply and when it came. */
function send(socket: Socket, words: readonly string[]): Promise<{ text: string; at: number }> {
  return new Promise((resolve) => {
    socket.once('data', (data) => resolve({ text: data.toString('latin1'), at: performance.now() }))
    socket.write(
      `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
    )
  })
}

async function once(server: Server, words: readonly string[]): Promise<{ busy: number; killed: number }> {
  const caller = await open(server.port)
  const other = await open(server.port)
  await send(other, ['PING'])
  const started = performance.now()
  const ended = send(caller, words)
  await pause(2)
  const busy = await send(other, ['GET', 'x'])
  if (!busy.text.startsWith('-BUSY')) throw new Error(`expected BUSY, got ${busy.text}`)
  await pause(KILL_AFTER_MS)
  const opened = performance.now()
  const killer = await open(server.port)
  const kill = send(killer, words[0] === 'FCALL' ? ['FUNCTION', 'KILL'] : ['SCRIPT', 'KILL'])
  const [ok, error] = await Promise.all([kill, ended])
  if (!ok.text.startsWith('+OK') || !error.text.includes('killed by user'))
    throw new Error(ok.text + error.text)
  for (const socket of [caller, other, killer]) socket.destroy()
  return { busy: busy.at - started - THRESHOLD_MS, killed: error.at - opened }
}

const lines = [
  '| idle connections | script | threshold to BUSY | worst | SCRIPT KILL to the error | worst |',
  '| ---: | --- | ---: | ---: | ---: | ---: |',
]
const server = await start('perilune', options.perilune, [
  '--metrics-port',
  '0',
  '--busy-reply-threshold',
  String(THRESHOLD_MS),
])
const idle: Socket[] = []
try {
  const loader = await open(server.port)
  const { text } = await send(loader, ['FUNCTION', 'LOAD', LIBRARY])
  const hasFunctions = !text.startsWith('-')
  for (const count of options.idle.split(',').map(Number)) {
    while (idle.length < count) idle.push(await open(server.port))
    for (const [kind, words] of Object.entries(KINDS)) {
      if (words[0] === 'FCALL' && !hasFunctions) continue
      const samples: { busy: number; killed: number }[] = []
      for (let i = 0; i <= REPEATS; i++) {
        const sample = await once(server, words)
        if (i > 0) samples.push(sample)
        await pause(5)
      }
      const figure = (pick: (sample: { busy: number; killed: number }) => number) => {
        const values = samples.map(pick)
        return `${median(values).toFixed(2)} | ${Math.max(...values).toFixed(2)}`
      }
      lines.push(`| ${count} | ${kind} | ${figure((s) => s.busy)} | ${figure((s) => s.killed)} |`)
      console.log(lines.at(-1))
    }
  }
} finally {
  for (const socket of idle) socket.destroy()
  await stop(server)
}
if (options.out !== '') {
  writeFileSync(
    options.out,
    `# A late script\n\nMilliseconds, ${REPEATS} repeats; see bench/busy.ts.\n\n${lines.join('\n')}\n`,
  )
}
