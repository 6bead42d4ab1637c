import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ABSENT_COMMANDS, absentCommand, isAbsent } from '../../../src/commands/absent.ts'
import { ALL_COMMANDS } from '../../../src/commands/all.ts'
import { FLAG_NAMES } from '../../../src/commands/flags.ts'
import { CommandTable } from '../../../src/commands/table.ts'
import { Args } from '../../../src/memory/args.ts'
import { OUR_COMMANDS } from '../../support/our-commands.ts'
import { noOracle, type Reply, startOracle } from '../../support/server.ts'

const table = new CommandTable(ALL_COMMANDS)

test('what is there is not listed as absent', () => {
  const both = table.all.filter(({ name }) => isAbsent(name)).map(({ name }) => name)
  assert.deepEqual(both, [])
})

test('a request is understood as it would be if the command were there', () => {
  const found = (...words: (string | Buffer)[]) => absentCommand(Args.from(...words))?.name
  assert.equal(found('XAdd', 'x'), 'xadd')
  assert.equal(found('xgroup'), 'xgroup')
  assert.equal(found('xgroup', 'CREATE', 'x'), 'xgroup|create')
  assert.equal(found('xgroup', 'nosuch'), undefined)
  assert.equal(found('xgroup|create'), undefined)
  assert.equal(found('command', 'docs'), 'command|docs')
  assert.equal(found('command'), undefined)
  assert.equal(found('get', 'x'), undefined)
  assert.equal(found(Buffer.alloc(1 << 20, 'x')), undefined)
  assert.equal(found(`xadd${' '.repeat(100)}`), undefined)
})

test('the commands there are and the absent ones are all of Valkey, with what rules ask about', {
  skip: noOracle,
}, async () => {
  const server = await startOracle()
  try {
    const connection = await server.connect()
    const infos = (await connection.send('command')) as Reply[][]
    const all = infos.flatMap((info) => [info, ...(info[9] as Reply[][])])
    await connection.close()
    const known = [...table.all, ...ABSENT_COMMANDS].map(({ name }) => name)
    assert.deepEqual(
      known.filter((name) => !OUR_COMMANDS.has(name)).sort(),
      all.map((info) => String(info[0])).sort(),
    )
    const byName = new Map(all.map((info) => [String(info[0]), info]))
    for (const { name, arity, flags, categories } of ABSENT_COMMANDS) {
      const [, expectedArity, shown, , , , acl] = byName.get(name)!
      assert.equal(arity, expectedArity, name)
      assert.deepEqual(
        categories.map((category) => `@${category}`),
        acl,
        name,
      )
      for (const [bit, flag] of FLAG_NAMES) {
        if (!['write', 'denyoom', 'noscript'].includes(flag)) continue
        assert.equal((flags & bit) !== 0, (shown as Reply[]).includes(flag), `${name} ${flag}`)
      }
    }
  } finally {
    await server.stop()
  }
})
