import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { floatArg, int32Arg, int64Arg, integerArg, positiveCount } from '../../../src/commands/arguments.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { formatDouble } from '../../../src/memory/numbers.ts'

const bytes = (text: string) => Bytes.from(text, 'latin1')
const notInteger = { message: 'ERR value is not an integer or out of range' }
const notFloat = { message: 'ERR value is not a valid float' }

test('integers are exact over the whole 64-bit range', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (n) => {
      assert.equal(BigInt(int64Arg(bytes(String(n)))), n)
      assert.equal(integerArg(bytes(String(n))), Number(n))
    }),
  )
})

test('integers in any but canonical form are refused', () => {
  for (const text of [
    '',
    '-',
    '+1',
    '01',
    '-0',
    ' 1',
    '1 ',
    '1.0',
    '1e3',
    '0x1',
    '9223372036854775808',
    '1\0',
  ]) {
    assert.throws(() => int64Arg(bytes(text)), notInteger, text)
  }
})

test('ranges answer with the text of Valkey', () => {
  assert.equal(int32Arg(bytes('-2147483648')), -2147483648)
  assert.throws(() => int32Arg(bytes('2147483648')), {
    message: 'ERR value is out of range, value must between -2147483648 and 2147483647',
  })
  assert.throws(() => positiveCount(bytes('-1')), { message: 'ERR value is out of range, must be positive' })
  assert.throws(() => positiveCount(bytes('x')), { message: 'ERR value is out of range, must be positive' })
  assert.throws(() => positiveCount(bytes('-1'), 'ERR own words'), { message: 'ERR own words' })
})

test('floats are read as strtod reads them', () => {
  const accepted: [string, number][] = [
    ['0x10', 16],
    ['0x1p3', 8],
    ['0x.8', 0.5],
    ['-0x1P-1', -0.5],
    ['0x1.fffffffffffff8p0', 2],
    ['0x1p-1074', 5e-324],
    ['inf', Infinity],
    ['+INF', Infinity],
    ['-infinity', -Infinity],
    ['5e-324', 5e-324],
    ['+5', 5],
    ['.5', 0.5],
    ['5.', 5],
    ['3.0e3', 3000],
    ['9007199254740993', 9007199254740992],
    ['0e-999', 0],
  ]
  for (const [text, value] of accepted) assert.equal(floatArg(bytes(text)), value, text)
  assert.ok(Object.is(floatArg(bytes('-0')), -0))
})

test('what is no float, or none that a double can hold, is refused', () => {
  const refused = [
    '',
    '.',
    ' 1',
    '1 ',
    'nan',
    'nan(1)',
    '1e400',
    '1e-400',
    '1e-324',
    '0x',
    '0x1p1024',
    '0x1p-1075',
  ]
  for (const text of [...refused, '1e', '1e+', '1_0', 'infx', '1\0', '\v1', '0x1p99999999999']) {
    assert.throws(() => floatArg(bytes(text)), notFloat, text)
  }
})

test('every finite double reads back from its shortest form', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (v) => {
      assert.ok(Object.is(floatArg(bytes(formatDouble(v))), v))
    }),
  )
})
