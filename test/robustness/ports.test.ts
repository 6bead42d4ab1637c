/**
 * The port of a running server changes again and again: nothing of the old ones stays behind, and who comes over the new
 * one is heard while a script is late.
 */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { BUSY, ENDLESS, errorOf, KILLED, LATE, untilBusy } from '../scripting/late.ts'
import { TLS_FILES, writeTlsFiles } from '../support/access.ts'
import { whenOpen } from '../support/resp-client.ts'
import { Connection, connect, freePort, type RunningServer, startPerilune, TLS } from '../support/server.ts'
import { assertClosed, descriptors } from './process.ts'

const CHANGES = 12

const threads = (pid: number) => readdirSync(`/proc/${pid}/task`).length

/** A script is late, and killed by who comes this way. */
async function assertHeard(caller: Connection, open: () => Promise<Connection>): Promise<void> {
  const watcher = await open()
  const ended = caller.send('eval', ENDLESS, '0')
  await untilBusy((...words) => watcher.send(...words))
  const visitor = await open()
  assert.deepEqual(await visitor.send('ping'), BUSY)
  assert.equal(await visitor.send('script', 'kill'), 'OK')
  assert.match(errorOf(await ended), KILLED)
  assert.equal(await watcher.send('ping'), 'PONG')
  await visitor.close()
  await watcher.close()
}

async function withServer(body: (server: RunningServer, caller: Connection) => Promise<void>): Promise<void> {
  const server = await startPerilune([...LATE, '--unixsocket', 'sock', ...TLS_FILES])
  try {
    const caller = await server.connect()
    writeTlsFiles(server.dir)
    await body(server, caller)
    await caller.close()
  } finally {
    await server.stop()
  }
}

test('a port that changes leaves nothing behind, and is heard', { timeout: 120_000 }, () =>
  withServer(async (server, caller) => {
    const overUnix = async () => new Connection(connectSocket(join(server.dir, 'sock')))
    await assertHeard(caller, overUnix)
    const before = { threads: threads(server.pid), opened: descriptors(server.pid) }
    for (let change = 0; change < CHANGES; change++) {
      const port = await freePort()
      assert.equal(await caller.send('config', 'set', 'port', String(port)), 'OK')
      // The old descriptors have been used in between, or not.
      if (change % 3 !== 1) await assertHeard(caller, () => connect(port))
    }
    await assertHeard(caller, overUnix)
    assert.equal(threads(server.pid), before.threads)
    await assertClosed(server.pid, before.opened, 0)
  }),
)

test('a TLS port that changes is heard', { timeout: 120_000 }, () =>
  withServer(async (_server, caller) => {
    for (let change = 0; change < 3; change++) {
      const [port, tlsPort] = [await freePort(), await freePort()]
      assert.equal(await caller.send('config', 'set', 'tls-port', String(tlsPort)), 'OK')
      assert.equal(await caller.send('config', 'set', 'port', String(port)), 'OK')
      await assertHeard(caller, async () => new Connection(await whenOpen(TLS.open(tlsPort))))
      await assertHeard(caller, () => connect(port))
    }
  }),
)
