/**
 * Random and mutated RESP streams: the server answers or closes, and nothing of it reaches another client.
 */
import assert from 'node:assert/strict'
import { connect as connectSocket, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type RunningServer, startPerilune } from '../support/server.ts'
import { assertSteady, residentMiB } from './process.ts'
import { Random } from './random.ts'

const STREAMS = Number(process.env.PERILUNE_STREAMS ?? 20_000)
const AT_ONCE = 40
const SILENCE_MS = 2000

let server: RunningServer

before(async () => {
  server = await startPerilune(['--metrics-port', '0', '--client-query-buffer-limit', '2mb'])
})

after(() => server.stop())

const WORDS = [
  'GET',
  'SET',
  'EVAL',
  'HSET',
  'ZADD',
  'MULTI',
  'EXEC',
  'HELLO',
  'SUBSCRIBE',
  'CONFIG',
  'LRANGE',
  'XX',
  'key',
  '',
  '-1',
  '3',
  '9223372036854775807',
  'return 1',
  '\r\n',
  '\0',
  'a'.repeat(300),
]

function validCommand(random: Random): Buffer {
  const count = 1 + random.below(5)
  const words = Array.from({ length: count }, () => random.pick(WORDS))
  if (random.chance(0.1)) return Buffer.from(`${words.filter((word) => /^[\w-]+$/.test(word)).join(' ')}\r\n`)
  return Buffer.from(
    `*${count}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
  )
}

const BROKEN = [
  '*',
  '$',
  '*-1\r\n',
  '*0\r\n',
  '$-1\r\n',
  '*1048577\r\n',
  '*2147483648\r\n',
  '$536870913\r\n',
  '*1\r\n$-5\r\n',
  '*1\r\n:1\r\n',
  '*3\r\n$3\r\nSET\r\n$',
  '"unbalanced\r\n',
  "'x\r\n",
  '*1\r\n$99999999999999999999\r\n',
  '*1\r\n$3\r\nGETxx',
  '\r\n\r\n',
  '\n',
  '*1\n$4\nPING\n',
]

function stream(random: Random): Buffer {
  const kind = random.below(10)
  if (kind === 0) return random.bytes(random.below(400))
  const parts: Buffer[] = []
  for (let i = random.below(6); i >= 0; i--) {
    parts.push(random.chance(0.15) ? Buffer.from(random.pick(BROKEN)) : validCommand(random))
  }
  const whole = Buffer.concat(parts)
  if (kind < 6) {
    for (let i = random.below(4); i > 0 && whole.length > 0; i--)
      whole[random.below(whole.length)] = random.below(256)
    return whole.subarray(0, random.chance(0.3) ? random.below(whole.length + 1) : whole.length)
  }
  return whole
}

/** Sends the stream in random pieces and closes; resolves when the server closed too or said nothing for a while. */
function send(random: Random, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connectSocket(server.port, '127.0.0.1')
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`no end to ${JSON.stringify(bytes.toString('latin1'))}`))
    }, SILENCE_MS * 10)
    const finish = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve()
    }
    socket.on('error', finish)
    socket.on('close', finish)
    socket.on('data', () => {})
    socket.on('connect', () => {
      const cut = random.below(bytes.length + 1)
      socket.write(bytes.subarray(0, cut))
      socket.end(bytes.subarray(cut))
    })
  })
}

test(`survives ${STREAMS} random and mutated streams`, { timeout: 600_000 }, async (t) => {
  const random = new Random()
  t.diagnostic(`seed ${random.seed}`)
  // A witness with an ordinary conversation: whatever strays from the others would show in it.
  const witness = connectSocket(server.port, '127.0.0.1')
  let heard = ''
  witness.on('data', (data) => {
    heard += data.toString('latin1')
  })
  let asked = 0
  let expected = ''
  const ask = async () => {
    const word = `witness-${asked++}`
    expected += `$${word.length}\r\n${word}\r\n`
    witness.write(`*2\r\n$4\r\nECHO\r\n$${word.length}\r\n${word}\r\n`)
    const deadline = Date.now() + SILENCE_MS * 5
    while (heard.length < expected.length && Date.now() < deadline) await pause(1)
    assert.equal(heard, expected)
    heard = ''
    expected = ''
  }
  let sent = 0
  let warm = 0
  const lane = async () => {
    while (sent < STREAMS) {
      sent++
      if (sent === Math.floor(STREAMS / 4)) warm = residentMiB(server.pid)
      await send(random, stream(random))
      if (sent % 200 === 0) await Promise.resolve()
    }
  }
  const watch = (async () => {
    while (sent < STREAMS) {
      await ask()
      await pause(20)
    }
  })()
  await Promise.all([...Array.from({ length: AT_ONCE }, lane), watch])
  await ask()
  witness.destroy()
  assertSteady(server.pid, warm, 64)
})
