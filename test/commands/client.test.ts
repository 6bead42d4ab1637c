import assert from 'node:assert/strict'
import { type Connection, connect, onEachServer, type Reply, type RunningServer } from '../support/server.ts'
import { converse, NOT_INTEGER, SYNTAX_ERROR, wrongArity } from '../support/transcript.ts'
import { until } from '../support/until.ts'

/** The fields of a line of CLIENT LIST. */
function parseLine(line: string): Record<string, string> {
  return Object.fromEntries(
    line.split(' ').map((field) => {
      const at = field.indexOf('=')
      return [field.slice(0, at), field.slice(at + 1)]
    }),
  )
}

function parseList(reply: Reply): Record<string, string>[] {
  const text = typeof reply === 'object' && reply !== null && 'verbatim' in reply ? reply.verbatim : reply
  assert.equal(typeof text, 'string')
  return String(text)
    .replace(/^txt:/, '')
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine)
}

async function withOther(server: RunningServer, use: (other: Connection) => Promise<void>): Promise<void> {
  const other = await connect(server.port)
  try {
    await use(other)
  } finally {
    await other.close()
  }
}

/** INFO's section once another connection's command has come and is held back. */
async function infoOnceBlocked(call: Connection['send']): Promise<string> {
  let clients = ''
  await until(async () => {
    clients = String(await call('INFO', 'clients'))
    return /^blocked_clients:1\r$/m.test(clients)
  })
  return clients
}

const ON_OR_OFF = ['NO-EVICT', 'NO-TOUCH']

