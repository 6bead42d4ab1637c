/**
 * Reads what the user of a debugger sends, an array of strings in RESP. As forgiving as Valkey's reader: whatever comes
 * before the first `*` is ignored, and so is what comes behind the command.
 */
import { leadingInteger } from './c-numbers.ts'

const WORDS_MAX = 1024
const WORD_BYTES_MAX = 1024

export const INCOMPLETE = 'incomplete'
export const MALFORMED = 'malformed'

/** The words of the command, a character a byte. */
export function readRequest(input: string): readonly string[] | typeof INCOMPLETE | typeof MALFORMED {
  const start = input.indexOf('*')
  if (start < 0) return MALFORMED
  let end = input.indexOf('\r\n', start)
  if (end < 0) return INCOMPLETE
  const count = leadingInteger(input.slice(start + 1, end))
  if (count <= 0 || count > WORDS_MAX) return MALFORMED
  const words: string[] = []
  let p = end + 2
  while (words.length < count) {
    if (p === input.length) return INCOMPLETE
    if (input[p] !== '$') return MALFORMED
    end = input.indexOf('\r\n', p)
    if (end < 0) return INCOMPLETE
    const length = leadingInteger(input.slice(p + 1, end))
    if (length <= 0 || length > WORD_BYTES_MAX) return MALFORMED
    p = end + 2
    if (p + length + 2 > input.length) return INCOMPLETE
    words.push(input.slice(p, p + length))
    p += length
    if (!input.startsWith('\r\n', p)) return MALFORMED
    p += 2
  }
  return words
}
