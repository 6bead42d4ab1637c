import assert from 'node:assert/strict'
import { NOT_AUTHENTICATED, noCommand, type Send, WRONG_PASSWORD } from '../support/acl.ts'
import { connect, onEachServer, type Reply } from '../support/server.ts'
import { converse, SYNTAX_ERROR } from '../support/transcript.ts'

onEachServer('users log in', ({ it }) => {
  it('passwords', async (call, _connection, server) => {
    await call('ACL', 'SETUSER', 'u', 'on', '>one', '>two \xff', '+@all')
    const other = await connect(server.port)
    const send: Send = (...args) => other.send(...args)
    try {
      await converse(send, [
        ['AUTH u three', WRONG_PASSWORD],
        ['AUTH u one', 'OK'],
        [['AUTH', 'u', 'two \xff'], 'OK'],
        ['ACL WHOAMI', 'u'],
        ['HELLO 3 AUTH u wrong', WRONG_PASSWORD],
        ['AUTH default x', 'OK'],
        ['ACL SETUSER u <one', 'OK'],
        ['AUTH u one', WRONG_PASSWORD],
        ['ACL WHOAMI', 'default'],
        ['ACL SETUSER u off', 'OK'],
        [['AUTH', 'u', 'two \xff'], WRONG_PASSWORD],
        ['ACL SETUSER u on resetpass', 'OK'],
        [['AUTH', 'u', 'two \xff'], WRONG_PASSWORD],
        ['ACL SETUSER u nopass', 'OK'],
        [
          'AUTH u',
          {
            error:
              'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
          },
        ],
        ['AUTH u whatever', 'OK'],
        ['RESET', 'RESET'],
        ['ACL WHOAMI', 'default'],
        [
          'HELLO 2 AUTH u x SETNAME me',
          ['server', 'valkey', 'version', '8.1.1', 'proto', 2].concat(
            ((await send('HELLO')) as Reply[]).slice(6) as never[],
          ),
        ],
        ['ACL WHOAMI', 'u'],
        ['AUTH a b c', SYNTAX_ERROR],
      ])
    } finally {
      await other.close()
      await call('ACL', 'DELUSER', 'u')
    }
  })

  it('the default user decides who has to log in', async (call, _connection, server) => {
    await call('ACL', 'SETUSER', 'u', 'on', 'nopass', '+@all', '~*', '&*')
    assert.equal(await call('AUTH', 'u', 'x'), 'OK')
    await call('ACL', 'SETUSER', 'default', 'off')
    const other = await connect(server.port)
    const send: Send = (...args) => other.send(...args)
    try {
      await converse(send, [
        ['PING', NOT_AUTHENTICATED],
        ['AUTH default x', WRONG_PASSWORD],
      ])
      await call('ACL', 'SETUSER', 'default', 'on')
      // It has not said who it is, but need not any more.
      assert.equal(await send('PING'), 'PONG')
      assert.match(
        String(((await send('HELLO', 3)) as { error: string }).error),
        /^NOAUTH HELLO must be called/,
      )
      await call('ACL', 'SETUSER', 'default', 'resetpass', '>secret')
      await converse(send, [
        ['PING', NOT_AUTHENTICATED],
        ['EXEC', { error: 'EXECABORT Transaction discarded because of: NOAUTH Authentication required.' }],
        ['AUTH secret', 'OK'],
        ['PING', 'PONG'],
      ])
      await call('ACL', 'SETUSER', 'default', '-ping')
      assert.deepEqual(await send('PING'), noCommand('ping', 'default'))
    } finally {
      await other.close()
      await call('ACL', 'SETUSER', 'default', 'reset', 'on', 'nopass', '~*', '&*', '+@all')
      await call('AUTH', 'default', '')
      await call('ACL', 'DELUSER', 'u')
    }
  })

  it('requirepass is the password of the default user', async (call) => {
    const hash = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b'
    await converse(call, [
      ['CONFIG SET requirepass secret', 'OK'],
      ['ACL LIST', [`user default on sanitize-payload #${hash} ~* &* +@all`]],
      ['ACL SETUSER default >other', 'OK'],
      ['CONFIG GET requirepass', ['requirepass', 'secret']],
      ['CONFIG SET requirepass ""', 'OK'],
      ['CONFIG SET requirepass secret', 'OK'],
      ['ACL LIST', [`user default on sanitize-payload #${hash} ~* &* +@all`]],
      [['CONFIG', 'SET', 'requirepass', ''], 'OK'],
      ['ACL LIST', ['user default on nopass sanitize-payload ~* &* +@all']],
    ])
  })
})
