/** Sockets that come, go and change while the thread sleeps. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RawClient, until } from '../toy-server.ts'
import {
  assertServes,
  connected,
  PING,
  pause,
  type Stage,
  serveUntilExecuted,
  WORKER,
  withGuardian,
} from './stage.ts'

async function allGone({ board }: Stage): Promise<void> {
  await until(() => board.connections.size === 0)
}

/** Connects until a connection has a descriptor that was freed: there are others that take what is free. */
async function withDescriptor(fd: number, stage: Stage): Promise<RawClient[]> {
  for (let i = 0; i < 50; i++) {
    const clients = [await connected(stage), await connected(stage)]
    if ([...stage.board.connections].some((connection) => connection.fd === fd)) return clients
    for (const client of clients) client.destroy()
    await allGone(stage)
  }
  throw new Error(`no connection has descriptor ${fd}`)
}

test('connections with the descriptors of those that are gone are read', () =>
  withGuardian(WORKER, async (stage) => {
    const { guardian, board, engine } = stage
    // While the thread starts it has files of its own.
    await assertServes(stage)
    await allGone(stage)
    const first = await connected(stage)
    const [gone] = board.connections
    const { fd } = gone!
    guardian.begin()
    guardian.end()
    first.destroy()
    await allGone(stage)
    const clients = await withDescriptor(fd, stage)
    const before = engine.executed
    for (const client of clients) client.send(PING)
    guardian.begin()
    for (let i = 0; i < 1000 && engine.executed < before + clients.length; i++) {
      guardian.serve()
      pause()
    }
    assert.equal(engine.executed, before + clients.length)
    guardian.end()
    for (const client of clients) await client.expect('+PONG\r\n')
  }))

test('the connection whose script runs is left alone, though it was lent before', () =>
  withGuardian(WORKER, async (stage) => {
    const { guardian, board, engine } = stage
    const clients = [await connected(stage), await connected(stage)]
    guardian.begin()
    guardian.end()
    const [running] = board.connections
    board.turn.running = running!
    const before = engine.executed
    for (const client of clients) client.send(PING)
    guardian.begin()
    serveUntilExecuted(stage)
    for (let i = 0; i < 10; i++) {
      guardian.serve()
      pause()
    }
    assert.equal(engine.executed, before + 1)
    board.turn.running = null
    guardian.end()
    for (const client of clients) await client.expect('+PONG\r\n')
  }))

test('what the thread read when it fell asleep may be gone when it wakes', () =>
  withGuardian(WORKER, async (stage) => {
    const { guardian } = stage
    const clients = [await connected(stage), await connected(stage)]
    for (let i = 0; i < 5; i++) {
      guardian.begin()
      guardian.end()
    }
    for (const client of clients) client.destroy()
    await allGone(stage)
    await assertServes(stage)
  }))

// The system ends a process that is to wait for a descriptor which is none any more, also when the thread's loop runs for
// the last time, at the end of this process.
test('and so may what it has only heard of', () =>
  withGuardian(WORKER, async (stage) => {
    const { guardian } = stage
    const clients = [await connected(stage), await connected(stage)]
    guardian.prepare()
    for (const client of clients) client.destroy()
    await allGone(stage)
    await assertServes(stage)
    await allGone(stage)
    const late = await connected(stage)
    guardian.prepare()
    late.destroy()
    await allGone(stage)
  }))
