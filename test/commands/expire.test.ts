import assert from 'node:assert/strict'
import { onEachServer, type Reply } from '../support/server.ts'
import { converse, NOT_INTEGER, wrongArity } from '../support/transcript.ts'
import { until } from '../support/until.ts'

const FUTURE_S = 4_000_000_000

function invalidExpire(command: string): Reply {
  return { error: `ERR invalid expire time in '${command}' command` }
}

onEachServer('expiry', ({ it }) => {
  it('EXPIRE, TTL and their relatives', async (call) => {
    await converse(call, [
      ['SET a 1', 'OK'],
      ['TTL a', -1],
      ['PTTL a', -1],
      ['EXPIRETIME a', -1],
      ['PEXPIRETIME a', -1],
      ['TTL missing', -2],
      ['PTTL missing', -2],
      ['EXPIRETIME missing', -2],
      ['PEXPIRETIME missing', -2],
      ['EXPIRE missing 100', 0],
      ['EXPIRE a 100', 1],
      ['TTL a', 100],
      ['PEXPIRE a 50000', 1],
      ['TTL a', 50],
      [`EXPIREAT a ${FUTURE_S}`, 1],
      ['EXPIRETIME a', FUTURE_S],
      ['PEXPIRETIME a', FUTURE_S * 1000],
      [`PEXPIREAT a ${FUTURE_S}499`, 1],
      ['PEXPIRETIME a', FUTURE_S * 1000 + 499],
      ['EXPIRETIME a', FUTURE_S],
      [`PEXPIREAT a ${FUTURE_S}500`, 1],
      ['EXPIRETIME a', FUTURE_S + 1],
      ['PERSIST a', 1],
      ['PERSIST a', 0],
      ['PERSIST missing', 0],
      ['TTL a', -1],
    ])
  })

  it('the options of EXPIRE', async (call) => {
    await converse(call, [
      ['SET a 1', 'OK'],
      ['EXPIRE a 100 XX', 0],
      ['EXPIRE a 100 GT', 0],
      ['TTL a', -1],
      ['EXPIRE a 200 LT', 1],
      ['EXPIRE a 300 NX', 0],
      ['EXPIRE a 100 GT', 0],
      ['EXPIRE a 300 gt', 1],
      ['EXPIRE a 400 LT', 0],
      ['EXPIRE a 200 XX LT', 1],
      ['TTL a', 200],
      ['PERSIST a', 1],
      ['EXPIRE a 100 NX', 1],
      ['EXPIRE missing 100 NX', 0],
      ['EXPIRE a 50 XX GT', 0],
      ['EXPIRE a 100 foo', { error: 'ERR Unsupported option foo' }],
      [
        'EXPIRE a 100 NX XX',
        { error: 'ERR NX and XX, GT or LT options at the same time are not compatible' },
      ],
      [
        'EXPIRE a 100 GT NX LT',
        { error: 'ERR NX and XX, GT or LT options at the same time are not compatible' },
      ],
      ['EXPIRE a 100 GT LT', { error: 'ERR GT and LT options at the same time are not compatible' }],
      ['EXPIRE a', wrongArity('expire')],
    ])
  })

  it('times out of range', async (call) => {
    await converse(call, [
      ['SET a 1', 'OK'],
      ['EXPIRE a x', NOT_INTEGER],
      ['EXPIRE a 9223372036854775808', NOT_INTEGER],
      ['EXPIRE a 9223372036854775807', invalidExpire('expire')],
      ['EXPIRE a 9223372036854775', invalidExpire('expire')],
      ['EXPIRE a -9223372036854776', invalidExpire('expire')],
      ['PEXPIRE a 9223372036854770000', invalidExpire('pexpire')],
      ['EXPIREAT a 9223372036854776', invalidExpire('expireat')],
      ['TTL a', -1],
      ['EXPIREAT a 9223372036854', 1],
      ['EXPIRETIME a', 9223372036854],
    ])
    const before = 9_223_372_036_854_000_000n
    await call('PEXPIREAT', 'a', '9223372036854775807')
    assert.ok(BigInt((await call('PEXPIRETIME', 'a')) as bigint) > before)
    assert.ok(BigInt((await call('PTTL', 'a')) as bigint) > before - 10n ** 13n)
  })

  it('a time that has passed deletes the key', async (call) => {
    for (const command of [
      'EXPIRE a 0',
      'EXPIRE a -1',
      'PEXPIRE a -9999999999',
      'EXPIREAT a 1',
      'PEXPIREAT a 0',
    ]) {
      await converse(call, [
        ['SET a 1', 'OK'],
        [command, 1],
        ['EXISTS a', 0],
        [command, 0],
      ])
    }
  })

  it('keys expire whatever they hold', async (call) => {
    await converse(call, [
      ['SET a 1 PX 30', 'OK'],
      ['RPUSH list x', 1],
      ['PEXPIRE list 30', 1],
      ['HSET hash f v', 1],
      ['PEXPIRE hash 30', 1],
    ])
    for (const key of ['a', 'list', 'hash']) await until(async () => (await call('EXISTS', key)) === 0)
    await converse(call, [
      ['GET a', null],
      ['TTL a', -2],
      ['TYPE list', 'none'],
      ['LLEN list', 0],
      ['DEL a list hash', 0],
      ['INCR a', 1],
      ['TTL a', -1],
      ['RPUSH list y', 1],
      ['LRANGE list 0 -1', ['y']],
      ['KEYS h*', []],
    ])
  })

  it('keys that nobody asks for expire too', async (call) => {
    for (let i = 0; i < 50; i++) await call('SET', `key:${i}`, 'x', 'PX', 20)
    await call('SET', 'stays', 'x')
    await until(async () => (await call('DBSIZE')) === 1)
  })

  it('a script sees time stand still', async (call) => {
    const script = `
      server.call('SET', KEYS[1], 'x', 'PX', 1)
      local n = 0
      for i = 1, 200000 do n = n + i end
      return server.call('PTTL', KEYS[1])`
    assert.equal(await call('EVAL', script, 1, 'a'), 1)
  })
})

