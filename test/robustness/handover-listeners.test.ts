/**
 * Those who are told things without asking, while sockets go to the guardian and back over and over: monitors, and RESP3
 * clients that send pipelines and get messages on the same connection, over TCP and Unix sockets. Everybody hears what was
 * done, once and in order, and nothing that was refused.
 */
import assert from 'node:assert/strict'
import { connect as connectSocket, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { encode } from '../support/resp-client.ts'
import { Connection, type Reply, type RunningServer, startPerilune } from '../support/server.ts'
import { assertClosed, assertSteady, descriptors, residentMiB } from './process.ts'
import { Random } from './random.ts'

const SECONDS = Number(process.env.PERILUNE_HANDOVER_SECONDS ?? 5)
const SPEAKERS = 8
const MONITORS = 2
const VISITORS = 4
const BUSY =
  /^BUSY Valkey is busy running a script\. You can only call (SCRIPT|FUNCTION) KILL or SHUTDOWN NOSAVE\.$/
const NOT_BUSY = 'NOTBUSY No scripts in execution right now.'
const LIBRARY = `#!lua name=lib
redis.register_function('spin', function(_, args) for i = 1, tonumber(args[1]) do end return 'done' end)`

let server: RunningServer

before(async () => {
  server = await startPerilune([
    '--busy-reply-threshold',
    '8',
    '--loglevel',
    'warning',
    '--unixsocket',
    'sock',
  ])
})

after(() => server.stop())

let isOver = false
let refused = 0

function open(random: Random): Promise<Socket> {
  const target = random.chance(0.5)
    ? { path: join(server.dir, 'sock') }
    : { port: server.port, noDelay: true }
  return new Promise((resolve, reject) => {
    const socket = connectSocket(target)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

function isBusy(reply: Reply): boolean {
  if (typeof reply !== 'object' || reply === null || !('error' in reply)) return false
  assert.match(reply.error, BUSY)
  refused++
  return true
}

/** The reply of a command that is sent until it is not refused. */
async function insist(connection: Connection, ...words: string[]): Promise<Reply> {
  for (;;) {
    const reply = await connection.send(...words)
    if (!isBusy(reply)) return reply
    await pause(1)
  }
}

/** Rising numbers: which were heard must be exactly those that were said. */
class Tally {
  count = 0
  sum = 0
  private last = -1

  add(number: number): void {
    assert.ok(number > this.last, `${number} after ${this.last}`)
    this.last = number
    this.count++
    this.sum += number
  }

  get total(): readonly [number, number] {
    return [this.count, this.sum]
  }
}

/** Pipelines of messages to itself and of texts, which monitors see. */
class Speaker {
  readonly name: string
  readonly said = new Tally()
  private readonly published = new Tally()
  private readonly heard = new Tally()
  private readonly random: Random
  private connection!: Connection

  constructor(name: string, random: Random) {
    this.name = name
    this.random = random
  }

  async run(): Promise<number> {
    this.connection = new Connection(await open(this.random))
    await this.connection.send('HELLO', '3')
    await this.subscribe()
    for (let number = 0; !isOver; ) {
      const count = 1 + this.random.below(12)
      await this.talk(number, count)
      number += count
      if (this.random.below(4) === 0) await pause(this.random.below(12))
    }
    // What was published before an answered command has arrived.
    await this.connection.send('PING')
    this.listen()
    assert.deepEqual(this.heard.total, this.published.total, `messages to ${this.name}`)
    assert.deepEqual(await insist(this.connection, 'ECHO', `${this.name} end`), `${this.name} end`)
    await this.connection.close()
    return this.heard.count
  }

  /** In RESP3 the answer is a message, no reply. */
  private async subscribe(): Promise<void> {
    const { unsolicited } = this.connection
    for (;;) {
      this.connection.write(encode(['SUBSCRIBE', this.name]))
      while (unsolicited.length === 0) await pause(1)
      if (!isBusy(unsolicited.shift()!)) return
    }
  }

  private async talk(first: number, count: number): Promise<void> {
    const numbers = Array.from({ length: count }, (_, i) => first + i)
    const replies = await this.connection.pipeline(
      numbers.flatMap((number) => [
        ['PUBLISH', this.name, String(number)],
        ['ECHO', `${this.name} ${number}`],
      ]),
    )
    numbers.forEach((number, i) => {
      const published = replies[2 * i]!
      const echoed = replies[2 * i + 1]!
      if (!isBusy(published)) {
        // Visitors may listen, too.
        assert.ok(Number(published) >= 1)
        this.published.add(number)
      }
      if (!isBusy(echoed)) {
        assert.equal(echoed, `${this.name} ${number}`)
        this.said.add(number)
      }
    })
    this.listen()
  }

  private listen(): void {
    for (const message of this.connection.unsolicited.splice(0)) {
      const [kind, channel, text] = (message as { push: string[] }).push
      assert.deepEqual([kind, channel], ['message', this.name])
      this.heard.add(Number(text))
    }
  }
}

/** Sees all that the speakers said, though it reads late. */
async function watch(speakers: readonly Speaker[], random: Random, ready: () => void): Promise<number> {
  const socket = await open(random)
  const connection = new Connection(socket)
  assert.equal(await insist(connection, 'MONITOR'), 'OK')
  ready()
  const seen = new Map(speakers.map(({ name }) => [name, new Tally()]))
  let lines = 0
  for (let ended = 0; ended < speakers.length; lines++) {
    if (!isOver && random.below(2000) === 0) {
      socket.pause()
      await pause(random.below(60))
      socket.resume()
    }
    const words = / "ECHO" "(s\d+) (\w+)"$/.exec(String(await connection.next()))
    if (words === null) continue
    const [, name, number] = words
    if (number === 'end') ended++
    else seen.get(name!)!.add(Number(number))
  }
  for (const { name, said } of speakers) {
    assert.deepEqual(seen.get(name)!.total, said.total, `what a monitor saw of ${name}`)
  }
  await connection.close()
  return lines
}

/** Begins to listen in one way or another, and goes. */
async function visit(random: Random): Promise<void> {
  while (!isOver) {
    const socket = await open(random)
    socket.on('error', () => {})
    socket.resume()
    socket.write(
      random.pick([
        'MONITOR\r\n',
        'HELLO 3\r\nSUBSCRIBE a b\r\n',
        'PSUBSCRIBE *\r\nPING\r\n',
        'MULTI\r\n*2\r\n$4\r\nEC',
      ]),
    )
    await pause(random.below(20))
    const isTcp = socket.remotePort !== undefined
    if (isTcp && random.below(2) === 0) socket.resetAndDestroy()
    else socket.destroy()
  }
}

/** Scripts and functions that are late, and end by themselves or are killed; the caller has sent more already. */
async function disturb(random: Random): Promise<number> {
  const caller = new Connection(await open(random))
  await caller.send('FUNCTION', 'LOAD', LIBRARY)
  let turn = 0
  for (; !isOver; turn++) {
    const isFunction = random.chance(0.5)
    const rounds = random.chance(0.5) ? `${1 + random.below(4)}e6` : '1e15'
    const call = isFunction
      ? ['FCALL', 'spin', '0', rounds]
      : ['EVAL', "for i = 1, tonumber(ARGV[1]) do end return 'done'", '0', rounds]
    const replies = caller.pipeline([call, ['ECHO', `after ${turn}`]])
    if (rounds === '1e15') await kill(isFunction ? 'FUNCTION' : 'SCRIPT', random)
    const [result, echoed] = await replies
    assert.equal(echoed, `after ${turn}`)
    if (rounds !== '1e15') assert.equal(result, 'done')
    else
      assert.match(
        (result as { error: string }).error,
        /^ERR Script killed by user with (SCRIPT|FUNCTION) KILL\./,
      )
    await pause(random.below(10))
  }
  await caller.close()
  return turn
}

async function kill(kind: string, random: Random): Promise<void> {
  await pause(10 + random.below(20))
  const killer = new Connection(await open(random))
  for (;;) {
    const reply = await killer.send(kind, 'KILL')
    if (reply === 'OK') break
    assert.deepEqual(reply, { error: NOT_BUSY })
  }
  await killer.close()
}

/** Until the server has learnt of the last clients' ends; one that never does has leaked something. */
async function clientsAtRest(random: Random): Promise<string> {
  const connection = new Connection(await open(random))
  let list = ''
  for (let attempt = 0; attempt < 100; attempt++) {
    list = String(await connection.send('CLIENT', 'LIST'))
    if (list.trim().split('\n').length === 1) break
    await pause(100)
  }
  await connection.close()
  return list.trim()
}

test(`whoever listens hears everything once in ${SECONDS} s`, {
  timeout: (SECONDS + 60) * 1000,
}, async (t) => {
  const random = new Random()
  t.diagnostic(`seed ${random.seed}`)
  const own = () => new Random(random.below(2 ** 31))
  await clientsAtRest(random)
  const opened = descriptors(server.pid)
  const speakers = Array.from({ length: SPEAKERS }, (_, i) => new Speaker(`s${i}`, own()))
  const monitors: Promise<number>[] = []
  const watching = Array.from(
    { length: MONITORS },
    () =>
      new Promise<void>((ready) => {
        monitors.push(watch(speakers, own(), ready))
      }),
  )
  await Promise.all(watching)
  let half = 0
  setTimeout(() => {
    half = residentMiB(server.pid)
  }, SECONDS * 500)
  setTimeout(() => {
    isOver = true
  }, SECONDS * 1000)
  const scripts = disturb(own())
  const visitors = Array.from({ length: VISITORS }, () => visit(own()))
  const heard = await Promise.all(speakers.map((speaker) => speaker.run()))
  const [turns, lines] = await Promise.all([scripts, Promise.all(monitors), ...visitors])
  const messages = heard.reduce((sum, count) => sum + count, 0)
  t.diagnostic(`${turns} scripts, ${refused} BUSY, ${messages} messages, ${lines} lines of monitors`)
  assert.ok(refused > 0 && messages > 0)
  const list = await clientsAtRest(random)
  assert.equal(list.split('\n').length, 1, list)
  await assertClosed(server.pid, opened, 4)
  assertSteady(server.pid, half, 64)
})
