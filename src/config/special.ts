/**
 * The directives whose values have a shape of their own.
 */
import { PORT_MAX } from './checks.ts'
import { readMemory, writeMemory } from './codecs.ts'
import { type Directive, directive, InvalidValue, type RewriteLine, type Traits } from './types.ts'
import { quote } from './words.ts'

const BIND_ADDRESSES_MAX = 16
const OOM_SCORE_MAX = 2000

/** An integer as C's strtoll takes it, the whole word; undefined where it is none. An empty word is 0. */
function looseInteger(word: string): number | undefined {
  return /^\s*[+-]?[0-9]+$|^$/.test(word) ? Number(word) : undefined
}

function single(words: readonly string[]): string {
  if (words.length !== 1) throw new InvalidValue('wrong number of arguments')
  return words[0]!
}

/** `save 60 1000`: snapshot when so many seconds passed and so many keys changed. */
export interface SavePoint {
  readonly seconds: number
  readonly changes: number
}

export function savePoints(initial: readonly SavePoint[], ...traits: Traits[]) {
  const print = (held: readonly SavePoint[]) => held.map((p) => `${p.seconds} ${p.changes}`).join(' ')
  return directive<readonly SavePoint[], readonly SavePoint[]>(
    {
      initial,
      multi: true,
      parse(given, held, append) {
        const words = given.length === 1 && given[0] === '' ? [] : given
        const numbers = words.map(looseInteger)
        const valid = numbers.every((n, i) => n !== undefined && n >= (i % 2 === 0 ? 1 : 0))
        if (numbers.length % 2 !== 0 || !valid) throw new InvalidValue('Invalid save parameters')
        const points = append && words === given ? [...held] : []
        for (let i = 0; i < numbers.length; i += 2) {
          points.push({ seconds: numbers[i]!, changes: numbers[i + 1]! })
        }
        return points
      },
      print,
      expose: (held) => held,
      rewrite: (name, held) => [{ text: `${name} ${held.length === 0 ? '""' : print(held)}`, force: true }],
    },
    traits,
  )
}

/** Output a client may leave unread: at once beyond `hard` bytes, or beyond `soft` for `softSeconds`, it is closed. 0: no limit. */
export interface OutputLimit {
  readonly hard: number
  readonly soft: number
  readonly softSeconds: number
}

export type OutputLimits = Readonly<Record<'normal' | 'replica' | 'pubsub', OutputLimit>>

const CLIENT_CLASSES = ['normal', 'replica', 'pubsub'] as const

export function outputLimits(initial: OutputLimits, ...traits: Traits[]): Directive<OutputLimits> {
  return directive<OutputLimits, OutputLimits>(
    {
      initial,
      multi: true,
      parse(words, held) {
        if (words.length % 4 !== 0) {
          throw new InvalidValue('Wrong number of arguments in buffer limit configuration.')
        }
        const limits = { ...held }
        for (let i = 0; i < words.length; i += 4) {
          limits[clientClass(words[i]!)] = readLimit(words[i + 1]!, words[i + 2]!, words[i + 3]!)
        }
        return limits
      },
      print: (held) =>
        CLIENT_CLASSES.map((name) => {
          const { hard, soft, softSeconds } = held[name]
          return `${name === 'replica' ? 'slave' : name} ${hard} ${soft} ${softSeconds}`
        }).join(' '),
      expose: (held) => held,
      rewrite: (name, held) => CLIENT_CLASSES.map((type) => limitLine(name, type, held[type], initial[type])),
    },
    traits,
  )
}

function clientClass(word: string): (typeof CLIENT_CLASSES)[number] {
  const lower = word.toLowerCase()
  const name = CLIENT_CLASSES.find((known) => known === (lower === 'slave' ? 'replica' : lower))
  if (name === undefined) {
    throw new InvalidValue('Invalid client class specified in buffer limit configuration.')
  }
  return name
}

function readLimit(hardWord: string, softWord: string, secondsWord: string): OutputLimit {
  const hard = readMemory(hardWord)
  const soft = readMemory(softWord)
  const seconds = looseInteger(secondsWord)
  if (hard === undefined || soft === undefined || seconds === undefined || seconds < 0) {
    throw new InvalidValue('Error in hard, soft or soft_seconds setting in buffer limit configuration.')
  }
  return { hard: Number(hard), soft: Number(soft), softSeconds: seconds }
}

function limitLine(name: string, type: string, limit: OutputLimit, initial: OutputLimit): RewriteLine {
  const { hard, soft, softSeconds } = limit
  const force = hard !== initial.hard || soft !== initial.soft || softSeconds !== initial.softSeconds
  return {
    text: `${name} ${type} ${writeMemory(BigInt(hard))} ${writeMemory(BigInt(soft))} ${softSeconds}`,
    force,
  }
}

