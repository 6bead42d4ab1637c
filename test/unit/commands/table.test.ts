/**
 * Finding commands by the bytes of their names, and what the table derives from the specifications.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ALL_COMMANDS } from '../../../src/commands/all.ts'
import { ADMIN, FAST, MOVABLE_KEYS, READONLY } from '../../../src/commands/flags.ts'
import { keyAt, keysFrom, numkeysAt } from '../../../src/commands/key-spec.ts'
import type { CommandSpec } from '../../../src/commands/spec.ts'
import { CommandTable } from '../../../src/commands/table.ts'
import { Args } from '../../../src/memory/args.ts'
import { Bytes } from '../../../src/memory/bytes.ts'

const table = new CommandTable(ALL_COMMANDS)

function spec(name: string, extra: Partial<CommandSpec> = {}): CommandSpec {
  return {
    name,
    summary: '',
    since: '',
    complexity: '',
    group: 'generic',
    arity: -1,
    flags: 0,
    acl: [],
    keys: [],
    run: () => {},
    ...extra,
  }
}

describe('look-up', () => {
  test('every command by its name, in either case, wherever the bytes lie', () => {
    for (const command of table.topLevel) {
      const upper = Buffer.from(`..${command.name.toUpperCase()}..`)
      assert.equal(table.lookup(Bytes.from(command.name)), command)
      assert.equal(table.lookup(new Bytes(upper, 2, command.name.length)), command)
    }
  })

  test('nothing else', () => {
    for (const name of ['', 'ge', 'gett', 'get ', 'g\0t', 'GE\xd4', '@et', 'get|x']) {
      assert.equal(table.lookup(Bytes.from(name, 'latin1')), undefined, JSON.stringify(name))
    }
  })

  test('subcommands, by their own word and by their full name', () => {
    const config = table.lookup(Bytes.from('config'))!
    const get = table.subcommand(config, Bytes.from('GET'))!
    assert.equal(get.name, 'config|get')
    assert.equal(get.parent, config)
    assert.equal(table.lookupFull(Bytes.from('Config|Get')), get)
    assert.equal(table.lookupFull(Bytes.from('config|nothing')), undefined)
    assert.equal(table.lookupFull(Bytes.from('nothing|get')), undefined)
    assert.equal(table.resolve(Args.from('config', 'get', 'x')), get)
    assert.equal(table.resolve(Args.from('config')), config)
    assert.equal(table.resolve(Args.from('config', 'nothing')), undefined)
  })
})

describe('the table', () => {
  test('numbers commands and subcommands densely', () => {
    table.all.forEach((command, i) => {
      assert.equal(command.id, i)
      assert.equal(table.byId(i), command)
    })
  })

  test('refuses a name defined twice', () => {
    assert.throws(() => new CommandTable([spec('get'), spec('get')]), /get is defined twice/)
    const twice = spec('a', { subcommands: [spec('b'), spec('b')] })
    assert.throws(() => new CommandTable([twice]), /a\|b is defined twice/)
  })

  test('renames and removes commands', () => {
    const small = new CommandTable([spec('get'), spec('set'), spec('del')])
    const get = small.lookup(Bytes.from('get'))!
    assert.equal(small.rename('get', 'fetch'), undefined)
    assert.equal(small.lookup(Bytes.from('get')), undefined)
    assert.equal(small.lookup(Bytes.from('FETCH')), get)
    assert.equal(small.rename('set', ''), undefined)
    assert.equal(small.lookup(Bytes.from('set')), undefined)
    assert.equal(small.lookup(Bytes.from('del'))?.name, 'del')
    assert.equal(small.rename('BgSave', ''), undefined)
    assert.equal(small.rename('nothing', 'x'), 'No such command in rename-command')
    assert.equal(small.rename('del', 'fetch'), 'Target command name already exists')
  })

  test('adds the categories that follow from the flags', () => {
    const [a, b] = new CommandTable([
      spec('a', { flags: READONLY | FAST, acl: ['string'] }),
      spec('b', { flags: READONLY | ADMIN, acl: ['scripting'] }),
    ]).all
    assert.deepEqual(a!.categories, ['read', 'string', 'fast'])
    assert.deepEqual(b!.categories, ['admin', 'slow', 'dangerous', 'scripting'])
  })
})

describe('keys', () => {
  const positions = (command: CommandSpec, ...words: string[]) =>
    new CommandTable([command]).all[0]!.keys(Args.from(command.name, ...words)).map((key) => key.position)

  test('at fixed places, up to the end, and every second', () => {
    assert.deepEqual(positions(spec('x', { keys: [keyAt(1, 'RO'), keyAt(2, 'RO')] }), 'a', 'b'), [1, 2])
    assert.deepEqual(positions(spec('x', { keys: [keysFrom(1, 1, 'RO')] }), 'a', 'b', 'c'), [1, 2, 3])
    assert.deepEqual(positions(spec('x', { keys: [keysFrom(1, 2, 'OW')] }), 'k', 'v', 'k', 'v'), [1, 3])
  })

  test('counted', () => {
    const counted = spec('x', { keys: [numkeysAt(2, 'RW')] })
    assert.deepEqual(positions(counted, 'script', '2', 'a', 'b', 'c'), [3, 4])
    assert.deepEqual(positions(counted, 'script', '0'), [])
    for (const wrong of ['3', '-1', 'x', '99999999999999999999']) {
      assert.deepEqual(positions(counted, 'script', wrong, 'a', 'b'), [], wrong)
    }
  })

  test('behind a word, searched from either end', () => {
    const behind = (startFrom: number) =>
      spec('x', {
        keys: [
          {
            flags: ['RO'],
            begin: { keyword: 'keys', startFrom },
            find: { last: -1, step: 1, limit: 2 },
          },
        ],
      })
    assert.deepEqual(positions(behind(1), 'a', 'KEYS', 'k1', 'k2', 'id', 'id'), [3, 4])
    assert.deepEqual(positions(behind(1), 'a', 'b'), [])
    assert.deepEqual(positions(behind(-2), 'keys', 'a', 'keys', 'k', 'v'), [4])
  })

  test('not_key is none', () => {
    const [command] = new CommandTable([spec('x', { keys: [keyAt(1, 'not_key')] })]).all
    assert.equal(command!.hasKeys, false)
    assert.deepEqual(command!.keys(Args.from('x', 'a')), [])
  })

  test('the range of old: positions are joined, what it cannot say is movable', () => {
    const [joined, gap, counted] = new CommandTable([
      spec('a', { keys: [keyAt(1, 'RW'), keyAt(2, 'RW')] }),
      spec('b', { keys: [keyAt(1, 'RW'), keyAt(3, 'RW')] }),
      spec('c', { keys: [numkeysAt(1, 'RO')] }),
    ]).all
    assert.deepEqual(joined!.keyRange, { first: 1, last: 2, step: 1 })
    assert.equal(joined!.flags & MOVABLE_KEYS, 0)
    assert.deepEqual(gap!.keyRange, { first: 1, last: 1, step: 1 })
    assert.equal(gap!.flags & MOVABLE_KEYS, MOVABLE_KEYS)
    assert.deepEqual(counted!.keyRange, { first: 0, last: 0, step: 0 })
    assert.equal(counted!.flags & MOVABLE_KEYS, MOVABLE_KEYS)
  })
})
