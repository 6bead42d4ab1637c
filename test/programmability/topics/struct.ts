/** The struct library: formats, alignment, byte order, and strings that are too short. */
import { around, type Case, calls, programs, sweep, topicOf, words } from '../case.ts'

const OPTIONS = [
  ...words`
  b  B  h  H  l  L  T  f  d  i  I  i1  i2  i3  i4  i5  i7  i8  I1  I3  I8  i16  I32  i0  i33  i-1
  i99999999999
`,
  ...[
    'x',
    's',
    'c',
    'c0',
    'c1',
    'c5',
    'c10',
    ' ',
    '>',
    '<',
    '!',
    '!4',
    '!16',
    '!3',
    '!0',
    '=',
    '',
    '%',
    'z',
    '5',
    '>i4',
    '<i4',
    '!8d',
  ],
]
const quoted = OPTIONS.map((option) => `'${option}'`)

const VALUES = words`
  0  1  -1  127  128  255  256  65536  2^31  -2^31  2^32  2^53  2^63  -2^63  1.5  -1.5  1e300  1/0  0/0
  '12'  'text'  ''  nil  {}
`
const DATA = words`
  ''  '\1'  '\255'  '\1\2'  '\1\2\3\4'  '\255\254\253\252\251\250\249\248'  'text\0more'  ('\7'):rep(40)
`

const functions: Case[] = [
  ...quoted.map((option) =>
    sweep(
      'struct.pack',
      VALUES.map((value) => [option, value]),
      `struct.pack ${option}`,
    ),
  ),
  ...quoted.map((option) =>
    sweep(
      'struct.unpack',
      DATA.map((data) => [option, data]),
      `struct.unpack ${option}`,
    ),
  ),
  ...calls(
    'struct.size',
    quoted.map((option) => [option]),
  ),
  ...calls('struct.pack', around(["'>i2'", '5'])),
  ...calls('struct.unpack', around(["'>i2'", "'\\1\\2\\3'", '2'])),
  ...calls('struct.size', around(["'i4i8'"])),
]

const FORMATS = words`
  i4i8  !8i1i8  !4bdh  >I2s  <hhl  bxbxb  c3c3  s s  Bc0  i1c0i1c0  !i1!i4  >i2<i2  !2 b i4  fdfd  !16 b d
  ss  LTl
`

const packings = programs([
  ...FORMATS.map((format) => `return pcall(struct.size, '${format}')`),
  ...FORMATS.map((format) => `return pcall(struct.pack, '${format}', 1, 2, 3, 4)`),
  ...FORMATS.map((format) => `return pcall(struct.pack, '${format}', 'abc', 'def')`),
  ...FORMATS.map((format) => `return pcall(struct.unpack, '${format}', ('\\\\3abcdefg'):rep(5))`),
  "return struct.unpack('>I4', struct.pack('<I4', 0x01020304))",
  "return struct.unpack('d', struct.pack('d', 0.1)), struct.unpack('f', struct.pack('f', 0.1))",
  "return struct.unpack('<d', struct.pack('<d', -0)), struct.unpack('d', struct.pack('d', 1/0))",
  "return struct.unpack('i8', struct.pack('i8', -2^53)), struct.unpack('I8', struct.pack('I8', 2^53))",
  "return struct.unpack('Bc0', struct.pack('Bc0', 5, 'hello'))",
  "return struct.pack('s', 'a\\0b')",
  "return struct.pack('c5', 'abc')",
  "return struct.pack('c2', 'abc')",
  "return struct.unpack('s', 'no end')",
  "return struct.unpack('c0', 'abc')",
  "return struct.unpack('Bc0', '\\9abc')",
  "return struct.unpack('dc0', struct.pack('d', 2^40) .. 'abc')",
  "return struct.unpack('dc0', struct.pack('d', -1) .. 'abc')",
  "return struct.unpack('i4', 'abcd', 0)",
  "return struct.unpack('i4', 'abcd', -3)",
  "return struct.unpack('i4', 'abcd', 2)",
  "return struct.unpack('i4', 'abcd', 2^31)",
  "return struct.unpack('i4', 'abcd', 2^32 + 1)",
  "return struct.unpack('i4', 'abcd', 2^63)",
  "return struct.unpack('bbb', 'abc', 2)",
  "return struct.unpack(('b'):rep(200), ('x'):rep(200))",
  "return select('#', struct.unpack(('b'):rep(7000), ('x'):rep(7000)))",
  "return pcall(struct.unpack, ('b'):rep(9000), ('x'):rep(9000))",
  "return pcall(struct.unpack, 'c99999999', 'abc')",
  "return pcall(struct.pack, 'c99999999', 'abc')",
  "return pcall(struct.pack, 'i2147483648', 1)",
  "return pcall(struct.pack, '!2147483648', 1)",
  "return pcall(struct.size, 'c2147483647')",
  "return pcall(struct.size, 'c4294967296')",
  "return pcall(struct.size, 'i4i4c2147483647')",
  "return pcall(struct.size, 's')",
  "return pcall(struct.size, 'c0')",
  "return struct.pack('>I3', 0x010203), struct.pack('<I3', 0x010203)",
  "return struct.pack('>i5', -2), struct.unpack('>i5', struct.pack('>i5', -2))",
  "return struct.pack('h', 70000), struct.pack('B', 300), struct.pack('b', -300)",
  "return struct.pack('I4', -1), struct.pack('I8', -1), struct.pack('L', 2^64)",
])

export const struct = topicOf('struct library', functions, packings)
