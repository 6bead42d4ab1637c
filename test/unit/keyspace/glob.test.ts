import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { matchGlob } from '../../../src/keyspace/glob.ts'
import { Bytes } from '../../../src/memory/bytes.ts'

function matches(pattern: string, text: string, ignoreCase = false): boolean {
  return matchGlob(Bytes.from(pattern, 'latin1'), Bytes.from(text, 'latin1'), ignoreCase)
}

test('literals, ? and *', () => {
  assert.ok(matches('hello', 'hello'))
  assert.ok(!matches('hello', 'hell'))
  assert.ok(!matches('hell', 'hello'))
  assert.ok(matches('h?llo', 'hallo'))
  assert.ok(matches('h*o', 'ho'))
  assert.ok(matches('*a*b*', 'xxaxxbxx'))
  assert.ok(!matches('*a*b*', 'xxbxxaxx'))
  assert.ok(matches('a**', 'a'))
  assert.ok(matches('', ''))
})

test('an empty text matches no star', () => {
  assert.ok(!matches('*', ''))
  assert.ok(!matches('', 'a'))
})

test('classes', () => {
  assert.ok(matches('h[ae]llo', 'hello'))
  assert.ok(!matches('h[ae]llo', 'hillo'))
  assert.ok(matches('h[^ae]llo', 'hillo'))
  assert.ok(matches('h[c-a]llo', 'hbllo'))
  assert.ok(matches('[^]', 'x'))
  assert.ok(!matches('[]', 'x'))
  assert.ok(matches('[\\]]', ']'))
  assert.ok(matches('[a-]]', 'a'), 'a range may end in a bracket')
  assert.ok(matches('[ab', 'b'), 'a class that is not closed ends with the pattern')
  assert.ok(!matches('[ab', 'c'))
  assert.ok(!matches('[', 'x'))
  assert.ok(matches('[\x7f-\x80]', 'a'), 'bytes above 127 are negative')
})

test('escapes', () => {
  assert.ok(matches('\\*', '*'))
  assert.ok(!matches('\\*', 'a'))
  assert.ok(matches('a\\', 'a\\'))
})

test('ignoring case', () => {
  assert.ok(matches('HeLLo', 'hEllO', true))
  assert.ok(matches('[A-C]x', 'bX', true))
  assert.ok(!matches('[\\A]', 'a', true), 'an escaped byte of a class is compared as it is')
})

test('abusive patterns end quickly', () => {
  assert.ok(matches('a*'.repeat(1000), 'a'.repeat(5000)))
  assert.ok(!matches(`${'*a'.repeat(900)}b`, 'a'.repeat(5000)))
  assert.ok(!matches('*a'.repeat(1001), 'a'.repeat(5000)), 'more than a thousand stars match nothing')
})

/** The obvious recursive matcher. */
function model(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] === '*') {
    for (let i = 0; i <= text.length; i++) if (model(pattern.slice(1), text.slice(i))) return true
    return false
  }
  return (
    text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && model(pattern.slice(1), text.slice(1))
  )
}

test('agrees with a recursive matcher', () => {
  const short = (alphabet: string[]) =>
    fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 9 }).map((a) => a.join(''))
  fc.assert(
    fc.property(short(['a', 'b', '*', '?']), short(['a', 'b']), (pattern, text) => {
      assert.equal(matches(pattern, text), model(pattern, text))
    }),
    { numRuns: 2000 },
  )
})
