/**
 * The files and folders of the machine, for the configuration. Paths are bytes, one character a byte.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigHost } from '../config.ts'
import { matchGlob } from '../keyspace/glob.ts'
import { Bytes } from '../memory/bytes.ts'
import { inSystemWords } from '../system-error.ts'
import { replaceFile } from './replace-file.ts'

/** Folders a pattern of `include` may make us look into. */
const FOLDERS_MAX = 10_000

function path(bytes: string): Buffer {
  return Buffer.from(bytes, 'latin1')
}

function matches(pattern: string, name: string, ignoreCase: boolean): boolean {
  return matchGlob(Bytes.from(pattern, 'latin1'), Bytes.from(name, 'latin1'), ignoreCase)
}

/** The files a pattern names, as glob(3) finds them: sorted, names that start with a dot only if the pattern does. */
function filesMatching(pattern: string): string[] {
  const parts = pattern.split('/')
  let found = [parts[0] === '' ? '/' : '']
  for (const part of parts) {
    if (part === '') continue
    found = found.flatMap((folder) => namesMatching(folder, part).map((name) => join(folder, name)))
    if (found.length > FOLDERS_MAX) throw new Error('Too many files match')
  }
  return found.sort()
}

function namesMatching(folder: string, pattern: string): string[] {
  if (!/[*?[]/.test(pattern)) return existsSync(path(join(folder, pattern))) ? [pattern] : []
  try {
    return readdirSync(path(folder === '' ? '.' : folder), 'latin1').filter(
      (name) => (!name.startsWith('.') || pattern.startsWith('.')) && matches(pattern, name, false),
    )
  } catch {
    return []
  }
}

export const configHost: ConfigHost = {
  matches: (pattern, name) => matches(pattern, name, true),
  readFile: (file) => inSystemWords(() => readFileSync(path(file), 'latin1')),
  replaceFile: (file, content) => inSystemWords(() => replaceFile(path(file), content, true)),
  exists: (file) => existsSync(path(file)),
  filesMatching,
  checkLogFile: (file) => inSystemWords(() => closeSync(openSync(path(file), 'a'))),
  enter(folder) {
    inSystemWords(() => process.chdir(path(folder).toString()))
    return Buffer.from(process.cwd()).toString('latin1')
  },
}
