import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bytes } from '../../../src/memory/bytes.ts'
import { LongDouble } from '../../../src/memory/long-double.ts'

function parse(text: string): LongDouble {
  const value = LongDouble.parse(Bytes.from(text, 'latin1'))
  assert.ok(value !== undefined, `${text} is a number`)
  return value
}

function sum(a: string, b: string): string {
  return String(parse(a).plus(parse(b)))
}

test('sums print as Valkey prints them', () => {
  assert.equal(sum('0.1', '0.2'), '0.3')
  assert.equal(sum('3.0e3', '200'), '3200')
  assert.equal(sum('10.50', '0.1'), '10.6')
  assert.equal(sum('5.0e3', '2.0e2'), '5200')
  assert.equal(sum('1', '-1.1'), '-0.1')
  assert.equal(sum('-1e-20', '0'), '0')
  assert.equal(sum('0x1.8p1', '.5'), '3.5')
  assert.equal(sum('9223372036854775807', '1'), '9223372036854775808')
  assert.equal(sum('18446744073709551615', '2'), '18446744073709551616', '65 bits round to even')
  assert.equal(sum('1e18', '0.1'), '1000000000000000000.125')
  assert.equal(sum('1e20', '0.1'), '100000000000000000000')
  assert.equal(sum('-143.878752', '0'), '-143.87875200000000001')
  assert.equal(sum('1e-17', '0'), '0.00000000000000001')
})

test('overflow, underflow and what is no number', () => {
  const refused = [
    '',
    ' 1',
    '1 ',
    '.',
    '+',
    'e5',
    '1e',
    'nan',
    '0x',
    '1e5000',
    '1e-5000',
    '0x1p16384',
    '1\0',
    '1_0',
  ]
  for (const text of [...refused, '1'.repeat(5 * 1024)]) {
    assert.equal(LongDouble.parse(Bytes.from(text, 'latin1')), undefined, text)
  }
  assert.equal(parse('1e4932').plus(parse('1.18e4932')), undefined)
  assert.equal(parse('inf').plus(parse('1')), undefined)
  assert.equal(String(parse('-Infinity')), '-inf')
  assert.equal(String(parse('1e-4950')), '0')
  assert.equal(String(parse('0e99999')), '0')
})

test('integers add exactly while they fit 64 bits', () => {
  const int62 = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n })
  fc.assert(fc.property(int62, int62, (a, b) => assert.equal(sum(String(a), String(b)), String(a + b))))
})

test('small numbers of few decimals add as decimals do', () => {
  const scaled = fc.integer({ min: -1e6, max: 1e6 })
  const text = (n: number) =>
    `${n < 0 ? '-' : ''}${String(Math.abs(n))
      .padStart(7, '0')
      .replace(/(\d{6})$/, '.$1')}`
  const plain = (n: number) =>
    text(n)
      .replace(/\.?0+$/, '')
      .replace(/^-0$/, '0')
  fc.assert(fc.property(scaled, scaled, (a, b) => assert.equal(sum(text(a), text(b)), plain(a + b))))
})
