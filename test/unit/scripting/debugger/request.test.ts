import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { leadingInteger } from '../../../../src/scripting/debugger/c-numbers.ts'
import { INCOMPLETE, MALFORMED, readRequest } from '../../../../src/scripting/debugger/request.ts'
import { encode } from '../../../support/resp-client.ts'

const words = fc.array(fc.string({ minLength: 1, maxLength: 30, unit: 'binary-ascii' }), {
  minLength: 1,
  maxLength: 8,
})

function encoded(command: readonly string[]): string {
  return encode(command).toString('latin1')
}

describe('requests of the debugger', () => {
  test('what was written is read', () => {
    fc.assert(fc.property(words, (command) => assert.deepEqual(readRequest(encoded(command)), command)))
  })

  test('a beginning is not complete', () => {
    fc.assert(
      fc.property(words, fc.nat(), (command, cut) => {
        const text = encoded(command)
        const start = text.slice(0, 1 + (cut % (text.length - 1)))
        // A last line break that is cut off in its middle is an error, as in Valkey.
        const expected = start.length === text.length - 1 ? [INCOMPLETE, MALFORMED] : [INCOMPLETE]
        assert.ok(expected.includes(readRequest(start) as typeof INCOMPLETE), JSON.stringify(start))
      }),
    )
  })

  test('whatever comes is read, refused or waited for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), (text) => {
        for (const input of [text, `*2\r\n$1\r\n${text}`, `*1\r\n${text}`]) readRequest(input)
      }),
    )
  })

  for (const [input, expected] of [
    ['hello\r\n', MALFORMED],
    ['junk*1\r\n$1\r\ns\r\n', ['s']],
    ['*1\r\n$1\r\ns\r\n*1\r\n$1\r\nc\r\n', ['s']],
    ['*', INCOMPLETE],
    ['*0\r\n', MALFORMED],
    ['*-1\r\n', MALFORMED],
    ['*1025\r\n', MALFORMED],
    ['*99999999999999999999\r\n', MALFORMED],
    ['*1\r\n', INCOMPLETE],
    ['*1\r\nx', MALFORMED],
    ['*1\r\n$0\r\n\r\n', MALFORMED],
    ['*1\r\n$1025\r\n', MALFORMED],
    ['*1\r\n$1\r\nab\r\n', MALFORMED],
  ] as const) {
    test(JSON.stringify(input), () => assert.deepEqual(readRequest(input), expected))
  }
})

describe('numbers as C reads them', () => {
  for (const [text, expected] of [
    ['12', 12],
    [' \t-7x', -7],
    ['+3', 3],
    ['x3', 0],
    ['', 0],
    ['2147483648', -2147483648],
    ['99999999999999999999', -1],
    ['-99999999999999999999', 0],
  ] as const) {
    test(JSON.stringify(text), () => assert.equal(leadingInteger(text), expected))
  }
})
