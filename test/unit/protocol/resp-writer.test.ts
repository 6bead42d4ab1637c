import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Bytes } from '../../../src/memory/bytes.ts'
import { RespWriter } from '../../../src/protocol/resp-writer.ts'

function written(write: (writer: RespWriter) => void, protocol = 2): string {
  const writer = new RespWriter()
  writer.protocol = protocol
  write(writer)
  return writer.buffer.toString('latin1', 0, writer.length)
}

const REPLIES: readonly (readonly [string, (w: RespWriter) => void, resp2: string, resp3: string])[] = [
  ['ok', (w) => w.ok(), '+OK\r\n', '+OK\r\n'],
  ['status', (w) => w.status('QUEUED'), '+QUEUED\r\n', '+QUEUED\r\n'],
  ['status in two lines', (w) => w.status('a\r\nb'), '+a  b\r\n', '+a  b\r\n'],
  ['error', (w) => w.error('ERR no such key'), '-ERR no such key\r\n', '-ERR no such key\r\n'],
  ['error with line breaks', (w) => w.error('ERR é\r\nx\ny\r\n'), '-ERR é  x y\r\n', '-ERR é  x y\r\n'],
  ['integer 0', (w) => w.integer(0), ':0\r\n', ':0\r\n'],
  ['negative integer', (w) => w.integer(-12345678901), ':-12345678901\r\n', ':-12345678901\r\n'],
  [
    'integer beyond 2^53',
    (w) => w.integer(-(2n ** 63n)),
    ':-9223372036854775808\r\n',
    ':-9223372036854775808\r\n',
  ],
  ['bulk', (w) => w.bulk(Bytes.from('a\r\nb')), '$4\r\na\r\nb\r\n', '$4\r\na\r\nb\r\n'],
  ['empty bulk', (w) => w.bulk(new Bytes()), '$0\r\n\r\n', '$0\r\n\r\n'],
  ['text', (w) => w.text('a word'), '$6\r\na word\r\n', '$6\r\na word\r\n'],
  ['text of any bytes', (w) => w.text('\x80\0\xff'), '$3\r\n\x80\0\xff\r\n', '$3\r\n\x80\0\xff\r\n'],
  ['error of any bytes', (w) => w.error('ERR \xff\0'), '-ERR \xff\0\r\n', '-ERR \xff\0\r\n'],
  ['null', (w) => w.null(), '$-1\r\n', '_\r\n'],
  ['null array', (w) => w.nullArray(), '*-1\r\n', '_\r\n'],
  ['true', (w) => w.boolean(true), ':1\r\n', '#t\r\n'],
  ['false', (w) => w.boolean(false), ':0\r\n', '#f\r\n'],
  ['double 3', (w) => w.double(3), '$1\r\n3\r\n', ',3\r\n'],
  ['double 0.1', (w) => w.double(0.1), '$3\r\n0.1\r\n', ',0.1\r\n'],
  ['double 1e21', (w) => w.double(1e21), '$5\r\n1e+21\r\n', ',1e+21\r\n'],
  ['double -0', (w) => w.double(-0), '$2\r\n-0\r\n', ',-0\r\n'],
  ['double inf', (w) => w.double(Infinity), '$3\r\ninf\r\n', ',inf\r\n'],
  ['double -inf', (w) => w.double(-Infinity), '$4\r\n-inf\r\n', ',-inf\r\n'],
  ['big number', (w) => w.bigNumber('-123'), '$4\r\n-123\r\n', '(-123\r\n'],
  ['verbatim', (w) => w.verbatim('txt', 'é'), '$1\r\né\r\n', '=5\r\ntxt:é\r\n'],
  ['verbatim of a short format', (w) => w.verbatim('md', ''), '$0\r\n\r\n', '=4\r\nmd :\r\n'],
  ['array', (w) => w.array(0), '*0\r\n', '*0\r\n'],
  ['map', (w) => w.map(6), '*12\r\n', '%6\r\n'],
  ['set', (w) => w.set(2), '*2\r\n', '~2\r\n'],
  ['push', (w) => w.push(3), '*3\r\n', '>3\r\n'],
  ['attribute', (w) => w.attribute(2), '', '|2\r\n'],
  ['raw', (w) => w.raw(Bytes.from('+x\r\n')), '+x\r\n', '+x\r\n'],
]

