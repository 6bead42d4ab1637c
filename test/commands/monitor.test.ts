import assert from 'node:assert/strict'
import { connect, onEachServer } from '../support/server.ts'

onEachServer(
  'monitor',
  ({ it }) => {
    it('shows commands as they run, secrets left out', async (call, _connection, server) => {
      const watcher = await connect(server.port)
      try {
        assert.equal(await watcher.send('MONITOR'), 'OK')
        await call('SELECT', 9)
        await call('SET', 'k', 'a\r\n\0\xff')
        await call('AUTH', 'default', 'secret')
        await call('HELLO', '2', 'AUTH', 'default', 'secret')
        await call('CONFIG', 'GET', 'x')
        await call('NOSUCHCOMMAND')
        await call('GET')
        await call('MULTI')
        await call('GET', 'k')
        await call('EXEC')
        await call('EVAL', "return redis.call('get', KEYS[1])", '1', 'k')
        await call('ECHO', 'end')
        const lines: string[] = []
        while (lines.at(-1)?.includes('"end"') !== true) lines.push(String(await watcher.next()))
        const [first] = lines
        assert.match(first!, /^\d+\.\d{6} \[9 127\.0\.0\.1:\d+\] "SELECT" "9"$/)
        assert.deepEqual(
          lines.map((line) => line.replace(/^[0-9.]+ /, '').replace(/127\.0\.0\.1:\d+/, 'addr')),
          [
            '[9 addr] "SELECT" "9"',
            '[9 addr] "SET" "k" "a\\r\\n\\x00\\xff"',
            '[9 addr] "AUTH" "(redacted)" "(redacted)"',
            '[9 addr] "HELLO" "2" "AUTH" "(redacted)" "(redacted)"',
            '[9 addr] "MULTI"',
            '[9 addr] "GET" "k"',
            '[9 addr] "EXEC"',
            `[9 addr] "EVAL" "return redis.call('get', KEYS[1])" "1" "k"`,
            '[9 lua] "get" "k"',
            '[9 addr] "ECHO" "end"',
          ],
        )
      } finally {
        await watcher.close()
      }
    })

    it('goes on until RESET; asked twice it answers once', async (call, _connection, server) => {
      const watcher = await connect(server.port)
      try {
        assert.equal(await watcher.send('MONITOR'), 'OK')
        watcher.write('MONITOR\r\n')
        assert.match(String(await watcher.send('RESET')), /^\d+\.\d+ .*"RESET"$|^RESET$/)
        while (watcher.unsolicited.length > 0) watcher.unsolicited.shift()
        await call('ECHO', 'unseen')
        assert.equal(await watcher.send('PING'), 'PONG')
      } finally {
        await watcher.close()
      }
    })

    it('leaves no way to the keyspace', async (call, _connection, server) => {
      const watcher = await connect(server.port)
      const refused = { error: "ERR Replica can't interact with the keyspace" }
      try {
        await watcher.send('MULTI')
        await watcher.send('DISCARD')
        assert.equal(await watcher.send('MONITOR'), 'OK')
        await call('ECHO', 'seen')
        await watcher.next()
        for (const command of ['GET k', 'SET k v', 'EVAL return 0', 'PUBLISH c m', 'EXISTS k']) {
          assert.deepEqual(await watcher.send(...command.split(' ')), refused)
        }
        assert.deepEqual(await watcher.send('GET'), {
          error: "ERR wrong number of arguments for 'get' command",
        })
        assert.equal(await watcher.send('MULTI'), 'OK')
      } finally {
        await watcher.close()
      }
    })

    it('is refused in a transaction', async (call) => {
      await call('MULTI')
      await call('MONITOR')
      assert.deepEqual(await call('EXEC'), [{ error: "ERR MONITOR isn't allowed for DENY BLOCKING client" }])
    })
  },
  ['--enable-debug-command', 'yes'],
)
