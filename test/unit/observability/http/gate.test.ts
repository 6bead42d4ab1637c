import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Gate } from '../../../../src/observability/http/gate.ts'
import { tokenHash } from '../../../../src/observability/http/token.ts'

const open = new Gate({ host: '127.0.0.1', tokenHash: null })
const guarded = new Gate({ host: '0.0.0.0', tokenHash: tokenHash('secret') })

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
      assert.equal(open.refusal({ host }), undefined, host)
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
    for (const host of names) assert.equal(open.refusal({ host })?.status, 403, host)
    assert.equal(open.refusal({})?.status, 403)
  })

  test('refuses what a browser asks for another site', () => {
    const host = 'localhost:9121'
    for (const site of ['cross-site', 'same-site', 'anything']) {
      assert.equal(open.refusal({ host, 'sec-fetch-site': site })?.status, 403, site)
    }
    for (const site of ['same-origin', 'none']) {
      assert.equal(open.refusal({ host, 'sec-fetch-site': site }), undefined, site)
    }
  })
})

test('without a token, other machines see nothing', () => {
  for (const host of ['0.0.0.0', '192.168.0.1', '::', 'example.com', '127.0.0.1.example.com']) {
    const gate = new Gate({ host, tokenHash: null })
    assert.match(gate.refusal({ host: 'localhost' })!.error, /metrics-token/, host)
  }
})

test('with a token, it is needed everywhere', () => {
  const local = new Gate({ host: 'localhost', tokenHash: tokenHash('secret') })
  for (const gate of [guarded, local]) {
    assert.equal(gate.refusal({ host: 'localhost' })?.status, 401)
    for (const authorization of [
      'Bearer wrong',
      'Bearer ',
      'secret',
      'Basic secret',
      'Bearer secret2',
      'Bearer  secret',
    ]) {
      assert.equal(gate.refusal({ host: 'localhost', authorization })?.status, 401, authorization)
    }
    assert.equal(gate.refusal({ host: 'any.example', authorization: 'Bearer secret' }), undefined)
    const foreign = { authorization: 'Bearer secret', 'sec-fetch-site': 'cross-site' }
    assert.equal(gate.refusal(foreign)?.status, 403)
  }
})

test('only the page itself, or no browser, may act', () => {
  const host = 'localhost:9121'
  const action = { 'x-perilune-action': 'kill' }
  assert.equal(open.refusalToAct({ host, ...action }), undefined)
  assert.equal(open.refusalToAct({ host, ...action, origin: 'http://localhost:9121' }), undefined)
  assert.equal(open.refusalToAct({ host })?.status, 403)
  assert.equal(open.refusalToAct({ host, 'x-perilune-action': 'other' })?.status, 403)
  assert.equal(open.refusalToAct({ host, ...action, 'sec-fetch-site': 'none' })?.status, 403)
  const foreign = [
    'http://evil.example',
    'http://localhost',
    'http://localhost:9122',
    'null',
    '',
    'file://localhost:9121',
  ]
  for (const origin of foreign)
    assert.equal(open.refusalToAct({ host, ...action, origin })?.status, 403, origin)
})
