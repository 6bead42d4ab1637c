/** Where things lie, running programs, and talking to whoever waits for the build. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const NATIVE = dirname(dirname(fileURLToPath(import.meta.url)))
export const ROOT = dirname(NATIVE)
export const BUILD = join(ROOT, 'build')

export function step(text) {
  console.log(`[native] ${text}`)
}

export function fail(text) {
  console.error(`[native] error: ${text}`)
  process.exit(1)
}

/** Whether a program is on the PATH. */
export function hasProgram(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => folder !== '' && existsSync(join(folder, name)))
}

/** Runs a program to its end; its output is shown only when it fails. */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options })
  if (result.error !== undefined) fail(`${program}: ${result.error.message}`)
  if (result.status !== 0) {
    if (options.allowFailure) return result
    fail(`${program} ${args.join(' ')}\n${result.stdout ?? ''}${result.stderr ?? ''}`)
  }
  return result
}
