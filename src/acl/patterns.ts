/**
 * The keys and channels that a selector permits: all, or those that match one of its patterns. Patterns are kept as text,
 * one character a byte, for who asks about them, and as bytes to match with.
 */
import type { KeyFlag } from '../commands/key-spec.ts'
import { matchGlob } from '../keyspace/glob.ts'
import { Bytes } from '../memory/bytes.ts'

/** What may be done with a key; or-ed. */
export const READ = 1
export const WRITE = 2
export const READ_WRITE = READ | WRITE

/** What a command does with a key. */
export function accessOf(flags: readonly KeyFlag[]): number {
  let access = 0
  for (const flag of flags) {
    if (flag === 'access') access |= READ
    else if (flag === 'insert' || flag === 'delete' || flag === 'update') access |= WRITE
  }
  return access
}

interface KeyPattern {
  readonly text: string
  readonly pattern: Bytes
  access: number
}

const PREFIXES: Readonly<Record<number, string>> = { [READ]: '%R~', [WRITE]: '%W~', [READ_WRITE]: '~' }

export class KeyPatterns {
  isAll = false
  private patterns: KeyPattern[] = []

  copy(): KeyPatterns {
    const copy = new KeyPatterns()
    copy.isAll = this.isAll
    copy.patterns = this.patterns.map((pattern) => ({ ...pattern }))
    return copy
  }

  /** All keys, or none. */
  setAll(permitted: boolean): void {
    this.isAll = permitted
    this.patterns = []
  }

  add(text: string, access: number): void {
    const known = this.patterns.find((pattern) => pattern.text === text)
    if (known === undefined) this.patterns.push({ text, pattern: Bytes.from(text, 'latin1'), access })
    else known.access |= access
  }

  permit(key: Bytes, access: number): boolean {
    if (this.isAll) return true
    return this.patterns.some((p) => (p.access & access) === access && matchGlob(p.pattern, key))
  }

  /** Whether any key at all may be used so. */
  permitEvery(access: number): boolean {
    return this.isAll || this.patterns.some((p) => (p.access & access) === access && p.text === '*')
  }

  describe(): string {
    if (this.isAll) return '~*'
    return this.patterns.map(({ text, access }) => PREFIXES[access] + text).join(' ')
  }
}

export class ChannelPatterns {
  isAll: boolean
  private patterns: readonly { readonly text: string; readonly pattern: Bytes }[] = []

  constructor(isAll: boolean) {
    this.isAll = isAll
  }

  copy(): ChannelPatterns {
    const copy = new ChannelPatterns(this.isAll)
    copy.patterns = this.patterns
    return copy
  }

  /** All channels, or none. */
  setAll(permitted: boolean): void {
    this.isAll = permitted
    this.patterns = []
  }

  add(text: string): void {
    if (this.has(text)) return
    this.patterns = [...this.patterns, { text, pattern: Bytes.from(text, 'latin1') }]
  }

  has(text: string): boolean {
    return this.patterns.some((pattern) => pattern.text === text)
  }

  get texts(): readonly string[] {
    return this.patterns.map((pattern) => pattern.text)
  }

  permit(channel: Bytes): boolean {
    return this.isAll || this.patterns.some(({ pattern }) => matchGlob(pattern, channel))
  }

  /** A pattern to subscribe to must be one of these to the letter. */
  permitPattern(pattern: Bytes): boolean {
    return this.isAll || this.has(pattern.latin1())
  }

  describe(): string {
    return this.isAll ? '&*' : this.patterns.map(({ text }) => `&${text}`).join(' ')
  }
}
