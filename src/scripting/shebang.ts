/**
 * The first line of a script: `#!lua flags=no-writes,allow-oom`. It names the engine and declares what the script will
 * and will not do; a script without it runs in the compatibility mode of old.
 */
import { splitInline } from '../protocol/inline-request.ts'

export const NO_WRITES = 1 << 0
export const ALLOW_OOM = 1 << 1
export const ALLOW_STALE = 1 << 2
export const NO_CLUSTER = 1 << 3
export const ALLOW_CROSS_SLOT_KEYS = 1 << 4
/** No shebang: what the script may do is decided command by command. */
export const COMPAT_MODE = 1 << 5

export const SCRIPT_FLAGS: ReadonlyMap<string, number> = new Map([
  ['no-writes', NO_WRITES],
  ['allow-oom', ALLOW_OOM],
  ['allow-stale', ALLOW_STALE],
  ['no-cluster', NO_CLUSTER],
  ['allow-cross-slot-keys', ALLOW_CROSS_SLOT_KEYS],
])

export interface Shebang {
  readonly flags: number
  /** Bytes of the line, without its line break: what the interpreter must not see. */
  readonly length: number
}

/** Reads the shebang of a script; a string is the error to answer. */
export function readShebang(body: Buffer): Shebang | string {
  if (body[0] !== 0x23 || body[1] !== 0x21) return { flags: COMPAT_MODE, length: 0 }
  const end = body.indexOf(10)
  if (end < 0) return 'ERR Invalid script shebang'
  const words = wordsOf(body, end)
  const first = words[0]
  if (first === undefined) return 'ERR Invalid engine in script shebang'
  let flags = 0
  for (const text of words.slice(1)) {
    if (!text.startsWith('flags=')) return `ERR Unknown lua shebang option: ${text}`
    const names = text.slice('flags='.length)
    for (const name of names === '' ? [] : names.split(',')) {
      const flag = SCRIPT_FLAGS.get(name)
      if (flag === undefined) return `ERR Unexpected flag in script shebang: ${name}`
      flags |= flag
    }
  }
  const engine = first.slice(2)
  if (engine.toLowerCase() !== 'lua') return `ERR Could not find scripting engine '${engine}'`
  return { flags, length: end }
}

/** The words of the first line, none when its quotes are unbalanced. */
function wordsOf(body: Buffer, end: number): string[] {
  const line = Buffer.from(body.subarray(0, end))
  const words: string[] = []
  const balanced = splitInline(line, 0, end, (offset, length) => {
    words.push(line.latin1Slice(offset, offset + length))
  })
  return balanced ? words : []
}
