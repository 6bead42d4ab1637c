import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { type Call, onEachServer } from '../support/server.ts'
import { converse, NOT_INTEGER, SYNTAX_ERROR, wrongArity } from '../support/transcript.ts'

const INVALID_CURSOR = { error: 'ERR invalid cursor' }

/** All keys that a complete pass answers, with repetitions. */
async function scanAll(call: Call, ...options: (string | number)[]): Promise<string[]> {
  const keys: string[] = []
  let cursor = '0'
  do {
    const [next, page] = (await call('SCAN', cursor, ...options)) as [string, string[]]
    keys.push(...page)
    cursor = next
  } while (cursor !== '0')
  return keys
}

async function fill(call: Call, count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, i) => `key:${i}`)
  await call('MSET', ...keys.flatMap((key) => [key, 'x']))
  return keys.sort()
}

onEachServer('SCAN', ({ it }) => {
  it('shows each key', async (call) => {
    assert.deepEqual(await scanAll(call), [])
    const keys = await fill(call, 1000)
    for (const count of [1, 7, 100, 5000]) {
      assert.deepEqual([...new Set(await scanAll(call, 'COUNT', count))].sort(), keys, `COUNT ${count}`)
    }
  })

  it('COUNT bounds a page, roughly', async (call) => {
    await fill(call, 1000)
    const [, page] = (await call('SCAN', 0, 'COUNT', 10)) as [string, string[]]
    assert.ok(page.length > 0 && page.length < 100, String(page.length))
  })

  it('shows what stays while keys come and go', async (call) => {
    const keys = await fill(call, 500)
    const seen = new Set<string>()
    const passing = (round: number) => Array.from({ length: 100 }, (_, i) => `passing:${round}:${i}`)
    let cursor = '0'
    let round = 0
    do {
      const [next, page] = (await call('SCAN', cursor)) as [string, string[]]
      for (const key of page) seen.add(key)
      cursor = next
      await call('MSET', ...passing(round).flatMap((key) => [key, 'x']))
      // Up to ten rounds of keys are there at once: the table grows, shrinks and grows.
      if (round % 10 === 9)
        for (let past = round - 9; past <= round; past++) await call('DEL', ...passing(past))
      round++
    } while (cursor !== '0')
    assert.deepEqual(
      keys.filter((key) => !seen.has(key)),
      [],
    )
  })

  it('MATCH and TYPE', async (call) => {
    await converse(call, [
      ['MSET foo 1 bar 2 foobar 3', 'OK'],
      ['RPUSH list x', 1],
      ['SADD set x', 1],
      ['HSET hash f v', 1],
      ['ZADD zset 1 x', 1],
    ])
    assert.deepEqual((await scanAll(call, 'MATCH', 'foo*')).sort(), ['foo', 'foobar'])
    assert.deepEqual((await scanAll(call, 'match', '*bar', 'count', 1)).sort(), ['bar', 'foobar'])
    assert.deepEqual((await scanAll(call, 'MATCH', '*')).length, 7)
    for (const type of ['list', 'set', 'hash', 'zset'])
      assert.deepEqual(await scanAll(call, 'TYPE', type), [type])
    assert.deepEqual((await scanAll(call, 'TYPE', 'STRING')).length, 3)
    assert.deepEqual(await scanAll(call, 'TYPE', 'stream'), [])
    assert.deepEqual(await scanAll(call, 'TYPE', 'string', 'MATCH', 'b*'), ['bar'])
  })

  it('leaves out what has expired', async (call) => {
    await call('SET', 'a', '1', 'PX', 1)
    await call('SET', 'b', '1')
    await pause(5)
    assert.deepEqual(await scanAll(call), ['b'])
    assert.deepEqual(await call('KEYS', '*'), ['b'])
    assert.equal(await call('RANDOMKEY'), 'b')
  })

  it('refuses what it cannot read', async (call) => {
    await converse(call, [
      ['SCAN x', INVALID_CURSOR],
      ['SCAN -1', INVALID_CURSOR],
      ['SCAN -9223372036854775808', INVALID_CURSOR],
      ['SCAN -', INVALID_CURSOR],
      ['SCAN 18446744073709551616', INVALID_CURSOR],
      ['SCAN 0 COUNT', SYNTAX_ERROR],
      ['SCAN 0 COUNT 0', SYNTAX_ERROR],
      ['SCAN 0 COUNT x', NOT_INTEGER],
      ['SCAN 0 foo', SYNTAX_ERROR],
      ['SCAN 0 TYPE foo', { error: "ERR unknown type name 'foo'" }],
      ['SCAN 0 NOVALUES', { error: 'ERR NOVALUES option can only be used in HSCAN' }],
      ['SCAN 0 NOSCORES', { error: 'ERR NOSCORES option can only be used in ZSCAN' }],
      ['SCAN', wrongArity('scan')],
    ])
  })

  it('any number is a cursor', async (call) => {
    await fill(call, 100)
    const numbers = ['18446744073709551615', '9007199254740993', '12345', '4294967295']
    const asRead = [
      '-0',
      '-01',
      ' -5',
      `-${'0'.repeat(99)}`,
      '\t+0',
      '-9223372036854775809',
      '-18446744073709551615',
    ]
    for (const cursor of [...numbers, ...asRead]) {
      const [next, page] = (await call('SCAN', cursor)) as [string, string[]]
      assert.match(next, /^[0-9]+$/)
      assert.ok(Array.isArray(page))
    }
  })
})