onEachServer('client', ({ it }) => {
  it('ID, GETNAME, SETNAME, SETINFO', async (call, _connection, server) => {
    const id = Number(await call('CLIENT', 'ID'))
    await withOther(server, async (other) => {
      assert.ok(Number(await other.send('CLIENT', 'ID')) > id)
    })
    await converse(call, [
      ['CLIENT GETNAME', null],
      ['CLIENT SETNAME worker:1', 'OK'],
      ['CLIENT GETNAME', 'worker:1'],
      [
        ['CLIENT', 'SETNAME', 'a b'],
        { error: 'ERR Client names cannot contain spaces, newlines or special characters.' },
      ],
      [
        ['CLIENT', 'SETNAME', '\xff'],
        { error: 'ERR Client names cannot contain spaces, newlines or special characters.' },
      ],
      ['CLIENT GETNAME', 'worker:1'],
      [['CLIENT', 'SETNAME', ''], 'OK'],
      ['CLIENT GETNAME', null],
      ['CLIENT SETINFO LIB-NAME lib', 'OK'],
      ['CLIENT SETINFO lib-ver 1.2', 'OK'],
      ['CLIENT SETINFO other x', { error: "ERR Unrecognized option 'other'" }],
      [
        ['CLIENT', 'SETINFO', 'Lib-Name', 'a b'],
        { error: 'ERR Lib-Name cannot contain spaces, newlines or special characters.' },
      ],
    ])
    const [info] = parseList(await call('CLIENT', 'INFO'))
    assert.deepEqual([info!['lib-name'], info!['lib-ver']], ['lib', '1.2'])
  })

  it('INFO and LIST have the same fields, in order', async (call, connection, server) => {
    await call('SELECT', 2)
    await call('CLIENT', 'SETNAME', 'me')
    const text = String(await call('CLIENT', 'INFO'))
    const names = Object.keys(parseLine(text.trimEnd()))
    assert.equal(
      names.join(' '),
      'id addr laddr fd name age idle flags capa db sub psub ssub multi watch qbuf qbuf-free argv-mem multi-mem ' +
        'rbs rbp obl oll omem tot-mem events cmd user redir resp lib-name lib-ver tot-net-in tot-net-out tot-cmds',
    )
    const info = parseLine(text.trimEnd())
    assert.match(info.addr!, /^127\.0\.0\.1:\d+$/)
    assert.equal(info.laddr, `127.0.0.1:${server.port}`)
    const { name, flags, capa, db, multi, events, cmd, user, redir, resp } = info
    assert.deepEqual(
      { name, flags, capa, db, multi, events, cmd, user, redir, resp },
      {
        name: 'me',
        flags: 'N',
        capa: '',
        db: '2',
        multi: '-1',
        events: 'r',
        cmd: 'client|info',
        user: 'default',
        redir: '-1',
        resp: '2',
      },
    )
    assert.equal(info['argv-mem'], '10')
    const [listed] = parseList(await call('CLIENT', 'LIST', 'ID', info.id!))
    assert.deepEqual(Object.keys(listed!), names)
    assert.equal(listed!.cmd, 'client|list')
    await call('HELLO', 3)
    assert.match(await connection.raw('CLIENT', 'INFO'), /^=\d+\r\ntxt:id=/)
  })

  it('flags and counts tell what a connection does', async (call, _connection, server) => {
    await withOther(server, async (other) => {
      const id = Number(await other.send('CLIENT', 'ID'))
      const look = async () => parseList(await call('CLIENT', 'LIST', 'ID', id))[0]!
      await other.send('WATCH', 'k')
      await other.send('MULTI')
      await other.send('GET', 'k')
      const queuing = await look()
      assert.deepEqual([queuing.flags, queuing.multi, queuing.watch], ['x', '1', '1'])
      assert.ok(Number(queuing['multi-mem']) >= 4)
      await call('SET', 'k', '1')
      const stale = await look()
      assert.deepEqual([stale.flags, stale.multi, stale.watch], ['xd', '0', '0'])
      await other.send('DISCARD')
      assert.equal((await look()).multi, '0')
      await other.send('MULTI')
      await other.send('CLIENT', 'INFO')
      await other.send('PING')
      const [running] = parseList(((await other.send('EXEC')) as Reply[])[0]!)
      assert.deepEqual([running!.flags, running!.multi, running!.cmd], ['x', '2', 'exec'])
      await other.send('CLIENT', 'NO-EVICT', 'ON')
      await other.send('CLIENT', 'NO-TOUCH', 'ON')
      await other.send('CLIENT', 'CAPA', 'redirect', 'unknown')
      const marked = await look()
      assert.deepEqual([marked.flags, marked.capa], ['eT', 'r'])
      await other.send('SUBSCRIBE', 'a')
      await other.send('PSUBSCRIBE', 'p*')
      await other.send('SSUBSCRIBE', 's')
      const subscribed = await look()
      const { flags, sub, psub, ssub } = subscribed
      assert.deepEqual({ flags, sub, psub, ssub }, { flags: 'PeT', sub: '1', psub: '1', ssub: '1' })
    })
    await withOther(server, async (other) => {
      const id = Number(await other.send('CLIENT', 'ID'))
      await other.send('MONITOR')
      assert.equal(parseList(await call('CLIENT', 'LIST', 'ID', id))[0]!.flags, 'O')
    })
  })

  it('LIST filters', async (call, _connection, server) => {
    const me = Number(await call('CLIENT', 'ID'))
    await withOther(server, async (other) => {
      const it = Number(await other.send('CLIENT', 'ID'))
      const { addr } = parseList(await other.send('CLIENT', 'INFO'))[0]!
      await other.send('SUBSCRIBE', 'c')
      const ids = async (...filters: (string | number)[]) =>
        parseList(await call('CLIENT', 'LIST', ...filters)).map((client) => Number(client.id))
      assert.deepEqual(await ids(), [me, it])
      assert.deepEqual(await ids('TYPE', 'pubsub'), [it])
      assert.deepEqual(await ids('type', 'NORMAL'), [me])
      assert.deepEqual(await ids('TYPE', 'replica'), [])
      assert.deepEqual(await ids('ID', it, me, 99999, 'ID', me), [me, it])
      assert.deepEqual(await ids('ID', it, me, 'TYPE', 'pubsub'), [it])
      assert.deepEqual(await ids('ADDR', addr!), [it])
      assert.deepEqual(await ids('LADDR', `127.0.0.1:${server.port}`), [me, it])
      assert.deepEqual(await ids('LADDR', '1.1.1.1:1'), [])
      assert.deepEqual(await ids('USER', 'default'), [me, it])
      assert.deepEqual(await ids('SKIPME', 'yes'), [it])
      assert.deepEqual(await ids('SKIPME', 'no'), [me, it])
      assert.deepEqual(await ids('MAXAGE', 100000), [])
    })
    await converse(call, [
      ['CLIENT LIST TYPE', SYNTAX_ERROR],
      ['CLIENT LIST TYPE nothing', { error: "ERR Unknown client type 'nothing'" }],
      ['CLIENT LIST ID', SYNTAX_ERROR],
      ['CLIENT LIST ID x', SYNTAX_ERROR],
      ['CLIENT LIST ID 0', { error: 'ERR client-id should be greater than 0' }],
      ['CLIENT LIST USER nobody', { error: "ERR No such user 'nobody'" }],
      ['CLIENT LIST MAXAGE 0', { error: 'ERR maxage should be greater than 0' }],
      ['CLIENT LIST MAXAGE x', { error: 'ERR maxage is not an integer or out of range' }],
      ['CLIENT LIST SKIPME maybe', SYNTAX_ERROR],
      ['CLIENT LIST OTHER x', SYNTAX_ERROR],
    ])
  })

  it('KILL by filters spares the caller', async (call, connection, server) => {
    const me = Number(await call('CLIENT', 'ID'))
    await withOther(server, async (other) => {
      const it = Number(await other.send('CLIENT', 'ID'))
      assert.equal(await call('CLIENT', 'KILL', 'ID', me), 0)
      assert.equal(await call('CLIENT', 'KILL', 'TYPE', 'pubsub'), 0)
      assert.equal(await call('CLIENT', 'KILL', 'ID', it, 'TYPE', 'normal'), 1)
      await until(() => other.closed)
    })
    await converse(call, [
      ['CLIENT KILL ID 99999', 0],
      ['CLIENT KILL 1.1.1.1:1', { error: 'ERR No such client' }],
      ['CLIENT KILL ID 1 SKIPME', SYNTAX_ERROR],
      ['CLIENT KILL a b', SYNTAX_ERROR],
      ['CLIENT KILL', wrongArity('client|kill')],
    ])
    assert.equal(await call('CLIENT', 'KILL', 'ID', me, 'SKIPME', 'no'), 1)
    await until(() => connection.closed)
  })

  it('KILL by address, the old form, may end the caller', async (call, connection, server) => {
    await withOther(server, async (other) => {
      const { addr } = parseList(await other.send('CLIENT', 'INFO'))[0]!
      assert.equal(await call('CLIENT', 'KILL', addr!), 'OK')
      await until(() => other.closed)
    })
    const { addr } = parseList(await call('CLIENT', 'INFO'))[0]!
    assert.equal(await call('CLIENT', 'KILL', addr!), 'OK')
    await until(() => connection.closed)
  })

  it('REPLY', async (_call, connection) => {
    // Of these only those that are answered count: the third is skipped with the command behind it.
    connection.write('CLIENT REPLY SKIP\r\nSET a 1\r\n')
    assert.equal(await connection.send('GET', 'a'), '1')
    connection.write(
      'CLIENT REPLY OFF\r\nSET a 2\r\nNOSUCHCOMMAND\r\nCLIENT REPLY SKIP\r\nGET a\r\nGET a\r\n',
    )
    assert.equal(await connection.send('CLIENT', 'REPLY', 'ON'), 'OK')
    assert.equal(await connection.send('GET', 'a'), '2')
    assert.deepEqual(await connection.send('CLIENT', 'REPLY', 'x'), SYNTAX_ERROR)
  })

  it('switches', async (call) => {
    for (const name of ON_OR_OFF) {
      await converse(call, [
        [`CLIENT ${name} on`, 'OK'],
        [`CLIENT ${name} OFF`, 'OK'],
        [`CLIENT ${name} maybe`, SYNTAX_ERROR],
        [`CLIENT ${name}`, wrongArity(`client|${name.toLowerCase()}`)],
      ])
    }
    await converse(call, [
      ['CLIENT IMPORT-SOURCE OFF', 'OK'],
      ['CLIENT IMPORT-SOURCE ON', { error: 'ERR Server is not in import mode' }],
      ['CLIENT GETREDIR', -1],
      ['CLIENT TRACKINGINFO', ['flags', ['off'], 'redirect', -1, 'prefixes', []]],
      ['CLIENT TRACKING OFF', 'OK'],
      ['CLIENT TRACKING maybe', SYNTAX_ERROR],
      [
        'CLIENT CACHING YES',
        {
          error:
            'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT ' +
            'mode enabled',
        },
      ],
    ])
    await call('HELLO', 3)
    assert.deepEqual(await call('CLIENT', 'TRACKINGINFO'), {
      map: [
        ['flags', { set: ['off'] }],
        ['redirect', -1],
        ['prefixes', []],
      ],
    })
  })

  it('PAUSE holds commands back until its end', async (call, _connection, server) => {
    await withOther(server, async (other) => {
      assert.equal(await call('CLIENT', 'PAUSE', 100000, 'WRITE'), 'OK')
      const read = await other.send('GET', 'k')
      assert.equal(read, null)
      const order: string[] = []
      const write = other.send('SET', 'k', 'v').then((reply) => order.push(String(reply)))
      const behind = other.send('GET', 'k').then((reply) => order.push(String(reply)))
      assert.equal(await call('GET', 'k'), null)
      const clients = await infoOnceBlocked(call)
      assert.match(clients, /^paused_reason:client_pause\r$/m)
      assert.match(clients, /^paused_actions:write\r$/m)
      assert.match(clients, /^paused_timeout_milliseconds:\d{5,6}\r$/m)
      assert.match(String(await call('CLIENT', 'LIST')), /flags=b .* cmd=set /)
      order.push('unpause')
      assert.equal(await call('CLIENT', 'UNPAUSE'), 'OK')
      assert.match(String(await call('INFO', 'clients')), /^paused_reason:none\r$/m)
      await Promise.all([write, behind])
      assert.deepEqual(order, ['unpause', 'OK', 'v'])
    })
    await withOther(server, async (other) => {
      assert.equal(await call('CLIENT', 'PAUSE', 30), 'OK')
      assert.equal(await other.send('GET', 'k'), 'v')
      assert.equal(await call('CLIENT', 'UNPAUSE'), 'OK')
    })
    await converse(call, [
      ['CLIENT PAUSE x', { error: 'ERR timeout is not an integer or out of range' }],
      ['CLIENT PAUSE -1', { error: 'ERR timeout is negative' }],
      ['CLIENT PAUSE 9223372036854775807', { error: 'ERR timeout is out of range' }],
      ['CLIENT PAUSE 1 maybe', { error: 'ERR CLIENT PAUSE mode must be WRITE or ALL' }],
    ])
  })

  it('UNBLOCK finds nobody blocked', async (call) => {
    await converse(call, [
      ['CLIENT UNBLOCK 99999', 0],
      ['CLIENT UNBLOCK 99999 ERROR', 0],
      ['CLIENT UNBLOCK x', NOT_INTEGER],
      ['CLIENT UNBLOCK 1 maybe', { error: 'ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR' }],
    ])
  })

  it('HELP and unknown subcommands', async (call) => {
    const help = await call('CLIENT', 'HELP')
    assert.ok(Array.isArray(help))
    assert.equal(help[0], 'CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:')
    assert.equal(help.at(-1), '    Print this help.')
    await converse(call, [
      ['CLIENT', wrongArity('client')],
      ['CLIENT nothing', { error: "ERR unknown subcommand 'nothing'. Try CLIENT HELP." }],
      ['CLIENT ID x', wrongArity('client|id')],
    ])
  })
})
