/**
 * The first line of a script: `#!lua flags=no-writes,allow-oom`. It names the engine and declares what the script will
 * and will not do; a script without it runs in the compatibility mode of old.
 */
import { splitInline } from '../protocol/inline-request.ts'
import { scriptName } from './script-name.ts'

export const NO_WRITES = 1 << 0
export const ALLOW_OOM = 1 << 1
export const ALLOW_STALE = 1 << 2
export const NO_CLUSTER = 1 << 3
export const ALLOW_CROSS_SLOT_KEYS = 1 << 4
/** No shebang: what the script may do is decided command by command. */
export const COMPAT_MODE = 1 << 5

/** In the order in which Valkey lists them. */
export const SCRIPT_FLAGS: ReadonlyMap<string, number> = new Map([
  ['no-writes', NO_WRITES],
  ['allow-oom', ALLOW_OOM],
  ['allow-stale', ALLOW_STALE],
  ['no-cluster', NO_CLUSTER],
  ['allow-cross-slot-keys', ALLOW_CROSS_SLOT_KEYS],
])

export interface Shebang {
  readonly flags: number
  /** What the script calls itself (see script-name.ts), which only Perilune allows; empty where it does not. */
  readonly name: string
  /** Bytes of the line, without its line break: what the interpreter must not see. */
  readonly length: number
}

/** Reads the shebang of a script; a string is the error to answer. */
export function readShebang(body: Buffer): Shebang | string {
  if (!hasShebang(body)) return { flags: COMPAT_MODE, name: '', length: 0 }
  const line = readFirstLine(body)
  if (line === undefined) return 'ERR Invalid script shebang'
  if (line.words.length === 0) return 'ERR Invalid engine in script shebang'
  let flags = 0
  let name = ''
  for (const text of line.words.slice(1)) {
    if (text.startsWith('name=')) {
      name = scriptName(text.slice('name='.length))
      continue
    }
    if (!text.startsWith('flags=')) return `ERR Unknown lua shebang option: ${text}`
    const names = text.slice('flags='.length)
    for (const name of names === '' ? [] : names.split(',')) {
      const flag = SCRIPT_FLAGS.get(name)
      if (flag === undefined) return `ERR Unexpected flag in script shebang: ${name}`
      flags |= flag
    }
  }
  if (!isKnownEngine(line.engine)) return `ERR Could not find scripting engine '${line.engine}'`
  return { flags, name, length: line.length }
}

export function hasShebang(text: Buffer): boolean {
  return text[0] === 0x23 && text[1] === 0x21
}

export function isKnownEngine(name: string): boolean {
  return name.toLowerCase() === 'lua'
}

export interface FirstLine {
  /** None when its quotes are unbalanced. */
  readonly words: readonly string[]
  /** The first word, without `#!`. */
  readonly engine: string
  /** Bytes of the line, without its line break. */
  readonly length: number
}

/** The line that `hasShebang`; undefined when it does not end. */
export function readFirstLine(text: Buffer): FirstLine | undefined {
  const end = text.indexOf('\n')
  if (end < 0) return undefined
  // Valkey reads the line as text that ends at a zero byte.
  const zero = text.indexOf(0)
  if (zero >= 0 && zero < end) return undefined
  const line = Buffer.from(text.subarray(0, end))
  const words: string[] = []
  const balanced = splitInline(line, 0, end, (offset, length) => {
    words.push(line.latin1Slice(offset, offset + length))
  })
  return { words: balanced ? words : [], engine: words[0]?.slice(2) ?? '', length: end }
}
