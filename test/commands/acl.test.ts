import assert from 'node:assert/strict'
import { as, closes } from '../support/acl.ts'
import { connect, onEachServer, type Reply } from '../support/server.ts'
import { converse, type Exchange, wrongArity } from '../support/transcript.ts'

function refused(rule: string, reason: string): Reply {
  return { error: `ERR Error in ACL SETUSER modifier '${rule}': ${reason}` }
}

onEachServer('ACL', ({ it }) => {
  it('users: set, described, listed, removed', async (call) => {
    await converse(call, [
      ['ACL USERS', ['default']],
      ['ACL LIST', ['user default on nopass sanitize-payload ~* &* +@all']],
      ['ACL WHOAMI', 'default'],
      ['ACL GETUSER nobody', null],
      ['ACL SETUSER u', 'OK'],
      [
        'ACL GETUSER u',
        [
          ...['flags', ['off', 'sanitize-payload'], 'passwords', []],
          ...['commands', '-@all', 'keys', '', 'channels', '', 'selectors', []],
        ],
      ],
      ['ACL SETUSER u on >pass ~a* %R~b &c +get -@hash +config|get (~d +SET) skip-sanitize-payload', 'OK'],
      [
        'ACL GETUSER u',
        [
          ...['flags', ['on', 'skip-sanitize-payload']],
          ...['passwords', ['d74ff0ee8da3b9806b18c877dbf29bbde50b5bd8e4dad7a3a725000feb82e8f1']],
          ...['commands', '-@all +get -@hash +config|get', 'keys', '~a* %R~b', 'channels', '&c'],
          ...['selectors', [['commands', '-@all +set', 'keys', '~d', 'channels', '']]],
        ],
      ],
      [
        'ACL LIST',
        [
          'user default on nopass sanitize-payload ~* &* +@all',
          'user u on skip-sanitize-payload #d74ff0ee8da3b9806b18c877dbf29bbde50b5bd8e4dad7a3a725000feb82e8f1 ' +
            '~a* %R~b resetchannels &c -@all +get -@hash +config|get (~d resetchannels -@all +set)',
        ],
      ],
      ['ACL USERS', ['default', 'u']],
      [['ACL', 'SETUSER', 'a b'], { error: "ERR Usernames can't contain spaces or null characters" }],
      ['ACL DELUSER nobody u', 1],
      ['ACL DELUSER u', 0],
      ['ACL DELUSER u default', { error: "ERR The 'default' user cannot be removed" }],
    ])
    await call('HELLO', 3)
    assert.deepEqual(await call('ACL', 'GETUSER', 'nobody'), null)
    assert.deepEqual(await call('ACL', 'GETUSER', 'default'), {
      map: [
        ['flags', { set: ['on', 'nopass', 'sanitize-payload'] }],
        ['passwords', []],
        ['commands', '+@all'],
        ['keys', '~*'],
        ['channels', '&*'],
        ['selectors', []],
      ],
    })
  })

  it('wrong rules change nothing', async (call) => {
    await call('ACL', 'SETUSER', 'u', '~*', '+get')
    const unknown = 'Unknown command or category name in ACL'
    await converse(call, [
      ['ACL SETUSER u resetkeys +nosuch', refused('+nosuch', unknown)],
      ['ACL SETUSER u resetkeys +@nosuch', refused('+@nosuch', unknown)],
      ['ACL SETUSER u +config|nosuch', refused('+config|nosuch', unknown)],
      [
        'ACL SETUSER u +config|get|x',
        refused('+config|get|x', 'Allowing first-arg of a subcommand is not supported'),
      ],
      ['ACL SETUSER u -select|0', refused('-select|0', unknown)],
      ['ACL SETUSER u nonsense', refused('nonsense', 'Syntax error')],
      [
        'ACL SETUSER u #abc',
        refused(
          '#abc',
          'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters',
        ),
      ],
      [
        'ACL SETUSER u <x',
        refused('<x', 'The password you are trying to remove from the user does not exist'),
      ],
      [
        'ACL SETUSER u ~x',
        refused(
          '~x',
          "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. " +
            "Try 'resetkeys' to start with an empty list of patterns",
        ),
      ],
      [
        'ACL SETUSER u allchannels &x',
        refused(
          '&x',
          "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. " +
            "Try 'resetchannels' to start with an empty list of channels",
        ),
      ],
      ['ACL SETUSER u (+get ~x', { error: "ERR Unmatched parenthesis in acl selector starting at '(+get'." }],
      ['ACL SETUSER v +nosuch', refused('+nosuch', unknown)],
      ['ACL USERS', ['default', 'u']],
      ['ACL DELUSER u', 1],
    ])
  })

  it('CAT, GENPASS, HELP and wrong numbers of arguments', async (call) => {
    assert.deepEqual(((await call('ACL', 'CAT', 'Transaction')) as string[]).sort(), [
      'discard',
      'exec',
      'multi',
      'unwatch',
      'watch',
    ])
    assert.match(String(await call('ACL', 'GENPASS')), /^[0-9a-f]{64}$/)
    assert.match(String(await call('ACL', 'GENPASS', 5)), /^[0-9a-f]{2}$/)
    const noFile = {
      error:
        'ERR This instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER ' +
        'command and then issue a CONFIG REWRITE (assuming you have a configuration file set) in order to store users ' +
        'in the configuration.',
    }
    const bits = {
      error:
        'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096',
    }
    const usage = (word: string) => ({
      error: `ERR unknown subcommand or wrong number of arguments for '${word}'. Try ACL HELP.`,
    })
    await converse(call, [
      ['ACL CAT nosuch', { error: "ERR Unknown category 'nosuch'" }],
      ['ACL CAT a b', usage('CAT')],
      ['ACL GENPASS 0', bits],
      ['ACL GENPASS 4097', bits],
      ['ACL GENPASS a b', usage('GENPASS')],
      ['ACL LOG 1 2', usage('LOG')],
      ['ACL LOG x', { error: 'ERR value is not an integer or out of range' }],
      ['ACL LOAD', noFile],
      ['ACL SAVE', noFile],
      ['ACL NOSUCH', { error: "ERR unknown subcommand 'NOSUCH'. Try ACL HELP." }],
      ...['GETUSER', 'SETUSER', 'DELUSER', 'LOAD x', 'SAVE x', 'DRYRUN u', 'LIST x'].map((line): Exchange => {
        return [`ACL ${line}`, wrongArity(`acl|${line.split(' ')[0]!.toLowerCase()}`)]
      }),
    ])
    const help = (await call('ACL', 'HELP')) as string[]
    assert.equal(help.length, 29)
    assert.equal(
      help[7],
      '    Returns whether the user can execute the given command without executing the command.',
    )
  })

  it('DRYRUN', async (call) => {
    await call('ACL', 'SETUSER', 'u', '~a', '+get', '+set', '+publish')
    await converse(call, [
      ['ACL DRYRUN nobody GET a', { error: "ERR User 'nobody' not found" }],
      ['ACL DRYRUN u NOSUCH a', { error: "ERR Command 'NOSUCH' not found" }],
      ['ACL DRYRUN u CONFIG NOSUCH', { error: "ERR Command 'CONFIG' not found" }],
      ['ACL DRYRUN u GET', wrongArity('get')],
      ['ACL DRYRUN u GET a', 'OK'],
      ['ACL DRYRUN u GET b', "User u has no permissions to access the 'b' key"],
      ['ACL DRYRUN u DEL a', "User u has no permissions to run the 'del' command"],
      ['ACL DRYRUN u CONFIG GET x', "User u has no permissions to run the 'config|get' command"],
      ['ACL DRYRUN u PUBLISH c m', "User u has no permissions to access the 'c' channel"],
      // What logs in is permitted to everybody.
      ['ACL DRYRUN u AUTH x', 'OK'],
      ['ACL DELUSER u', 1],
    ])
  })

  it('acl-pubsub-default is what new users and selectors have', async (call) => {
    await converse(call, [
      ['CONFIG SET acl-pubsub-default allchannels', 'OK'],
      ['ACL SETUSER u (+get)', 'OK'],
      ['CONFIG SET acl-pubsub-default resetchannels', 'OK'],
      ['ACL SETUSER v (+get)', 'OK'],
      [
        'ACL LIST',
        [
          'user default on nopass sanitize-payload ~* &* +@all',
          'user u off sanitize-payload &* -@all (&* -@all +get)',
          'user v off sanitize-payload resetchannels -@all (resetchannels -@all +get)',
        ],
      ],
      ['ACL SETUSER u reset', 'OK'],
      ['ACL DELUSER u v', 2],
    ])
  })

  it('names and secrets are kept from MONITOR and the slow log', async (call, _connection, server) => {
    const monitor = await connect(server.port)
    try {
      await monitor.send('MONITOR')
      await call('CONFIG', 'SET', 'slowlog-log-slower-than', 0)
      await call('SLOWLOG', 'RESET')
      await call('ACL', 'SETUSER', 'u', '>secret', 'nonsense')
      await call('ACL', 'GETUSER', 'u')
      await call('ACL', 'DELUSER', 'u')
      await call('AUTH', 'u', 'secret')
      const shown = JSON.stringify(await call('SLOWLOG', 'GET'))
      assert.match(shown, /"SETUSER","\(redacted\)","\(redacted\)","\(redacted\)"/)
      assert.doesNotMatch(shown, /secret|"u"/)
      await call('PING')
      for (let line = ''; !line.includes('"PING"'); line = String(await monitor.next())) {
        assert.doesNotMatch(line, /secret|"u"/)
      }
    } finally {
      await call('CONFIG', 'SET', 'slowlog-log-slower-than', 10000)
      await monitor.close()
    }
  })

  it('CLIENT LIST and KILL by user', async (call, _connection, server) => {
    await as(server, call, '+@all', async (_send, connection) => {
      const line = String(await call('CLIENT', 'LIST', 'USER', 'u'))
      assert.match(line, /^id=\d+ .* user=u .*\n$/)
      assert.deepEqual(await call('CLIENT', 'LIST', 'USER', 'nobody'), { error: "ERR No such user 'nobody'" })
      assert.equal(await call('CLIENT', 'KILL', 'USER', 'u'), 1)
      await closes(connection)
    })
  })
})
