/**
 * Sockets are handed to the guardian and taken back over and over while clients send pipelines, halves of commands and
 * large requests, connect, vanish and listen. Every reply is checked by content and connection: what a client gets is what
 * it asked for, or BUSY, in the order it asked.
 */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Access, PLAIN, type RunningServer, startPerilune, TLS } from '../support/server.ts'
import { assertClosed, assertSteady, descriptors, residentMiB } from './process.ts'
import { Random } from './random.ts'

const SECONDS = Number(process.env.PERILUNE_HANDOVER_SECONDS ?? 5)
const CLIENTS = 24
const BUSY = '-BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'
const LARGE = 'x'.repeat(300_000)

let server: RunningServer

function request(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`
}

/** Opens a socket and gathers what comes. */
class Client {
  private readonly socket: Socket
  private input = ''
  private wake: () => void = () => {}
  error: Error | undefined

  constructor() {
    this.socket = server.open()
    this.socket.setEncoding('latin1')
    this.socket.on('data', (text: string) => {
      this.input += text
      this.wake()
    })
    this.socket.on('error', (error) => {
      this.error = error
    })
    this.socket.on('close', () => {
      this.error ??= new Error('closed')
      this.wake()
    })
  }

  write(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** The next reply must be one of these; says which. */
  async expect(...possible: string[]): Promise<string> {
    for (;;) {
      const found = possible.find((text) => this.input.startsWith(text))
      if (found !== undefined) {
        this.input = this.input.slice(found.length)
        return found
      }
      const mayCome = possible.some((text) => text.startsWith(this.input.slice(0, text.length)))
      assert.ok(
        mayCome,
        `expected ${possible.map((text) => text.slice(0, 60))}, got ${this.input.slice(0, 200)}`,
      )
      if (this.error !== undefined) throw this.error
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  pauseReading(): void {
    this.socket.pause()
  }

  resumeReading(): void {
    this.socket.resume()
  }

  vanish(reset: boolean): void {
    if (reset) this.socket.resetAndDestroy()
    else this.socket.destroy()
  }
}

let isOver = false
let exchanged = 0
let busyReplies = 0

async function answered(client: Client, reply: string): Promise<void> {
  exchanged++
  if ((await client.expect(reply, `${BUSY}\r\n`)) !== reply) busyReplies++
}

/** Pipelines, cut anywhere, of unique texts. */
async function talk(name: string, random: Random): Promise<void> {
  const client = new Client()
  for (let turn = 0; !isOver; turn++) {
    const count = 1 + random.below(20)
    const texts = Array.from({ length: count }, (_, i) => `${name}:${turn}:${i}`)
    const bytes = texts.map((text) => request('ECHO', text)).join('')
    const cut = random.below(bytes.length)
    client.write(bytes.slice(0, cut))
    if (random.below(3) === 0) await pause(random.below(15))
    client.write(bytes.slice(cut))
    for (const text of texts) await answered(client, bulk(text))
  }
  client.vanish(false)
}

/** Large values both ways, read late. */
async function move(name: string, random: Random): Promise<void> {
  const client = new Client()
  while (!isOver) {
    client.write(request('SET', name, LARGE))
    exchanged++
    const stored = await client.expect('+OK\r\n', `${BUSY}\r\n`)
    if (stored !== '+OK\r\n') continue
    client.pauseReading()
    client.write(request('GET', name).repeat(4))
    await pause(random.below(40))
    client.resumeReading()
    for (let i = 0; i < 4; i++) await answered(client, bulk(LARGE))
  }
  client.vanish(false)
}

/** Connects, says something, and goes in every way there is. */
async function comeAndGo(name: string, random: Random): Promise<void> {
  for (let turn = 0; !isOver; turn++) {
    const client = new Client()
    const text = `${name}:${turn}`
    client.write(request('ECHO', text))
    switch (random.below(4)) {
      case 0:
        await answered(client, bulk(text))
        client.write(request('QUIT'))
        await client.expect('+OK\r\n')
        break
      case 1:
        client.write('*2\r\n$4\r\nECHO\r\n$9')
        break
      case 2:
        await answered(client, bulk(text))
        break
      default:
    }
    client.vanish(random.below(2) === 0)
    await pause(random.below(4))
  }
}

/** Messages arrive once each and in order. */
async function listen(): Promise<{ published(): number; received(): number; done: Promise<void> }> {
  const subscriber = await server.connect()
  await subscriber.send('subscribe', 'numbers')
  const publisher = await server.connect()
  let published = 0
  let received = 0
  const reading = (async () => {
    for (; ; received++) {
      const [, , text] = (await subscriber.next()) as [string, string, string]
      if (text === 'end') break
      assert.equal(text, String(received))
    }
  })()
  const publish = async (text: string) => {
    const reply = await publisher.send('publish', 'numbers', text)
    if (reply !== 1) await pause(1)
    return reply === 1
  }
  const writing = (async () => {
    while (!isOver) if (await publish(String(published))) published++
    while (!(await publish('end')));
  })()
  const done = Promise.all([reading, writing]).then(async () => {
    await subscriber.close()
    await publisher.close()
  })
  return { published: () => published, received: () => received, done }
}

/** Scripts that are late and end by themselves, or have to be killed. */
async function disturb(random: Random): Promise<number> {
  let scripts = 0
  const caller = new Client()
  for (; !isOver; scripts++) {
    if (random.below(2) === 0) {
      caller.write(
        request('EVAL', `for i = 1, ${1 + random.below(4)}e6 do end return 'done'`, '0') +
          request('ECHO', `after ${scripts}`),
      )
      await caller.expect(bulk('done'))
    } else {
      caller.write(request('EVAL', 'while true do end', '0') + request('ECHO', `after ${scripts}`))
      await pause(10 + random.below(20))
      const killer = new Client()
      for (;;) {
        killer.write(request('SCRIPT', 'KILL'))
        if ((await killer.expect('+OK\r\n', '-NOTBUSY No scripts in execution right now.\r\n')) === '+OK\r\n')
          break
      }
      killer.vanish(false)
      const sha = '694a5fe1ddb97a4c6a1bf299d9537c7d3d0f84e7'
      await caller.expect(
        `-ERR Script killed by user with SCRIPT KILL. script: ${sha}, on @user_script:1.\r\n`,
      )
    }
    await caller.expect(bulk(`after ${scripts}`))
    await pause(random.below(10))
  }
  caller.vanish(false)
  return scripts
}

async function exchange(t: TestContext): Promise<void> {
  isOver = false
  exchanged = 0
  busyReplies = 0
  const random = new Random()
  t.diagnostic(`seed ${random.seed}`)
  await pause(200)
  const opened = descriptors(server.pid)
  const clients = Array.from({ length: CLIENTS }, (_, i) => {
    const own = new Random(random.below(2 ** 31))
    if (i % 4 === 3) return comeAndGo(`c${i}`, own)
    return i % 8 === 0 ? move(`m${i}`, own) : talk(`t${i}`, own)
  })
  const listening = await listen()
  const scripts = disturb(random)
  let half = 0
  setTimeout(() => {
    half = residentMiB(server.pid)
  }, SECONDS * 500)
  setTimeout(() => {
    isOver = true
  }, SECONDS * 1000)
  await Promise.all([...clients, listening.done, scripts])
  t.diagnostic(
    `${await scripts} scripts, ${exchanged} replies, ${busyReplies} BUSY, ${listening.received()} messages`,
  )
  assert.equal(listening.received(), listening.published())
  assert.ok(busyReplies > 0 && busyReplies < exchanged)
  await assertClosed(server.pid, opened, 4)
  assertSteady(server.pid, half, 64)
}

async function withServer(access: Access, body: () => Promise<void>): Promise<void> {
  server = await startPerilune(['--busy-reply-threshold', '8', '--loglevel', 'warning'], access)
  try {
    await body()
  } catch (error) {
    throw new Error(`the server has said: ${server.output()}`, { cause: error })
  } finally {
    await server.stop()
  }
}

for (const access of [PLAIN, TLS]) {
  const title = `no reply is lost, doubled or crossed in ${SECONDS} s over ${access.name}`
  test(title, { timeout: (SECONDS + 60) * 1000 }, (t) => withServer(access, () => exchange(t)))
}
