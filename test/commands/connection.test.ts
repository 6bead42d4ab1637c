import assert from 'node:assert/strict'
import { type Argument, connect, onEachServer, type Reply } from '../support/server.ts'
import { converse, NOT_INTEGER, SYNTAX_ERROR, wrongArity } from '../support/transcript.ts'

const WRONG_PASSWORD = { error: 'WRONGPASS invalid username-password pair or user is disabled.' }
const NOT_AUTHENTICATED = { error: 'NOAUTH Authentication required.' }

function fields(reply: Reply): Record<string, Reply> {
  if (Array.isArray(reply)) {
    return Object.fromEntries(reply.flatMap((name, i) => (i % 2 === 0 ? [[name, reply[i + 1]]] : [])))
  }
  assert.ok(typeof reply === 'object' && reply !== null && 'map' in reply)
  return Object.fromEntries(reply.map)
}

onEachServer('connection', ({ it }) => {
  it('PING and ECHO', async (call, connection) => {
    await converse(call, [
      ['PING', 'PONG'],
      [['ping', 'a b'], 'a b'],
      ['PING a b', wrongArity('ping')],
      ['ECHO hello', 'hello'],
      ['ECHO', wrongArity('echo')],
    ])
    assert.equal(await connection.raw('PING'), '+PONG\r\n')
    assert.equal(await connection.raw('PING', '\r\n\xff'), '$3\r\n\r\n\xff\r\n')
  })

  it('SELECT', async (call) => {
    await converse(call, [
      ['SELECT 15', 'OK'],
      ['SET k v', 'OK'],
      ['SELECT 0', 'OK'],
      ['EXISTS k', 0],
      ['SELECT 15', 'OK'],
      ['EXISTS k', 1],
      ['SELECT 16', { error: 'ERR DB index is out of range' }],
      ['SELECT -1', { error: 'ERR DB index is out of range' }],
      ['SELECT x', NOT_INTEGER],
      [
        'SELECT 4294967296',
        { error: 'ERR value is out of range, value must between -2147483648 and 2147483647' },
      ],
      ['EXISTS k', 1],
    ])
  })

  it('HELLO describes the server and switches the protocol', async (call, connection) => {
    const old = fields(await call('HELLO'))
    assert.deepEqual(Object.keys(old), ['server', 'version', 'proto', 'id', 'mode', 'role', 'modules'])
    assert.deepEqual(
      { ...old, id: 0 },
      {
        server: 'valkey',
        version: '8.1.1',
        proto: 2,
        id: 0,
        mode: 'standalone',
        role: 'master',
        modules: [],
      },
    )
    assert.equal(old.id, await call('CLIENT', 'ID'))
    assert.equal(fields(await call('HELLO', 3)).proto, 3)
    assert.equal(await connection.raw('GET', 'missing'), '_\r\n')
    assert.equal(fields(await call('HELLO')).proto, 3)
    assert.equal(fields(await call('HELLO', 2)).proto, 2)
    assert.equal(await connection.raw('GET', 'missing'), '$-1\r\n')
  })

  it('HELLO takes a user, a password and a name', async (call) => {
    assert.equal(fields(await call('HELLO', 3, 'AUTH', 'default', 'any', 'SETNAME', 'me')).proto, 3)
    await converse(call, [
      ['CLIENT GETNAME', 'me'],
      ['HELLO 2 AUTH nobody x', WRONG_PASSWORD],
      ['HELLO 2 SETNAME', { error: "ERR Syntax error in HELLO option 'SETNAME'" }],
      ['HELLO 2 AUTH default', { error: "ERR Syntax error in HELLO option 'AUTH'" }],
      ['HELLO 2 other', { error: "ERR Syntax error in HELLO option 'other'" }],
      [
        ['HELLO', '2', 'SETNAME', 'a b'],
        { error: 'ERR Client names cannot contain spaces, newlines or special characters.' },
      ],
      ['HELLO 4', { error: 'NOPROTO unsupported protocol version' }],
      ['HELLO 1', { error: 'NOPROTO unsupported protocol version' }],
      ['HELLO x', { error: 'ERR Protocol version is not an integer or out of range' }],
      // None of them changed anything.
      ['CLIENT GETNAME', 'me'],
      ['GET missing', null],
    ])
    assert.equal(fields(await call('HELLO')).proto, 3)
  })

  it('HELLO tells the availability zone', async (call) => {
    await call('CONFIG', 'SET', 'availability-zone', 'moon-1')
    assert.equal(fields(await call('HELLO')).availability_zone, 'moon-1')
    await call('CONFIG', 'SET', 'availability-zone', '')
  })

  it('is Redis to clients that know no Valkey', async (call) => {
    const facts = async () => {
      const { server, version } = fields(await call('HELLO'))
      const info = String(await call('INFO', 'server'))
      return [server, version, /\r\n(\w+_mode):standalone\r\n/.exec(info)![1]]
    }
    assert.deepEqual(await facts(), ['valkey', '8.1.1', 'server_mode'])
    await call('CONFIG', 'SET', 'extended-redis-compatibility', 'yes')
    assert.deepEqual(await facts(), ['redis', '7.2.4', 'redis_mode'])
    await call('CONFIG', 'SET', 'extended-redis-compatibility', 'no')
  })

  it('AUTH without a password configured', async (call) => {
    await converse(call, [
      [
        'AUTH x',
        {
          error:
            'ERR AUTH <password> called without any password configured for the default user. ' +
            'Are you sure your configuration is correct?',
        },
      ],
      ['AUTH default anything', 'OK'],
      ['AUTH nobody x', WRONG_PASSWORD],
      ['AUTH a b c', SYNTAX_ERROR],
      ['AUTH', wrongArity('auth')],
    ])
  })

  it('AUTH with a password', async (call, _connection, server) => {
    await call('CONFIG', 'SET', 'requirepass', 'secret \xff')
    const other = await connect(server.port)
    try {
      const send = (...args: Argument[]) => other.send(...args)
      await converse(send, [
        ['PING', NOT_AUTHENTICATED],
        ['GET k', NOT_AUTHENTICATED],
        ['NOSUCHCOMMAND', { error: "ERR unknown command 'NOSUCHCOMMAND', with args beginning with: " }],
        [
          'HELLO 3',
          {
            error:
              'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> ' +
              'AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol ' +
              'version at the same time',
          },
        ],
        ['AUTH wrong', WRONG_PASSWORD],
        ['AUTH secret', WRONG_PASSWORD],
        [['AUTH', 'default', 'secret \xff'], 'OK'],
        ['PING', 'PONG'],
        // A failed attempt does not log out.
        ['AUTH wrong', WRONG_PASSWORD],
        ['PING', 'PONG'],
        ['RESET', 'RESET'],
        ['PING', NOT_AUTHENTICATED],
        [['AUTH', 'secret \xff'], 'OK'],
      ])
      // Whoever was connected before stays logged in.
      assert.equal(await call('PING'), 'PONG')
    } finally {
      await other.close()
      await call('CONFIG', 'SET', 'requirepass', '')
    }
  })

  it('QUIT answers and closes', async (call, connection) => {
    const [quit, ...others] = await Promise.allSettled([call('QUIT', 'now'), call('PING')])
    assert.deepEqual(quit, { status: 'fulfilled', value: 'OK' })
    assert.equal(others[0]!.status, 'rejected')
    assert.ok(connection.closed)
  })

  it('RESET gives up everything but the library names', async (call) => {
    await call('HELLO', 3, 'SETNAME', 'me')
    await converse(call, [
      ['CLIENT SETINFO lib-name lib', 'OK'],
      ['CLIENT NO-TOUCH ON', 'OK'],
      ['SELECT 3', 'OK'],
      ['WATCH k', 'OK'],
      ['MULTI', 'OK'],
      ['RESET', 'RESET'],
      ['EXEC', { error: 'ERR EXEC without MULTI' }],
      ['CLIENT GETNAME', null],
    ])
    const info = String(await call('CLIENT', 'INFO'))
    assert.match(info, / name= .* flags=N .* db=0 .* watch=0 .* resp=2 lib-name=lib /)
    assert.equal(fields(await call('HELLO')).proto, 2)
  })
})
