/**
 * A server whose keys have a few MiB and no more: what commands, transactions and scripts are answered when that is used up,
 * and that all goes on when some of it is free again.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALL_COMMANDS } from '../../../src/commands/all.ts'
import { CommandTable } from '../../../src/commands/table.ts'
import { assemble } from '../../../src/engine/assembly.ts'
import { ERRORS } from '../../../src/errors.ts'
import { Arena, type ArenaLimits } from '../../../src/memory/arena.ts'
import { Args } from '../../../src/memory/args.ts'
import { loadModule } from '../../../src/scripting/load-module.ts'
import { bareHost } from '../../support/engine-host.ts'

const module = loadModule()
const MEMORY_LIMIT = 16 * 1024 * 1024
const SLAB = 256 * 1024
const VALUE = 'v'.repeat(10_000)
const REFUSED = `-${ERRORS.oom}\r\n`

class Server {
  readonly parts
  readonly client

  constructor(limits: ArenaLimits) {
    const host = bareHost(
      { module, memoryLimit: MEMORY_LIMIT },
      new CommandTable(ALL_COMMANDS),
      new Arena(limits),
    )
    this.parts = assemble(host)
    this.client = this.parts.clients.connect(null)
  }

  send(...words: string[]): string {
    const { engine, writer } = this.parts
    writer.clear()
    engine.execute(this.client, Args.from(...words), writer)
    const { length } = writer
    return writer.surrender().latin1Slice(0, length)
  }

  /** Sets keys until one is refused; returns how many are set. */
  fill(expected: string): number {
    for (let i = 0; ; i++) {
      const reply = this.send('SET', `key:${i}`, VALUE)
      if (reply === '+OK\r\n') continue
      assert.equal(reply, expected)
      return i
    }
  }
}

test('commands that may need memory are refused while the reserve is in use, others run', () => {
  const server = new Server({ bytes: 24 * SLAB, reserve: 8 * SLAB })
  const set = server.fill(REFUSED)
  assert.ok(set > 200)
  assert.equal(server.send('GET', 'key:0').length, VALUE.length + 10)
  assert.equal(server.send('LPUSH', 'list', 'x'), REFUSED)
  assert.equal(server.send('DBSIZE'), `:${set}\r\n`)
  assert.equal(server.send('MULTI'), '+OK\r\n')
  assert.equal(server.send('SET', 'key:0', 'x'), REFUSED)
  assert.match(server.send('EXEC'), /^-EXECABORT/)
  assert.equal(server.send('DEL', 'key:0'), ':1\r\n')
  for (let i = 1; i < set / 2; i++) server.send('DEL', `key:${i}`)
  assert.equal(server.send('SET', 'key:0', 'x'), '+OK\r\n')
  assert.equal(server.send('GET', 'key:0'), '$1\r\nx\r\n')
  assert.equal(server.parts.constraints.bits, 0)
})

test('scripts are refused their first write, and one that has written goes on', () => {
  const server = new Server({ bytes: 24 * SLAB, reserve: 8 * SLAB })
  const set = server.fill(REFUSED)
  const write = "return redis.call('SET', KEYS[1], 'x')"
  assert.match(server.send('EVAL', write, '1', 'key:0'), /^-OOM command not allowed/)
  assert.match(server.send('EVAL', `#!lua\n${write}`, '1', 'key:0'), /^-OOM/)
  assert.equal(server.send('EVAL', `#!lua flags=allow-oom\n${write}`, '1', 'key:0'), '+OK\r\n')
  assert.equal(server.send('EVAL', "return redis.call('GET', KEYS[1])", '1', 'key:0'), '$1\r\nx\r\n')
  const freeFirst = "redis.call('DEL', KEYS[1]) return redis.call('SET', KEYS[1], 'y')"
  assert.equal(server.send('EVAL', freeFirst, '1', 'key:0'), '+OK\r\n')
  assert.equal(server.send('FLUSHALL'), '+OK\r\n')
  assert.equal(server.send('EVAL', write, '1', 'key:0'), '+OK\r\n')
  assert.equal(server.send('DBSIZE'), ':1\r\n')
  assert.ok(set > 0)
})
