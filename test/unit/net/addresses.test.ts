import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpointText } from '../../../src/net/addresses.ts'

test('addresses are written as CLIENT LIST shows them', () => {
  assert.equal(endpointText({ address: '127.0.0.1', port: 6379 }, undefined), '127.0.0.1:6379')
  assert.equal(endpointText({ address: '2001:db8::1', port: 6380 }, undefined), '[2001:db8::1]:6380')
  assert.equal(endpointText({ address: 'fe80::1%eth0', port: 1 }, undefined), '[fe80::1%eth0]:1')
  assert.equal(endpointText(undefined, '/run/perilune.sock'), '/run/perilune.sock:0')
  assert.equal(endpointText(undefined, undefined), '?:0')
})
