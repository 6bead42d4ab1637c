import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PREAMBLE_MAX, readPreamble, writePreamble } from '../../../../src/net/tls/preamble.ts'

const SECRET = 'f00dfeed'.repeat(4)

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV6().map((text) => `${text}%eth0.1234`),
)
const endpoint = fc.record({ address, port: fc.integer({ min: 0, max: 65535 }) }, { noNullPrototype: true })

test('what is written is read, and is no longer than it may be', () => {
  fc.assert(
    fc.property(endpoint, endpoint, (remote, local) => {
      const line = writePreamble(SECRET, { remote, local })
      assert.ok(line.endsWith('\n') && line.length <= PREAMBLE_MAX)
      assert.deepEqual(readPreamble(SECRET, line.slice(0, -1)), { remote, local })
    }),
  )
})

test('nothing else is read', () => {
  const line = `${SECRET} 10.0.0.1 1234 10.0.0.2 6379`
  assert.ok(readPreamble(SECRET, line))
  for (const wrong of [
    '',
    ' '.repeat(4),
    'PING',
    line.toUpperCase(),
    line.slice(1),
    `${line} `,
    ` ${line}`,
    line.replace('10.0.0.1', ''),
    line.replace('1234', '65536'),
    line.replace('1234', '-1'),
    line.replace('1234', '0x10'),
    line.replace('6379', ''),
  ]) {
    assert.equal(readPreamble(SECRET, wrong), undefined, wrong)
  }
  fc.assert(fc.property(fc.string(), (text) => readPreamble(SECRET, text) === undefined))
})
