/**
 * Lines of a configuration file as words, with Valkey's quoting, and back.
 */

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }
const NAMES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
}

const SPACE = /[ \t\n\v\f\r]/
/** What ends a word outside quotes. */
const WORD_END = /[ \n\r\t\0]/

/** The words of a line; undefined where quotes are not balanced or something follows a closing quote. */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = []
  let p = 0
  for (;;) {
    while (p < line.length && SPACE.test(line[p]!)) p++
    if (p >= line.length || line[p] === '\0') return words
    const end = readWord(line, p, words)
    if (end < 0) return undefined
    p = end
  }
}

/** Reads the word at `start`; the position behind it, or -1. */
function readWord(line: string, start: number, words: string[]): number {
  let word = ''
  let p = start
  while (p < line.length && !WORD_END.test(line[p]!)) {
    const c = line[p]!
    if (c === '"' || c === "'") {
      const quoted = c === '"' ? readDoubleQuoted(line, p + 1) : readSingleQuoted(line, p + 1)
      if (quoted === undefined) return -1
      words.push(word + quoted.text)
      return quoted.end
    }
    word += c
    p++
  }
  words.push(word)
  return p
}

interface Quoted {
  readonly text: string
  /** Behind the closing quote. */
  readonly end: number
}

function readDoubleQuoted(line: string, start: number): Quoted | undefined {
  let text = ''
  for (let p = start; p < line.length; p++) {
    const c = line[p]!
    if (c === '"') return closed(line, p, text)
    if (c !== '\\' || p + 1 >= line.length) {
      text += c
      continue
    }
    const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(p + 1, p + 4))
    if (hex !== null) {
      text += String.fromCharCode(Number.parseInt(hex[1]!, 16))
      p += 3
    } else {
      p++
      text += ESCAPES[line[p]!] ?? line[p]!
    }
  }
  return undefined
}

function readSingleQuoted(line: string, start: number): Quoted | undefined {
  let text = ''
  for (let p = start; p < line.length; p++) {
    const c = line[p]!
    if (c === "'") return closed(line, p, text)
    if (c === '\\' && line[p + 1] === "'") {
      text += "'"
      p++
    } else {
      text += c
    }
  }
  return undefined
}

/** A closing quote must end the word. */
function closed(line: string, quote: number, text: string): Quoted | undefined {
  const next = line[quote + 1]
  return next === undefined || SPACE.test(next) ? { text, end: quote + 1 } : undefined
}

/** The text in double quotes, so that splitWords reads it back as it was. */
export function quote(text: string): string {
  let out = '"'
  for (const c of text) {
    const code = c.charCodeAt(0)
    out += NAMES[c] ?? (code >= 32 && code < 127 ? c : `\\x${code.toString(16).padStart(2, '0')}`)
  }
  return `${out}"`
}
