import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Args } from '../../../src/memory/args.ts'
import type { RequestLimits } from '../../../src/protocol/request-limits.ts'
import { RequestParser } from '../../../src/protocol/request-parser.ts'
import { encode, limits, parsePieces } from './requests.ts'

const argument = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.uint8Array({ maxLength: 300 }),
  fc.nat(40_000).map((n) => new Uint8Array(n).fill(n)),
)
const command = fc.array(argument, { minLength: 1, maxLength: 5 })
const commands = fc.array(command, { maxLength: 6 })
/** Where a stream is cut, as fractions of its length. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })

function split(stream: Buffer, fractions: readonly number[]): Buffer[] {
  const places = fractions.map((f) => Math.floor(f * stream.length)).sort((a, b) => a - b)
  return [0, ...places].map((from, i) => stream.subarray(from, places[i] ?? stream.length))
}

const asText = (list: readonly (readonly Uint8Array[])[]) =>
  list.map((words) => words.map((word) => Buffer.from(word).toString('latin1')))

describe('request parser', () => {
  for (const window of [false, true]) {
    test(`gives the same commands however the stream is cut${window ? ', with the window' : ''}`, () => {
      fc.assert(
        fc.property(commands, cuts, (list, fractions) => {
          const parsed = parsePieces(split(Buffer.concat(list.map(encode)), fractions), { window })
          assert.equal(parsed.error, null)
          assert.deepEqual(parsed.commands, asText(list))
        }),
        { numRuns: 200 },
      )
    })
  }

  test('reads byte by byte', () => {
    const list = [['SET', 'key', ''], ['ping'], ['echo', '\r\n$3\r\n']].map((c) =>
      c.map((w) => Buffer.from(w)),
    )
    const stream = Buffer.concat(list.map(encode))
    const bytes = Array.from(stream, (_, i) => stream.subarray(i, i + 1))
    assert.deepEqual(parsePieces(bytes).commands, asText(list))
  })

  test('finds the same in garbage however it is cut, and throws nothing', () => {
    const token = fc.constantFrom(
      '*1\r\n',
      '*2\r\n',
      '$4\r\n',
      'PING',
      '\r\n',
      '\n',
      '\r',
      '$-1\r\n',
      '*-1\r\n',
      '*0\r\n',
      '"',
      "'",
      '\\x4',
      '\\',
      ' ',
      '\0',
      'a',
      '$3\r\nfoo\r\n',
      '*99999999999999999999\r\n',
      '$0\r\n',
      '*01\r\n',
    )
    const garbage = fc.oneof(
      fc.array(token, { maxLength: 30 }).map((parts) => Buffer.from(parts.join(''), 'latin1')),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    )
    fc.assert(
      fc.property(garbage, cuts, (stream, fractions) => {
        const whole = parsePieces([Buffer.from(stream)], { window: true })
        const pieces = parsePieces(split(Buffer.from(stream), fractions).map((b) => Buffer.from(b)))
        assert.deepEqual(pieces, whole)
        if (whole.error !== null) assert.match(whole.error, /^Protocol error: /)
      }),
      { numRuns: 2000 },
    )
  })

  test('survives mutated streams', () => {
    fc.assert(
      fc.property(
        commands,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        cuts,
        (list, edits, fractions) => {
          const stream = Buffer.concat(list.map(encode))
          for (const [place, value] of edits) if (stream.length > 0) stream[place % stream.length] = value
          const whole = parsePieces([Buffer.from(stream)], { window: true })
          const pieces = parsePieces(split(stream, fractions).map((b) => Buffer.from(b)))
          assert.deepEqual(pieces, whole)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('copies a large argument that arrives in pieces once, into a buffer of its size', () => {
    const parser = new RequestParser()
    const size = 3_000_000
    const args = new Args()
    const head = Buffer.from(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${size}\r\n`)
    assert.equal(parser.feed(head, 0, head.length, limits()), head.length)
    const piece = Buffer.alloc(65536, 'x')
    for (let sent = 0; sent < size; ) {
      const n = Math.min(piece.length, size - sent)
      assert.equal(parser.feed(piece, 0, n, limits()), n)
      sent += n
      assert.equal(parser.heldBytes, 4 + sent)
    }
    assert.equal(parser.complete, false)
    parser.feed(Buffer.from('\r\n'), 0, 2, limits())
    assert.equal(parser.complete, true)
    parser.load(args)
    assert.equal(args.at(2).len, size)
    assert.equal(args.at(2).buf.length, size)
    assert.ok(args.at(2).buf.every((byte) => byte === 120))
    parser.reset()
    assert.equal(parser.heldBytes, 0)
  })
})

const ERRORS: readonly (readonly [string, string])[] = [
  ['*a\r\n', 'invalid multibulk length'],
  ['*2147483648\r\n', 'invalid multibulk length'],
  ['*00\r\n', 'invalid multibulk length'],
  ['*-0\r\n', 'invalid multibulk length'],
  ['*\r\n', 'invalid multibulk length'],
  ['*1 \r\n', 'invalid multibulk length'],
  ['*1\r\n+4\r\nPING\r\n', "expected '$', got '+'"],
  ['*1\r\n\r\n', "expected '$', got ' '"],
  ['*1\r\n\n\r\n', "expected '$', got ' '"],
  ['*1\r\n\0\r\n', "expected '$', got '\0'"],
  ['*1\r\n\xe9\r\n', "expected '$', got '\xe9'"],
  ['*1\r\n$-1\r\n', 'invalid bulk length'],
  ['*1\r\n$04\r\n', 'invalid bulk length'],
  ['*1\r\n$\r\n', 'invalid bulk length'],
  ['*1\r\n$536870913\r\n', 'invalid bulk length'],
  ['set a "b\r\n', 'unbalanced quotes in request'],
  ['set a "b"c\r\n', 'unbalanced quotes in request'],
  ["set a 'b'c\r\n", 'unbalanced quotes in request'],
  [`*${'1'.repeat(65536)}`, 'too big mbulk count string'],
  [`*1\r\n$${'1'.repeat(65536)}`, 'too big bulk count string'],
  ['a'.repeat(65537), 'too big inline request'],
  [`\0\n${'a'.repeat(65536)}`, 'too big inline request'],
]

describe('protocol errors', () => {
  for (const [stream, text] of ERRORS) {
    test(`${JSON.stringify(stream.slice(0, 20))}: ${text}`, () => {
      const input = Buffer.from(`PING\r\n${stream}`, 'latin1')
      const parsed = parsePieces([input], { window: true })
      assert.deepEqual(parsed, { commands: [['PING']], error: `Protocol error: ${text}` })
    })
  }

  test('a long line is no error once its end is there', () => {
    const word = 'a'.repeat(70_000)
    const stream = Buffer.from(`${word}\r\n`)
    assert.deepEqual(parsePieces([stream.subarray(0, 65536), stream.subarray(65536)]).commands, [[word]])
  })

  test('clients that have not authenticated may send little', () => {
    const refusal = (stream: string) =>
      parsePieces([Buffer.from(stream)], { window: true, authenticated: false })
    assert.equal(refusal('*11\r\n').error, 'Protocol error: unauthenticated multibulk length')
    assert.equal(refusal('*1\r\n$16385\r\n').error, 'Protocol error: unauthenticated bulk length')
    assert.deepEqual(refusal('*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n').commands, [['AUTH', 'x']])
    assert.equal(refusal(`*10\r\n${'$1\r\nx\r\n'.repeat(10)}*1\r\n$16384\r\n`).error, null)
  })

  test('proto-max-bulk-len holds as it is set now', () => {
    const parser = new RequestParser()
    const now: RequestLimits = limits()
    const feed = (text: string) => parser.feed(Buffer.from(text), 0, text.length, now)
    now.maxBulk = 5
    feed('*2\r\n$5\r\nhello\r\n')
    assert.equal(parser.error, null)
    now.maxBulk = 4
    feed('$5\r\n')
    assert.equal(parser.error, 'Protocol error: invalid bulk length')
  })
})

const INLINE: readonly (readonly [string, readonly string[]])[] = [
  ['PING\n', ['PING']],
  ['  set  a\tb \r\n', ['set', 'a', 'b']],
  ["echo 'a\\'b\\n'\r\n", ['echo', "a'b\\n"]],
  ['echo "a\\x41\\n\\q\\"\\xg"\r\n', ['echo', 'aA\nq"xg']],
  ['echo a"b c"\r\n', ['echo', 'ab c']],
  ['echo "" x\r\n', ['echo', '', 'x']],
  ['\vPING\r\n', ['PING']],
  ['PING\vx\r\n', ['PING\vx']],
  ['GET a b\rc\r\n', ['GET', 'a', 'b', 'c']],
  ['echo "abc\\\\"\r\n', ['echo', 'abc\\']],
  ['echo "\\x00\\xff\\r\\t\\b\\a"\r\n', ['echo', '\0\xff\r\t\b\x07']],
]

describe('inline requests', () => {
  for (const [line, words] of INLINE) {
    test(JSON.stringify(line), () => {
      const bytes = Buffer.from(line, 'latin1')
      assert.deepEqual(parsePieces([Buffer.from(bytes)]).commands, [words])
      const single = Array.from(bytes, (byte) => Buffer.from([byte]))
      assert.deepEqual(parsePieces(single).commands, [words])
    })
  }

  test('empty lines and empty arrays are passed over', () => {
    const stream = Buffer.from('\r\n\n   \r\n*0\r\n*-5\r\nPING\r\n*1\r\n$4\r\nPING\r\n')
    assert.deepEqual(parsePieces([stream], { window: true }), { commands: [['PING'], ['PING']], error: null })
  })

  test('what lies behind an argument or in place of a line feed is not looked at', () => {
    const stream = Buffer.from('*1\rx$4\rxPINGxx*1\r\n$4\r\nPING\r\n')
    assert.deepEqual(parsePieces([stream]).commands, [['PING'], ['PING']])
    assert.deepEqual(parsePieces([stream], { window: true }).commands, [['PING'], ['PING']])
  })
})
