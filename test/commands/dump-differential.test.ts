/**
 * Values dumped by Perilune and by another server: the bytes are the same where memory is laid out the same, and either
 * reads what the other wrote.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type Argument,
  type Connection,
  connect,
  noOracle,
  type Reply,
  type RunningServer,
  start,
  startOracle,
  startPerilune,
} from '../support/server.ts'

const FOOTER = 10
const DEBUG = ['--enable-debug-command', 'yes']

function hasRedis(): boolean {
  try {
    execFileSync('redis-server', ['--version'])
    return true
  } catch {
    return false
  }
}

const element = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 10, unit: 'binary-ascii' }) },
  { weight: 4, arbitrary: fc.integer({ min: -40_000, max: 40_000 }).map(String) },
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.constantFrom('', '0', '-1', '127', '128', '-4096', '4095', '-2147483648', '2147483648', '1e5', '007'),
  fc.constantFrom('x'.repeat(64), 'y'.repeat(65), 'ab'.repeat(3000), 'z'.repeat(20_000)),
)
const integer = fc.integer({ min: -3_000_000_000, max: 3_000_000_000 }).map(String)
const score = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }).map(String),
  fc.integer().map((n) => String(n / 1024)),
  fc.constantFrom('inf', '-inf', '0.1', '3.0', '1e300', '1e-300', '9007199254740993'),
)

function many(part: fc.Arbitrary<string[]>, max: number): fc.Arbitrary<string[]> {
  return fc
    .oneof(
      fc.array(part, { minLength: 1, maxLength: 10, size: 'max' }),
      fc.array(part, { minLength: 1, maxLength: max, size: 'max' }),
    )
    .map((parts) => parts.flat())
}

const one = element.map((value) => [value])

/** Commands that leave something at the key `k`. */
const build: fc.Arbitrary<Argument[][]> = fc.oneof(
  element.map((value) => [['SET', 'k', value]]),
  element.map((value) => [['SETRANGE', 'k', 3, `${value}.`]]),
  many(one, 200).map((values) => [['RPUSH', 'k', ...values]]),
  many(one, 200).map((values) => values.map((value) => ['LPUSH', 'k', value])),
  many(
    integer.map((value) => [value]),
    600,
  ).map((values) => [['SADD', 'k', ...values]]),
  many(one, 160).map((values) => [['SADD', 'k', ...values]]),
  many(fc.tuple(element, element), 80).map((pairs) => [['HSET', 'k', ...pairs]]),
  many(fc.tuple(score, element), 160).map((pairs) => [['ZADD', 'k', ...pairs]]),
)

interface Side {
  readonly server: RunningServer
  readonly call: Connection
}

async function open(server: RunningServer): Promise<Side> {
  return { server, call: await connect(server.port) }
}

async function close(side: Side | undefined): Promise<void> {
  await side?.call.close()
  await side?.server.stop()
}

async function make(side: Side, commands: Argument[][]): Promise<Buffer> {
  await side.call.pipeline([['DEL', 'k', 'copy'], ...commands])
  return Buffer.from((await side.call.send('DUMP', 'k')) as string, 'latin1')
}

/** What can be told of the key without knowing how it is laid out. */
async function describeKey(side: Side, key: string): Promise<{ digest: string; encoding: Reply }> {
  const [digest] = (await side.call.send('DEBUG', 'DIGEST-VALUE', key)) as [string]
  return { digest, encoding: await side.call.send('OBJECT', 'ENCODING', key) }
}

async function restored(side: Side, payload: Buffer): ReturnType<typeof describeKey> {
  assert.equal(await side.call.send('RESTORE', 'copy', 0, payload, 'REPLACE'), 'OK')
  return describeKey(side, 'copy')
}

function compareWith(
  title: string,
  skip: string | false,
  reference: () => Promise<RunningServer>,
  own: readonly string[],
  runs: number,
  check: (ours: Side, theirs: Side, commands: Argument[][]) => Promise<void>,
): void {
  describe(title, { skip }, () => {
    let ours: Side
    let theirs: Side
    before(async () => {
      ours = await open(await startPerilune([...DEBUG, ...own]))
      theirs = await open(await reference())
    })
    after(async () => {
      await close(ours)
      await close(theirs)
    })
    test('random values', async () => {
      await fc.assert(
        fc.asyncProperty(build, (commands) => check(ours, theirs, commands)),
        { numRuns: runs, includeErrorInReport: true },
      )
    })
  })
}

/** Tables have no order that two servers share. */
async function isOrdered(side: Side): Promise<boolean> {
  return (await side.call.send('OBJECT', 'ENCODING', 'k')) !== 'hashtable'
}

/** The type; of sets and hashes that have one, the encoding. */
async function layout(side: Side): Promise<string> {
  const type = (await side.call.send('TYPE', 'k')) as string
  const encoding = (await side.call.send('OBJECT', 'ENCODING', 'k')) as string
  return encoding === 'intset' || encoding === 'hashtable' ? encoding : type
}

const PLAIN = ['--rdbcompression', 'no']
const SMALL = [
  ...['--list-max-listpack-size', '3', '--hash-max-listpack-entries', '5', '--set-max-intset-entries', '5'],
  ...['--zset-max-listpack-entries', '5'],
]
const SMALL_SETS = ['--set-max-listpack-entries', '5']

for (const [name, options] of [
  ['uncompressed', PLAIN],
  ['uncompressed, small encodings', [...PLAIN, ...SMALL, ...SMALL_SETS]],
  ['compressed', []],
] as const) {
  compareWith(
    `payloads of Valkey, ${name}`,
    noOracle,
    () => startOracle([...DEBUG, ...options]),
    options,
    250,
    async (ours, theirs, commands) => {
      const payload = await make(ours, commands)
      const expected = await make(theirs, commands)
      // Whether liblzf finds a match also depends on what it compressed before.
      const isComparable = name !== 'compressed' && (await isOrdered(theirs))
      if (isComparable) assert.equal(payload.toString('hex'), expected.toString('hex'))
      const value = await describeKey(theirs, 'k')
      assert.deepEqual(await describeKey(ours, 'k'), value)
      for (const side of [ours, theirs]) {
        assert.deepEqual(await restored(side, payload), await restored(side, expected))
      }
      assert.deepEqual(await restored(ours, expected), await restored(theirs, expected))
    },
  )
}

for (const [name, options] of [
  ['usual encodings', []],
  ['small encodings', SMALL],
] as const) {
  compareWith(
    `payloads of redis-server 7.0, ${name}`,
    hasRedis() ? false : 'there is no redis-server',
    () => start('redis-server', ['--save', '', ...DEBUG, ...PLAIN, ...options]),
    [...PLAIN, ...options],
    150,
    async (ours, theirs, commands) => {
      const payload = await make(ours, commands)
      const expected = await make(theirs, commands)
      // Lists, sets of strings and scores it lays out in another way.
      const known = await layout(theirs)
      const isComparable = ['string', 'hash', 'intset'].includes(known) && known === (await layout(ours))
      if (isComparable) {
        assert.equal(
          payload.subarray(0, -FOOTER).toString('hex'),
          expected.subarray(0, -FOOTER).toString('hex'),
        )
      }
      const { digest } = await describeKey(ours, 'k')
      assert.equal((await restored(ours, expected)).digest, digest)
    },
  )
}
