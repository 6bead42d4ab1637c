/**
 * The guardian with threads that fail, die or say nothing: their clients are not left waiting, and one that was of use is
 * followed by another.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SEQUENCE } from '../../../../src/control-block.ts'
import type { ListeningSocket } from '../../../../src/net/tcp.ts'
import { until } from '../toy-server.ts'
import { assertServes, connected, PING, pause, type Stage, WORKER, withGuardian } from './stage.ts'

const script = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`)
const DIES = script("throw new Error('no')")
/** Says that it is there, answers the first request, and says nothing from then on. */
const FALLS_SILENT = script(`
  import { workerData } from 'node:worker_threads'
  const { port, control, signals } = workerData
  let isSilent = false
  port.on('message', (message) => {
    if (!('end' in message) || isSilent) return
    isSilent = true
    Atomics.add(signals, 0, 1)
    Atomics.notify(signals, 0)
  })
  Atomics.store(control, ${SEQUENCE}, 2)`)
/** Never can be listened at. */
const BROKEN: ListeningSocket = {
  port: 0,
  ready: Promise.resolve(),
  descriptor: { fd: 1_000_000, isUnix: false },
  adopt() {},
  close: async () => {},
}

async function answersOnce({ guardian, parts }: Stage): Promise<void> {
  await until(() => Atomics.load(parts.control, SEQUENCE) !== 0)
  guardian.begin()
  guardian.end()
}

/** The next thread is to be a real one. */
function allowFollower({ parts }: Stage): void {
  parts.entry = WORKER
  parts.answerWaitMs = undefined
}

const warnings = ({ engine }: Stage, pattern: RegExp) =>
  engine.logged.filter((text) => pattern.test(text)).length

test('nothing is lent to a thread that died at its start, and no other follows', () =>
  withGuardian(DIES, async (stage) => {
    const client = await connected(stage)
    await until(() => warnings(stage, /late scripts cannot be stopped/) === 1)
    assert.equal(warnings(stage, /failed: Error: no/), 1)
    stage.guardian.begin()
    client.send(PING)
    stage.guardian.serve()
    stage.guardian.end()
    await client.expect('+PONG\r\n')
  }))

test('nor to one that has died unnoticed', () =>
  withGuardian(DIES, async (stage) => {
    const client = await connected(stage)
    stage.guardian.begin()
    stage.guardian.serve()
    stage.guardian.end()
    stage.guardian.begin()
    stage.guardian.end()
    await until(() => client.ended)
    assert.equal(warnings(stage, /late scripts cannot be stopped/), 1)
  }))

test('the clients of a thread that falls silent are let go, and another follows', () =>
  withGuardian(FALLS_SILENT, async (stage) => {
    const { guardian, board } = stage
    const client = await connected(stage)
    await answersOnce(stage)
    guardian.begin()
    allowFollower(stage)
    guardian.end()
    await until(() => client.ended)
    assert.equal(board.connections.size, 0)
    assert.equal(warnings(stage, /does not answer/), 1)
    await assertServes(stage)
  }))

test('a socket is closed though the thread does not say that it reads it no more', () =>
  withGuardian(FALLS_SILENT, async (stage) => {
    const { guardian, board } = stage
    const client = await connected(stage)
    await answersOnce(stage)
    guardian.begin()
    const [connection] = board.connections
    connection!.terminate()
    allowFollower(stage)
    guardian.serve()
    await until(() => client.ended)
    guardian.end()
    await assertServes(stage)
  }))

test('a thread that fails while it has the sockets is followed by another at once', () =>
  withGuardian(WORKER, async (stage) => {
    await assertServes(stage)
    const { guardian, parts, board } = stage
    const clients = [await connected(stage), await connected(stage)]
    parts.listeners = () => [BROKEN]
    // Whose script runs is not lent, and keeps its connection.
    const [running] = board.connections
    board.turn.running = running!
    guardian.begin()
    parts.listeners = () => []
    const deadline = performance.now() + 20_000
    while (board.connections.size > 1 && performance.now() < deadline) {
      guardian.serve()
      pause()
    }
    board.turn.running = null
    guardian.end()
    await until(() => clients[1]!.ended)
    await until(() => warnings(stage, /failed: .*EBADF/) === 1)
    assert.equal(clients[0]!.ended, false)
    await assertServes(stage)
  }))
