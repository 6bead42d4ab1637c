/**
 * What its author calls a script: `-- name: acquireLock` in the first line, or in the one behind the shebang; or `name=` in
 * the shebang.
 */

/** Characters of a name that are kept. */
const NAME_MAX = 63
/** Bytes of a line that are looked at. */
const LINE_MAX = 256

const COMMENT = /^\s*--+\s*name:\s*([\w.:/-]+)\s*$/

/** The name in the line that begins at `start`; empty where there is none. */
export function nameInComment(body: Buffer, start: number): string {
  const end = body.indexOf(10, start)
  const line = body.latin1Slice(start, Math.min(end < 0 ? body.length : end, start + LINE_MAX))
  return COMMENT.exec(line)?.[1]?.slice(0, NAME_MAX) ?? ''
}
