/**
 * A server whose keys have a few MiB and no more: what commands, transactions and scripts are answered when that is used up,
 * and that all goes on when some of it is free again.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ALL_COMMANDS } from '../../../src/commands/all.ts'
import { datasetDigest } from '../../../src/commands/server/dataset-digest.ts'
import { CommandTable } from '../../../src/commands/table.ts'
import { assemble } from '../../../src/engine/assembly.ts'
import { ERRORS } from '../../../src/errors.ts'
import { Arena } from '../../../src/memory/arena.ts'
import { Args } from '../../../src/memory/args.ts'
import { loadModule } from '../../../src/scripting/load-module.ts'
import { bareHost } from '../../support/engine-host.ts'
import { FailingArena } from '../../support/failing-arena.ts'

const module = loadModule()
const MEMORY_LIMIT = 16 * 1024 * 1024
const SLAB = 256 * 1024
const VALUE = 'v'.repeat(10_000)
const ENDED = `-${ERRORS.outOfMemory}\r\n`
const REFUSED = `-${ERRORS.oom}\r\n`

class Server {
  readonly parts
  readonly client

  constructor(arena: Arena, settings: readonly string[] = []) {
    const host = bareHost({ module, memoryLimit: MEMORY_LIMIT }, new CommandTable(ALL_COMMANDS), arena)
    this.parts = assemble(host)
    this.client = this.parts.clients.connect(null)
    if (settings.length > 0) assert.equal(this.send('CONFIG', 'SET', ...settings), '+OK\r\n')
  }

  get digest(): string {
    return datasetDigest(this.parts.keyspace.all)
  }

  get held(): number {
    const { arena } = this.parts.keyspace.heap
    return arena.used + arena.outside
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
  const server = new Server(new Arena({ bytes: 24 * SLAB, reserve: 8 * SLAB }))
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
  const server = new Server(new Arena({ bytes: 24 * SLAB, reserve: 8 * SLAB }))
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

test('a command for which there is no memory at all is answered, and changes nothing', () => {
  const server = new Server(new Arena({ bytes: 16 * SLAB, reserve: 0 }))
  const set = server.fill(ENDED)
  assert.equal(server.send('DBSIZE'), `:${set}\r\n`)
  assert.equal(server.send('EXISTS', `key:${set}`), ':0\r\n')
  const inScript = `local r = redis.pcall('SET', KEYS[1], ARGV[1]) return r.err`
  assert.equal(
    server.send('EVAL', inScript, '1', 'another', VALUE),
    `$${ERRORS.outOfMemory.length}\r\n${ERRORS.outOfMemory}\r\n`,
  )
  assert.equal(server.send('FLUSHALL'), '+OK\r\n')
  assert.equal(server.fill(ENDED), set)
})

/** Keys of a type, rarely another's; of any type. */
const KEYS = ['s1', 's2', 'h1', 'h2', 't1', 't2', 'z1', 'z2', 'l1', 'l2'] as const
const KEY = fc.constantFrom(...KEYS)
const of = (type: 's' | 'h' | 't' | 'z' | 'l') =>
  fc.oneof({ weight: 15, arbitrary: fc.constantFrom(`${type}1`, `${type}2`) }, { weight: 1, arbitrary: KEY })
const MEMBER = fc.oneof(
  fc.nat(60).map(String),
  fc.nat(60).map((n) => `m${n}`),
)
const TEXT = fc.oneof(
  { weight: 6, arbitrary: fc.nat(10 ** 12).map(String) },
  { weight: 3, arbitrary: fc.nat(400).map((n) => 'text'.repeat(n)) },
  { weight: 1, arbitrary: fc.constantFrom('l'.repeat(20_000), 'h'.repeat(70_000)) },
)
const SCORE = fc.integer({ min: -20, max: 20 }).map(String)

/** Changes of one element or one key: what is ended leaves all as it was. */
const WHOLE = fc.oneof(
  fc.tuple(fc.constant('SET'), of('s'), TEXT),
  fc.tuple(fc.constant('SET'), KEY, TEXT, fc.constant('KEEPTTL')),
  fc.tuple(fc.constant('SETEX'), of('s'), fc.constant('10000'), TEXT),
  fc.tuple(fc.constant('APPEND'), of('s'), TEXT),
  fc.tuple(fc.constant('SETRANGE'), of('s'), fc.nat(30_000).map(String), TEXT),
  fc.tuple(fc.constantFrom('PERSIST', 'DEL'), KEY),
  fc.tuple(fc.constantFrom('LPOP', 'RPOP'), of('l')),
  fc.tuple(fc.constant('ZPOPMIN'), of('z')),
  fc.tuple(fc.constant('INCR'), of('s')),
  fc.tuple(fc.constant('INCRBY'), of('s'), fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }).map(String)),
  fc.tuple(fc.constant('HSET'), of('h'), MEMBER, TEXT),
  fc.tuple(fc.constant('HDEL'), of('h'), MEMBER),
  fc.tuple(fc.constantFrom('SADD', 'SADD', 'SREM'), of('t'), MEMBER),
  fc.tuple(fc.constant('ZREM'), of('z'), MEMBER),
  fc.tuple(fc.constant('ZADD'), of('z'), SCORE, MEMBER),
  fc.tuple(fc.constantFrom('LPUSH', 'RPUSH'), of('l'), TEXT),
  fc.tuple(fc.constant('LINSERT'), of('l'), fc.constant('BEFORE'), TEXT, TEXT),
  fc.tuple(fc.constant('LSET'), of('l'), fc.integer({ min: -4, max: 4 }).map(String), TEXT),
  fc.tuple(fc.constant('EXPIRE'), KEY, fc.constant('10000')),
  fc.tuple(fc.constant('RENAME'), KEY, KEY),
  fc.tuple(fc.constant('COPY'), KEY, KEY, fc.constant('REPLACE')),
  fc.tuple(fc.constant('MOVE'), KEY, fc.constant('1')),
)