onEachServer('KEYS and RANDOMKEY', ({ it }) => {
  it('KEYS matches names', async (call) => {
    const names = [
      'hello',
      'hallo',
      'hbllo',
      'heello',
      'h*llo',
      'h[llo',
      '',
      'h\\llo',
      'Hello',
      'h\x80llo',
      'h-llo',
    ]
    for (const name of names) await call('SET', name, 'x')
    const cases: [pattern: string, ...names: string[]][] = [
      ['h?llo', 'h*llo', 'h-llo', 'h[llo', 'h\\llo', 'hallo', 'hbllo', 'hello', 'h\x80llo'],
      ['h*llo', 'h*llo', 'h-llo', 'h[llo', 'h\\llo', 'hallo', 'hbllo', 'heello', 'hello', 'h\x80llo'],
      ['h[ae]llo', 'hallo', 'hello'],
      ['h[^e]llo', 'h*llo', 'h-llo', 'h[llo', 'h\\llo', 'hallo', 'hbllo', 'h\x80llo'],
      ['h[a-b]llo', 'hallo', 'hbllo'],
      ['h[b-a]llo', 'hallo', 'hbllo'],
      ['h[a-]llo'],
      ['h[-a]llo', 'h-llo', 'hallo'],
      ['h\\*llo', 'h*llo'],
      ['h\\[llo', 'h[llo'],
      ['h[\\[*]llo', 'h*llo', 'h[llo'],
      ['h[\x7f-\x90]llo', 'h*llo', 'h-llo', 'h[llo', 'h\\llo', 'hallo', 'hbllo', 'hello'],
      ['h\\\\llo', 'h\\llo'],
      ['**ello', 'Hello', 'heello', 'hello'],
      ['*', ...names],
      ['**', ...names.filter((name) => name !== '')],
      ['', ''],
      ['nothing*'],
    ]
    for (const [pattern, ...expected] of cases) {
      assert.deepEqual(((await call('KEYS', pattern)) as string[]).sort(), expected.sort(), pattern)
    }
  })

  it('KEYS answers a hostile pattern', async (call) => {
    await call('SET', 'a'.repeat(4000), 'x')
    assert.deepEqual(await call('KEYS', `${'a*'.repeat(500)}b`), [])
  })

  it('RANDOMKEY draws from all keys', async (call) => {
    assert.equal(await call('RANDOMKEY'), null)
    await converse(call, [['MSET a 1 b 2 c 3', 'OK']])
    const drawn = new Set<unknown>()
    for (let i = 0; i < 200; i++) drawn.add(await call('RANDOMKEY'))
    assert.deepEqual([...drawn].sort(), ['a', 'b', 'c'])
  })
})
