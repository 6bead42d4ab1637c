import assert from 'node:assert/strict'
import { as, closes, NO_CHANNEL, NO_KEY, noCommand } from '../support/acl.ts'
import { onEachServer, type Reply } from '../support/server.ts'
import { converse, words, wrongArity } from '../support/transcript.ts'

onEachServer('permissions', ({ it }) => {
  it('commands, keys and channels are denied', async (call, _connection, server) => {
    await as(server, call, '~a* %R~r* %W~w* &c* +@all -@dangerous -del +config|get', async (send) => {
      await converse(send, [
        ['ACL WHOAMI', 'u'],
        ['SET a1 x', 'OK'],
        ['GET b', NO_KEY],
        ['SET r1 x', NO_KEY],
        ['GET r1', null],
        ['SET w1 x', 'OK'],
        ['GET w1', NO_KEY],
        ['SET w1 x GET', NO_KEY],
        ['COPY r1 w2', 0],
        ['COPY w1 w2', NO_KEY],
        ['DEL a1', noCommand('del')],
        ['CONFIG SET timeout 0', noCommand('config|set')],
        ['CONFIG GET databases', ['databases', '16']],
        ['MGET a1 a2 b', NO_KEY],
        ['PUBLISH c1 m', 0],
        ['PUBLISH d m', NO_CHANNEL],
        ['SPUBLISH d m', NO_CHANNEL],
        ['SUBSCRIBE c1 d', NO_CHANNEL],
        ['PSUBSCRIBE c1', NO_CHANNEL],
        ['SSUBSCRIBE d', NO_CHANNEL],
        ['PSUBSCRIBE c*', ['psubscribe', 'c*', 1]],
        ['PUNSUBSCRIBE d', ['punsubscribe', 'd', 1]],
        ['PUNSUBSCRIBE c*', ['punsubscribe', 'c*', 0]],
        // Wrong numbers of arguments come first, unknown commands before.
        ['DEL', wrongArity('del')],
        ['NOSUCH', { error: "ERR unknown command 'NOSUCH', with args beginning with: " }],
      ])
    })
  })

  it('first arguments and subcommands', async (call, _connection, server) => {
    await as(server, call, 'allkeys +select|0 +client|id +acl -acl|genpass', async (send) => {
      await converse(send, [
        ['SELECT 0', 'OK'],
        ['SELECT 1', noCommand('select')],
        ['CLIENT LIST', noCommand('client|list')],
        ['CLIENT GETNAME', noCommand('client|getname')],
        ['ACL GENPASS', noCommand('acl|genpass')],
        ['ACL WHOAMI', 'u'],
      ])
      assert.equal(typeof (await send('CLIENT', 'ID')), 'number')
    })
  })

  it('selectors permit what one of them permits as a whole', async (call, _connection, server) => {
    await as(server, call, '%R~r +get +copy (%W~w +copy +set) (~x &c +@all -copy)', async (send) => {
      await converse(send, [
        ['GET r', null],
        ['SET w 1', 'OK'],
        ['COPY r w', NO_KEY],
        ['SET r 1', NO_KEY],
        ['GET x', null],
        ['COPY x x', NO_KEY],
        ['PUBLISH c m', 0],
        ['PUBLISH d m', NO_CHANNEL],
        ['LPUSH w 1', NO_KEY],
      ])
    })
  })

  it('keys of commands that name them in their own way', async (call, _connection, server) => {
    await as(server, call, '~a %R~r +@all', async (send) => {
      await converse(send, [
        ['SORT a STORE b', NO_KEY],
        ['SORT r STORE a', 0],
        ['SORT r STORE r', NO_KEY],
        ['SORT a BY nosort', []],
        [
          'SORT a BY weight_*',
          { error: 'ERR BY option of SORT denied due to insufficient ACL permissions.' },
        ],
        ['SORT a GET #', { error: 'ERR GET option of SORT denied due to insufficient ACL permissions.' }],
        ['SORT a LIMIT 0 x GET x', { error: 'ERR value is not an integer or out of range' }],
        ['ZUNIONSTORE a 2 r b', NO_KEY],
        ['ZUNIONSTORE a 1 r', 0],
        ['ZUNIONSTORE r 1 a', NO_KEY],
        ['EVAL return(1) 2 a b', NO_KEY],
        ['EVAL return(1) 1 a', 1],
        ['EVAL return(1) 1 r', NO_KEY],
        ['EVAL_RO return(1) 1 r', 1],
        ['KEYS *', []],
        ['SCAN 0', ['0', []]],
        ['OBJECT ENCODING b', NO_KEY],
        ['MEMORY USAGE b', NO_KEY],
      ])
    })
    await as(server, call, '%R~* %W~a +@all', async (send) => {
      await converse(send, [
        ['SORT a BY weight_* GET #', []],
        ['SORT_RO b GET key_*', []],
      ])
    })
    // One selector has to permit both the command and all keys.
    await as(server, call, '~a +sort (%R~* +get)', async (send) => {
      assert.deepEqual(await send('SORT', 'a', 'GET', '#'), {
        error: 'ERR GET option of SORT denied due to insufficient ACL permissions.',
      })
    })
  })

  it('transactions: looked at when queued, and again by EXEC', async (call, _connection, server) => {
    await as(server, call, '~a ~b &* +@all', async (send) => {
      await converse(send, [
        ['MULTI', 'OK'],
        ['SET c 1', NO_KEY],
        ['SET a 1', 'QUEUED'],
        ['EXEC', { error: 'EXECABORT Transaction discarded because of previous errors.' }],
        ['MULTI', 'OK'],
        ['SET a 1', 'QUEUED'],
        ['INCR b', 'QUEUED'],
        ['PUBLISH c m', 'QUEUED'],
        ['GET a', 'QUEUED'],
      ])
      await call('ACL', 'SETUSER', 'u', 'resetkeys', '~a', '-get', 'resetchannels')
      const changed = (reason: string) => ({
        error:
          'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command ' +
          `is no longer allowed for the following reason: ${reason}`,
      })
      assert.deepEqual(await send('EXEC'), [
        'OK',
        changed('no permission to touch the specified keys'),
        changed('no permission to access one of the channels used as arguments'),
        changed('no permission to execute the command or subcommand'),
      ])
      await call('ACL', 'SETUSER', 'u', '-exec')
      await converse(send, [
        ['MULTI', 'OK'],
        ['SET a 2', 'QUEUED'],
        [
          'EXEC',
          {
            error:
              "EXECABORT Transaction discarded because of: NOPERM User u has no permissions to run the 'exec' command",
          },
        ],
        ['DISCARD', { error: 'ERR DISCARD without MULTI' }],
      ])
    })
  })

  it('a transaction may change what the rest of it may do', async (call, _connection, server) => {
    await as(server, call, '~* +@all', async (send) => {
      await converse(send, [
        ['MULTI', 'OK'],
        ['ACL SETUSER u resetkeys', 'QUEUED'],
        ['SET a 1', 'QUEUED'],
      ])
      const [set, denied] = (await send('EXEC')) as Reply[]
      assert.equal(set, 'OK')
      assert.match(String((denied as { error: string }).error), /^NOPERM ACLs rules changed/)
    })
  })

  it('changes reach clients that are connected', async (call, _connection, server) => {
    await as(server, call, '~* +@all', async (send) => {
      assert.equal(await send('SET', 'k', 'v'), 'OK')
      await call('ACL', 'SETUSER', 'u', '-set')
      assert.deepEqual(await send('SET', 'k', 'v'), noCommand('set'))
      await call('ACL', 'SETUSER', 'u', '+@all')
      assert.equal(await send('SET', 'k', 'v'), 'OK')
      await call('ACL', 'SETUSER', 'u', 'off')
      assert.equal(await send('SET', 'k', 'v'), 'OK')
    })
  })

  it('a user that is removed takes its connections along', async (call, _connection, server) => {
    await as(server, call, '~* +@all', async (_send, connection) => {
      assert.equal(await call('ACL', 'DELUSER', 'u'), 1)
      await closes(connection)
    })
    await as(server, call, '~* +@all', async (send, connection) => {
      // Its own end comes behind the answer.
      assert.equal(await send('ACL', 'DELUSER', 'u'), 1)
      await closes(connection)
    })
  })

  it('subscribers that lose a channel are ended, others are not', async (call, _connection, server) => {
    const cases: [rules: string, subscription: string, change: string, ends: boolean][] = [
      ['&a* +@all', 'SUBSCRIBE a1', 'resetchannels &a*', false],
      ['&a* +@all', 'SUBSCRIBE a1', 'resetchannels &a1', false],
      ['&a* +@all', 'SUBSCRIBE a1', 'resetchannels &b', true],
      ['&a* +@all', 'SSUBSCRIBE a1', 'resetchannels', true],
      ['&a* +@all', 'PSUBSCRIBE a*', 'resetchannels &a1', true],
      ['&a* +@all', 'PSUBSCRIBE a*', 'allchannels', false],
      ['allchannels +@all', 'PSUBSCRIBE *', 'resetchannels &*', false],
      ['allchannels +@all', 'SUBSCRIBE x', 'resetchannels &y', true],
      ['allchannels +@all', 'SUBSCRIBE x', 'resetchannels &y (&x)', false],
      ['+ping (&a +subscribe)', 'SUBSCRIBE a', 'clearselectors', true],
      ['&a +@all', 'SUBSCRIBE a', '-subscribe', false],
    ]
    for (const [rules, subscription, change, ends] of cases) {
      await as(server, call, rules, async (send, connection) => {
        await send(...words(subscription))
        assert.equal(await call('ACL', 'SETUSER', 'u', ...words(change)), 'OK')
        if (ends) await closes(connection)
        else assert.deepEqual(await send('PING'), ['pong', ''], `${rules}: ${change}`)
      })
    }
  })
})