/** Changes of several: some of them may have happened. */
const PARTS = fc.oneof(
  fc.tuple(fc.constant('SADD'), of('t'), MEMBER, MEMBER, MEMBER, MEMBER),
  fc.tuple(fc.constant('RPUSH'), of('l'), TEXT, TEXT, TEXT, TEXT),
  fc.tuple(fc.constant('ZADD'), of('z'), SCORE, MEMBER, SCORE, MEMBER, SCORE, MEMBER),
  fc.tuple(fc.constant('HSET'), of('h'), MEMBER, TEXT, MEMBER, TEXT, MEMBER, TEXT),
  fc.tuple(fc.constantFrom('SUNIONSTORE', 'SDIFFSTORE'), KEY, of('t'), of('t')),
  fc.tuple(fc.constant('ZUNIONSTORE'), KEY, fc.constant('2'), of('z'), of('t')),
  fc.tuple(fc.constant('LMOVE'), of('l'), of('l'), fc.constant('LEFT'), fc.constant('RIGHT')),
  fc.tuple(fc.constant('SORT'), of('l'), fc.constant('ALPHA'), fc.constant('STORE'), KEY),
  fc.tuple(fc.constant('MSET'), of('s'), TEXT, of('s'), TEXT),
)

const STEP = fc.record({
  isWhole: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
  whole: WHOLE,
  parts: PARTS,
  failsAfter: fc.oneof(fc.nat(3), fc.constant(1000)),
})

const LIMITS = {
  usual: [],
  small: [
    ...['hash-max-listpack-entries', '6', 'set-max-intset-entries', '5', 'set-max-listpack-entries', '8'],
    ...['zset-max-listpack-entries', '6', 'list-max-listpack-size', '3'],
  ],
}

/**
 * The same commands go to a server that lacks memory now and then and to one that does not; a command that was ended is not
 * sent to the other, and they have the same keys throughout.
 */
class Pair {
  readonly lacking: Server
  readonly rich: Server
  private readonly heldAtFirst: number

  constructor(arena: Arena, settings: readonly string[]) {
    this.lacking = new Server(arena, settings)
    this.rich = new Server(new Arena(), settings)
    this.heldAtFirst = this.lacking.held
  }

  /** True when there was memory for the command. */
  send(words: readonly string[], isWhole: boolean): boolean {
    const reply = this.lacking.send(...words)
    assert.notEqual(reply, '-ERR internal error\r\n')
    const isDone = reply !== ENDED
    if (isDone) assert.equal(reply, this.rich.send(...words), words.join(' ').slice(0, 100))
    else if (!isWhole) this.forget(words)
    if (!isDone) assert.equal(this.lacking.digest, this.rich.digest, words.join(' ').slice(0, 100))
    return isDone
  }

  /** Removes the keys that a command may have changed in part. */
  private forget(words: readonly string[]): void {
    const keys = words.filter((word) => (KEYS as readonly string[]).includes(word))
    for (const server of [this.lacking, this.rich]) server.send('DEL', ...keys)
  }

  end(): void {
    assert.equal(this.lacking.digest, this.rich.digest)
    this.lacking.send('FLUSHALL', 'SYNC')
    assert.equal(this.lacking.held, this.heldAtFirst, 'nothing is lost')
  }
}

/** How many commands were ended by each test: there must be some. */
function countEnded(run: (count: () => void) => void): number {
  let ended = 0
  run(() => ended++)
  return ended
}

test('commands that memory is lacking for, at any of their requests, leave keys as they were', () => {
  const ended = countEnded((count) => {
    const limits = fc.constantFrom('usual' as const, 'small' as const)
    fc.assert(
      fc.property(limits, fc.array(STEP, { maxLength: 120, size: 'max' }), (settings, steps) => {
        const arena = new FailingArena()
        const pair = new Pair(arena, LIMITS[settings])
        for (const { isWhole, whole, parts, failsAfter } of steps) {
          const words = isWhole ? whole : parts
          arena.failAfter(failsAfter)
          const isDone = pair.send(words, isWhole)
          arena.failAfter(Infinity)
          if (isDone) continue
          count()
          pair.send(words, isWhole)
        }
        pair.end()
      }),
      { numRuns: 60 },
    )
  })
  assert.ok(ended > 150, `${ended}`)
})

test('commands go on as they can in an arena of a few slabs', () => {
  const ended = countEnded((count) => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 400, size: 'max' }), (steps) => {
        const pair = new Pair(new Arena({ bytes: 8 * SLAB, reserve: 0 }), LIMITS.small)
        for (const { isWhole, whole, parts } of steps) {
          if (!pair.send(isWhole ? whole : parts, isWhole)) count()
        }
        pair.end()
      }),
      { numRuns: 25 },
    )
  })
  assert.ok(ended > 100, `${ended}`)
})
