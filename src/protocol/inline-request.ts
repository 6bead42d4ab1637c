/**
 * Splits an inline request, a line of words as a person types it, into its arguments: words between blanks, "..." with
 * escapes, '...' with an escaped quote only. A quoted part may begin within a word but must end it.
 */

const QUOTE = 34
const APOSTROPHE = 39
const BACKSLASH = 92
const LETTER_X = 120

/** Takes an argument: where it begins and how long it is. */
export type TakeArgument = (offset: number, length: number) => void

/**
 * Splits the line in `buf` from `start` to `end`, without its line break. Arguments are unescaped where they lie, as they
 * only get shorter. Returns false when quotes are unbalanced.
 */
export function splitInline(buf: Buffer, start: number, end: number, take: TakeArgument): boolean {
  const line = new Line(buf, start, end)
  while (line.skipBlanks()) {
    const offset = line.p
    line.out = offset
    if (!line.word()) return false
    take(offset, line.out - offset)
  }
  return true
}

class Line {
  /** Where it reads, and where it writes the unescaped bytes. */
  p: number
  out: number
  private readonly buf: Buffer
  private readonly end: number

  constructor(buf: Buffer, start: number, end: number) {
    this.buf = buf
    this.p = start
    this.out = start
    this.end = end
  }

  /** Moves to the next word; false where there is none. */
  skipBlanks(): boolean {
    while (this.p < this.end && isSpace(this.buf[this.p]!)) this.p++
    return this.p < this.end
  }

  /** Reads a word; false when its quotes are unbalanced. */
  word(): boolean {
    while (this.p < this.end) {
      const c = this.buf[this.p]!
      if (endsWord(c)) return true
      this.p++
      if (c === QUOTE || c === APOSTROPHE) return this.quoted(c)
      this.put(c)
    }
    return true
  }

  /** Reads up to the closing quote, which must end the word. */
  private quoted(quote: number): boolean {
    while (this.p < this.end) {
      const c = this.buf[this.p++]!
      if (c === quote) return this.p === this.end || isSpace(this.buf[this.p]!)
      if (c !== BACKSLASH || this.p === this.end) this.put(c)
      else if (quote === QUOTE) this.put(this.escape())
      else this.put(this.buf[this.p] === APOSTROPHE ? this.buf[this.p++]! : c)
    }
    return false
  }

  /** The byte an escape stands for; the backslash has been read. */
  private escape(): number {
    const letter = this.buf[this.p++]!
    if (letter === LETTER_X && this.p + 1 < this.end) {
      const high = hexDigit(this.buf[this.p]!)
      const low = hexDigit(this.buf[this.p + 1]!)
      if (high >= 0 && low >= 0) {
        this.p += 2
        return high * 16 + low
      }
    }
    return ESCAPES.get(letter) ?? letter
  }

  private put(c: number): void {
    this.buf[this.out++] = c
  }
}

/** `\n`, `\r`, `\t`, `\b`, `\a`; before other letters a backslash is dropped. */
const ESCAPES = new Map([
  [110, 10],
  [114, 13],
  [116, 9],
  [98, 8],
  [97, 7],
])

function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48
  const lower = c | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** C's isspace: blank, tab, line feed, vertical tab, form feed, carriage return. */
function isSpace(c: number): boolean {
  return c === 32 || (c >= 9 && c <= 13)
}

/** What ends a word; vertical tab and form feed do not. */
function endsWord(c: number): boolean {
  return c === 32 || c === 9 || c === 10 || c === 13
}
