/**
 * What its author calls a script: `-- name: acquireLock` in the first line, or in the one behind the shebang; or `name=` in
 * the shebang. It is one word: printable characters in UTF-8, no spaces. What is no such word is no name, and of one that is
 * longer than NAME_MAX the end is cut.
 */

/** Bytes of a name. */
export const NAME_MAX = 63
/** Bytes of a line that are looked at. */
const LINE_MAX = 256

const COMMENT = /^\s*--+\s*name:\s*(\S+)\s*$/
const WORD = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+$/u

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The name in the line that begins at `start`; empty where there is none. */
export function nameInComment(body: Buffer, start: number): string {
  const end = body.indexOf(10, start)
  const line = body.latin1Slice(start, Math.min(end < 0 ? body.length : end, start + LINE_MAX))
  return scriptName(COMMENT.exec(line)?.[1] ?? '')
}

/** The name that these bytes are, one character each; empty where they are none. */
export function scriptName(bytes: string): string {
  const name = decoded(Buffer.from(bytes, 'latin1'))
  return WORD.test(name) ? cut(name) : ''
}

function decoded(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return ''
  }
}

/** At the end of a whole character. */
function cut(name: string): string {
  let kept = ''
  let size = 0
  for (const character of name) {
    size += Buffer.byteLength(character)
    if (size > NAME_MAX) break
    kept += character
  }
  return kept
}
