import assert from 'node:assert/strict'
import {
  type Argument,
  type Connection,
  connect,
  onEachServer,
  type Reply,
  type RunningServer,
} from '../support/server.ts'
import { converse, type Exchange, SYNTAX_ERROR, words, wrongArity } from '../support/transcript.ts'

const NO_KEY: Reply = { error: 'NOPERM No permissions to access a key' }
const NO_CHANNEL: Reply = { error: 'NOPERM No permissions to access a channel' }
const WRONG_PASSWORD: Reply = { error: 'WRONGPASS invalid username-password pair or user is disabled.' }
const NOT_AUTHENTICATED: Reply = { error: 'NOAUTH Authentication required.' }

function noCommand(command: string, user = 'u'): Reply {
  return { error: `NOPERM User ${user} has no permissions to run the '${command}' command` }
}

function refused(rule: string, reason: string): Reply {
  return { error: `ERR Error in ACL SETUSER modifier '${rule}': ${reason}` }
}

type Send = (...args: Argument[]) => Promise<Reply>

/** Runs `body` with a connection that has logged in as a user of these rules, who is gone afterwards. */
async function as(
  server: RunningServer,
  admin: Send,
  rules: string,
  body: (send: Send, connection: Connection) => Promise<void>,
): Promise<void> {
  await admin('ACL', 'SETUSER', 'u', 'reset', 'on', 'nopass', ...rules.split(' '))
  const connection = await connect(server.port)
  try {
    assert.equal(await connection.send('AUTH', 'u', 'x'), 'OK')
    await body((...args) => connection.send(...args), connection)
  } finally {
    await connection.close()
    await admin('ACL', 'DELUSER', 'u')
  }
}

/** The entries of ACL LOG as objects. */
async function log(send: Send, ...args: Argument[]): Promise<Record<string, Reply>[]> {
  const entries = (await send('ACL', 'LOG', ...args)) as Reply[][]
  return entries.map((flat) => {
    const entry: Record<string, Reply> = {}
    for (let i = 0; i < flat.length; i += 2) entry[String(flat[i])] = flat[i + 1]!
    return entry
  })
}

async function closes(connection: Connection): Promise<void> {
  await assert.rejects(connection.send('PING'), /connection closed/)
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

  it('LOG: reasons, contexts, grouping', async (call, _connection, server) => {
    await call('ACL', 'LOG', 'RESET')
    await as(server, call, '~a &c +@all -del', async (send) => {
      await send('GET', 'x')
      await send('GET', 'x')
      await send('SET', 'x', 1)
      await send('DEL', 'a')
      await send('PUBLISH', 'd', 'm')
      await send('MULTI')
      await send('GET', 'x')
      await send('DISCARD')
      await send('EVAL', "redis.pcall('get', 'x')", 0)
      await send('Auth', 'u', 'x')
      await send('AUTH', 'nobody', 'x')
      await send('HELLO', 3, 'AUTH', 'u2', 'x')
      const entries = await log(call)
      assert.deepEqual(
        entries.map((entry) => [entry.count, entry.reason, entry.context, entry.object, entry.username]),
        [
          [1, 'auth', 'toplevel', 'HELLO', 'u2'],
          [1, 'auth', 'toplevel', 'AUTH', 'nobody'],
          [1, 'key', 'lua', 'x', 'u'],
          [1, 'key', 'multi', 'x', 'u'],
          [1, 'channel', 'toplevel', 'd', 'u'],
          [1, 'command', 'toplevel', 'del', 'u'],
          [3, 'key', 'toplevel', 'x', 'u'],
        ],
      )
      const [newest] = entries
      assert.deepEqual(Object.keys(newest!), [
        ...['count', 'reason', 'context', 'object', 'username', 'age-seconds'],
        ...['client-info', 'entry-id', 'timestamp-created', 'timestamp-last-updated'],
      ])
      assert.match(String(newest!['client-info']), /^id=\d+ addr=127\.0\.0\.1:\d+ .* cmd=hello user=u /)
      assert.match(String(newest!['age-seconds']), /^\d+(\.\d+)?$/)
      assert.equal(newest!['timestamp-created'], newest!['timestamp-last-updated'])
      // What is counted again comes first.
      await send('DEL', 'a')
      assert.equal((await log(call, 1))[0]!.object, 'del')
      assert.equal((await log(call, -1)).length, 0)
      assert.equal((await log(call, 100)).length, 7)
    })
    assert.equal(await call('ACL', 'LOG', 'reset'), 'OK')
    assert.deepEqual(await log(call), [])
  })

  it('LOG holds acllog-max-len entries', async (call, _connection, server) => {
    await as(server, call, '+@all', async (send) => {
      for (const key of ['a', 'b', 'c']) await send('GET', key)
      await call('CONFIG', 'SET', 'acllog-max-len', 2)
      assert.equal((await log(call)).length, 3)
      await send('GET', 'd')
      assert.deepEqual(
        (await log(call)).map((entry) => entry.object),
        ['d', 'c'],
      )
      await call('CONFIG', 'SET', 'acllog-max-len', 0)
      await send('GET', 'e')
      assert.deepEqual(await log(call), [])
      await call('CONFIG', 'SET', 'acllog-max-len', 128)
    })
  })

  it('LOG in RESP3', async (call, _connection, server) => {
    await as(server, call, '+@all', async (send) => {
      await call('ACL', 'LOG', 'RESET')
      await send('GET', 'a')
      await call('HELLO', 3)
      const [entry] = (await call('ACL', 'LOG')) as [{ map: [string, Reply][] }]
      const age = entry.map.find(([name]) => name === 'age-seconds')![1] as { double: string }
      assert.ok(Number(age.double) >= 0)
    })
  })

  it('INFO counts what was denied', async (call, _connection, server) => {
    const denied = async (): Promise<Record<string, number>> => {
      const counts = String(await call('INFO', 'stats')).matchAll(/acl_access_denied_([a-z]+):(\d+)/g)
      return Object.fromEntries([...counts].map(([, name, count]) => [name, Number(count)]))
    }
    await call('CONFIG', 'RESETSTAT')
    const before = await denied()
    await as(server, call, '~a +@all -del', async (send) => {
      await send('AUTH', 'u3', 'x')
      for (let i = 0; i < 2; i++) await send('DEL', 'a')
      for (let i = 0; i < 3; i++) await send('GET', 'x')
      for (let i = 0; i < 4; i++) await send('PUBLISH', 'x', 'm')
    })
    const after = await denied()
    const growth = Object.entries(after).map(([name, count]) => [name, count - before[name]!])
    assert.deepEqual(Object.fromEntries(growth), { auth: 1, cmd: 2, key: 3, channel: 4 })
    await call('CONFIG', 'RESETSTAT')
    assert.deepEqual(await denied(), after)
    await as(server, call, '-@all', async (send) => {
      await send('GET', 'a')
    })
    const info = String(await call('INFO', 'everything'))
    assert.match(info, /errorstat_NOPERM:count=1\r\n/)
    assert.match(info, /cmdstat_get:calls=0,.*,rejected_calls=1,failed_calls=0/)
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
