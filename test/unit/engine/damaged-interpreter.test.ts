/**
 * A memory error of the C code, forced: a command of the tests' own overwrites the interpreter's memory while a script runs.
 * The caller gets an error, the next script works, and the keyspace is to the byte what it was.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ALL_COMMANDS } from '../../../src/commands/all.ts'
import { datasetDigest } from '../../../src/commands/server/dataset-digest.ts'
import type { CommandSpec } from '../../../src/commands/spec.ts'
import { CommandTable } from '../../../src/commands/table.ts'
import { assemble } from '../../../src/engine/assembly.ts'
import { Args } from '../../../src/memory/args.ts'
import { loadModule } from '../../../src/scripting/load-module.ts'
import { bareHost } from '../../support/engine-host.ts'

const module = loadModule()
const MEMORY_LIMIT = 16 * 1024 * 1024
const KEYS = 200

/** Overwrites part of the memory; `data` is where the arguments of the running command lie, a string of Lua's. */
type Damage = (memory: Uint8Array, data: number) => void

class Server {
  damage: Damage = () => {}
  private readonly parts: ReturnType<typeof assemble>
  private readonly client

  constructor() {
    const damaging: CommandSpec = {
      name: 'damage',
      summary: '',
      since: '',
      complexity: '',
      group: 'server',
      arity: 2,
      flags: 0,
      acl: [],
      keys: [],
      run: (_ctx, args, reply) => {
        const { buf, off } = args.at(1)
        this.damage(new Uint8Array(buf.buffer), off)
        reply.ok()
      },
    }
    const commands = new CommandTable([...ALL_COMMANDS, damaging])
    this.parts = assemble(bareHost({ module, memoryLimit: MEMORY_LIMIT }, commands))
    this.client = this.parts.clients.connect(null)
    this.fill()
  }

  send(...words: string[]): string {
    const { engine, writer } = this.parts
    writer.clear()
    engine.execute(this.client, Args.from(...words), writer)
    const { length } = writer
    return writer.surrender().latin1Slice(0, length)
  }

  get digest(): string {
    return datasetDigest(this.parts.keyspace.all)
  }

  private fill(): void {
    for (let i = 0; i < KEYS; i++) {
      this.send('SET', `string:${i}`, 'value'.repeat(i))
      this.send('HSET', 'hash', `field:${i}`, String(i))
      this.send('ZADD', 'zset', String(i), `member:${i}`)
      this.send('RPUSH', 'list', `element:${i}`)
    }
  }
}

const WASM_PAGE = 65536

function fill(value: number, from: (data: number) => number, to: (data: number) => number): Damage {
  return (memory, data) => {
    memory.fill(value, Math.max(0, from(data)), Math.min(memory.length, to(data)))
  }
}

const everything = [() => 0, () => MEMORY_LIMIT] as const

const DAMAGES: Readonly<Record<string, Damage>> = {
  'all of it, ones': fill(0xff, ...everything),
  'all of it, a pattern': fill(0x7b, ...everything),
  'the objects of Lua, ones': fill(
    0xff,
    (data) => data - 4 * WASM_PAGE,
    (data) => data + 4 * WASM_PAGE,
  ),
  'the objects of Lua, a pattern': fill(
    0x7b,
    (data) => data - 4 * WASM_PAGE,
    (data) => data + 4 * WASM_PAGE,
  ),
  'what C keeps, ones': fill(
    0xff,
    () => 0,
    (data) => data - WASM_PAGE,
  ),
}

describe('an interpreter whose memory is overwritten', () => {
  for (const [title, damage] of Object.entries(DAMAGES)) {
    for (const command of ['EVAL', 'FCALL'] as const) {
      test(`${title}, ${command}`, () => {
        const server = new Server()
        const body = `
          local kept = {} for i = 1, 100 do kept[i] = {tostring(i)} end
          redis.call('get', 'string:1') redis.call('damage', 'now')
          for i = 1, 100 do kept[i][2] = redis.call('get', 'string:' .. kept[i][1]) .. i end
          return kept`
        const library = `#!lua name=lib
          redis.register_function('f', function() ${body} end)
          redis.register_function('g', function() return redis.call('get', 'string:2') end)`
        assert.equal(server.send('FUNCTION', 'LOAD', library), '$3\r\nlib\r\n')
        const sha = server.send('SCRIPT', 'LOAD', "return redis.call('get', 'string:2')").split('\r\n')[1]!
        assert.equal(server.send('EVALSHA', sha, '0'), '$10\r\nvaluevalue\r\n')
        const before = server.digest

        server.damage = damage
        const reply = command === 'EVAL' ? server.send('EVAL', body, '0') : server.send('FCALL', 'f', '0')
        server.damage = () => {}

        assert.match(reply, /^-ERR [^\r\n]+\r\n$/)
        assert.equal(server.digest, before)
        assert.equal(server.send('EVALSHA', sha, '0'), '$10\r\nvaluevalue\r\n')
        assert.equal(server.send('FCALL', 'g', '0'), '$10\r\nvaluevalue\r\n')
        assert.equal(server.send('EVAL', "return cjson.encode({1, 'x'})", '0'), '$7\r\n[1,"x"]\r\n')
        assert.equal(server.digest, before)
      })
    }
  }
})