export function oomScores(initial: readonly number[], ...traits: Traits[]): Directive<readonly number[]> {
  return directive<readonly number[], readonly number[]>(
    {
      initial,
      multi: true,
      parse(words) {
        if (words.length !== initial.length) throw new InvalidValue('wrong number of arguments')
        return words.map((word) => {
          const score = looseInteger(word)
          if (score === undefined || Math.abs(score) > OOM_SCORE_MAX) {
            const reason = `elements must be between -${OOM_SCORE_MAX} and ${OOM_SCORE_MAX}.`
            throw new InvalidValue(`Invalid oom-score-adj-values, ${reason}`)
          }
          return score
        })
      },
      print: (held) => held.join(' '),
      expose: (held) => held,
      rewrite: (name, held) => [
        { text: `${name} ${held.join(' ')}`, force: held.join(' ') !== initial.join(' ') },
      ],
    },
    traits,
  )
}

/** Event classes in the order they are printed; `A` stands for those of the first row. */
const ALL_EVENTS = 'g$lshzxetd'
const OTHER_EVENTS = 'nKEm'
const EVENT_ORDER = 'g$lshzxetdnKEm'

/** Exposed as the letters, `A` spelled out, so that `includes(letter)` answers. */
export function eventClasses(...traits: Traits[]): Directive<string, string> {
  const print = (held: string) => {
    const all = [...ALL_EVENTS].every((letter) => held.includes(letter))
    return all ? `A${[...OTHER_EVENTS].filter((c) => c !== 'n' && held.includes(c)).join('')}` : held
  }
  return directive<string, string>(
    {
      initial: '',
      multi: false,
      parse(words) {
        const letters = new Set(single(words).replaceAll('A', ALL_EVENTS))
        if ([...letters].some((letter) => !EVENT_ORDER.includes(letter))) {
          throw new InvalidValue("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
        }
        return [...EVENT_ORDER].filter((letter) => letters.has(letter)).join('')
      },
      print,
      expose: (held) => held,
      rewrite: (name, held) => [{ text: `${name} ${quote(print(held))}`, force: held !== '' }],
    },
    traits,
  )
}

/** Addresses to listen on; one with `-` before it may be missing on this machine. */
export function addresses(
  initial: readonly string[],
  rewriteNone: 'keep' | 'write',
  ...traits: Traits[]
): Directive<readonly string[]> {
  return directive<readonly string[], readonly string[]>(
    {
      initial,
      multi: true,
      parse(words) {
        if (words.length > BIND_ADDRESSES_MAX) throw new InvalidValue('Too many bind addresses specified.')
        return words.length === 1 && words[0] === '' ? [] : [...words]
      },
      print: (held) => held.join(' '),
      expose: (held) => held,
      rewrite(name, held) {
        if (held.length === 0 && rewriteNone === 'keep') return undefined
        if (held.length > 0 && held.join(' ') === initial.join(' ')) return []
        return [{ text: `${name} ${held.length === 0 ? '""' : held.join(' ')}`, force: true }]
      },
    },
    traits,
  )
}

export interface PrimaryAddress {
  readonly host: string
  readonly port: number
}

export function primaryAddress(...traits: Traits[]): Directive<PrimaryAddress | null> {
  const print = (held: PrimaryAddress | null) => (held === null ? '' : `${held.host} ${held.port}`)
  return directive<PrimaryAddress | null, PrimaryAddress | null>(
    {
      initial: null,
      multi: true,
      parse(words) {
        if (words.length !== 2) throw new InvalidValue('wrong number of arguments')
        const [host, portWord] = words as [string, string]
        if (host.toLowerCase() === 'no' && portWord.toLowerCase() === 'one') return null
        const port = looseInteger(portWord)
        if (port === undefined || port < 0 || port > PORT_MAX) throw new InvalidValue('Invalid primary port')
        return { host, port }
      },
      print,
      expose: (held) => held,
      rewrite: (name, held) => (held === null ? [] : [{ text: `${name} ${print(held)}`, force: true }]),
    },
    traits,
  )
}

export function percentiles(initial: readonly number[], ...traits: Traits[]): Directive<readonly number[]> {
  const print = (held: readonly number[]) => held.map((p) => String(Number(p.toFixed(6)))).join(' ')
  return directive<readonly number[], readonly number[]>(
    {
      initial,
      multi: true,
      parse(words, _held) {
        const given = words.length === 1 && words[0] === '' ? [] : words
        return given.map((word) => {
          const value = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i.test(word)
            ? Number(word)
            : NaN
          if (Number.isNaN(value)) {
            throw new InvalidValue('Invalid latency-tracking-info-percentiles parameters')
          }
          if (value < 0 || value > 100) {
            const reason = 'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]'
            throw new InvalidValue(reason)
          }
          return value
        })
      },
      print,
      expose: (held) => held,
      rewrite: (name, held) => [{ text: `${name} ${held.length === 0 ? '""' : print(held)}`, force: true }],
    },
    traits,
  )
}

/** A folder; the configuration changes to it when it is set, and keeps its absolute path. */
export function directory(...traits: Traits[]): Directive<string> {
  return directive<string, string>(
    {
      initial: '.',
      multi: false,
      parse(words) {
        const path = single(words)
        if (path === '') throw new InvalidValue("dir can't be empty")
        return path
      },
      print: (held) => held,
      expose: (held) => held,
      rewrite: (name, held) => [{ text: `${name} ${quote(held)}`, force: true }],
    },
    traits,
  )
}
