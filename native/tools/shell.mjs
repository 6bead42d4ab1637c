/** Where things lie, running programs, and talking to whoever waits for the build. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const NATIVE = dirname(dirname(fileURLToPath(import.meta.url)))
export const ROOT = dirname(NATIVE)
export const BUILD = join(ROOT, 'build')

/** A folder of this process's own, so that two builds at the same time do not meet; gone when the process ends. */
export function workFolder(name) {
  const folder = join(BUILD, `work-${process.pid}`)
  if (!existsSync(folder)) process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, name), { recursive: true })
  return join(folder, name)
}

/** Writes a file in one step, so that nobody sees half of it. */
export function writeWhole(file, content) {
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, content)
  renameSync(fresh, file)
}

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
