import assert from 'node:assert/strict'
import { test } from 'node:test'
import { valueIn } from '../../../src/page/address.ts'

test('values behind the #', () => {
  assert.equal(valueIn('#script=lib.f%2Fg', 'script'), 'lib.f/g')
  assert.equal(valueIn('#token=a=b', 'token'), 'a=b')
  for (const hash of ['', '#', '#script=', '#scripts=1', '#token=1']) {
    assert.equal(valueIn(hash, 'script'), undefined, hash)
  }
})

test('what nobody encoded is taken as it is', () => {
  for (const value of ['%', '50%', '%zz', '%ff']) assert.equal(valueIn(`#token=${value}`, 'token'), value)
})
