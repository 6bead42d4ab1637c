/**
 * Random scripts: each ends in a reply, the server goes on, and its memory stays where it was.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Connection, connect, type RunningServer, startPerilune } from '../support/server.ts'
import { assertSteady, residentMiB } from './process.ts'
import { Random } from './random.ts'
import { randomScript } from './script-text.ts'

const KILL_AFTER_MS = 1000
const SCRIPTS = Number(process.env.PERILUNE_SCRIPTS ?? 3_000)

let server: RunningServer
let connection: Connection
let killer: Connection

before(async () => {
  server = await startPerilune(['--lua-memory-limit', '64mb', '--busy-reply-threshold', '200'])
  connection = await connect(server.port)
  killer = await connect(server.port)
})

after(async () => {
  await connection.close()
  await killer.close()
  await server.stop()
})

/** Some do not end, or not before billions of turns: those are killed. */
async function run(script: string): Promise<void> {
  const late = setInterval(() => void killer.send('SCRIPT', 'KILL'), KILL_AFTER_MS)
  await connection.send('EVAL', script, '1', 'key', 'argument')
  clearInterval(late)
}

test(`survives ${SCRIPTS} random scripts`, { timeout: 600_000 }, async (t) => {
  const random = new Random()
  t.diagnostic(`seed ${random.seed}`)
  let warm = 0
  for (let i = 0; i < SCRIPTS; i++) {
    const script = randomScript(random)
    if (i === SCRIPTS >> 1) warm = residentMiB(server.pid)
    await run(script)
    if (i % 50 === 0) {
      await connection.send('FLUSHALL')
      assert.equal(await connection.send('EVAL', 'return 41 + 1', '0'), 42, script)
    }
  }
  assertSteady(server.pid, warm, 96)
})
