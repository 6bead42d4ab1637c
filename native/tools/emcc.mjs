/** The compiler to WebAssembly, installed when the machine has none and its package manager can. */
import { fail, hasProgram, run, step } from './shell.mjs'

const PACKAGE = 'emscripten'

function install() {
  const isRoot = process.getuid?.() === 0
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', PACKAGE]
  if (!hasProgram('apt-get')) {
    fail('emcc is needed: install Emscripten 3.1 or newer (https://emscripten.org), or set EMCC to its path.')
  }
  if (!isRoot && !hasProgram('sudo')) fail(`emcc is needed; as root: ${command.join(' ')}`)
  step(`installing ${PACKAGE}: ${isRoot ? '' : 'sudo '}${command.join(' ')}`)
  const prefix = isRoot ? [] : ['sudo']
  const [program, ...args] = [...prefix, ...command]
  const options = { stdio: ['inherit', 'ignore', 'inherit'], allowFailure: true }
  if (run(program, args, options).status === 0) return
  run(
    prefix[0] ?? 'apt-get',
    [...prefix.slice(1), ...(prefix.length ? ['apt-get'] : []), 'update', '-qq'],
    options,
  )
  if (run(program, args, options).status !== 0)
    fail(`emcc is needed, and installing it failed: ${command.join(' ')}`)
}

/** {path, version, env} of the compiler. */
export function findEmcc() {
  const path = process.env.EMCC || 'emcc'
  if (path === 'emcc' && !hasProgram('emcc')) install()
  // Debian's package looks for a parser of JavaScript among its own Node modules.
  const env = { ...process.env, NODE_PATH: process.env.NODE_PATH ?? '/usr/share/nodejs' }
  delete env.EM_CACHE
  const version = run(path, ['--version'], { env }).stdout.match(/\d+\.\d+\.\d+/)?.[0]
  if (version === undefined) fail(`${path} does not tell its version`)
  return { path, version: `emcc ${version}`, env }
}
