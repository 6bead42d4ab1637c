/**
 * Building blocks of random commands: few keys and members, so that commands meet, and arguments that are wrong now and
 * then.
 */
import fc from 'fast-check'
import { type Command, isValkey } from './differential.ts'
import type { Argument } from './resp-client.ts'

type Part = fc.Arbitrary<Argument> | fc.Arbitrary<Argument[]> | Argument

export const LONG = 'long-'.repeat(14)

/** A command of the given parts; arrays are spread. */
export function command(name: string, ...parts: Part[]): fc.Arbitrary<Command> {
  const arbitraries = parts.map((part) =>
    typeof part === 'object' && !Buffer.isBuffer(part)
      ? (part as fc.Arbitrary<Argument | Argument[]>)
      : fc.constant(part as Argument),
  )
  return fc.tuple(...arbitraries).map((values) => [name, ...values.flat()])
}

/** One or more of a part, most often few. */
export function some(
  part: fc.Arbitrary<Argument> | fc.Arbitrary<Argument[]>,
  max = 4,
): fc.Arbitrary<Argument[]> {
  return fc
    .array(part as fc.Arbitrary<Argument | Argument[]>, { minLength: 1, maxLength: max, size: 'max' })
    .map((values) => values.flat())
}

/** Parts in a row as one part. */
export function row(...parts: Part[]): fc.Arbitrary<Argument[]> {
  return command('', ...parts).map((words) => words.slice(1))
}

/** The part in two cases of three. */
export function maybe(part: Part): fc.Arbitrary<Argument[]> {
  return fc.oneof({ weight: 1, arbitrary: fc.constant<Argument[]>([]) }, { weight: 2, arbitrary: row(part) })
}

/** Any of several options, in any order, some twice. */
export function options(...parts: Part[]): fc.Arbitrary<Argument[]> {
  return fc
    .array(fc.oneof(...parts.map((part) => row(part))), { maxLength: 3 })
    .map((values) => values.flat())
}

export function word(...words: Argument[]): fc.Arbitrary<Argument> {
  return fc.constantFrom(...words)
}

/** Usually one of `usual`, sometimes one of `rare`. */
export function mostly(usual: readonly Argument[], rare: readonly Argument[]): fc.Arbitrary<Argument> {
  return fc.oneof({ weight: 12, arbitrary: word(...usual) }, { weight: 1, arbitrary: word(...rare) })
}

/** `text` holds a string once it has been set. */
export const key = mostly(['a', 'b', 'c'], ['text', 'd'])
/** A key that nobody writes. */
export const ABSENT = 'absent'

const INTEGERS = ['0', '1', '-1', '2', '3', '17', '300', '70000', '-5000000000', '9223372036854775807']
const ODD_INTEGERS = ['007', '+1', '-0', '1.5', '9223372036854775808', ' 1']
export const member = fc.oneof(
  { weight: 6, arbitrary: word('x', 'y', 'z', 'foo', 'bar', 'hello') },
  { weight: 6, arbitrary: word(...INTEGERS) },
  { weight: 1, arbitrary: word(...ODD_INTEGERS, '', 'a\0b\r\n', '\xff\x00', 'FOO', LONG) },
)
export const integerMember = fc.integer({ min: 0, max: 12 }).map(String)

export const nearIndex = word('0', '1', '2', '-1', '-2', '-3', '5', '-100', '100', 'abc', '')
export const index = mostly(
  ['0', '1', '2', '-1', '-2', '-3', '5', '-100', '100'],
  ['9223372036854775807', '-9223372036854775808', 'abc', '', '1.5', '9223372036854775808'],
)
export const count = mostly(['0', '1', '2', '3', '10'], ['-1', 'abc', '', '9223372036854775807'])
export const signedCount = mostly(
  ['0', '1', '2', '-1', '-2', '10', '-10'],
  ['9223372036854775807', '-9223372036854775807', 'abc', ...(isValkey ? ['-9223372036854775808'] : [])],
)

/** Arguments that are no cursor of a scan, to redis-server 7.0 either. */
export const badCursor = word('x', ...(isValkey ? ['-1', ''] : []))

/** What looks at keys of any type. */
export const anyType: fc.Arbitrary<Command> = fc.oneof(
  ...(isValkey ? [command('object', 'encoding', key)] : []),
  command('del', key),
  command('exists', key),
  command('type', key),
  command('ttl', key),
  command('expire', key, '1000'),
  command('persist', key),
  command('rename', key, key),
  fc.constant<Command>(['set', 'text', 'a string']),
)
