/**
 * The first line of a function library: `#!lua name=mylib`.
 */
import { failWith } from '../errors.ts'
import { hasShebang, isKnownEngine, readFirstLine } from './shebang.ts'

const NAME_OPTION = 'name='

export interface LibraryMetadata {
  readonly name: string
  /** Where the line ends: what the interpreter sees begins with the line break. */
  readonly length: number
}

/** Whether functions and libraries may have this name. */
export function isFunctionName(name: string): boolean {
  return /^\w+$/.test(name)
}

/** Reads it; throws ReplyError. */
export function readLibraryMetadata(code: Buffer): LibraryMetadata {
  if (!hasShebang(code)) failWith('ERR Missing library metadata')
  const line = readFirstLine(code)
  if (line === undefined || line.words.length === 0) failWith('ERR Invalid library metadata')
  const name = nameIn(line.words.slice(1))
  if (!isFunctionName(name)) {
    failWith(
      'ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long',
    )
  }
  if (!isKnownEngine(line.engine)) failWith(`ERR Engine '${line.engine}' not found`)
  return { name, length: line.length }
}

function nameIn(options: readonly string[]): string {
  let name: string | undefined
  for (const option of options) {
    if (option.slice(0, NAME_OPTION.length).toLowerCase() !== NAME_OPTION) {
      failWith(`ERR Invalid metadata value given: ${option}`)
    }
    if (name !== undefined) failWith('ERR Invalid metadata value, name argument was given multiple times')
    name = option.slice(NAME_OPTION.length)
  }
  return name ?? failWith('ERR Library name was not given')
}
