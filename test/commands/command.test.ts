import assert from 'node:assert/strict'
import { onEachServer, type Reply } from '../support/server.ts'
import { converse, SYNTAX_ERROR, wrongArity } from '../support/transcript.ts'

function sorted(reply: Reply): string[] {
  assert.ok(Array.isArray(reply))
  return reply.map(String).sort()
}

onEachServer('command', ({ it }) => {
  it('COMMAND, COUNT, LIST and INFO speak of the same commands', async (call) => {
    const all = (await call('COMMAND')) as Reply[][]
    const names = all.map((info) => String(info[0])).sort()
    assert.equal(await call('COMMAND', 'COUNT'), names.length)
    assert.deepEqual(
      ((await call('COMMAND', 'INFO')) as Reply[][]).map((info) => String(info[0])).sort(),
      names,
    )
    const listed = sorted(await call('COMMAND', 'LIST'))
    assert.deepEqual(
      listed.filter((name) => !name.includes('|')),
      names,
    )
    assert.ok(listed.includes('config|get'))
  })

  it('INFO', async (call, connection) => {
    const get = [
      'get',
      2,
      ['readonly', 'fast'],
      1,
      1,
      1,
      ['@read', '@string', '@fast'],
      [],
      [
        [
          'flags',
          ['RO', 'access'],
          'begin_search',
          ['type', 'index', 'spec', ['index', 1]],
          'find_keys',
          ['type', 'range', 'spec', ['lastkey', 0, 'keystep', 1, 'limit', 0]],
        ],
      ],
      [],
    ]
    assert.deepEqual(await call('COMMAND', 'INFO', 'GET', 'nothing', 'config|nothing'), [get, null, null])
    const [sub] = (await call('COMMAND', 'INFO', 'Config|Get')) as Reply[][]
    assert.equal(sub![0], 'config|get')
    const [parent] = (await call('COMMAND', 'INFO', 'config')) as Reply[][]
    assert.deepEqual((parent![9] as Reply[][]).map((info) => String(info[0])).sort(), [
      'config|get',
      'config|help',
      'config|resetstat',
      'config|rewrite',
      'config|set',
    ])
    await call('HELLO', 3)
    const raw = await connection.raw('COMMAND', 'INFO', 'get')
    assert.ok(
      raw.startsWith('*1\r\n*10\r\n$3\r\nget\r\n:2\r\n~2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n~3\r\n'),
    )
    assert.ok(raw.includes('~1\r\n%3\r\n$5\r\nflags\r\n~2\r\n+RO\r\n+access\r\n'))
  })

  it('LIST FILTERBY', async (call) => {
    assert.deepEqual(sorted(await call('COMMAND', 'LIST', 'FILTERBY', 'PATTERN', 'CONFIG|*')), [
      'config|get',
      'config|help',
      'config|resetstat',
      'config|rewrite',
      'config|set',
    ])
    assert.ok(sorted(await call('COMMAND', 'LIST', 'FILTERBY', 'ACLCAT', 'Scripting')).includes('eval'))
    await converse(call, [
      ['COMMAND LIST FILTERBY ACLCAT nothing', []],
      ['COMMAND LIST FILTERBY MODULE nothing', []],
      ['COMMAND LIST FILTERBY PATTERN', SYNTAX_ERROR],
      ['COMMAND LIST FILTERBY other x', SYNTAX_ERROR],
      ['COMMAND LIST other', SYNTAX_ERROR],
    ])
  })

  it('GETKEYS', async (call) => {
    const invalid = { error: 'ERR Invalid arguments specified for command' }
    await converse(call, [
      ['COMMAND GETKEYS GET k', ['k']],
      ['COMMAND GETKEYS mset a 1 b 2', ['a', 'b']],
      ['COMMAND GETKEYS EVAL x 2 a b c', ['a', 'b']],
      ['COMMAND GETKEYS EVAL x 0', []],
      ['COMMAND GETKEYS EVAL x 3 a', []],
      ['COMMAND GETKEYS SORT a BY w* GET x* STORE b', ['a', 'b']],
      ['COMMAND GETKEYS SORT a', ['a']],
      ['COMMAND GETKEYS ZINTERSTORE to 2 a b WEIGHTS 1 2', ['to', 'a', 'b']],
      ['COMMAND GETKEYS ZINTERSTORE to 5 a b', invalid],
      ['COMMAND GETKEYS ZUNION 2 a b', ['a', 'b']],
      ['COMMAND GETKEYS LMPOP x a LEFT', invalid],
      ['COMMAND GETKEYS OBJECT ENCODING k', ['k']],
      ['COMMAND GETKEYS MEMORY USAGE k', ['k']],
      ['COMMAND GETKEYS GET', { error: 'ERR Invalid number of arguments specified for command' }],
      ['COMMAND GETKEYS PING', { error: 'ERR The command has no key arguments' }],
      ['COMMAND GETKEYS SSUBSCRIBE a', { error: 'ERR The command has no key arguments' }],
      ['COMMAND GETKEYS nothing', { error: 'ERR Invalid command specified' }],
      ['COMMAND GETKEYS config nothing', { error: 'ERR Invalid command specified' }],
      ['COMMAND GETKEYS', wrongArity('command|getkeys')],
    ])
  })

  it('GETKEYSANDFLAGS', async (call) => {
    await converse(call, [
      ['COMMAND GETKEYSANDFLAGS GET k', [['k', ['RO', 'access']]]],
      ['COMMAND GETKEYSANDFLAGS SET k v', [['k', ['OW', 'update']]]],
      ['COMMAND GETKEYSANDFLAGS SET k v get', [['k', ['RW', 'access', 'update']]]],
      [
        'COMMAND GETKEYSANDFLAGS SORT a STORE b',
        [
          ['a', ['RO', 'access']],
          ['b', ['OW', 'update']],
        ],
      ],
      ['COMMAND GETKEYSANDFLAGS SORT_RO a', [['a', ['RO', 'access']]]],
      [
        'COMMAND GETKEYSANDFLAGS LMOVE a b LEFT RIGHT',
        [
          ['a', ['RW', 'access', 'delete']],
          ['b', ['RW', 'insert']],
        ],
      ],
    ])
  })

  it('HELP and unknown subcommands', async (call) => {
    const help = (await call('COMMAND', 'HELP')) as string[]
    assert.equal(help[1], '(no subcommand)')
    await converse(call, [
      ['COMMAND nothing', { error: "ERR unknown subcommand 'nothing'. Try COMMAND HELP." }],
    ])
  })
})
