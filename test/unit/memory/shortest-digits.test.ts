/**
 * The digits of doubles. That they are those of Valkey's fpconv is proved by the differential test of programmability, with
 * thousands of random ones; here are the cases in which JavaScript chooses others.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatDouble } from '../../../src/memory/numbers.ts'
import { lastScale, shortestDigits } from '../../../src/memory/shortest-digits.ts'

/** What fpconv prints: the other of two choices equally near, and a digit more than need be. */
const NOT_AS_JAVASCRIPT: readonly (readonly [number, string])[] = [
  [952617916565100.75, '952617916565100.7'],
  [1360609532158076.2, '1360609532158076.3'],
  [49929715173989300, '49929715173989296'],
  [7.87143694963826e-186, '7.871436949638259e-186'],
  [7.689090934932933e171, '7.6890909349329334e+171'],
  [3.052483264639044e22, '30524832646390438000000'],
]

const NOTATIONS: readonly (readonly [number, string])[] = [
  [0.1, '0.1'],
  [-0.5, '-0.5'],
  [100.25, '100.25'],
  [1e-6, '0.000001'],
  [1e-7, '1e-7'],
  [1.5e-7, '1.5e-7'],
  [0.00012345678, '1.2345678e-4'],
  [0.0012345678, '0.0012345678'],
  [12345.678912345, '1.2345678912345e+4'],
  [1234.5678912345, '1234.5678912345'],
  [2 ** 62, '4611686018427387904'],
  [1e21, '1e+21'],
  [1.25e25, '1.25e+25'],
  [5e-324, '5e-324'],
  [2.2250738585072014e-308, '2.2250738585072014e-308'],
  [Number.MAX_VALUE, '1.7976931348623157e+308'],
  [-Number.MAX_VALUE, '-1.7976931348623157e+308'],
]

test('digits that JavaScript would not choose', () => {
  for (const [value, text] of NOT_AS_JAVASCRIPT) {
    assert.equal(formatDouble(value), text)
    assert.equal(formatDouble(-value), `-${text}`)
  }
})

test('notations', () => {
  for (const [value, text] of NOTATIONS) assert.equal(formatDouble(value), text)
})

test('the text of every double reads back as that double, with few digits', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
  const roundTrip = (value: number) => {
    assert.equal(Number(formatDouble(value)), value)
    if (value === 0) return
    const digits = shortestDigits(value)
    assert.equal(Number(`${digits}e${lastScale()}`), Math.abs(value))
    assert.match(digits, /^[1-9]\d{0,16}$/)
  }
  fc.assert(fc.property(finite, roundTrip), { numRuns: 2000 })
  for (let exponent = -1074; exponent < 1024; exponent++) {
    for (const nearby of [1, 1 - 2 ** -53, 1 + 2 ** -52]) roundTrip(2 ** exponent * nearby || 5e-324)
  }
  for (let exponent = -323; exponent < 309; exponent++) roundTrip(Number(`1e${exponent}`))
})
