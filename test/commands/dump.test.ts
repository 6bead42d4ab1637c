import assert from 'node:assert/strict'
import { CRC64_BYTES, putCrc64 } from '../../src/serialization/crc64.ts'
import { type Call, onEachServer, type Reply } from '../support/server.ts'

const WRONG = { error: 'ERR DUMP payload version or checksum are wrong' }
const NOT_INTEGER = { error: 'ERR value is not an integer or out of range' }
const SYNTAX = { error: 'ERR syntax error' }

/** What DUMP answers of the string `foo`. */
const FOO = Buffer.from('0003666f6f0b001a9684a8b05e531e', 'hex')
const NO_TYPE = 8

async function dumped(call: Call, key: string): Promise<Buffer> {
  return Buffer.from((await call('DUMP', key)) as string, 'latin1')
}

onEachServer('dump and restore', ({ it }) => {
  it('DUMP', async (call) => {
    await call('SET', 'k', 'foo')
    assert.deepEqual(await dumped(call, 'k'), FOO)
    assert.equal(await call('DUMP', 'absent'), null)
  })

  it('compresses as the configuration says', async (call) => {
    await call('SET', 'k', 'abc'.repeat(100))
    const short = await dumped(call, 'k')
    await call('CONFIG', 'SET', 'rdbcompression', 'no')
    const long = await dumped(call, 'k')
    await call('CONFIG', 'SET', 'rdbcompression', 'yes')
    assert.equal(short.toString('hex'), '00c30e412c0361626361e0ff02e115070162630b00bb888ebd3ddb08a2')
    assert.equal(long.length, 1 + 2 + 300 + 10)
    for (const payload of [short, long]) {
      assert.equal(await call('RESTORE', 'k', 0, payload, 'REPLACE'), 'OK')
      assert.equal(await call('GET', 'k'), 'abc'.repeat(100))
    }
  })

  it('RESTORE refuses', async (call) => {
    await call('SET', 'k', 'v')
    const cases: readonly (readonly [string, Reply])[] = [
      ['RESTORE k 0 x', { error: 'BUSYKEY Target key name already exists.' }],
      ['RESTORE k -1 x', { error: 'BUSYKEY Target key name already exists.' }],
      ['RESTORE k 0 x REPLACE', WRONG],
      ['RESTORE j 0 x', WRONG],
      ['RESTORE j -1 x', { error: 'ERR Invalid TTL value, must be >= 0' }],
      ['RESTORE j y x', NOT_INTEGER],
      ['RESTORE j 9223372036854775808 x', NOT_INTEGER],
      ['RESTORE j 0 x IDLETIME', SYNTAX],
      ['RESTORE j 0 x IDLETIME -1', { error: 'ERR Invalid IDLETIME value, must be >= 0' }],
      ['RESTORE j 0 x FREQ 256', { error: 'ERR Invalid FREQ value, must be >= 0 and <= 255' }],
      ['RESTORE j 0 x FREQ x', NOT_INTEGER],
      ['RESTORE j 0 x IDLETIME 1 FREQ 1', SYNTAX],
      ['RESTORE j 0 x FREQ 1 IDLETIME 1', SYNTAX],
      ['RESTORE j 0 x bogus', SYNTAX],
      ['RESTORE j 0', { error: "ERR wrong number of arguments for 'restore' command" }],
      ['DUMP', { error: "ERR wrong number of arguments for 'dump' command" }],
    ]
    for (const [line, reply] of cases) assert.deepEqual(await call(...line.split(' ')), reply, line)
    assert.equal(await call('GET', 'k'), 'v')
    assert.equal(await call('EXISTS', 'j'), 0)
  })

  it('RESTORE refuses what is malformed behind a right checksum', async (call) => {
    await call('SET', 'k', 'v')
    const payload = Buffer.from(FOO)
    payload[0] = NO_TYPE
    putCrc64(payload, 0, payload.length - CRC64_BYTES, payload, payload.length - CRC64_BYTES)
    assert.deepEqual(await call('RESTORE', 'k', 0, payload, 'REPLACE'), { error: 'ERR Bad data format' })
    assert.equal(await call('GET', 'k'), 'v')
  })

  it('RESTORE with an expiry', async (call) => {
    assert.equal(await call('RESTORE', 'k', 100_000, FOO), 'OK')
    const left = (await call('PTTL', 'k')) as number
    assert.ok(left > 90_000 && left <= 100_000, String(left))
    assert.equal(await call('RESTORE', 'k', 0, FOO, 'REPLACE'), 'OK')
    assert.equal(await call('PTTL', 'k'), -1)
    const at = 4_000_000_000_123
    assert.equal(await call('RESTORE', 'k', at, FOO, 'REPLACE', 'ABSTTL'), 'OK')
    assert.equal(await call('PEXPIRETIME', 'k'), at)
  })

  it('RESTORE with an expiry in the past', async (call) => {
    assert.equal(await call('RESTORE', 'k', 1, FOO, 'ABSTTL'), 'OK')
    assert.equal(await call('EXISTS', 'k'), 0)
    await call('SET', 'k', 'v')
    assert.equal(await call('RESTORE', 'k', 1, FOO, 'ABSTTL', 'REPLACE'), 'OK')
    assert.equal(await call('EXISTS', 'k'), 0)
  })

  it('RESTORE with a past', async (call) => {
    assert.equal(await call('RESTORE', 'k', 0, FOO, 'IDLETIME', 1000), 'OK')
    const idle = (await call('OBJECT', 'IDLETIME', 'k')) as number
    assert.ok(idle >= 999 && idle <= 1010, String(idle))
    await call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu')
    assert.equal(await call('RESTORE', 'k', 0, FOO, 'REPLACE', 'FREQ', 100), 'OK')
    const frequency = await call('OBJECT', 'FREQ', 'k')
    await call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    assert.equal(frequency, 100)
  })

  it('in scripts', async (call) => {
    await call('RPUSH', 'l', 1, 'two')
    const script = `
      local payload = redis.call('DUMP', KEYS[1])
      redis.call('RESTORE', KEYS[2], 0, payload)
      return redis.call('LRANGE', KEYS[2], 0, -1)`
    assert.deepEqual(await call('EVAL', script, 2, 'l', 'm'), ['1', 'two'])
  })
})
