import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Gate } from '../../../../src/observability/http/gate.ts'
import { GUESSES_MAX } from '../../../../src/observability/http/guesses.ts'
import { tokenHash } from '../../../../src/observability/http/token.ts'

const TOKEN = 'not to be guessed'
const LOCAL = '127.0.0.1'

const open = new Gate({ host: '127.0.0.1', tokenHash: null, warn() {} })
const guarded = new Gate({ host: '0.0.0.0', tokenHash: tokenHash(TOKEN), warn() {} })

test('says that nothing is shown beyond this machine without a token', () => {
  const warnings = (host: string, token: string): string[] => {
    const list: string[] = []
    new Gate({ host, tokenHash: tokenHash(token), warn: (text) => list.push(text) })
    return list
  }
  assert.match(
    warnings('0.0.0.0', '').join(),
    /^WARNING: metrics-bind is 0\.0\.0\.0 and there is no metrics-token/,
  )
  assert.deepEqual(warnings('0.0.0.0', TOKEN), [])
  assert.deepEqual(warnings('127.0.0.1', ''), [])
})

describe('without a token, on this machine', () => {
  test('lets in who names it as such', () => {
    for (const host of [
      'localhost',
      'localhost:9121',
      '127.0.0.1:9121',
      '127.1.2.3',
      '[::1]:9121',
      'a.localhost',
    ]) {
      assert.equal(open.refusal({ host }, LOCAL), undefined, host)
    }
  })

  test('refuses names that were made to point here', () => {
    const names = [
      'evil.example',
      'evil.example:9121',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '',
      '10.0.0.1',
    ]
    for (const host of names) assert.equal(open.refusal({ host }, LOCAL)?.status, 403, host)
    assert.equal(open.refusal({}, LOCAL)?.status, 403)
  })

  test('refuses what a browser asks for another site', () => {
    const host = 'localhost:9121'
    for (const site of ['cross-site', 'same-site', 'anything']) {
      assert.equal(open.refusal({ host, 'sec-fetch-site': site }, LOCAL)?.status, 403, site)
    }
    for (const site of ['same-origin', 'none']) {
      assert.equal(open.refusal({ host, 'sec-fetch-site': site }, LOCAL), undefined, site)
    }
  })
})

test('without a token, what a proxy on this machine passes on is not for it', () => {
  const host = 'localhost:9121'
  for (const name of ['forwarded', 'via', 'x-real-ip', 'x-forwarded-for', 'x-forwarded-proto']) {
    assert.match(open.refusal({ host, [name]: '127.0.0.1' }, LOCAL)!.error, /proxy/, name)
    assert.equal(guarded.refusal({ authorization: `Bearer ${TOKEN}`, [name]: 'x' }, LOCAL), undefined)
  }
  for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '::', 'fe80::1', '', undefined, '1127.0.0.1']) {
    assert.equal(open.refusal({ host }, address)?.status, 403, address)
  }
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    assert.equal(open.refusal({ host }, address), undefined, address)
  }
})

test('without a token, other machines see nothing', () => {
  for (const host of ['0.0.0.0', '192.168.0.1', '::', 'example.com', '127.0.0.1.example.com']) {
    const gate = new Gate({ host, tokenHash: null, warn() {} })
    assert.match(gate.refusal({ host: 'localhost' }, LOCAL)!.error, /metrics-token/, host)
  }
})

test('with a token, it is needed everywhere', () => {
  const local = new Gate({ host: 'localhost', tokenHash: tokenHash(TOKEN), warn() {} })
  for (const gate of [guarded, local]) {
    assert.equal(gate.refusal({ host: 'localhost' }, LOCAL)?.status, 401)
    for (const authorization of [
      `Bearer ${TOKEN.toUpperCase()}`,
      'Bearer ',
      TOKEN,
      `Basic ${TOKEN}`,
      `Bearer ${TOKEN}2`,
      `Bearer  ${TOKEN}`,
    ]) {
      assert.equal(gate.refusal({ host: 'localhost', authorization }, LOCAL)?.status, 401, authorization)
    }
    assert.equal(gate.refusal({ host: 'any.example', authorization: `Bearer ${TOKEN}` }, LOCAL), undefined)
    const foreign = { authorization: `Bearer ${TOKEN}`, 'sec-fetch-site': 'cross-site' }
    assert.equal(gate.refusal(foreign, LOCAL)?.status, 403)
  }
})

test('what a browser asks for a page from elsewhere is refused, with the right token as well', () => {
  const host = 'localhost:9121'
  const authorization = `Bearer ${TOKEN}`
  assert.equal(open.refusal({ host, origin: 'http://localhost:9121' }, LOCAL), undefined)
  assert.equal(guarded.refusal({ host, authorization, origin: 'https://localhost:9121' }, LOCAL), undefined)
  const foreign = [
    'http://evil.example',
    'http://localhost',
    'http://localhost:9122',
    'null',
    '',
    'file://localhost:9121',
  ]
  for (const origin of foreign) {
    assert.equal(open.refusal({ host, origin }, LOCAL)?.status, 403, origin)
    assert.equal(guarded.refusal({ host, authorization, origin }, LOCAL)?.status, 403, origin)
  }
})

test('only the page itself, or no browser, may act', () => {
  const host = 'localhost:9121'
  const action = { 'x-perilune-action': 'kill' }
  assert.equal(open.refusalToAct({ host, ...action }), undefined)
  assert.equal(open.refusalToAct({ host })?.status, 403)
  assert.equal(open.refusalToAct({ host, 'x-perilune-action': 'other' })?.status, 403)
  assert.equal(open.refusalToAct({ host, ...action, 'sec-fetch-site': 'none' })?.status, 403)
})

test('a token cannot be guessed for long, and the log has the first that was wrong', () => {
  const warnings: string[] = []
  const gate = new Gate({
    host: '0.0.0.0',
    tokenHash: tokenHash(TOKEN),
    warn: (text) => void warnings.push(text),
  })
  const wrong = { authorization: 'Bearer wrong' }
  const right = { authorization: `Bearer ${TOKEN}` }
  for (let i = 0; i < GUESSES_MAX; i++) assert.equal(gate.refusal(wrong, '10.0.0.1')?.status, 401)
  assert.equal(gate.refusal(wrong, '10.0.0.1')?.status, 429)
  assert.equal(gate.refusal(right, '10.0.0.1')?.status, 429)
  assert.equal(gate.refusal({}, '10.0.0.1')?.status, 401)
  assert.equal(gate.refusal(right, '10.0.0.2'), undefined)
  assert.equal(warnings.length, 1)
  assert.match(warnings[0]!, /10\.0\.0\.1/)
  assert.deepEqual(Object.fromEntries(gate.denied), {
    site: 0,
    address: 0,
    host: 0,
    no_token: 1,
    wrong_token: GUESSES_MAX,
    too_many_tokens: 2,
  })
})