onEachServer('events of strings and keys', ({ it }) => {
  it('come in the order of Valkey', async (call, connection, server) => {
    const { connect } = await import('../support/resp-client.ts')
    const listener = await connect(server.port)
    await call('CONFIG', 'SET', 'notify-keyspace-events', 'AKE')
    await listener.send('PSUBSCRIBE', '__keyevent@*')
    const eventsOf = async (...commands: string[]): Promise<string[]> => {
      for (const command of commands) await call(...command.split(' '))
      await connection.send('PUBLISH', '__keyevent@end', '')
      const events: string[] = []
      for (;;) {
        const [, , channel, key] = (await listener.next()) as string[]
        if (channel === '__keyevent@end') return events
        events.push(`${channel!.slice('__keyevent@'.length).replace('__', '')} ${key}`)
      }
    }
    try {
      assert.deepEqual(await eventsOf('SET a 1 EX 100'), ['0:set a', '0:expire a'])
      assert.deepEqual(await eventsOf('SET a 2 PXAT 1'), ['0:expired a'])
      assert.deepEqual(await eventsOf('MSET a 1 b 2'), ['0:set a', '0:set b'])
      assert.deepEqual(await eventsOf('INCR a', 'DECRBY a 2'), ['0:incrby a', '0:incrby a'])
      assert.deepEqual(await eventsOf('INCRBYFLOAT a 2', 'APPEND a 1', 'SETRANGE a 0 5'), [
        '0:incrbyfloat a',
        '0:append a',
        '0:setrange a',
      ])
      assert.deepEqual(await eventsOf('EXPIRE a 10', 'PERSIST a', 'GETEX a EX 5', 'GETEX a PERSIST'), [
        '0:expire a',
        '0:persist a',
        '0:expire a',
        '0:persist a',
      ])
      assert.deepEqual(await eventsOf('EXPIRE a -1', 'EXPIRE a 10'), ['0:expired a'])
      assert.deepEqual(await eventsOf('RENAME b c', 'RENAME c c'), ['0:rename_from b', '0:rename_to c'])
      assert.deepEqual(await eventsOf('COPY c d', 'MOVE d 1'), [
        '0:copy_to d',
        '0:move_from d',
        '1:move_to d',
      ])
      assert.deepEqual(await eventsOf('GETSET c 1', 'GETDEL c', 'DEL c'), ['0:set c', '0:del c'])
      assert.deepEqual(await eventsOf('RPUSH l 2 1', 'SORT l STORE s', 'SORT none STORE s'), [
        '0:rpush l',
        '0:sortstore s',
        '0:del s',
      ])
      assert.deepEqual(await eventsOf('FLUSHALL', 'SETNX n 1', 'SETNX n 1', 'MSETNX n 1 m 1'), ['0:set n'])
    } finally {
      await call('CONFIG', 'SET', 'notify-keyspace-events', '')
      await listener.close()
    }
  })

  it('new keys and misses are announced when asked for', async (call, connection, server) => {
    const { connect } = await import('../support/resp-client.ts')
    const listener = await connect(server.port)
    await call('CONFIG', 'SET', 'notify-keyspace-events', 'Enm')
    await listener.send('PSUBSCRIBE', '__keyevent@*')
    try {
      for (const command of [
        'GET a',
        'SET a 1',
        'SET a 2',
        'TTL b',
        'EXISTS c',
        'MGET a d',
        'DEL e',
        'INCR f',
      ]) {
        await call(...command.split(' '))
      }
      await connection.send('PUBLISH', '__keyevent@end', '')
      const seen: string[] = []
      for (;;) {
        const [, , channel, key] = (await listener.next()) as string[]
        if (channel === '__keyevent@end') break
        seen.push(`${channel!.split(':')[1]} ${key}`)
      }
      assert.deepEqual(seen, ['keymiss a', 'new a', 'keymiss b', 'keymiss c', 'keymiss d', 'new f'])
    } finally {
      await call('CONFIG', 'SET', 'notify-keyspace-events', '')
      await listener.close()
    }
  })
})
