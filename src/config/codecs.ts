/**
 * The types of directives that several share: yes/no, numbers, memory sizes, words of a list, text.
 */
import {
  type Codec,
  type Directive,
  directive,
  InvalidValue,
  type RewriteLine,
  type Traits,
} from './types.ts'
import { quote } from './words.ts'

export const INT_MIN = -(2n ** 31n)
export const INT_MAX = 2n ** 31n - 1n
export const UINT_MAX = 2n ** 32n - 1n
export const INT64_MAX = 2n ** 63n - 1n
export const UINT64_MAX = 2n ** 64n - 1n

const DIGITS = /^-?(?:0|[1-9][0-9]*)$/
/** Digits of a memory size that are read; more are refused. */
const MEMORY_DIGITS_MAX = 127
const MEMORY_UNITS: Readonly<Record<string, bigint>> = {
  '': 1n,
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000n ** 2n,
  mb: 1024n ** 2n,
  g: 1000n ** 3n,
  gb: 1024n ** 3n,
}

function line(name: string, value: string, force: boolean): readonly RewriteLine[] {
  return [{ text: `${name} ${value}`, force }]
}

export function yesNo(initial: boolean, ...traits: Traits[]): Directive<boolean> {
  const print = (held: boolean) => (held ? 'yes' : 'no')
  return directive<boolean, boolean>(
    {
      initial,
      multi: false,
      parse([word]) {
        const lower = word!.toLowerCase()
        if (lower !== 'yes' && lower !== 'no') throw new InvalidValue("argument must be 'yes' or 'no'")
        return lower === 'yes'
      },
      print,
      expose: (held) => held,
      rewrite: (name, held) => line(name, print(held), held !== initial),
    },
    traits,
  )
}

interface Range {
  readonly min: bigint
  readonly max: bigint
  /** How the bounds and the value are compared and printed. */
  readonly unsigned: boolean
}

function checkRange(value: bigint, range: Range, radix = 10): bigint {
  const v = range.unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value)
  if (v < range.min || v > range.max) {
    const bounds = `${range.min.toString(radix)} and ${range.max.toString(radix)}`
    throw new InvalidValue(`argument must be between ${bounds} inclusive`)
  }
  return v
}

function readInteger(word: string): bigint {
  const value = DIGITS.test(word) && word !== '-0' ? BigInt(word) : undefined
  if (value === undefined || BigInt.asIntN(64, value) !== value) {
    throw new InvalidValue("argument couldn't be parsed into an integer")
  }
  return value
}

/** A size such as `100mb`; undefined where it is none. Too many digits saturate, and units wrap at 64 bits. */
export function readMemory(word: string): bigint | undefined {
  const match = /^([0-9]*)([a-z]*)$/i.exec(word)
  const unit = match === null ? undefined : MEMORY_UNITS[match[2]!.toLowerCase()]
  if (match === null || unit === undefined || match[1]!.length > MEMORY_DIGITS_MAX) return undefined
  const digits = BigInt(match[1]!)
  return BigInt.asUintN(64, (digits > UINT64_MAX ? UINT64_MAX : digits) * unit)
}

/** The shortest way to write a size that loses nothing. */
export function writeMemory(bytes: bigint): string {
  for (const unit of ['gb', 'mb', 'kb']) {
    const size = MEMORY_UNITS[unit]!
    if (bytes !== 0n && bytes % size === 0n) return `${bytes / size}${unit}`
  }
  return String(bytes)
}

/** A number held exactly. */
function numeric(
  initial: bigint,
  parse: (word: string) => bigint,
  traits: readonly Traits[],
  print = String as (held: bigint) => string,
  write = print,
): Directive<number, bigint> {
  const codec: Codec<number, bigint> = {
    initial,
    multi: false,
    parse: ([word]) => parse(word!),
    print,
    expose: Number,
    rewrite: (name, held) => line(name, write(held), held !== initial),
  }
  return directive(codec, traits)
}

/** A signed integer from `min` to `max`. */
export function integer(
  initial: number,
  min: bigint | number,
  max: bigint | number,
  ...traits: Traits[]
): Directive<number, bigint> {
  const range = { min: BigInt(min), max: BigInt(max), unsigned: false }
  return numeric(BigInt(initial), (word) => checkRange(readInteger(word), range), traits)
}

/** As `integer`, for directives that Valkey keeps unsigned: a negative number is above the range. */
export function unsigned(
  initial: number,
  min: bigint | number,
  max: bigint | number,
  ...traits: Traits[]
): Directive<number, bigint> {
  const range = { min: BigInt(min), max: BigInt(max), unsigned: true }
  return numeric(BigInt(initial), (word) => checkRange(readInteger(word), range), traits)
}

/** An integer of any size that is kept within `min` and `max`. */
export function clamped(
  initial: number,
  min: number,
  max: number,
  ...traits: Traits[]
): Directive<number, bigint> {
  const range = { min: 0n, max: INT_MAX, unsigned: false }
  const parse = (word: string) =>
    BigInt(Math.min(max, Math.max(min, Number(checkRange(readInteger(word), range)))))
  return numeric(BigInt(initial), parse, traits)
}

