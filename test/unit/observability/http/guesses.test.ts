import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ADDRESSES_MAX, GUESSES_MAX, Guesses, PERIOD_MS } from '../../../../src/observability/http/guesses.ts'

test('an address is heard again after the minute', () => {
  const guesses = new Guesses(() => {})
  for (let i = 0; i < GUESSES_MAX; i++) {
    assert.equal(guesses.areTooMany('a', i), false)
    guesses.note('a', i)
  }
  assert.equal(guesses.areTooMany('a', PERIOD_MS - 1), true)
  assert.equal(guesses.areTooMany('b', PERIOD_MS - 1), false)
  assert.equal(guesses.areTooMany('a', PERIOD_MS), false)
  guesses.note('a', PERIOD_MS)
  assert.equal(guesses.areTooMany('a', PERIOD_MS), false)
})

test('one wrong token is told in a minute', () => {
  const told: string[] = []
  const guesses = new Guesses((address) => void told.push(address))
  for (const [address, now] of [
    ['a', 0],
    ['b', 1],
    ['a', PERIOD_MS - 1],
    ['c', PERIOD_MS],
  ] as const)
    guesses.note(address, now)
  assert.deepEqual(told, ['a', 'c'])
})

test('no more than so many addresses are remembered', () => {
  const guesses = new Guesses(() => {})
  for (let i = 0; i < GUESSES_MAX; i++) guesses.note('first', 0)
  for (let i = 1; i < ADDRESSES_MAX; i++) guesses.note(`${i}`, 0)
  assert.equal(guesses.areTooMany('first', 1), true)
  guesses.note('one more', 0)
  assert.equal(guesses.areTooMany('first', 1), false)
})
