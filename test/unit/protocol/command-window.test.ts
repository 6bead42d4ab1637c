import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Args } from '../../../src/memory/args.ts'
import { CommandWindow, WINDOW_COMMANDS } from '../../../src/protocol/command-window.ts'
import { encode, limits } from './requests.ts'

describe('command window', () => {
  test('tells names and keys of the commands ahead', () => {
    const stream = Buffer.concat([encode(['GET', 'one']), encode(['SET', 'two', 'x']), encode(['PING'])])
    const window = new CommandWindow()
    assert.equal(window.scan(stream, 0, stream.length, limits()), 3)
    const word = (command: number, argument: number) => {
      const offset = window.offset(command, argument)
      return window.buf.latin1Slice(offset, offset + window.length(command, argument))
    }
    assert.deepEqual(
      [0, 1, 2].map((i) => window.argumentCount(i)),
      [2, 3, 1],
    )
    assert.deepEqual([word(0, 0), word(0, 1), word(1, 1), word(2, 0)], ['GET', 'one', 'two', 'PING'])
    assert.equal(window.endOf(2), stream.length)
  })

  test('holds a bounded number of commands', () => {
    const stream = Buffer.concat(Array.from({ length: WINDOW_COMMANDS + 1 }, () => encode(['PING'])))
    const window = new CommandWindow()
    assert.equal(window.scan(stream, 0, stream.length, limits()), WINDOW_COMMANDS)
    assert.equal(window.scan(stream, window.endOf(WINDOW_COMMANDS - 1), stream.length, limits()), 1)
  })

  test('holds commands of many arguments', () => {
    const words = Array.from({ length: 5000 }, (_, i) => String(i))
    const stream = Buffer.concat([encode(['PING']), encode(words)])
    const window = new CommandWindow()
    const args = new Args()
    assert.equal(window.scan(stream, 0, stream.length, limits()), 2)
    window.load(1, args)
    assert.deepEqual(
      Array.from({ length: args.count }, (_, i) => args.at(i).latin1()),
      words,
    )
  })

  const OTHERS = {
    'an inline command': 'PING\r\n',
    'an incomplete command': '*1\r\n$4\r\nPING\r',
    'an incomplete count': '*12',
    'an incomplete length': '*1\r\n$4',
    'an empty array': '*0\r\n',
    'a negative count': '*-1\r\n',
    'a count with a leading zero': '*01\r\n$4\r\nPING\r\n',
    'a length with a leading zero': '*1\r\n$04\r\nPING\r\n',
    'a length without digits': '*1\r\n$\r\nPING\r\n',
    'a word instead of a length': '*1\r\n+PING\r\n',
    'an argument that is too long': '*1\r\n$536870913\r\n',
  }
  for (const [name, bytes] of Object.entries(OTHERS)) {
    test(`ends before ${name}`, () => {
      const ping = encode(['PING'])
      // What lies behind the input is not to be read.
      const stream = Buffer.concat([ping, Buffer.from(bytes), Buffer.from('\n$4\r\n\r\nPING\r\n')])
      const window = new CommandWindow()
      assert.equal(window.scan(stream, 0, ping.length + bytes.length, limits()), 1)
      assert.equal(window.endOf(0), ping.length)
      assert.equal(window.scan(stream, ping.length, ping.length + bytes.length, limits()), 0)
    })
  }

  test('ends before a command that its client may not send before it has authenticated', () => {
    const long = encode(['x'.repeat(16385)])
    const many = encode(Array(11).fill('x'))
    const window = new CommandWindow()
    for (const stream of [long, many]) {
      assert.equal(window.scan(stream, 0, stream.length, limits(false)), 0)
      assert.equal(window.scan(stream, 0, stream.length, limits(true)), 1)
    }
  })
})
