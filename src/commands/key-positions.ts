/**
 * Where the keys of a request are: reads a command's key specifications against its arguments.
 */
import type { Args } from '../memory/args.ts'
import { parseInt64 } from '../memory/numbers.ts'
import type { CommandFacts } from './facts.ts'
import { MOVABLE_KEYS } from './flags.ts'
import type { KeyFlag, KeySpec } from './key-spec.ts'

export interface FoundKey {
  /** Index of the argument. */
  readonly position: number
  readonly flags: readonly KeyFlag[]
}

function namesKeys(spec: KeySpec): boolean {
  return !spec.flags.includes('not_key')
}

/** Whether the command may have keys at all. */
export function hasKeys(command: CommandFacts): boolean {
  return command.findKeys !== undefined || command.keys.some(namesKeys)
}

/** The keys of a request whose number of arguments is right; none where its arguments make no sense. */
export function keysOfRequest(command: CommandFacts, args: Args): readonly FoundKey[] {
  const flagsVary = command.keys.some((spec) => spec.flags.includes('variable_flags'))
  if (!flagsVary && command.keys.some(namesKeys)) {
    const found = bySpecs(command, args)
    if (found !== undefined) return found
  }
  const positions =
    command.findKeys?.(args) ?? (flagsVary ? bySpecs(command, args)?.map(positionOf) : undefined)
  if (positions === undefined) return []
  const flags = command.keyFlags?.(args)
  return positions.map((position, i) => ({ position, flags: flags?.[i] ?? command.keys[i]?.flags ?? [] }))
}

function positionOf(key: FoundKey): number {
  return key.position
}

/** Undefined where a specification cannot tell (`unknown`, `incomplete`) or does not fit the arguments. */
function bySpecs(command: CommandFacts, args: Args): FoundKey[] | undefined {
  const found: FoundKey[] = []
  for (const spec of command.keys) {
    if (!namesKeys(spec)) continue
    const begin = beginOf(spec, args)
    if (begin === 'absent') continue
    if (begin === undefined || !collect(spec, begin, args, found)) return undefined
    if (spec.flags.includes('incomplete')) return undefined
  }
  return found
}

function beginOf(spec: KeySpec, args: Args): number | 'absent' | undefined {
  const { begin } = spec
  if (begin === 'unknown') return undefined
  if ('index' in begin) return begin.index
  // A search from the end, given by a negative start, runs towards the command's name.
  const word = begin.keyword.toUpperCase()
  const step = begin.startFrom > 0 ? 1 : -1
  const start = begin.startFrom > 0 ? begin.startFrom : args.count + begin.startFrom
  const end = begin.startFrom > 0 ? args.count - 1 : 1
  for (let i = start; i !== end && i >= 1 && i < args.count; i += step) {
    if (args.at(i).is(word)) return i + 1
  }
  return 'absent'
}

/** False when the arguments do not fit. */
function collect(spec: KeySpec, begin: number, args: Args, found: FoundKey[]): boolean {
  const { find } = spec
  if (find === 'unknown') return false
  let first = begin
  let last: number
  if ('last' in find) {
    if (find.last >= 0) last = first + find.last
    else if (find.limit === 0) last = args.count + find.last
    else last = first + Math.floor((args.count - first) / find.limit) + find.last
  } else {
    if (first + find.numkeysAt >= args.count) return false
    const numkeys = parseInt64(args.at(first + find.numkeysAt))
    if (typeof numkeys !== 'number' || numkeys < 0) return false
    first += find.first
    last = first + numkeys - 1
  }
  if (last >= args.count || last < first || first >= args.count) return false
  for (let i = first; i <= last; i += find.step) found.push({ position: i, flags: spec.flags })
  return true
}

/** First key, last key (negative: from the end) and step, as COMMAND INFO has always printed them. */
export interface KeyRange {
  readonly first: number
  readonly last: number
  readonly step: number
}

export const NO_KEYS: KeyRange = { first: 0, last: 0, step: 0 }

/** The keys as one range, and the flag MOVABLE_KEYS where a range cannot say all of them. */
export function legacyRange(specs: readonly KeySpec[]): { range: KeyRange; flags: number } {
  let flags = 0
  let first = Infinity
  let last = 0
  let step = 1
  let previous = 0
  for (const spec of specs) {
    const { begin, find } = spec
    if (begin === 'unknown' || find === 'unknown' || !('index' in begin) || !('last' in find)) {
      flags = MOVABLE_KEYS
      continue
    }
    const joins = find.step === 1 && (previous === 0 || previous === begin.index - 1)
    if (specs.length > 1 && !joins) {
      flags = MOVABLE_KEYS
      continue
    }
    if (spec.flags.includes('incomplete')) flags = MOVABLE_KEYS
    first = Math.min(first, begin.index)
    const end = find.last >= 0 ? find.last + begin.index : find.last
    // Compared as unsigned: counting from the end reaches further than any position.
    last = last >>> 0 > end >>> 0 ? last : end
    previous = last
    step = find.step
  }
  return { range: first === Infinity ? NO_KEYS : { first, last, step }, flags }
}