describe('RESP writer', () => {
  for (const [name, write, resp2, resp3] of REPLIES) {
    test(name, () => {
      assert.equal(written(write, 2), resp2)
      assert.equal(written(write, 3), resp3)
    })
  }

  test('integers as JavaScript prints them', () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)), (value) => {
        assert.equal(
          written((w) => w.integer(value)),
          `:${value}\r\n`,
        )
      }),
    )
  })

  test('aggregates of unknown length, nested, as those of known length', () => {
    // An array of arrays of numbers, opened either way.
    const lists = fc.array(fc.array(fc.nat(99), { maxLength: 120 }), { maxLength: 12 })
    const protocols = fc.constantFrom(2, 3)
    fc.assert(
      fc.property(lists, protocols, fc.constantFrom('array', 'set', 'map'), (list, protocol, kind) => {
        const known = written((w) => {
          w.array(list.length)
          for (const numbers of list) {
            if (kind === 'map') w.map(numbers.length)
            else w[kind](numbers.length)
            for (const n of numbers) for (let i = kind === 'map' ? 2 : 1; i > 0; i--) w.integer(n)
          }
        }, protocol)
        const unknown = written((w) => {
          const outer = w.beginArray()
          for (const numbers of list) {
            const inner = w.beginArray()
            for (const n of numbers) for (let i = kind === 'map' ? 2 : 1; i > 0; i--) w.integer(n)
            if (kind === 'map') w.endMap(inner, numbers.length)
            else if (kind === 'set') w.endSet(inner, numbers.length)
            else w.endArray(inner, numbers.length)
          }
          w.endArray(outer, list.length)
        }, protocol)
        assert.equal(unknown, known)
      }),
    )
  })

  test('takes back what was written since a mark', () => {
    const text = written((w) => {
      w.ok()
      const mark = w.mark()
      w.beginArray()
      w.text('x'.repeat(200_000))
      w.rollback(mark)
      w.null()
    })
    assert.equal(text, '+OK\r\n$-1\r\n')
  })

  test('counts errors and remembers the last', () => {
    const writer = new RespWriter()
    assert.equal(writer.errors, 0)
    writer.error('ERR one\n')
    writer.error('WRONGTYPE two')
    writer.ok()
    assert.equal(writer.errors, 2)
    assert.equal(writer.lastError, 'WRONGTYPE two')
    assert.equal(writer.lastErrorCounted, false)
    writer.noteCountedError()
    assert.equal(writer.errors, 3)
    assert.equal(writer.lastErrorCounted, true)
  })

  test('grows for large values and gives the memory back', () => {
    const writer = new RespWriter()
    const value = new Bytes(Buffer.alloc(5_000_000, 'v'))
    writer.ok()
    writer.bulk(value)
    const header = '+OK\r\n$5000000\r\n'
    assert.equal(writer.length, header.length + value.len + 2)
    assert.equal(writer.buffer.toString('latin1', 0, header.length), header)
    assert.ok(writer.buffer.subarray(header.length, header.length + value.len).equals(value.buf))
    writer.clear()
    assert.equal(writer.length, 0)
    assert.ok(writer.buffer.length < 1_000_000)
  })

  test('leaves its buffer to who must keep the bytes', () => {
    const writer = new RespWriter()
    writer.ok()
    const buffer = writer.surrender()
    writer.null()
    assert.equal(buffer.toString('latin1', 0, 5), '+OK\r\n')
    assert.notEqual(writer.buffer, buffer)
    assert.equal(writer.buffer.toString('latin1', 0, writer.length), '$-1\r\n')
  })
})
