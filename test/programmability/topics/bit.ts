/** The bit library. */
import {
  around,
  type Case,
  calls,
  each,
  HOSTILE,
  lines,
  pairs,
  programs,
  sweep,
  topicOf,
  words,
} from '../case.ts'

const NUMBERS = words`
  0  1  -1  255  0x7fffffff  0x80000000  0xffffffff  -0x80000000  2^32  2^32 + 7  2^40  2^51  2^52  -2^51
  2^53  1.5  2.5  -1.5  0.4  1e300  1/0  -1/0  '12'  '0x1f'
`
const SHIFTS = ['0', '1', '4', '31', '32', '33', '63', '-1', '-31', '1.5', '2^32', "'3'"]
const DIGITS = ['0', '1', '4', '8', '9', '-1', '-4', '-8', '-9', '-2^31', '2^31', '1000', '2.7']

const functions: Case[] = [
  ...['tobit', 'bnot', 'bswap', 'tohex'].flatMap((name) => [
    sweep(`bit.${name}`, each([...NUMBERS, ...HOSTILE])),
    ...calls(`bit.${name}`, [...each(['7', "'7'", 'nil', '{}', "'x'", '0/0']), [], ['1', '2']]),
  ]),
  ...['band', 'bor', 'bxor'].flatMap((name) => [
    sweep(`bit.${name}`, [...around(['0xff', '0x0f']), ...pairs(NUMBERS, ['0x55', '-1'])]),
    ...calls(`bit.${name}`, [
      ['1'],
      ['1', '2', '4', '8'],
      ['7', "'x'"],
      ['7', 'nil'],
      ['nil', '7'],
      ['1', '2', '{}'],
    ]),
  ]),
  ...['lshift', 'rshift', 'arshift', 'rol', 'ror'].flatMap((name) => [
    sweep(`bit.${name}`, [...around(['0x12345678', '4']), ...pairs(['1', '-1', '0x87654321'], SHIFTS)]),
    ...calls(`bit.${name}`, [
      ['1'],
      [],
      ['1', '2'],
      ['1', "'x'"],
      ["'x'", '1'],
      ['nil', 'nil'],
      ['1', '2', '3'],
    ]),
  ]),
  ...calls('bit.tohex', pairs(['255', '-1', '0x1234abcd'], DIGITS)),
]

const uses = programs(lines`
  local h = 5381 for c in ("some text"):gmatch(".") do h = bit.tobit(bit.lshift(h, 5) + h + c:byte()) end return h, bit.tohex(h)
  return bit.band(2^31, 2^31), bit.bor(0, 2^31), bit.bnot(0), bit.rshift(-1, 28)
  return bit.tohex(-1, 0), #bit.tohex(1, 8)
  bit.band = nil
  bit.new = 1
`)

export const bit = topicOf('bit library', functions, uses)
