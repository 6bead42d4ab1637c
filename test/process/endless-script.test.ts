/**
 * A script that does not end, as the metrics thread sees it, and its end.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { connect, type RunningServer } from '../support/server.ts'
import { kill, type Running, seen, shutDown, start } from '../support/watched-server.ts'

const START_MS = 20_000
const WRITES_FOR_EVER = "redis.call('set', 'a', 'b') while true do end"

/** The log comes through a pipe, and the address of a kill by a message: both after the replies. */
async function logged(server: RunningServer, line: RegExp): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!line.test(server.output())) {
    assert.ok(Date.now() < deadline, `no ${line} in ${server.output()}`)
    await pause(10)
  }
}

describe('a script is ended from the metrics thread', () => {
  for (const [title, threshold] of [
    ['before it is late', '60000'],
    ['when it is late', '100'],
    ['where no script is ever late', '0'],
  ] as const) {
    test(title, async () => {
      const { server, connection, port } = await start('--busy-reply-threshold', threshold)
      try {
        for (const source of [
          'while true do end',
          'while true do pcall(function() while true do end end) end',
        ]) {
          const ended = connection.send('eval', source, '0')
          const { run, wrote } = await seen(port)
          assert.equal(wrote, false)
          assert.deepEqual(await kill(port, run + 2), { status: 409, outcome: 'over' })
          assert.deepEqual(await kill(port, run), { status: 200, outcome: 'ended' })
          assert.match(JSON.stringify(await ended), /Script killed by user with SCRIPT KILL/)
          assert.deepEqual(await kill(port, run), { status: 409, outcome: 'over' })
          assert.equal(String(await connection.send('eval', 'return 1', '0')), '1')
          await logged(server, /Script killed by user through the metrics page\./)
          await logged(server, /The end of script [0-9a-f]{40} was asked for .* from 127\.0\.0\.1\./)
          assert.doesNotMatch(server.output(), /with SCRIPT KILL/)
        }
      } finally {
        await connection.close()
        await server.stop()
      }
    })
  }

  test('and what was answered before it is sent', async () => {
    const { server, connection, port } = await start(
      ...['--busy-reply-threshold', '0', '--enable-debug-command', 'yes'],
    )
    const [first, other] = [await connect(server.port), await connect(server.port)]
    try {
      assert.equal(await other.send('ping'), 'PONG')
      // The next three come in one turn of the event loop.
      const sleeping = first.send('debug', 'sleep', '0.3')
      await pause(50)
      const answered = other.send('ping')
      await pause(50)
      const own = connection.send('ping')
      const ended = connection.send('eval', 'while true do end', '0')
      assert.deepEqual(await Promise.all([answered, own]), ['PONG', 'PONG'])
      const { run } = await seen(port)
      assert.deepEqual(await kill(port, run), { status: 200, outcome: 'ended' })
      await Promise.all([sleeping, ended])
    } finally {
      await Promise.all([first, other, connection].map((one) => one.close()))
      await server.stop()
    }
  })

  test('but not when it has written', async () => {
    const { server, connection, port } = await start('--busy-reply-threshold', '100')
    try {
      const ended = connection.send('eval', WRITES_FOR_EVER, '0').catch(() => 'closed')
      const { run, wrote } = await seen(port)
      assert.equal(wrote, true)
      assert.deepEqual(await kill(port, run), { status: 409, outcome: 'unkillable' })
      await shutDown(server)
      assert.equal(await ended, 'closed')
    } finally {
      await connection.close()
      await server.stop()
    }
  })
})

interface Scripts {
  readonly running: {
    readonly run: number
    readonly caller: Record<'client' | 'clientName' | 'user' | 'args', unknown> | null
  } | null
}

describe('a script that goes on', () => {
  for (const threshold of ['60000', '50', '0']) {
    test(`says who runs it, with busy-reply-threshold ${threshold}`, async () => {
      const { server, connection, port } = await start('--busy-reply-threshold', threshold)
      const get = async <T>(path: string) =>
        (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as T
      try {
        await connection.send('acl', 'setuser', 'app', 'on', 'nopass', '+@all', '~*')
        await connection.send('auth', 'app', '')
        await connection.send('client', 'setname', 'worker')
        const { address } = /addr=(?<address>\S+)/.exec(String(await connection.send('client', 'info')))!
          .groups!
        const other = await connect(server.port)
        await other.send('ping')
        const source = '-- name: größe\nwhile true do end'
        const sent = Buffer.from(source).toString('latin1')
        const ended = connection.send('eval', sent, '1', 'key', 'x'.repeat(200)).catch(() => 'closed')
        let running: Scripts['running'] = null
        const deadline = Date.now() + START_MS
        while (!running?.caller && Date.now() < deadline) running = (await get<Scripts>('/scripts')).running
        const args = ['eval', source, '1', 'key', `${'x'.repeat(128)}... (72 more bytes)`]
        assert.deepEqual(running!.caller, { client: address, clientName: 'worker', user: 'app', args })
        const { caller, ...rest } = await seen(port)
        assert.equal(caller?.client, address)
        const health = (await get<{ running_script: object }>('/healthz')).running_script
        assert.deepEqual([(health as Running).run, 'caller' in health], [rest.run, false])
        // Others are answered BUSY long before the engine would count as silent.
        if (threshold === '50') {
          assert.equal((await fetch(`http://127.0.0.1:${port}/healthz?ready`)).status, 503)
        }
        // However soon it began, the figures are from after that.
        assert.match(
          await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
          /^redis_connected_clients 2$/m,
        )
        assert.deepEqual(await kill(port, running!.run), { status: 200, outcome: 'ended' })
        await ended
        await other.close()
        const line = new RegExp(
          `Script name is: \\w{40}\\. Its author calls it gr\\S+e\\. It was called by addr=${address} name=worker user=app\\.`,
        )
        if (threshold === '50') await logged(server, line)
      } finally {
        await connection.close()
        await server.stop()
      }
    })
  }
})
