/**
 * Configuration text, line by line: directives, `include`, `rename-command`; and the error that stops the start.
 */
import { VALKEY_VERSION } from '../version.ts'
import { type Entry, findEntry } from './directives.ts'
import type { ConfigHost } from './host.ts'
import { InvalidValue } from './types.ts'
import { splitWords } from './words.ts'

/** Files that include files that include files: a file that includes itself must not use up the memory. */
const INCLUDE_DEPTH_MAX = 32

/** Directives of older versions that mean nothing any more, with their one word. */
const OBSOLETE = [
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
  'io-threads-do-reads',
  'dynamic-hz',
]

/** Directives of Valkey that cannot be ignored and whose features do not exist here. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  loadmodule: 'Modules are not supported',
}

export class ConfigFileError extends Error {
  constructor(reason: string, line?: { readonly number: number; readonly text: string }) {
    const where =
      line === undefined ? '' : `Reading the configuration file, at line ${line.number}\n>>> '${line.text}'\n`
    super(`\n*** FATAL CONFIG FILE ERROR (Version ${VALKEY_VERSION}) ***\n${where}${reason}\n`)
    this.name = 'ConfigFileError'
  }
}

/** Thrown where a file cannot be read. */
class ConfigFileMissing extends Error {}

/** Who takes what the text says. */
export interface FileSettings {
  /** Throws InvalidValue, or any error whose message says what is wrong. */
  assign(entry: Entry, words: readonly string[]): void
  renameCommand(from: string, to: string): void
  /** The words of a `user` line. */
  declareUser(words: readonly string[]): void
}

export function readConfigFile(content: string, settings: FileSettings, host: ConfigHost, depth = 0): void {
  for (const [index, raw] of content.split('\n').entries()) {
    const text = raw.replace(/^[ \t\r]+|[ \t\r]+$/g, '')
    if (text === '' || text.startsWith('#')) continue
    try {
      readLine(text, settings, host, depth)
    } catch (error) {
      if (error instanceof ConfigFileError || error instanceof ConfigFileMissing) throw error
      throw new ConfigFileError((error as Error).message, { number: index + 1, text })
    }
  }
}

function readLine(text: string, settings: FileSettings, host: ConfigHost, depth: number): void {
  const words = splitWords(text)
  if (words === undefined) throw new InvalidValue('Unbalanced quotes in configuration line')
  if (words.length === 0) return
  const name = words[0]!.toLowerCase()
  const entry = findEntry(name)
  const count = words.length
  if (entry !== undefined) settings.assign(entry, valueWords(entry, words))
  else if (name === 'include' && count === 2) include(words[1]!, settings, host, depth)
  else if (name === 'rename-command' && count === 3) settings.renameCommand(words[1]!, words[2]!)
  else if (name === 'user' && count >= 2) settings.declareUser(words)
  else if (!isObsolete(words)) throw new InvalidValue(whyUnknown(name, count))
}

function isObsolete(words: readonly string[]): boolean {
  return words.length === 2 && OBSOLETE.includes(words[0]!.toLowerCase())
}

/** The words that make up the value. One word that holds several counts as these. */
function valueWords({ directive }: Entry, words: readonly string[]): readonly string[] {
  if (!directive.multi) {
    if (words.length !== 2) throw new InvalidValue('wrong number of arguments')
    return [words[1]!]
  }
  if (words.length === 2 && words[1] !== '') return splitWords(words[1]!) ?? []
  return words.slice(1)
}

function whyUnknown(name: string, count: number): string {
  if (count >= 2 && name in UNSUPPORTED) return UNSUPPORTED[name]!
  if (name === 'sentinel' && count > 1) return 'sentinel directive while not in sentinel mode'
  if (name.includes('.') && count < 2) return 'Module config specified without value'
  return 'Bad directive or wrong number of arguments'
}

function include(pattern: string, settings: FileSettings, host: ConfigHost, depth: number): void {
  if (depth === INCLUDE_DEPTH_MAX) throw new InvalidValue('Too many nested includes')
  readConfigFile(readFiles(pattern, host), settings, host, depth + 1)
}

/** The content of a file, or of all files a pattern names (there may be none). Throws ConfigFileMissing. */
export function readFiles(pattern: string, host: ConfigHost): string {
  const files = /[*?[]/.test(pattern) ? host.filesMatching(pattern) : [pattern]
  return files.map((file) => readOne(file, host)).join('')
}

function readOne(file: string, host: ConfigHost): string {
  try {
    return host.readFile(file)
  } catch (error) {
    throw new ConfigFileMissing(`Fatal error, can't open config file '${file}': ${(error as Error).message}`)
  }
}
