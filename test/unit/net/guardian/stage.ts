/**
 * A guardian with a toy server, and a thread that is real or plays one.
 */
import assert from 'node:assert/strict'
import { newControlBlock } from '../../../../src/control-block.ts'
import { Guardian, type GuardianParts } from '../../../../src/net/guardian/guardian.ts'
import { encode } from '../../protocol/requests.ts'
import { LAYERS, type RawClient, type ToyServer, withServer } from '../toy-server.ts'

export const WORKER = new URL('../../../../dist/net/guardian/worker.js', import.meta.url)
/** For threads that answer at once or never. */
const SHORT_WAIT_MS = 200
export const PING = encode(['PING'])

export interface Stage extends ToyServer {
  readonly guardian: Guardian
  /** What the guardian is given; the next thread is made of what is there then. */
  readonly parts: { -readonly [K in keyof GuardianParts]: GuardianParts[K] }
}

/** The tests are the script that keeps the engine, so that they lend and take back. */
export function withGuardian(entry: URL, body: (stage: Stage) => Promise<void>): Promise<void> {
  return withServer(LAYERS[0]!, async (server) => {
    const parts: Stage['parts'] = {
      board: server.board,
      control: newControlBlock(),
      backlog: () => 511,
      listeners: () => [],
      entry,
      answerWaitMs: entry === WORKER ? undefined : SHORT_WAIT_MS,
    }
    const guardian = new Guardian(parts)
    try {
      await body({ ...server, parts, guardian })
    } finally {
      server.board.closeAll()
      await guardian.stop()
    }
  })
}

export async function connected(stage: Stage): Promise<RawClient> {
  const client = await stage.connect()
  client.send(PING)
  await client.expect('+PONG\r\n')
  return client
}

export function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
}

/** Serves until a client's input has come by way of a thread: this one's event loop does not run meanwhile. */
export function serveUntilExecuted({ guardian, engine }: Stage): void {
  const before = engine.executed
  const deadline = performance.now() + 20_000
  while (engine.executed === before && performance.now() < deadline) {
    guardian.serve()
    pause()
  }
  assert.equal(engine.executed, before + 1)
}

export async function assertServes(stage: Stage): Promise<void> {
  const client = await connected(stage)
  client.send(PING)
  stage.guardian.begin()
  serveUntilExecuted(stage)
  stage.guardian.end()
  await client.expect('+PONG\r\n')
  client.send(PING)
  await client.expect('+PONG\r\n')
  client.destroy()
}