export function octal(initial: number, max: number, ...traits: Traits[]): Directive<number, bigint> {
  const range = { min: 0n, max: BigInt(max), unsigned: true }
  const parse = (word: string) => {
    const match = /^\s*([+-]?)([0-7]{1,21})$|^$/.exec(word)
    if (match === null) throw new InvalidValue("argument couldn't be parsed as an octal number")
    const value = BigInt(match[2] === undefined ? 0 : `0o${match[2]}`)
    return checkRange(match[1] === '-' ? -value : value, range, 8)
  }
  return numeric(BigInt(initial), parse, traits, (held) => held.toString(8))
}

function memoryIn(initial: bigint, range: Range, traits: readonly Traits[]): Directive<number, bigint> {
  const parse = (word: string) => {
    const bytes = readMemory(word)
    if (bytes === undefined) throw new InvalidValue('argument must be a memory value')
    return checkRange(bytes, range)
  }
  return numeric(initial, parse, traits, String, writeMemory)
}

/** A number of bytes with an optional unit, kept unsigned. */
export function memory(
  initial: number,
  min: bigint | number,
  max: bigint | number,
  ...traits: Traits[]
): Directive<number, bigint> {
  return memoryIn(BigInt(initial), { min: BigInt(min), max: BigInt(max), unsigned: true }, traits)
}

/** As `memory`, kept signed: sizes beyond 2^63 are below the range. */
export function signedMemory(
  initial: number,
  min: bigint | number,
  max: bigint | number,
  ...traits: Traits[]
): Directive<number, bigint> {
  return memoryIn(BigInt(initial), { min: BigInt(min), max: BigInt(max), unsigned: false }, traits)
}

/** A number of bytes, or a percentage, which is kept and exposed as a negative number. */
export function memoryOrPercent(
  initial: number,
  maxPercent: number,
  ...traits: Traits[]
): Directive<number, bigint> {
  const parse = (word: string) => {
    const bytes = readMemory(word)
    if (bytes !== undefined) {
      const signed = BigInt.asIntN(64, bytes)
      return signed < 0n ? checkPercent(signed, maxPercent) : signed
    }
    const percent = word.endsWith('%') && DIGITS.test(word.slice(0, -1)) ? BigInt(word.slice(0, -1)) : -1n
    if (percent < 0n) throw new InvalidValue('argument must be a memory or percent value')
    return checkPercent(-percent, maxPercent)
  }
  const print = (held: bigint) => (held < 0n ? `${-held}%` : String(held))
  const write = (held: bigint) => (held < 0n ? `${-held}%` : writeMemory(held))
  return numeric(BigInt(initial), parse, traits, print, write)
}

function checkPercent(negated: bigint, max: number): bigint {
  if (negated < -BigInt(max)) throw new InvalidValue(`percentage argument must be less or equal to ${max}`)
  return negated
}

function unknownWord(words: readonly string[]): InvalidValue {
  return new InvalidValue(`argument(s) must be one of the following: ${words.join(', ')}`)
}

/** One of the words; `synonyms` are read as another word. */
export function oneOf<Word extends string>(
  words: readonly Word[],
  initial: NoInfer<Word>,
  ...traits: Traits[]
): Directive<Word> {
  return choice(words, words, initial, traits)
}

/** As oneOf, where `print[i]` is what `words[i]` means: two words may mean the same. */
export function choice<Word extends string>(
  words: readonly string[],
  print: readonly Word[],
  initial: NoInfer<Word>,
  traits: readonly Traits[],
): Directive<Word> {
  return directive<Word, Word>(
    {
      initial,
      multi: false,
      parse([word]) {
        const index = words.indexOf(word!.toLowerCase())
        if (index < 0) throw unknownWord(words)
        return print[index]!
      },
      print: (held) => held,
      expose: (held) => held,
      rewrite: (name, held) => line(name, held, held !== initial),
    },
    traits,
  )
}

/** Several of the words at once; `none` is the word for none of them. Printed in the order of `words`. */
export function someOf<Word extends string>(
  none: string,
  words: readonly Word[],
  check: (chosen: readonly Word[]) => void,
  ...traits: Traits[]
): Directive<readonly Word[]> {
  const print = (held: readonly Word[]) => (held.length === 0 ? none : held.join(' '))
  return directive<readonly Word[], readonly Word[]>(
    {
      initial: [],
      multi: true,
      parse(given) {
        const lower = given.map((word) => word.toLowerCase())
        const known = lower.every((word) => word === none || (words as readonly string[]).includes(word))
        if (given.length === 0 || !known) throw unknownWord([none, ...words])
        const chosen = words.filter((word) => lower.includes(word))
        check(chosen)
        return chosen
      },
      print,
      expose: (held) => held,
      rewrite: (name, held) => line(name, print(held), held.length > 0),
    },
    traits,
  )
}

export type TextCheck = (text: string) => void

/** Text that may be empty. */
export function text(initial: string, check: TextCheck, ...traits: Traits[]): Directive<string> {
  return textCodec(initial, check, traits, (name, held) => line(name, quote(held), held !== initial))
}

/** Text that is absent when empty: CONFIG REWRITE removes the line. */
export function optionalText(check: TextCheck, ...traits: Traits[]): Directive<string> {
  return textCodec('', check, traits, (name, held) => (held === '' ? [] : line(name, quote(held), true)))
}

function textCodec(
  initial: string,
  check: TextCheck,
  traits: readonly Traits[],
  rewrite: Codec<string>['rewrite'],
): Directive<string> {
  return directive<string, string>(
    {
      initial,
      multi: false,
      parse([word]) {
        check(word!)
        return word!
      },
      print: (held) => held,
      expose: (held) => held,
      rewrite,
    },
    traits,
  )
}
