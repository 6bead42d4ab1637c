import assert from 'node:assert/strict'
import { connect, onEachServer } from '../support/server.ts'
import { converse, NOT_INTEGER } from '../support/transcript.ts'
import { until } from '../support/until.ts'

onEachServer('wait', ({ it }) => {
  it('answers at once where nothing is to be waited for', async (call) => {
    await converse(call, [
      ['WAIT 0 0', 0],
      ['WAIT -1 0', 0],
      ['WAIT x 0', NOT_INTEGER],
      ['WAIT 1 -1', { error: 'ERR timeout is negative' }],
      ['WAIT 1 x', { error: 'ERR timeout is not an integer or out of range' }],
      ['MULTI', 'OK'],
      ['WAIT 1 0', 'QUEUED'],
      ['EXEC', [0]],
    ])
    assert.equal(await call('EVAL', "return redis.call('WAIT', 1, 0)", 0), 0)
  })

  it('answers when the time is over, and what is behind it waits', async (_call, connection) => {
    const start = Date.now()
    assert.deepEqual(
      await connection.pipeline([
        ['WAIT', 1, 60],
        ['ECHO', 'behind'],
      ]),
      [0, 'behind'],
    )
    assert.ok(Date.now() - start >= 55)
  })

  it('CLIENT UNBLOCK ends it', async (call, _connection, server) => {
    const other = await connect(server.port)
    try {
      const id = Number(await other.send('CLIENT', 'ID'))
      const isBlocked = async () => / flags=b /.test(String(await call('CLIENT', 'LIST', 'ID', id)))
      for (const [reason, expected] of [
        ['TIMEOUT', 0],
        ['ERROR', { error: 'UNBLOCKED client unblocked via CLIENT UNBLOCK' }],
      ] as const) {
        const replies = other.pipeline([
          ['WAIT', 1, 0],
          ['ECHO', 'behind'],
        ])
        await until(isBlocked)
        assert.equal(await call('CLIENT', 'UNBLOCK', id, reason), 1)
        assert.deepEqual(await replies, [expected, 'behind'])
        assert.equal(await call('CLIENT', 'UNBLOCK', id), 0)
      }
      // One that has gone is blocked no more.
      other.write('WAIT 1 0\r\n')
      await until(isBlocked)
    } finally {
      await other.close()
    }
    assert.equal(await call('PING'), 'PONG')
  })
})
